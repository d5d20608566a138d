"""The fields of one policy in a file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.documents.fields import Notes
from bot.documents.tree import Listing, Scalar, Table, Tree, plain
from bot.domain.actions import Action
from bot.domain.conditions import CONDITION_LIMIT, checked
from bot.domain.people import TECHNICIANS
from bot.domain.policies import (
    DESCRIPTION_LIMIT,
    EVERYONE,
    QUORUM_LIMIT,
    AllTools,
    Chosen,
    Condition,
    NamedTools,
    Operator,
    Otherwise,
    Policy,
    PolicyId,
    PolicySource,
    Requirement,
    Skip,
    Standing,
    Subjects,
    ToolScope,
)
from bot.flow.wanted import NOWHEN
from bot.policyfile.entries import Named, PolicyEntry

NAME_LIMIT: Final = 400
"""Characters of a policy's name; a tool's own policy is named like the tool."""

_KEYS: Final = (
    "name", "description", "connector", "tools", "subjects", "when", "action", "otherwise", "manager",
    "approvers", "standing", "ends", "enabled",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Tools:
    scope: ToolScope
    names: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class _Subjects:
    subjects: Subjects
    persons: tuple[Named, ...]
    groups: tuple[Named, ...]


def read_policy(tree: Tree, notes: Notes) -> PolicyEntry | None:
    """Gives the entry; None where a field without which it is nothing is missing or wrong, with a note."""
    fields = notes.table(tree, what="a policy", known=_KEYS, needed=("name", "connector", "tools", "action"))
    name = notes.text(fields.get("name"), what="name", limit=NAME_LIMIT)
    connector = notes.text(fields.get("connector"), what="connector")
    tools = _tools(fields.get("tools"), notes)
    subjects = _subjects(fields.get("subjects"), notes)
    action = read_action(fields.get("action"), notes, what="action")
    otherwise = _otherwise(fields.get("otherwise"), notes)
    conditions = _conditions(fields.get("when"), notes)
    groups = _approvers(fields.get("approvers"), notes)
    manager = notes.truth(fields.get("manager"), what="manager", otherwise=False)
    policy = Policy(
        id=PolicyId(""),
        name=name or "",
        description=notes.prose(fields.get("description"), what="description", limit=DESCRIPTION_LIMIT) or "",
        connector=connector or "",
        tools=tools.scope,
        subjects=subjects.subjects,
        conditions=conditions,
        action=action or Action.DISABLED,
        requirement=Requirement(groups={group.text: count for group, count in groups}, manager=manager),
        otherwise=otherwise,
        standing=_standing(fields.get("standing"), notes),
        enabled=notes.truth(fields.get("enabled"), what="enabled", otherwise=True),
        source=PolicySource.IMPORT,
        version=0,
        created=NOWHEN,
        updated=NOWHEN,
        ends=notes.moment(fields.get("ends"), what="ends"),
    )
    if name is None or connector is None or action is None:
        return None
    return PolicyEntry(
        policy=policy,
        line=fields["name"].line,
        connector=Named(connector, fields["connector"].line),
        tools=tools.names,
        persons=subjects.persons,
        groups=(*subjects.groups, *(group for group, _ in groups if group.text != TECHNICIANS)),
    )


def read_action(tree: Tree | None, notes: Notes, *, what: str) -> Action | None:
    """Gives the action that the word means, in our words or other products'; None, with a note, if none."""
    word = notes.text(tree, what=what)
    if tree is None or word is None:
        return None
    return notes.converted(tree.line, lambda: Action.parse(word))


def named(texts: Iterable[tuple[str, int]]) -> tuple[Named, ...]:
    """Gives the texts as names with their lines."""
    return tuple(Named(text, line) for text, line in texts)


def choice(tree: Tree | None, notes: Notes, *, what: str, words: Iterable[str]) -> str | None:
    """Gives the word if it is one of these; None where nothing stands, or, with a note, something else."""
    word = notes.text(tree, what=what)
    known = tuple(words)
    if tree is not None and word is not None and word not in known:
        notes.add(tree.line, f"“{word[:80]}” is not known as {what}. Use one of: {', '.join(known)}.")
        return None
    return word


