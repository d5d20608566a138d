"""What was filled in on a policy's earlier pages: kept on our side, and found again by a page's state."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.actions import Action
from bot.domain.errors import Refusal
from bot.domain.people import PersonId
from bot.domain.policies import AllTools, Policy, PolicyId
from bot.domain.proposals import Proposal, ProposalId, ProposalStatus
from bot.domain.rule_changes import PolicyEdit
from bot.flow.change_rules import KEPT_FOR
from bot.flow.seams import Seams

_UNFINISHED: Final = "unfinished/"
"""What stands before the author of what is kept, so that it is nobody's to save before the last page."""
_NONE: Final = "-"
_STATE: Final = re.compile(r"(calls|whose|outcome) ([0-9A-Za-z]+|-) ([0-9A-Za-z_.-]+) (\d{1,2})", re.ASCII)


class FormTooOld(Refusal):
    """This form is too old, or somebody else’s, so nothing was saved. Close it and open it again."""

    kind = "conflict"


class Step(StrEnum):
    """The pages, in order."""

    CALLS = "calls"
    WHOSE = "whose"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """What a page carries: which it is, where the rest is kept, and what its look-ups need."""

    step: Step
    draft: ProposalId | None = None
    """None on the first page of a new policy, before anything is kept."""
    connector: str = ""
    rows: int = 0

    @classmethod
    def read(cls, text: str) -> "PageState":
        """Gives the state that the text spells.

        Raises:
            FormTooOld: it spells none.
        """
        found = _STATE.fullmatch(text)
        if found is None:
            raise FormTooOld
        step, draft, connector, rows = found.groups()
        return cls(
            step=Step(step),
            draft=None if draft == _NONE else ProposalId(draft),
            connector="" if connector == _NONE else connector,
            rows=int(rows),
        )

    @property
    def text(self) -> str:
        """The state as a page carries it."""
        return f"{self.step} {self.draft or _NONE} {self.connector or _NONE} {self.rows}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A policy as far as it is filled in, and as it was when the form was opened; None for a new one."""

    policy: Policy
    before: Policy | None = None

    @property
    def is_new(self) -> bool:
        """Whether there was no such policy when the form was opened."""
        return self.before is None


async def kept_at(seams: Seams, at: PageState, person: PersonId) -> Kept:
    """Gives what is filled in so far.

    Raises:
        FormTooOld: it is not kept any more, is another person's, or is no unfinished policy.
    """
    if at.draft is None:
        if at.step is not Step.CALLS:
            raise FormTooOld
        return Kept(policy=blank(at.connector, seams.clock.now()))
    async with seams.store.view(seams.tenant) as view:
        found = await view.changes.proposal(at.draft)
    if found is None or found.by != _UNFINISHED + person or found.status is not ProposalStatus.DRAFT:
        raise FormTooOld
    match found.edits:
        case (PolicyEdit(before=before, after=Policy() as policy),) if found.expires > seams.clock.now():
            return Kept(policy=policy, before=before)
        case _:
            raise FormTooOld


async def keep(seams: Seams, kept: Kept, person: PersonId) -> ProposalId:
    """Keeps what is filled in so far for an hour, and gives where.

    It is switched off, and its author is nobody, so that it cannot be saved as if it were a preview.
    """
    policy, now = kept.policy, seams.clock.now()
    if not policy.id:
        policy = replace(policy, id=PolicyId(seams.ids.new()))
    draft = Proposal(
        id=ProposalId(seams.ids.new()),
        at=now,
        by=PersonId(_UNFINISHED + person),
        reason="",
        edits=(PolicyEdit(before=kept.before, after=replace(policy, enabled=False)),),
        tools=(),
        expires=now + KEPT_FOR,
        status=ProposalStatus.DRAFT,
    )
    async with seams.store.unit(seams.tenant) as unit:
        await unit.changes.propose(draft)
    return draft.id


def blank(connector: str, now: datetime) -> Policy:
    """Gives a policy of which nothing is said yet; it has no id."""
    return Policy(
        id=PolicyId(""),
        name="",
        connector=connector,
        tools=AllTools(),
        action=Action.DISABLED,
        enabled=False,
        created=now,
        updated=now,
    )
