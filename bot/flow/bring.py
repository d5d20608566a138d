"""Brings one batch of notices to the surfaces; what cannot be brought is tried again, or routed to others."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.cards.model import Card
from bot.cards.note import note_text
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry, ClaimedNotice, Notice, NoticeKind
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.requests import Request
from bot.flow.present import Present
from bot.flow.reroute import Reroute
from bot.flow.seams import Seams
from bot.ports.outside import Busy, Gone, Surface, Unreachable
from bot.ports.records import CardCopy

GIVE_UP: Final = 12
"""Attempts before a notice is given up; with the pauses between them, about two hours."""

log = structlog.get_logger()


class NowhereToBeFound(Gone):
    """{name} is on no chat surface, so this could not be brought to them."""


class Round:
    """Delivers one tenant's notices of one batch; each request is looked at once.

    What changes meanwhile has its own notice, which comes after. What may be done twice is noted as done
    with the whole batch; a card that is new to somebody, together with its copy, at once.
    """

    def __init__(self, seams: Seams, owner: str, now: datetime) -> None:
        self._seams = seams
        self._owner = owner
        self._now = now
        self._present = Present(seams)
        self._reroute = Reroute(seams)
        self._copies: dict[tuple[str, PersonId], dict[str, CardCopy]] = {}
        self._looked_up: set[str] = set()
        self._served: dict[PersonId, Person] = {}

    async def __call__(self, claimed: ClaimedNotice) -> bool:
        """Gives whether the notice is delivered and only has to be noted as done."""
        copies: list[CardCopy] = []
        try:
            await self._bring(claimed, copies)
        except Busy as refusal:
            await self._again(claimed, copies, refusal.sentence, after=refusal.after)
            return False
        except Gone as refusal:
            await self._give_up(claimed, copies, refusal.sentence)
            return False
        except Refusal as refusal:
            await self._again(claimed, copies, refusal.sentence)
            return False
        except Exception as error:
            log.exception("notice.failed", request_id=claimed.notice.request)
            await self._again(claimed, copies, type(error).__name__)
            return False
        if not copies:
            return True
        async with self._seams.store.unit(self._seams.tenant) as unit:
            for copy in copies:
                await unit.outbox.add_copy(copy)
            await unit.outbox.finish(self._owner, claimed.id)
        return False

    async def close(self) -> None:
        """Has the lists of everybody who was served drawn anew; that it fails is no harm."""
        if not self._served:
            return
        for surface in self._seams.surfaces:
            try:
                await surface.changed(tuple(self._served.values()))
            except Refusal as refusal:
                log.warning("lists.stale", surface=surface.name, why=type(refusal).__name__)
            except Exception:
                log.exception("lists.failed", surface=surface.name)

    async def _again(
        self,
        claimed: ClaimedNotice,
        copies: list[CardCopy],
        error: str,
        *,
        after: timedelta | None = None,
    ) -> None:
        if after is None and claimed.attempts + 1 >= GIVE_UP:
            await self._give_up(claimed, copies, error)
            return
        if copies:
            async with self._seams.store.unit(self._seams.tenant) as unit:
                for copy in copies:
                    await unit.outbox.add_copy(copy)
        pause = after or timedelta(seconds=min(2**claimed.attempts, 1200))
        await self._seams.store.retry_notice(
            self._owner, claimed.id, at=self._now + pause, error=error, counted=after is None
        )

    async def _give_up(self, claimed: ClaimedNotice, copies: list[CardCopy], error: str) -> None:
        """Records that somebody could not be reached, and has somebody else asked where that is possible."""
        notice = claimed.notice
        async with self._seams.store.unit(self._seams.tenant) as unit:
            for copy in copies:
                await unit.outbox.add_copy(copy)
            missed = notice.kind is NoticeKind.CARD and notice.person is not None and not copies
            if missed and notice.person is not None:
                await unit.outbox.miss(notice.card, notice.person, at=self._now, why=error)
            await unit.audit.append(
                AuditEntry(
                    at=self._now,
                    kind="notice.undeliverable",
                    actor=notice.person,
                    request=notice.request,
                    details={"what": notice.kind.value, "card": notice.card, "error": error},
                )
            )
            await unit.outbox.finish(self._owner, claimed.id)
        if missed and notice.request is not None:
            await self._reroute(notice.request)

    async def _bring(self, claimed: ClaimedNotice, copies: list[CardCopy]) -> None:
        notice = claimed.notice
        match notice.kind:
            case NoticeKind.CARD:
                await self._card(notice, copies)
            case NoticeKind.SAY:
                await self._say(notice, key=f"notice-{claimed.id}")
            case NoticeKind.NOTE:
                await self._note(notice)

    async def _card(self, notice: Notice, copies: list[CardCopy]) -> None:
        """Brings the card to every surface; the copies that are new come into `copies`.

        Raises:
            NowhereToBeFound: no surface reaches the person.
            Unreachable: one surface does not at the moment; the others have the card.
        """
        seams, person = self._seams, await self._person(notice)
        card = await self._present(notice.card, person, about=notice.request) if person else None
        if person is None or card is None:
            return
        self._served[person.id] = person
        asked_at = await self._asked_at(notice, card, person)
        known = await self._known(card.id, person.id)
        later: list[Unreachable] = []
        for surface in seams.surfaces:
            try:
                copy = await self._on(surface, card, person, asked_at, known.get(surface.name))
            except Gone as refusal:
                log.info("card.unreached", surface=surface.name, why=type(refusal).__name__)
                known.pop(surface.name, None)
                continue
            except Unreachable as refusal:
                later.append(refusal)
                continue
            if copy is not None and copy != known.get(surface.name):
                known[surface.name] = copy
                copies.append(copy)
        if later:
            raise later[0]
        if not known and seams.surfaces:
            raise NowhereToBeFound(name=person.name)

    async def _on(
        self,
        surface: Surface,
        card: Card,
        person: Person,
        asked_at: Request | None,
        copy: CardCopy | None,
    ) -> CardCopy | None:
        """Gives the person's copy on the surface, brought up to date; None where they are not on it."""
        key = f"card/{card.id}/{person.id}"
        if copy is not None:
            try:
                await surface.update(copy.place, copy.reference, card)
            except Gone:
                if not card.actions:
                    return copy
                key = f"{key}/instead-of/{copy.reference}"
            else:
                return copy
        if asked_at is not None and asked_at.surface == surface.name and copy is None:
            try:
                place, thread = asked_at.place, asked_at.thread
                reference = await surface.send(place, card, key=key, thread=thread)
                return _copy(card, person, surface, place, reference)
            except Gone:
                key = f"{key}/in-private"
        private = await surface.reach(person)
        if private is None:
            return None
        return _copy(card, person, surface, private, await surface.send(private, card, key=key))

    async def _asked_at(self, notice: Notice, card: Card, person: Person) -> Request | None:
        """Gives the request if this card is its requester's own, which stands where they asked."""
        if not card.id.startswith("status-") or notice.request is None:
            return None
        story = await self._present.story(notice.request)
        return story.request if story and story.request.requester == person.id else None

    async def _known(self, card: str, person: PersonId) -> dict[str, CardCopy]:
        """Gives the person's copies of the card by surface."""
        if card not in self._looked_up:
            async with self._seams.store.view(self._seams.tenant) as view:
                stored = await view.outbox.copies(card)
            for copy in stored:
                self._copies.setdefault((card, copy.person), {}).setdefault(copy.surface, copy)
            self._looked_up.add(card)
        return self._copies.setdefault((card, person), {})

    async def _say(self, notice: Notice, *, key: str) -> None:
        seams, person = self._seams, await self._person(notice)
        if person is None:
            return
        async with seams.store.view(seams.tenant) as view:
            request = await view.requests.get(notice.request) if notice.request else None
        own = request if request is not None and request.requester == person.id else None
        said, later = False, list[Unreachable]()
        for surface in seams.surfaces:
            try:
                if own is None:
                    said |= await _say_privately(surface, person, notice.text, key)
                elif surface.name == own.surface:
                    said |= await _say_where_asked(surface, own, person, notice.text, key)
            except Gone as refusal:
                log.info("words.unreached", surface=surface.name, why=type(refusal).__name__)
            except Unreachable as refusal:
                later.append(refusal)
        if later:
            raise later[0]
        if not said and seams.surfaces:
            raise NowhereToBeFound(name=person.name)

    async def _note(self, notice: Notice) -> None:
        seams = self._seams
        story = await self._present.story(notice.request) if notice.request else None
        if story is None:
            return
        technicians = await seams.directory.members(TECHNICIANS)
        readers = [person for person in technicians if person.id not in story.requesters]
        hidden = [story.people[one] for one in sorted(story.requesters) if one in story.people]
        for surface in seams.surfaces:
            await surface.note(story.request.id, note_text(story), readers=readers, hidden_from=hidden)

    async def _person(self, notice: Notice) -> Person | None:
        return await self._seams.directory.person(notice.person) if notice.person else None


async def _say_where_asked(surface: Surface, request: Request, person: Person, text: str, key: str) -> bool:
    try:
        await surface.say(request.place, text, key=key, thread=request.thread)
    except Gone:
        return await _say_privately(surface, person, text, f"{key}/in-private")
    return True


async def _say_privately(surface: Surface, person: Person, text: str, key: str) -> bool:
    place = await surface.reach(person)
    if place is None:
        return False
    await surface.say(place, text, key=key)
    return True


def _copy(card: Card, person: Person, surface: Surface, place: str, reference: str) -> CardCopy:
    return CardCopy(card=card.id, person=person.id, surface=surface.name, place=place, reference=reference)