def _tools(tree: Tree | None, notes: Notes) -> _Tools:
    if isinstance(tree, Scalar):
        if tree.value != "all":
            notes.add(tree.line, "tools must be a list of names, or the word all.")
        return _Tools(AllTools(), ())
    if isinstance(tree, Table):
        fields = notes.table(tree, what="tools", known=("all", "except"), needed=("all",))
        if not notes.truth(fields.get("all"), what="all", otherwise=True):
            notes.add(tree.line, "“all” must be true; to name some tools, write a list.")
        names = named(notes.texts(fields.get("except"), what="except"))
        return _Tools(AllTools(frozenset(name.text for name in names)), names)
    if isinstance(tree, Listing) and not tree.items:
        notes.add(tree.line, "tools is empty, so the policy would cover nothing. Name a tool, or write all.")
    names = named(notes.texts(tree, what="tools"))
    return _Tools(NamedTools(frozenset(name.text for name in names)), names)


def _subjects(tree: Tree | None, notes: Notes) -> _Subjects:
    if tree is None:
        return _Subjects(EVERYONE, (), ())
    if isinstance(tree, Scalar):
        if tree.value != "everyone":
            notes.add(tree.line, "subjects must be everyone, or {persons: […], groups: […]}.")
        return _Subjects(EVERYONE, (), ())
    fields = notes.table(tree, what="subjects", known=("persons", "groups"))
    persons = named(notes.texts(fields.get("persons"), what="persons"))
    groups = named(notes.texts(fields.get("groups"), what="groups"))
    if not persons and not groups:
        notes.add(tree.line, "subjects names nobody. Name a person or a group, or write everyone.")
    return _Subjects(Chosen(groups=frozenset(group.text for group in groups)), persons, groups)


def _otherwise(tree: Tree | None, notes: Notes) -> Otherwise:
    if tree is None:
        return Action.DISABLED
    if isinstance(tree, Scalar) and tree.value == Skip.SKIP:
        return Skip.SKIP
    return read_action(tree, notes, what="otherwise") or Action.DISABLED


def _standing(tree: Tree | None, notes: Notes) -> Standing:
    word = choice(tree, notes, what="standing", words=(Standing.ALLOWED, Standing.FORBIDDEN))
    return Standing(word) if word else Standing.UNSAID


def _conditions(tree: Tree | None, notes: Notes) -> tuple[Condition, ...]:
    read = [_condition(item, notes) for item in notes.items(tree, what="when")]
    if tree is not None and len(read) > CONDITION_LIMIT:
        notes.add(tree.line, f"A policy can have at most {CONDITION_LIMIT} conditions.")
    return tuple(condition for condition in read if condition)


def _condition(tree: Tree, notes: Notes) -> Condition | None:
    known = ("attribute", "operator", "value")
    fields = notes.table(tree, what="a condition", known=known, needed=known)
    attribute = notes.text(fields.get("attribute"), what="attribute", limit=1_000)
    word = choice(fields.get("operator"), notes, what="operator", words=tuple(Operator))
    if attribute is None or word is None or "value" not in fields:
        return None
    condition = Condition(attribute=attribute, operator=Operator(word), value=plain(fields["value"]))
    return notes.converted(fields["attribute"].line, lambda: checked(condition))


def _approvers(tree: Tree | None, notes: Notes) -> list[tuple[Named, int]]:
    """Gives groups with their quorum; a single table stands for a list of one."""
    found: dict[str, tuple[Named, int]] = {}
    items = tree.items if isinstance(tree, Listing) else [tree] if tree is not None else []
    for item in items:
        fields = notes.table(item, what="approvers", known=("group", "quorum"))
        group = notes.text(fields.get("group"), what="group") or TECHNICIANS
        quorum = notes.count(fields.get("quorum"), what="quorum", most=QUORUM_LIMIT) or 1
        if group in found:
            notes.add(item.line, f"approvers names the group {group} twice.")
        line = fields["group"].line if "group" in fields else item.line
        found[group] = (Named(group, line), quorum)
    return list(found.values()) or [(Named(TECHNICIANS, 0), 1)]
