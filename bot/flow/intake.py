"""Intake: a message becomes a request, or continues one, and is stored before anything else happens."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.events import AuditEntry
from bot.domain.moves import REQUEST_MOVES, RequestEvent, moved
from bot.domain.people import Person, PersonId
from bot.domain.requests import OPEN_STATUSES, Request, RequestId, RequestStatus
from bot.flow import tell
from bot.flow.again import again
from bot.flow.refusals import (
    DisabledPerson,
    NothingSaid,
    TooManyDetails,
    TooManyOpen,
    TooMuchText,
    UnknownPerson,
    UnknownRequest,
)
from bot.flow.seams import AGENT, Seams
from bot.ports.store import Unit

MAX_TEXT: Final = 4000
"""Characters that a message may have."""
MAX_DETAILS: Final = 20
"""Texts that may be added to one request."""
MAX_OPEN: Final = 100
"""Open requests that one person may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one person wrote in one place of one surface."""

    surface: str
    place: str
    person: PersonId
    text: str
    key: str | None = None
    """The surface's own id of the message, for re-sent events; None where it has none."""
    thread: str = ""
    """The place's thread that it begins or was written in; empty on a surface without threads."""
    is_reply: bool = False
    """Whether it was written in a thread that was there before."""
    about: RequestId | None = None
    """The request that it certainly belongs to, such as that of the card it answers; None for none."""


class Intake:
    """Takes messages in."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, message: Message) -> RequestId:
        """Stores the message and gives the request that it opened or continued.

        The same key a second time gives the same request and changes nothing.

        Raises:
            Refusal: nobody known, a disabled account, no text, or too much of it.
        """
        text = message.text.strip()
        if not text:
            raise NothingSaid
        if len(text) > MAX_TEXT:
            raise TooMuchText(limit=MAX_TEXT)
        requester = await known_person(self._seams, message.person)
        is_request = await self._seams.planner.places(text)
        request = await again(lambda: self._stored(message, requester, text, is_request=is_request))
        self._seams.bell.ring()
        return request

    async def _stored(self, message: Message, requester: Person, text: str, *, is_request: bool) -> RequestId:
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            if message.key is not None:
                seen = await unit.requests.seen(message.surface, message.key)
                if seen is not None:
                    return seen
            request = await self._continued(unit, message, text, now, is_request=is_request)
            if request is None:
                request = await self._opened(unit, message, requester, text, now)
            if message.key is not None:
                await unit.requests.remember(message.surface, message.key, request.id)
        return request.id

    async def _continued(
        self, unit: Unit, message: Message, text: str, now: datetime, *, is_request: bool
    ) -> Request | None:
        if message.about is not None:
            meant = await unit.requests.get(message.about)
            if meant is None or meant.requester != message.person:
                raise UnknownRequest
            return await self._added(unit, meant, text, now)
        if message.is_reply:
            return await self._in_thread(unit, message, text, now, is_request=is_request)
        newest = await unit.requests.newest_of(message.person, message.surface, message.place)
        if newest is not None and newest.question_open and now < newest.expires:
            return await self._added(unit, newest, text, now)
        for request in await unit.requests.open_of(message.person):
            if _same_words(request.text, text):
                await tell.say(
                    unit, request, message.person, "You have asked for this already; it is on its way."
                )
                return request
            if not is_request and (request.surface, request.place) == (message.surface, message.place):
                return await self._added(unit, request, text, now)
        return None

    async def _in_thread(
        self, unit: Unit, message: Message, text: str, now: datetime, *, is_request: bool
    ) -> Request | None:
        """Gives the thread's own request with this in it; None where it opens one in this thread."""
        found = await unit.requests.in_thread(message.person, message.surface, message.place, message.thread)
        if found is None:
            return None
        goes_on = (found.status, RequestEvent.CONTINUED) in REQUEST_MOVES or found.status in OPEN_STATUSES
        if is_request and not goes_on:
            return None
        return await self._added(unit, found, text, now)

    async def _added(self, unit: Unit, request: Request, text: str, now: datetime) -> Request:
        check_details(request)
        more = replace(request, details=(*request.details, text), updated=now)
        if (request.status, RequestEvent.CONTINUED) in REQUEST_MOVES:
            status = moved(REQUEST_MOVES, request.status, RequestEvent.CONTINUED)
            more = replace(more, status=status, question_open=False, plan_digest=None, outcome="")
        elif request.status in OPEN_STATUSES:
            await tell.say(
                unit,
                request,
                request.requester,
                "I have added this to your open request. To ask for something else, use the form.",
            )
        else:
            await tell.say(
                unit, request, request.requester, "This request is closed. Write a new message to ask again."
            )
            return request
        stored = await unit.requests.swap(request, more)
        await unit.audit.append(
            AuditEntry(
                at=now,
                kind="request.continued",
                actor=request.requester,
                agent=request.agent,
                request=request.id,
                status=stored.status.value,
            )
        )
        await tell.refresh(unit, stored)
        return stored

    async def _opened(
        self, unit: Unit, message: Message, requester: Person, text: str, now: datetime
    ) -> Request:
        tenant = await unit.tenant()
        request = Request(
            id=RequestId(self._seams.ids.new()),
            tenant=self._seams.tenant,
            requester=requester.id,
            surface=message.surface,
            place=message.place,
            thread=message.thread,
            agent=AGENT,
            text=text,
            status=RequestStatus.RECEIVED,
            created=now,
            updated=now,
            expires=now + tenant.approval_lifetime,
        )
        await open_request(unit, request)
        return request


def check_details(request: Request) -> None:
    """Passes while a card can still show all that was added.

    Raises:
        TooManyDetails: it cannot.
    """
    if len(request.details) >= MAX_DETAILS:
        raise TooManyDetails(limit=MAX_DETAILS)


async def open_request(unit: Unit, request: Request) -> None:
    """Stores a new request, notes it in the audit log, and sends its requester the status card.

    Raises:
        TooManyOpen: the person has so many open that approvers would tire.
    """
    if len(await unit.requests.open_of(request.requester)) >= MAX_OPEN:
        raise TooManyOpen(limit=MAX_OPEN)
    await unit.requests.add(request)
    await unit.audit.append(
        AuditEntry(
            at=request.created,
            kind="request.received",
            actor=request.requester,
            agent=request.agent,
            request=request.id,
            status=request.status.value,
            details={"surface": request.surface},
        )
    )
    await tell.send_status(unit, request)


async def known_person(seams: Seams, person: PersonId) -> Person:
    """Gives the person if the directory knows them and their account is enabled.

    Raises:
        UnknownPerson: nobody.
        DisabledPerson: they may neither ask nor decide.
    """
    found = await seams.directory.person(person)
    if found is None:
        # It ends what they asked for, so one answer alone is not believed.
        found = await seams.directory.afresh().person(person)
    if found is None:
        raise UnknownPerson(email=person)
    if not found.enabled:
        raise DisabledPerson(name=found.name)
    return found


def _same_words(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
