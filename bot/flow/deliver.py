"""Deliver: brings what the outbox holds to people, after the commit; what fails is tried again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Final

import structlog

from bot.cards.note import note_text
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry, ClaimedNotice, Notice, NoticeKind
from bot.domain.people import TECHNICIANS, Person, TenantId
from bot.domain.requests import RequestId
from bot.flow.present import Present
from bot.flow.seams import Seams
from bot.ports.records import CardCopy
from bot.ports.store import Store

LEASE: Final = timedelta(seconds=30)
BATCH: Final = 50
GIVE_UP: Final = 12
"""Attempts before a notice is given up and noted in the audit log; with the pauses below, about two hours."""

log = structlog.get_logger()


class Deliver:
    """Empties the outbox."""

    def __init__(self, store: Store, seams_of: Callable[[TenantId], Seams | None], *, worker: str) -> None:
        self._store = store
        self._seams_of = seams_of
        self._worker = worker
        self._batches = count(1)
        self._holding: set[str] = set()

    async def __call__(self, now: datetime, *, request: RequestId | None = None) -> int:
        """Gives how many notices were taken up, at most `BATCH`; 0 when there was nothing due.

        With a request, only its notices are looked at.
        """
        owner = f"{self._worker}/{next(self._batches)}"
        self._holding.add(owner)
        try:
            claimed = await self._store.claim_notices(
                owner, now=now, until=now + LEASE, limit=BATCH, request=request
            )
            tenants = dict.fromkeys(tenant for tenant, _ in claimed)
            found = {tenant: self._seams_of(tenant) for tenant in tenants}
            rounds = {tenant: _Round(seams, owner, now) for tenant, seams in found.items() if seams}
            done: list[int] = []
            for tenant, one in claimed:
                if tenant not in rounds:
                    pause, error = now + timedelta(minutes=1), "no such tenant in this process"
                    await self._store.retry_notice(owner, one.id, at=pause, error=error)
                elif await rounds[tenant](one):
                    done.append(one.id)
            if done:
                await self._store.finish_notice(owner, *done)
        finally:
            self._holding.discard(owner)
        return len(claimed)

    async def renew(self, now: datetime) -> None:
        """Prolongs the leases of what is being delivered at this moment; of nothing else."""
        for owner in tuple(self._holding):
            await self._store.renew(owner, until=now + LEASE)


class _Round:
    """Delivers one tenant's notices of one batch; each request is looked at once.

    What changes meanwhile has its own notice, which comes after. What may be done twice is noted as done
    with the whole batch; a card that is new to somebody, together with its copy, at once.
    """

    def __init__(self, seams: Seams, owner: str, now: datetime) -> None:
        self._seams = seams
        self._owner = owner
        self._now = now
        self._present = Present(seams)
        self._copies: dict[str, dict[tuple[str, str], CardCopy]] = {}

    async def __call__(self, claimed: ClaimedNotice) -> bool:
        """Gives whether the notice is delivered and only has to be noted as done."""
        copies: list[CardCopy] = []
        try:
            await self._bring(claimed, copies)
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

    async def _again(self, claimed: ClaimedNotice, copies: list[CardCopy], error: str) -> None:
        if copies:
            async with self._seams.store.unit(self._seams.tenant) as unit:
                for copy in copies:
                    await unit.outbox.add_copy(copy)
        if claimed.attempts + 1 < GIVE_UP:
            pause = timedelta(seconds=min(2**claimed.attempts, 1200))
            await self._seams.store.retry_notice(self._owner, claimed.id, at=self._now + pause, error=error)
            return
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.audit.append(
                AuditEntry(
                    at=self._now,
                    kind="notice.undeliverable",
                    actor=claimed.notice.person,
                    request=claimed.notice.request,
                    details={"what": claimed.notice.kind.value, "error": error},
                )
            )
            await unit.outbox.finish(self._owner, claimed.id)

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
        """Brings the card to every surface; the copies that are new come into `copies`."""
        seams, person = self._seams, await self._person(notice)
        card = await self._present(notice.card, person, about=notice.request) if person else None
        if person is None or card is None:
            return
        known = await self._known(card.id)
        for surface in seams.surfaces:
            copy = known.get((person.id, surface.name))
            if copy is not None:
                await surface.update(copy.place, copy.reference, card)
                continue
            place = await surface.reach(person)
            if place is not None:
                reference = await surface.send(place, card)
                sent = CardCopy(
                    card=card.id, person=person.id, surface=surface.name, place=place, reference=reference
                )
                known[person.id, surface.name] = sent
                copies.append(sent)

    async def _known(self, card: str) -> dict[tuple[str, str], CardCopy]:
        """Gives the card's copies by person and surface."""
        if card not in self._copies:
            async with self._seams.store.view(self._seams.tenant) as view:
                stored = await view.outbox.copies(card)
            self._copies[card] = {(copy.person, copy.surface): copy for copy in stored}
        return self._copies[card]

    async def _say(self, notice: Notice, *, key: str) -> None:
        seams, person = self._seams, await self._person(notice)
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

    async def _note(self, notice: Notice) -> None:
        seams = self._seams
        story = await self._present.story(notice.request) if notice.request else None
        if story is None:
            return
        technicians = await seams.directory.members(TECHNICIANS)
        readers = [person for person in technicians if person.id not in story.requesters]
        for surface in seams.surfaces:
            await surface.note(story.request.id, note_text(story), readers=readers)

    async def _person(self, notice: Notice) -> Person | None:
        return await self._seams.directory.person(notice.person) if notice.person else None
