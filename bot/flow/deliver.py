"""Deliver: brings what the outbox holds to people, after the commit; what fails is tried again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.cards.model import Card
from bot.cards.note import note_text
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry, ClaimedNotice, Notice, NoticeKind
from bot.domain.people import TECHNICIANS, Person, PersonId, TenantId
from bot.domain.requests import RequestId
from bot.flow.gather import gather
from bot.flow.present import Present
from bot.flow.seams import Seams
from bot.ports.outside import Surface
from bot.ports.records import CardCopy
from bot.ports.store import Store

LEASE: Final = timedelta(seconds=30)
BATCH: Final = 50
GIVE_UP: Final = 12
"""Attempts before a notice is given up and noted in the audit log; with the pauses below, about two hours."""


class Deliver:
    """Empties the outbox."""

    def __init__(self, store: Store, seams_of: Callable[[TenantId], Seams | None], *, worker: str) -> None:
        self._store = store
        self._seams_of = seams_of
        self._worker = worker

    async def __call__(self, now: datetime, *, request: RequestId | None = None) -> int:
        """Gives how many notices were taken up; 0 when there was nothing due.

        With a request, only its notices are looked at.
        """
        claimed = await self._store.claim_notices(
            self._worker, now=now, until=now + LEASE, limit=BATCH, request=request
        )
        for tenant, one in claimed:
            await self._one(tenant, one, now)
        return len(claimed)

    async def _one(self, tenant: TenantId, claimed: ClaimedNotice, now: datetime) -> None:
        seams = self._seams_of(tenant)
        if seams is None:
            pause = now + timedelta(minutes=1)
            await self._store.retry_notice(
                self._worker, claimed.id, at=pause, error="no such tenant in this process"
            )
            return
        try:
            await self._bring(seams, claimed)
        except Refusal as refusal:
            await self._again(seams, claimed, now, refusal.sentence)
            return
        await self._store.finish_notice(self._worker, claimed.id)

    async def _again(self, seams: Seams, claimed: ClaimedNotice, now: datetime, error: str) -> None:
        if claimed.attempts + 1 < GIVE_UP:
            pause = timedelta(seconds=min(2**claimed.attempts, 1200))
            await self._store.retry_notice(self._worker, claimed.id, at=now + pause, error=error)
            return
        async with seams.store.unit(seams.tenant) as unit:
            await unit.audit.append(
                AuditEntry(
                    at=now,
                    kind="notice.undeliverable",
                    actor=claimed.notice.person,
                    request=claimed.notice.request,
                    details={"what": claimed.notice.kind.value, "error": error},
                )
            )
        await self._store.finish_notice(self._worker, claimed.id)

    async def _bring(self, seams: Seams, claimed: ClaimedNotice) -> None:
        notice = claimed.notice
        match notice.kind:
            case NoticeKind.CARD:
                await self._card(seams, notice)
            case NoticeKind.SAY:
                await self._say(seams, notice, key=f"notice-{claimed.id}")
            case NoticeKind.NOTE:
                await self._note(seams, notice)

    async def _card(self, seams: Seams, notice: Notice) -> None:
        person = await _person(seams, notice.person)
        if person is None:
            return
        card = await Present(seams)(notice.card, person)
        if card is None:
            return
        async with seams.store.view(seams.tenant) as view:
            stored = await view.outbox.copies(card.id)
        copies = {copy.surface: copy for copy in stored if copy.person == person.id}
        for surface in seams.surfaces:
            await self._on_surface(seams, surface, card, person, copies.get(surface.name))

    async def _on_surface(
        self, seams: Seams, surface: Surface, card: Card, person: Person, copy: CardCopy | None
    ) -> None:
        if copy is not None:
            await surface.update(copy.place, copy.reference, card)
            return
        place = await surface.reach(person)
        if place is None:
            return
        reference = await surface.send(place, card)
        async with seams.store.unit(seams.tenant) as unit:
            await unit.outbox.add_copy(
                CardCopy(
                    card=card.id, person=person.id, surface=surface.name, place=place, reference=reference
                )
            )

    async def _say(self, seams: Seams, notice: Notice, *, key: str) -> None:
        person = await _person(seams, notice.person)
        if person is None:
            return
        async with seams.store.view(seams.tenant) as view:
            request = await view.requests.get(notice.request) if notice.request else None
        for surface in seams.surfaces:
            if request is not None and request.requester == person.id:
                if surface.name == request.surface:
                    await surface.say(request.place, notice.text, key=key)
                continue
            place = await surface.reach(person)
            if place is not None:
                await surface.say(place, notice.text, key=key)

    async def _note(self, seams: Seams, notice: Notice) -> None:
        story = await gather(seams, notice.request) if notice.request else None
        if story is None:
            return
        technicians = await seams.directory.members(TECHNICIANS)
        readers = [person for person in technicians if person.id not in story.requesters]
        for surface in seams.surfaces:
            await surface.note(story.request.id, note_text(story), readers=readers)


async def _person(seams: Seams, person: PersonId | None) -> Person | None:
    return await seams.directory.person(person) if person else None
