"""The second admin: shows a proposed change, takes the verdict on it, and ends what nobody decided."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.cards.model import APPROVE, DENY, WITHDRAW, Card
from bot.cards.rule_change import ShownProposal, proposal_card, proposal_card_id, proposal_status
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.domain.loosening import loosened
from bot.domain.people import Person, PersonId
from bot.domain.proposals import Proposal, ProposalId, ProposalStatus
from bot.domain.reach import Reach
from bot.domain.requests import Request
from bot.domain.rule_changes import Edit
from bot.flow.change_rules import ChangedMeanwhile, check_stands
from bot.flow.commands.people import people_of, shown_name
from bot.flow.commands.policy_words import moment
from bot.flow.edit_words import edit_sentence, persons_in
from bot.flow.intake import known_person
from bot.flow.refusals import NotOffered, UnknownCard
from bot.flow.seams import Seams
from bot.flow.settle_given import SettleGiven
from bot.flow.terms import check_action_values, reason_of
from bot.flow.write_edits import Author, rulebook_of, write_edits
from bot.ports.store import Unit

_WANTED: Final = {
    APPROVE: ProposalStatus.APPROVED,
    DENY: ProposalStatus.DENIED,
    WITHDRAW: ProposalStatus.WITHDRAWN,
}
ACTIONS: Final = frozenset(_WANTED)

AUTHOR_GONE: Final = "Whoever made this change is no admin any more, so it cannot be approved."


class OwnChange(Refusal):
    """You made this change yourself, so another admin has to decide it."""

    kind = "forbidden"


class NotYourChange(Refusal):
    """Only its author can withdraw this change. You can deny it."""

    kind = "forbidden"


class ChangeDecided(Refusal):
    """This change is not open any more: {how}"""  # noqa: D415 - what fills it ends the sentence

    kind = "conflict"


class SecondAdmin:
    """Takes what admins press on the card of a proposed change."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._settle = SettleGiven(seams)

    async def shown(self, proposal: ProposalId, viewer: Person) -> Card | None:
        """Gives the card for this viewer; None for all but admins and its author, or when there is none."""
        async with self._seams.store.view(self._seams.tenant) as view:
            found = await view.changes.proposal(proposal)
        if found is None or found.status is ProposalStatus.DRAFT:
            return None
        is_author = viewer.id == found.by
        if not (viewer.is_admin or is_author):
            return None
        shown = await self._in_words(found)
        return proposal_card(
            shown, may_decide=viewer.is_admin and not is_author, may_withdraw=is_author and viewer.enabled
        )

    async def __call__(self, proposal: ProposalId, person: PersonId, action: str, values: JsonObject) -> str:
        """Does what the button says and gives the sentence to answer with.

        Raises:
            UnknownCard: there is none, or none for them.
            OwnChange, NotYourChange: it is not theirs to decide.
            ChangeDecided: it is over, be it that this click found it overtaken, too old, or bereft.
            Overtaken: somebody else was faster.
        """
        if action not in ACTIONS:
            raise NotOffered(action=action[:80])
        check_action_values(values, frozenset({"reason"}) if action == DENY else frozenset())
        who = await known_person(self._seams, person)
        note = reason_of(values) if action == DENY else ""
        is_bereft = action == APPROVE and not await self._has_admin(proposal)
        waiting = await self._settle.requesters(await self._edits(proposal) if action == APPROVE else ())
        settled: tuple[Request, ...] = ()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.changes.newest()
            found = await unit.changes.proposal(proposal)
            if found is None or found.status is ProposalStatus.DRAFT:
                raise UnknownCard
            _check_may(found, who, action)
            late = found if found.status is not ProposalStatus.PENDING else None
            decided = None if late else await self._decided(unit, found, who, action, note, bereft=is_bereft)
            if decided is not None and decided.status is ProposalStatus.APPROVED:
                settled = await self._settle(unit, found.edits, waiting)
        if decided is not None:
            self._seams.bell.ring()
        await self._settle.afterwards(settled)
        if decided is None or decided.status is not _WANTED[action]:
            raise ChangeDecided(how=await self._how(decided or found))
        return _sentence(decided)

    async def _how(self, over: Proposal) -> str:
        """Gives why a change is not open any more."""
        status = proposal_status(await self._in_words(over))
        return f"{over.note} {status}" if over.note == AUTHOR_GONE else status

    async def _edits(self, proposal: ProposalId) -> Sequence[Edit]:
        async with self._seams.store.view(self._seams.tenant) as view:
            found = await view.changes.proposal(proposal)
        return () if found is None else found.edits

    async def _has_admin(self, proposal: ProposalId) -> bool:
        """Whether the author, as the directory knows them now, may still change policies."""
        async with self._seams.store.view(self._seams.tenant) as view:
            found = await view.changes.proposal(proposal)
        author = await self._seams.directory.person(found.by) if found is not None else None
        return author is not None and author.is_admin and author.enabled

    async def _decided(
        self, unit: Unit, found: Proposal, who: Person, action: str, note: str, *, bereft: bool
    ) -> Proposal:
        now = self._seams.clock.now()
        if found.expires <= now:
            return await self._closed(unit, found, ProposalStatus.EXPIRED, None)
        if action == WITHDRAW:
            return await self._closed(unit, found, ProposalStatus.WITHDRAWN, who.id)
        if action == DENY:
            return await self._closed(unit, replace(found, note=note), ProposalStatus.DENIED, who.id)
        if bereft:
            orphan = replace(found, note=AUTHOR_GONE)
            return await self._closed(unit, orphan, ProposalStatus.WITHDRAWN, None)
        rulebook = await rulebook_of(unit)
        try:
            await check_stands(unit, rulebook, found)
        except ChangedMeanwhile:
            return await self._closed(unit, found, ProposalStatus.OVERTAKEN, who.id)
        if not set(await asyncio.to_thread(loosened, rulebook, found.edits)) <= set(found.tools):
            # It would let more tools do more than the card said.
            return await self._closed(unit, found, ProposalStatus.OVERTAKEN, who.id)
        change = await write_edits(
            unit,
            found.edits,
            Author(by=found.by, actor=found.by),
            now=now,
            reason=found.reason,
            approved_by=who.id,
            undoes=found.undoes,
        )
        return await self._closed(unit, replace(found, number=change.number), ProposalStatus.APPROVED, who.id)

    async def _closed(
        self, unit: Unit, found: Proposal, status: ProposalStatus, by: PersonId | None
    ) -> Proposal:
        now = self._seams.clock.now()
        closed = replace(found, status=status, decided_by=by, decided=now)
        await unit.changes.swap_proposal(replace(closed, status=ProposalStatus.PENDING), closed)
        entry = AuditEntry(
            at=now,
            kind=f"change.{status.value}",
            actor=by,
            details={"proposal": found.id, "change": closed.number, "author": found.by},
        )
        await unit.audit.append(entry)
        card = proposal_card_id(found.id)
        seen = {person for _, person in await unit.outbox.viewers([card])} | {found.by}
        await unit.outbox.add(
            *(Notice(kind=NoticeKind.CARD, card=card, person=person) for person in sorted(seen))
        )
        return closed

    async def expire(self) -> int:
        """Gives how many proposals ended because nobody decided them in time."""
        now, count = self._seams.clock.now(), 0
        async with self._seams.store.view(self._seams.tenant) as view:
            due = [one.id for one in await view.changes.pending_proposals() if one.expires <= now]
        for proposal in due:
            async with self._seams.store.unit(self._seams.tenant) as unit:
                found = await unit.changes.proposal(proposal)
                if found is not None and found.status is ProposalStatus.PENDING:
                    await self._closed(unit, found, ProposalStatus.EXPIRED, None)
                    count += 1
        if count:
            self._seams.bell.ring()
        return count

    async def _in_words(self, found: Proposal) -> ShownProposal:
        known = {found.by, *([found.decided_by] if found.decided_by else [])}
        people = await people_of(self._seams.directory, persons_in(found.edits) | known)
        async with self._seams.store.view(self._seams.tenant) as view:
            zone = (await view.tenant()).zone
        emails = {person.id: person.email for person in people.values()}
        first, others = _loosening_first(found)
        return ShownProposal(
            proposal=found,
            author=shown_name(people, found.by),
            decided_by=shown_name(people, found.decided_by) if found.decided_by else "",
            lines=[edit_sentence(edit, emails) for edit in (*first, *others)],
            loosening=len(first),
            open_until=moment(found.expires, zone),
        )


def _sentence(decided: Proposal) -> str:
    match decided.status:
        case ProposalStatus.APPROVED:
            return f"Approved. It holds from now on, as change {decided.number}."
        case ProposalStatus.DENIED:
            return "Denied. Nothing was changed, and whoever asked for it is told."
        case _:
            return "Withdrawn. Nothing was changed."


def _loosening_first(found: Proposal) -> tuple[list[Edit], list[Edit]]:
    """Gives the edits about the tools that may do more by them, and the others, each in their order."""
    reached = [(edit, Reach.of([edit])) for edit in found.edits]
    first = [edit for edit, reach in reached if any(map(reach.holds, found.tools))]
    return first, [edit for edit in found.edits if edit not in first]


def _check_may(found: Proposal, who: Person, action: str) -> None:
    is_author = who.id == found.by
    if not (who.is_admin or (is_author and who.enabled)):
        raise UnknownCard
    if action == WITHDRAW and not is_author:
        raise NotYourChange
    if action != WITHDRAW and is_author:
        raise OwnChange
