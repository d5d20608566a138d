"""Change rules: what an admin wants is first foreseen and kept, then written, or put to a second admin."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.domain.loosening import loosened
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.proposals import Proposal, ProposalId, ProposalStatus
from bot.domain.requests import Request
from bot.domain.rule_changes import Edit, PolicyEdit, Rulebook, RuleChange
from bot.domain.tools import ToolId, shortened
from bot.flow.edit_words import edit_sentence
from bot.flow.foresee import Foreseen, foresee
from bot.flow.seams import Seams
from bot.flow.settle_given import SettleGiven
from bot.flow.write_edits import Author, rulebook_of, write_edits
from bot.ports.directory import DirectoryUnreachable
from bot.ports.store import Unit

CARD: Final = "change-"
"""What the ids of the cards begin with that ask a second admin."""
KEPT_FOR: Final = timedelta(hours=1)
"""How long a preview can be saved."""
OPEN_FOR: Final = timedelta(days=7)
"""How long a second admin may take."""
MOST_EDITS: Final = 100
"""Edits that a second admin can be asked about together."""
_TOLD: Final = 600
_RECENT: Final = 50
_NAMED: Final = 5

Draft = Callable[[Rulebook], Sequence[Edit]]
"""What somebody wants, worked out against what holds at the moment; raises a refusal where it cannot be."""


class ChangedMeanwhile(Refusal):
    """Nothing was saved, because somebody changed it while you looked at it: {what}. Look at it again."""

    kind = "conflict"


class NoSecondAdmin(Refusal):
    """This lets {tools} do more, so a second admin has to approve it, and there is no other. Ask the operator."""  # noqa: E501 - one sentence, as it is read

    kind = "forbidden"


class TooMuchAtOnce(Refusal):
    """A second admin has to approve this and cannot look at {count} edits at once. Make {most} at most, or ask the operator."""  # noqa: E501 - one sentence, as it is read

    kind = "too_large"


class NothingToSave(Refusal):
    """There is nothing of yours to save here: it was saved already, or it is too old. Make the change again."""  # noqa: E501 - one sentence, as it is read

    kind = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What saving would do, before anything is saved."""

    id: ProposalId | None
    """What `save` is told; None where nothing would change."""
    edits: tuple[Edit, ...]
    foreseen: Foreseen
    needs_second: tuple[ToolId, ...] = ()
    """The tools of effect destroy for which a second admin has to approve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was written, or what waits for a second admin; one of the two."""

    change: RuleChange | None = None
    proposal: Proposal | None = None
    asked: tuple[Person, ...] = ()
    """The admins who were asked."""
    foreseen: Foreseen | None = None
    """What it means, where it was written without a preview."""
    settled: tuple[Request, ...] = ()
    """The requests that waited for what its standing approvals answer."""


