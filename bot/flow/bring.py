"""Brings one batch of notices to the surfaces; what cannot be brought is tried again, or routed to others."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.cards.model import Card
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry, ClaimedNotice, Notice, NoticeKind
from bot.domain.people import Person, PersonId
from bot.domain.requests import Request
from bot.flow.hand_to_admins import hand_to_admins
from bot.flow.present import Present
from bot.flow.reroute import Reroute
from bot.flow.seams import Seams
from bot.flow.speak import NowhereToBeFound, Speak
from bot.flow.waits import Waits
from bot.ports.directory import DirectoryUnreachable
from bot.ports.outside import Busy, Gone, Surface, Unreachable
from bot.ports.records import CardCopy

LATE: Final = 12
"""Attempts, over half an hour, after which it is noted in the audit log that a notice is late."""
PATIENCE: Final = 100
"""Attempts before a notice is given up, more than a day: by then what it asks has expired, too."""
SHORT: Final = timedelta(seconds=10)
"""How long others for the same person wait behind one that failed."""

log = structlog.get_logger()


class Round:
    """Delivers one tenant's notices of one batch; each request is looked at once.

    What changes meanwhile has its own notice, which comes after. What may be done twice is noted as done
    with the whole batch; a card that is new to somebody, together with its copy, at once.
    """

    def __init__(self, seams: Seams, owner: str, now: datetime, waits: Waits) -> None:
        self._seams = seams
        self._owner = owner
        self._now = now
        self._waits = waits
        self._present = Present(seams)
        self._speak = Speak(seams, self._present)
        self._reroute = Reroute(seams)
        self._copies: dict[tuple[str, PersonId], dict[str, CardCopy]] = {}
        self._looked_up: set[str] = set()
        self._served: dict[PersonId, Person] = {}

    async def __call__(self, claimed: ClaimedNotice) -> bool:
        """Gives whether the notice is delivered and only has to be noted as done.

        Whatever goes wrong stays with this notice: its lease ends, and it is tried again.
        """
        try:
            return await self._tried(claimed)
        except Refusal as refusal:
            log.warning("notice.away", request_id=claimed.notice.request, why=type(refusal).__name__)
        except Exception:
            log.exception("notice.failed", request_id=claimed.notice.request)
        return False

    async def _tried(self, claimed: ClaimedNotice) -> bool:
        copies: list[CardCopy] = []
        until = self._waits.of(self._seams, claimed.notice, self._now)
        if until is not None:
            await self._wait(claimed, copies, "an earlier one waits", until)
            return False
        if claimed.notice.is_for_admins:
            await self._hand_over(claimed)
            return False
        try:
            await self._bring(claimed, copies)
        except Busy as refusal:
            until = self._waits.begin(self._seams, claimed.notice, refusal.after)
            await self._wait(claimed, copies, refusal.sentence, until)
            return False
        except Gone as refusal:
            await self._give_up(claimed, copies, refusal.sentence, is_gone=True)
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

    async def _hand_over(self, claimed: ClaimedNotice) -> None:
        """Has each admin told; while nobody knows who they are it waits, and is never given up."""
        try:
            await hand_to_admins(self._seams, self._owner, claimed)
        except DirectoryUnreachable as refusal:
            await self._wait(claimed, [], refusal.sentence, self._seams.clock.now() + SHORT)

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

    async def _wait(self, claimed: ClaimedNotice, copies: list[CardCopy], why: str, until: datetime) -> None:
        """Puts the notice back until the surface takes more; that is no attempt."""
        await self._keep(copies)
        await self._seams.store.retry_notice(self._owner, claimed.id, at=until, error=why, counted=False)

    async def _again(self, claimed: ClaimedNotice, copies: list[CardCopy], error: str) -> None:
        if claimed.attempts + 1 >= PATIENCE:
            await self._give_up(claimed, copies, error, is_gone=False)
            return
        await self._keep(copies)
        if claimed.attempts + 1 == LATE:
            await self._note_late(claimed.notice, error)
        pause = timedelta(seconds=min(2**claimed.attempts, 1200))
        self._waits.begin(self._seams, claimed.notice, min(pause, SHORT))
        await self._seams.store.retry_notice(self._owner, claimed.id, at=self._now + pause, error=error)

    async def _note_late(self, notice: Notice, error: str) -> None:
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.audit.append(_entry(notice, "notice.late", error, self._now))

    async def _keep(self, copies: list[CardCopy]) -> None:
        if copies:
            async with self._seams.store.unit(self._seams.tenant) as unit:
                for copy in copies:
                    await unit.outbox.add_copy(copy)

    async def _give_up(
        self, claimed: ClaimedNotice, copies: list[CardCopy], error: str, *, is_gone: bool
    ) -> None:
        """Records that somebody could not be reached; somebody who never will be has others asked instead."""
        notice = claimed.notice
        async with self._seams.store.unit(self._seams.tenant) as unit:
            for copy in copies:
                await unit.outbox.add_copy(copy)
            missed = is_gone and notice.kind is NoticeKind.CARD and notice.person is not None and not copies
            if missed and notice.person is not None:
                await unit.outbox.miss(notice.card, notice.person, at=self._now, why=error)
            await unit.audit.append(_entry(notice, "notice.undeliverable", error, self._now))
            await unit.outbox.finish(self._owner, claimed.id)
        if missed and notice.request is not None:
            await self._reroute(notice.request)

    async def _bring(self, claimed: ClaimedNotice, copies: list[CardCopy]) -> None:
        notice = claimed.notice
        match notice.kind:
            case NoticeKind.CARD:
                await self._card(notice, copies)
            case NoticeKind.SAY:
                await self._speak(notice, key=f"notice-{claimed.id}")
            case NoticeKind.NOTE:
                await self._speak.note(notice)

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
        try:
            reference = await surface.send(private, card, key=key)
        except Gone:
            # The private place that was known may be closed, and another one open by now.
            again = await surface.reach(person)
            if again is None or again == private:
                raise
            private, reference = again, await surface.send(again, card, key=f"{key}/again")
        return _copy(card, person, surface, private, reference)

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

    async def _person(self, notice: Notice) -> Person | None:
        return await self._seams.directory.person(notice.person) if notice.person else None


def _entry(notice: Notice, kind: str, error: str, at: datetime) -> AuditEntry:
    return AuditEntry(
        at=at,
        kind=kind,
        actor=notice.person,
        request=notice.request,
        details={"what": notice.kind.value, "card": notice.card, "error": error},
    )


def _copy(card: Card, person: Person, surface: Surface, place: str, reference: str) -> CardCopy:
    return CardCopy(card=card.id, person=person.id, surface=surface.name, place=place, reference=reference)
