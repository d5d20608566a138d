"""Switches policies on and off, deletes them, and takes changes back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.change_sums import reverted
from bot.domain.errors import Refusal
from bot.domain.policies import Policy, PolicyId, PolicySource
from bot.domain.rule_changes import Edit, GrantEdit, PolicyEdit, Rulebook, RuleChange
from bot.domain.tools import shortened
from bot.flow.change_rules import Draft
from bot.flow.edit_words import edit_sentence


class ChangedSince(Refusal):
    """Change {number} cannot be taken back, because this was changed after it: {what}. Undo that first."""

    kind = "conflict"


def enable(policy: PolicyId, *, is_on: bool, now: datetime, by: str) -> Draft:
    """Gives the draft that switches a policy on or off; one that is gone by then has no edits."""

    def draft(rulebook: Rulebook) -> Sequence[Edit]:
        known = rulebook.policies.get(policy)
        if known is None or known.enabled is is_on:
            return ()
        after = replace(known, enabled=is_on, source=PolicySource.ADMIN, owner=by, updated=now)
        return (PolicyEdit(before=known, after=after),)

    return draft


def delete(policy: PolicyId) -> Draft:
    """Gives the draft that deletes a policy; one that is gone by then has no edits."""

    def draft(rulebook: Rulebook) -> Sequence[Edit]:
        known = rulebook.policies.get(policy)
        return () if known is None else (PolicyEdit(before=known, after=None),)

    return draft


def undo(change: RuleChange, *, now: datetime) -> Draft:
    """Gives the draft that takes a change back; it raises ChangedSince where something of it was changed.

    What it revoked stays revoked: a standing approval is given by its giver only.
    """

    def draft(rulebook: Rulebook) -> Sequence[Edit]:
        back = [edit for edit in reverted(change.edits) if not _gives(edit)]
        moved = [edit for edit in back if not rulebook.stands(edit)]
        if moved:
            what = "; ".join(edit_sentence(rulebook.since(edit.backwards)) for edit in moved)
            raise ChangedSince(number=change.number, what=shortened(what, 400))
        return [_now(edit, now) for edit in back]

    return draft


def _gives(edit: Edit) -> bool:
    return isinstance(edit, GrantEdit) and edit.after is not None


def _now(edit: Edit, now: datetime) -> Edit:
    if isinstance(edit, PolicyEdit) and edit.after is not None:
        return PolicyEdit(before=edit.before, after=_renewed(edit.after, now))
    return edit


def _renewed(policy: Policy, now: datetime) -> Policy:
    return replace(policy, updated=now)