class ChangeRules:
    """Changes policies, defaults and switches."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._settle = SettleGiven(seams)

    async def preview(
        self,
        draft: Draft,
        author: Author,
        *,
        reason: str = "",
        undoes: int | None = None,
        only_looks: bool = False,
    ) -> Forecast:
        """Gives what the draft would change and mean, and keeps it for an hour to be saved by its author.

        Nothing that is laid down changes. Nothing is kept for an author who `only_looks`.

        Raises:
            Refusal: the draft cannot be worked out.
        """
        seams, now = self._seams, self._seams.clock.now()
        async with seams.store.view(seams.tenant) as view:
            rulebook = await rulebook_of(view)
            edits = tuple(draft(rulebook))
            zone = (await view.tenant()).zone
            foreseen = await foresee(view, rulebook, edits, now=now, zone=zone)
        tools = () if author.is_operator else await asyncio.to_thread(loosened, rulebook, edits)
        if not edits or author.actor is None or only_looks:
            return Forecast(id=None, edits=edits, foreseen=foreseen, needs_second=tools)
        kept = Proposal(
            id=ProposalId(seams.ids.new()),
            at=now,
            by=author.actor,
            reason=reason,
            edits=edits,
            tools=tools,
            effect=foreseen.sentence,
            undoes=undoes,
            expires=now + KEPT_FOR,
            status=ProposalStatus.DRAFT,
        )
        async with seams.store.unit(seams.tenant) as unit:
            await unit.changes.propose(kept)
        return Forecast(id=kept.id, edits=edits, foreseen=foreseen, needs_second=tools)

    async def save(self, draft: ProposalId, person: Person) -> Saved:
        """Writes what was previewed, or puts it to the other admins where it loosens a tool that destroys.

        Raises:
            NothingToSave: there is no such preview of this person's, or it was saved, or it is too old.
            ChangedMeanwhile: something of it was changed since; nothing is written.
            NoSecondAdmin: nobody else can approve it; nothing is written.
            DirectoryUnreachable: it takes a second admin, or gives standing approvals, and people cannot be
                looked up.
        """
        seams, now = self._seams, self._seams.clock.now()
        others, away = await self._others(person)
        async with seams.store.view(seams.tenant) as view:
            looked_at = await view.changes.proposal(draft)
            known, rulebook = await view.policies.current(), await rulebook_of(view)
        edits = looked_at.edits if looked_at is not None else ()
        tools = await asyncio.to_thread(loosened, rulebook, edits)
        waiting = await self._settle.requesters(edits)
        async with seams.store.unit(seams.tenant) as unit:
            await unit.changes.newest()
            kept = await unit.changes.proposal(draft)
            is_mine = kept is not None and kept.by == person.id and kept.status is ProposalStatus.DRAFT
            if kept is None or not is_mine or kept.expires <= now:
                raise NothingToSave
            rulebook = await rulebook_of(unit)
            await check_stands(unit, rulebook, kept)
            if await unit.policies.current() is not known or kept.edits != edits:
                # Effects and other policies may be others by now, so what it loosens is looked at again.
                tools = await asyncio.to_thread(loosened, rulebook, kept.edits)
            if tools:
                if away is not None:
                    raise away
                if not others:
                    raise NoSecondAdmin(tools=named(tools))
                if len(kept.edits) > MOST_EDITS:
                    raise TooMuchAtOnce(count=len(kept.edits), most=MOST_EDITS)
                asked = replace(
                    kept, tools=tools, at=now, expires=now + OPEN_FOR, status=ProposalStatus.PENDING
                )
                await unit.changes.swap_proposal(kept, asked)
                await _propose(unit, asked, [*(admin.id for admin in others), person.id])
                saved = Saved(proposal=asked, asked=others)
            else:
                change = await write_edits(
                    unit, kept.edits, Author.of(person), now=now, reason=kept.reason, undoes=kept.undoes
                )
                written = replace(
                    kept, status=ProposalStatus.APPROVED, decided=now, number=change.number, tools=()
                )
                await unit.changes.swap_proposal(kept, written)
                saved = Saved(change=change, settled=await self._settle(unit, kept.edits, waiting))
        seams.bell.ring()
        await self._settle.afterwards(saved.settled)
        return saved

    async def _others(self, person: Person) -> tuple[tuple[Person, ...], DirectoryUnreachable | None]:
        """Gives the other admins; or why nobody knows who they are, which matters only where they count."""
        try:
            members = await self._seams.directory.members(TECHNICIANS)
        except DirectoryUnreachable as refusal:
            return (), refusal
        return tuple(one for one in members if one.is_admin and one.id != person.id), None

    async def at_once(
        self, draft: Draft, author: Author, *, reason: str = "", undoes: int | None = None
    ) -> Saved:
        """Writes the draft without a preview; for the operator, who needs nobody's consent.

        Raises:
            Refusal: the draft cannot be worked out; nothing is written.
        """
        seams, now = self._seams, self._seams.clock.now()
        # Foreseen before the transaction, because that takes time, and others would wait for it.
        forecast = await self.preview(draft, Author(by=author.by))
        waiting = await self._settle.requesters(forecast.edits)
        async with seams.store.unit(seams.tenant) as unit:
            await unit.changes.newest()
            edits = tuple(draft(await rulebook_of(unit)))
            change = await write_edits(unit, edits, author, now=now, reason=reason, undoes=undoes)
            settled = await self._settle(unit, edits, waiting)
        seams.bell.ring()
        await self._settle.afterwards(settled)
        return Saved(change=change, foreseen=forecast.foreseen, settled=settled)


async def check_stands(unit: Unit, rulebook: Rulebook, proposal: Proposal) -> None:
    """Passes if everything that the proposal would change is as it was when it was made.

    Raises:
        ChangedMeanwhile: something is not; it names what became of it.
    """
    taken = _taken(rulebook, proposal.edits)
    if taken:
        raise ChangedMeanwhile(what=shortened(f"there is a policy “{taken}” by now", _TOLD))
    moved = [edit for edit in proposal.edits if not rulebook.stands(edit)]
    if not moved:
        return
    changes = await unit.changes.after(max(0, await unit.changes.newest() - _RECENT))
    numbers = {edit.key: change.number for change in changes for edit in change.edits}
    told = [_became(rulebook.since(edit.backwards), numbers.get(edit.key)) for edit in moved]
    raise ChangedMeanwhile(what=shortened("; ".join(told), _TOLD))


def _taken(rulebook: Rulebook, edits: Sequence[Edit]) -> str:
    """Gives a name that an edit wants and another policy has, which no edit takes it from; else nothing."""
    policies = [edit for edit in edits if isinstance(edit, PolicyEdit)]
    own = {one.id for edit in policies for one in (edit.before, edit.after) if one is not None}
    names = {one.name: one.id for one in rulebook.policies.values()}
    wanted = [edit.after.name for edit in policies if edit.after is not None]
    return next((name for name in wanted if name in names and names[name] not in own), "")


def _became(edit: Edit, number: int | None) -> str:
    return edit_sentence(edit) + (f" (change {number})" if number else "")


def named(tools: Sequence[ToolId]) -> str:
    """Gives the tools in a few words."""
    shown = ", ".join(map(str, tools[:_NAMED]))
    return f"{shown} and {len(tools) - _NAMED} more" if len(tools) > _NAMED else shown


async def _propose(unit: Unit, proposal: Proposal, persons: Sequence[PersonId]) -> None:
    card = CARD + proposal.id
    await unit.outbox.add(*(Notice(kind=NoticeKind.CARD, card=card, person=one) for one in persons))
    entry = AuditEntry(
        at=proposal.at,
        kind="change.proposed",
        actor=proposal.by,
        details={
            "proposal": proposal.id,
            "names": [edit.name for edit in proposal.edits],
            "tools": [str(tool) for tool in proposal.tools],
            "reason": proposal.reason,
        },
    )
    await unit.audit.append(entry)
