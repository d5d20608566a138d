"""What an edit does, in words for people to compare."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from bot.cards.offer import shown_scope
from bot.domain.actions import Action
from bot.domain.grants import Grant, HolderPerson
from bot.domain.people import PersonId
from bot.domain.policies import Chosen, Standing
from bot.domain.rule_changes import DefaultEdit, Edit, GrantEdit, PolicyEdit, SwitchEdit
from bot.domain.tools import shortened
from bot.flow.wanted import NOBODY, Change, ChangeKind, grant_words, policy_change
from bot.ports.policy_files import Emails

LABELS: Final = {
    "name": "Name",
    "action": "Action",
    "connector": "Connector",
    "tools": "Tools",
    "subjects": "For",
    "when": "Only when",
    "otherwise": "Otherwise",
    "manager": "Asks the manager too",
    "approvers": "Asks",
    "standing": "Standing approvals",
    "ends": "Ends",
    "enabled": "Switched on",
    "description": "Description",
}
"""What people read for each thing that a policy says."""

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
        case GrantEdit(after=given, grant=grant):
            kind = _kind(was_there=given is None, is_there=given is not None)
            return _grant_change(kind, grant, emails)


def persons_in(edits: Iterable[Edit]) -> set[PersonId]:
    """Gives the persons whom the edits name."""
    found = set[PersonId]()
    for edit in edits:
        if isinstance(edit, PolicyEdit):
            for policy in (edit.before, edit.after):
                if policy is not None and isinstance(policy.subjects, Chosen):
                    found |= policy.subjects.persons
        elif isinstance(edit, GrantEdit):
            found.add(edit.grant.giver)
            if isinstance(edit.grant.holder, HolderPerson):
                found.add(edit.grant.holder.person)
    return found


def _grant_change(kind: ChangeKind, grant: Grant, emails: Emails) -> Change:
    """Gives it with secrets masked, as nobody who reads it has to know them."""
    words = grant_words(replace(grant, arguments=shown_scope(grant.arguments, {})), emails)
    seats = [*sorted(grant.technician_groups), *(["the manager"] if grant.manager else [])]
    said = {
        "Arguments": words["arguments"],
        "Agent": grant.agent or "any",
        "Stands for": " and ".join(seats),
        "Given by": words["giver"],
        "Ends": words["ends"],
        "Uses": words.get("uses", ""),
        "Uses a day": words.get("uses_per_day", ""),
        "Reason": grant.reason,
    }
    fields = tuple(shortened(f"{label}: {word}", _LONGEST) for label, word in said.items() if word)
    return Change(
        kind=kind,
        thing="standing approval",
        name=f"Standing approval: {words['tool']} for {words['holder']}",
        fields=fields if kind is ChangeKind.ADD else (),
    )


def edit_sentence(edit: Edit, emails: Emails = NOBODY) -> str:
    """Gives the difference in one line, e.g. `acme-it:*: action: auto → disabled`."""
    change = change_of(edit, emails)
    told = "; ".join(
        f"{label[:1].lower()}{label[1:]}: {value}" if label else value for label, value in told_fields(change)
    )
    match change.kind:
        case ChangeKind.ADD:
            return f"{change.name}: new ({told})"
        case ChangeKind.REMOVE:
            return f"{change.name}: removed"
        case ChangeKind.REPLACE:
            return f"{change.name}: {told or 'as before'}"


def told_fields(change: Change) -> list[tuple[str, str]]:
    """Gives what there is to read of a change, labels with values; of a new policy not what is as usual.

    A label is empty where the value says it all.
    """
    words = dict[str, str]()
    for one in change.fields:
        key, colon, value = one.partition(": ")
        told = value if colon else one
        words[key if colon else ""] = told.replace("nothing", "no") if key == "manager" else told
    if change.thing == "policy" and change.kind is ChangeKind.ADD:
        words = {key: value for key, value in words.items() if not _is_usual(key, words)}
    return [(LABELS.get(key, key), value) for key, value in words.items()]


def _is_usual(key: str, words: Mapping[str, str]) -> bool:
    match key:
        case "standing":
            return words[key] == Standing.UNSAID.value
        case "enabled":
            return words[key] == "yes"
        case "otherwise":
            return "when" not in words
        case "approvers":
            return Action.APPROVAL_NEEDED.value not in {words.get("action"), words.get("otherwise")}
        case _:
            return False


def _kind(*, was_there: bool, is_there: bool) -> ChangeKind:
    if was_there and is_there:
        return ChangeKind.REPLACE
    return ChangeKind.ADD if is_there else ChangeKind.REMOVE


def _action(action: Action | None) -> str:
    return "none of its own" if action is None else action.value


def _switch(*, is_on: bool) -> str:
    return "on" if is_on else "off"
