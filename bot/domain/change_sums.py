"""What changes amount to: taken back, or several of them together."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.domain.rule_changes import DefaultEdit, Edit, GrantEdit, PolicyEdit, RuleChange, SwitchEdit


def reverted(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Gives the edits that take these back, the last one first."""
    return tuple(edit.backwards for edit in reversed(edits))


def joined(changes: Iterable[RuleChange]) -> tuple[Edit, ...]:
    """Gives what several changes, oldest first, amount to: per thing its first before and its last after.

    What ends as it began is left out.
    """
    found: dict[str, Edit] = {}
    for change in changes:
        for edit in change.edits:
            found[edit.key] = _followed(found.get(edit.key), edit)
    return tuple(edit for edit in found.values() if not _is_nothing(edit))


def _is_nothing(edit: Edit) -> bool:
    """Whether it ends as it began, but for who laid it down and when."""
    if isinstance(edit, PolicyEdit) and edit.before is not None and edit.after is not None:
        was, now = edit.before, edit.after
        return now == replace(
            was, version=now.version, updated=now.updated, owner=now.owner, source=now.source
        )
    return edit.before == edit.after


def _followed(first: Edit | None, last: Edit) -> Edit:
    match first, last:
        case PolicyEdit(), PolicyEdit():
            return PolicyEdit(before=first.before, after=last.after)
        case DefaultEdit(), DefaultEdit():
            return replace(last, before=first.before)
        case SwitchEdit(), SwitchEdit():
            return replace(last, before=first.before)
        case GrantEdit(), GrantEdit():
            return replace(last, before=first.before)
        case _:
            return last
