"""What an edit does, in words for people to compare."""

from dataclasses import replace
from typing import Final

from bot.domain.actions import Action
from bot.domain.rule_changes import DefaultEdit, Edit, PolicyEdit, SwitchEdit
from bot.domain.tools import shortened
from bot.flow.wanted import NOBODY, Change, ChangeKind, Emails, policy_change

_LONGEST: Final = 600
"""Characters of one field; a policy may name hundreds of tools."""


def change_of(edit: Edit, emails: Emails = NOBODY) -> Change:
    """Gives the difference that the edit makes; persons are named by their address."""
    match edit:
        case PolicyEdit(before=before, after=after):
            found = policy_change(after, before, emails)
            change = found or Change(kind=ChangeKind.REPLACE, thing="policy", name=edit.name)
            fields = tuple(shortened(one, _LONGEST) for one in change.fields)
            if before is not None and after is not None and before.name != after.name:
                fields = (f"name: {before.name} → {after.name}", *fields)
            return replace(change, fields=fields)
        case DefaultEdit(before=before, after=after):
            kind = _kind(was_there=before is not None, is_there=after is not None)
            fields = (f"action: {_action(before)} → {_action(after)}",)
            return Change(kind=kind, thing="default", name=edit.name, fields=fields)
        case SwitchEdit(tool=tool, before=was_on, after=is_on):
            fields = (f"{_switch(is_on=was_on)} → {_switch(is_on=is_on)}",)
            thing = "tool" if tool else "connector"
            return Change(kind=ChangeKind.REPLACE, thing=thing, name=edit.name, fields=fields)


def edit_sentence(edit: Edit, emails: Emails = NOBODY) -> str:
    """Gives the difference in one line, e.g. `acme-it:*: action: auto → disabled`."""
    change = change_of(edit, emails)
    match change.kind:
        case ChangeKind.ADD:
            return f"{change.name}: new ({'; '.join(change.fields)})"
        case ChangeKind.REMOVE:
            return f"{change.name}: removed"
        case ChangeKind.REPLACE:
            return f"{change.name}: {'; '.join(change.fields) or 'as before'}"


def _kind(*, was_there: bool, is_there: bool) -> ChangeKind:
    if was_there and is_there:
        return ChangeKind.REPLACE
    return ChangeKind.ADD if is_there else ChangeKind.REMOVE


def _action(action: Action | None) -> str:
    return "none of its own" if action is None else action.value


def _switch(*, is_on: bool) -> str:
    return "on" if is_on else "off"
