"""Reads the pages of a policy: what was filled in becomes the policy, or a problem at its field."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.cards.visible import visible
from bot.domain.actions import Action
from bot.domain.conditions import CONDITION_LIMIT
from bot.domain.people import TECHNICIANS, PersonId
from bot.domain.policies import (
    DESCRIPTION_LIMIT,
    EVERYONE,
    QUORUM_LIMIT,
    AllTools,
    Chosen,
    NamedTools,
    Otherwise,
    Policy,
    Requirement,
    Skip,
    Standing,
    Subjects,
    ToolScope,
)
from bot.domain.tools import Catalog, ToolId, shortened
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.drafts.scoped import is_of_a_tool
from bot.flow.forms.condition_rows import read_rows
from bot.flow.forms.filled import Filled
from bot.ports.directory import Directory

NAME_LIMIT: Final = 200
"""Characters of a name that is given in the form."""
REASON_LIMIT: Final = 1_000
LISTED: Final = 100
"""Chosen things that a field shows; where there are more, it only takes further ones. Source: https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element"""

ALL: Final = "all"
EXCEPT: Final = "except"
NAMED: Final = "named"
"""The three ways to say which tools."""
EVERYBODY: Final = "everyone"
SOME: Final = "chosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What there is at the moment a page is read."""

    policies: tuple[Policy, ...]
    catalog: Catalog
    connectors: frozenset[str]
    zone: ZoneInfo
    now: datetime


def read_calls(filled: Filled, policy: Policy, before: Policy | None, seen: Seen) -> Policy:
    """Gives the policy with what the first page says: its name, and which calls it is about."""
    name = _name(filled, before, seen)
    description = filled.text("description", longest=DESCRIPTION_LIMIT)
    connector = filled.text("connector")
    if connector not in seen.connectors and (before is None or connector != before.connector):
        filled.wrong("connector", "Choose one of the connectors that there are.")
        return replace(policy, name=name, description=description)
    tools = _tools(filled, connector, policy, before, seen)
    if before is not None and name == before.name and is_of_a_tool(name, seen.connectors):
        own = "This is the tool’s own policy. Give it another name if it is to cover something else."
        if connector != before.connector:
            filled.wrong("connector", own)
        elif tools != before.tools:
            filled.wrong("tools", own)
    return replace(policy, name=name, description=description, connector=connector, tools=tools)


async def read_whose(
    filled: Filled, policy: Policy, before: Policy | None, *, rows: int, directory: Directory
) -> Policy:
    """Gives the policy with what the second page says: whose calls, and when.

    Raises:
        DirectoryUnreachable: somebody or a group that is new here cannot be looked up.
    """
    subjects = await _subjects(filled, policy, before, directory)
    conditions = read_rows(filled, rows, policy.conditions)
    if len(conditions) > CONDITION_LIMIT:
        filled.wrong("attribute_1", f"A policy can have at most {CONDITION_LIMIT} conditions. Clear a row.")
    return replace(policy, subjects=subjects, conditions=conditions)


async def read_outcome(
    filled: Filled, policy: Policy, before: Policy | None, seen: Seen, *, directory: Directory
) -> Policy:
    """Gives the policy with what the third page says: what happens.

    Raises:
        DirectoryUnreachable: a group that is new here cannot be looked up.
    """
    action = filled.choice("action", tuple(Action))
    if not action:
        filled.wrong("action", "Choose what a call does.")
    otherwise = _otherwise(filled, policy, before)
    manager = filled.ticked("manager")
    if action and manager and Action.APPROVAL_NEEDED not in {action, otherwise}:
        asked = "A manager is asked only where approval is needed. Clear this, or choose approval_needed."
        filled.wrong("manager", asked)
    groups = await _groups(filled, policy, before, directory)
    standing = filled.choice("standing", tuple(Standing)) or Standing.UNSAID
    filled.line("reason", longest=REASON_LIMIT)
    return replace(
        policy,
        action=Action(action) if action else policy.action,
        otherwise=otherwise,
        requirement=Requirement(groups=groups, manager=manager),
        standing=Standing(standing),
        ends=_ends(filled, before, seen),
        enabled=filled.ticked("enabled"),
    )


def day_of(ends: datetime | None, zone: ZoneInfo) -> str:
    """Gives the last day on which something holds, as dates are written; empty for no end."""
    if ends is None:
        return ""
    return (ends.astimezone(zone) - timedelta(microseconds=1)).date().isoformat()


def _name(filled: Filled, before: Policy | None, seen: Seen) -> str:
    known = before.name if before is not None else ""
    name = filled.line("name", longest=max(NAME_LIMIT, len(known)))
    if not name:
        filled.wrong("name", "Give it a name, for example “Contractors never delete”.")
    elif name == known:
        return name
    elif is_of_a_tool(name, seen.connectors):
        way = spelled("policy set", quoted(shortened(visible(name, set()))))
        filled.wrong("name", f"This is the name of a tool’s own policy. Choose another, or use “{way}”.")
    elif any(policy.name == name and (before is None or policy.id != before.id) for policy in seen.policies):
        way = spelled("policy edit", quoted(shortened(visible(name, set()))))
        filled.wrong(
            "name", f"Another policy has this name. Choose another one, or change that with “{way}”."
        )
    return name


def _tools(filled: Filled, connector: str, policy: Policy, before: Policy | None, seen: Seen) -> ToolScope:
    scope = filled.choice("scope", (ALL, EXCEPT, NAMED))
    if not scope:
        filled.wrong("scope", "Choose all tools, all except some, or chosen ones.")
    offered = {tool.name for tool in seen.catalog if tool.connector == connector}
    if before is not None and before.connector == connector:
        offered |= names_in(before.tools)
    names: set[str] = set()
    chosen = _listed(filled, "tools", full_names(policy.connector, policy.tools))
    for value in chosen:
        name = value.removeprefix(f"{connector}:")
        found = next((one for one in (name, value) if one in offered), None)
        if found is None:
            shown = visible(shortened(value), set())
            filled.wrong("tools", f"{connector} has no tool “{shown}”. Choose it again, or take it out.")
        else:
            names.add(found)
    if scope == NAMED:
        if not chosen:
            filled.wrong("tools", "Choose at least one tool, or choose all tools above.")
        return NamedTools(frozenset(names))
    if scope == EXCEPT and not chosen:
        filled.wrong("tools", "Choose the tools that are left out, or choose all tools above.")
    if scope == ALL and names:
        filled.wrong("scope", "Tools are chosen below. Take them out, or choose one of the other two.")
    return AllTools(frozenset(names))


def names_in(tools: ToolScope) -> frozenset[str]:
    """Gives the names that a scope names."""
    return tools.names if isinstance(tools, NamedTools) else tools.excluded


def full_names(connector: str, tools: ToolScope) -> list[str]:
    """Gives the tools that a scope names, as one writes them, in order."""
    return [str(ToolId(connector, name)) for name in sorted(names_in(tools))]


def _listed(filled: Filled, name: str, stored: Collection[str]) -> tuple[str, ...]:
    """Gives what is chosen, with what is stored where the field was too small to show that."""
    chosen = filled.texts(name)
    if len(stored) <= LISTED or not filled.ticked(f"keep_{name}"):
        return chosen
    return tuple(dict.fromkeys([*stored, *chosen]))


async def _subjects(filled: Filled, policy: Policy, before: Policy | None, directory: Directory) -> Subjects:
    who = filled.choice("who", (EVERYBODY, SOME))
    if not who:
        filled.wrong("who", "Choose everyone, or chosen persons and groups.")
    known = before.subjects if before is not None and isinstance(before.subjects, Chosen) else Chosen()
    now = policy.subjects if isinstance(policy.subjects, Chosen) else Chosen()
    persons = _listed(filled, "persons", sorted(now.persons))
    groups = _listed(filled, "groups", sorted(now.groups))

    async def has_person(person: str) -> bool:
        return await directory.person(PersonId(person)) is not None

    stranger = await _first_unknown(persons, {*known.persons, *now.persons}, has_person)
    if stranger is not None:
        sentence = f"Nobody in the directory is “{stranger}”. Choose somebody who is found while you type."
        filled.wrong("persons", sentence)
    unknown = await _first_unknown(groups, {*known.groups, *now.groups}, directory.has_group)
    if unknown is not None:
        filled.wrong("groups", _no_group(unknown))
    if who == SOME and not persons and not groups:
        filled.wrong("persons", "Choose a person or a group, or choose everyone above.")
    if who == EVERYBODY and (persons or groups):
        filled.wrong("who", "Persons or groups are chosen below. Take them out, or choose only them.")
    if not persons and not groups:
        return EVERYONE
    return Chosen(persons=frozenset(map(PersonId, persons)), groups=frozenset(groups))


async def _first_unknown(
    names: Iterable[str], known: Iterable[str], has: Callable[[str], Awaitable[bool]]
) -> str | None:
    """Gives the first name that was not known before and is not there now, for a sentence."""
    kept = frozenset(known)
    for name in names:
        if name not in kept and not await has(name):
            return visible(shortened(name), set())
    return None


def _no_group(shown: str) -> str:
    return f"The directory has no group “{shown}”. Choose one that is found while you type."


def _otherwise(filled: Filled, policy: Policy, before: Policy | None) -> Otherwise:
    if not policy.conditions:
        # Without conditions nothing is otherwise; what a file said all the same is left as it is.
        return before.otherwise if before is not None and not before.conditions else Action.DISABLED
    word = filled.choice("otherwise", (*Action, Skip.SKIP)) or Action.DISABLED.value
    return Skip.SKIP if word == Skip.SKIP else Action(word)


async def _groups(
    filled: Filled, policy: Policy, before: Policy | None, directory: Directory
) -> dict[str, int]:
    known = dict(policy.requirement.groups)
    if len(known) > 1:
        return known
    group = filled.text("group") or TECHNICIANS
    kept = {TECHNICIANS, *(before.requirement.groups if before is not None else ())}
    unknown = await _first_unknown([group], kept, directory.has_group)
    if unknown is not None:
        filled.wrong("group", _no_group(unknown))
    return {group: filled.whole("quorum", otherwise=1, most=QUORUM_LIMIT)}


def _ends(filled: Filled, before: Policy | None, seen: Seen) -> datetime | None:
    text = filled.text("ends")
    if not text:
        return None
    try:
        following = date.fromisoformat(text) + timedelta(days=1)
        ends = datetime.combine(following, time.min, tzinfo=seen.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        filled.wrong("ends", "Write the last day like 2027-01-31, or clear it for no end.")
        return None
    if before is not None and before.ends is not None and text == day_of(before.ends, seen.zone):
        ends = before.ends
    if ends <= seen.now:
        filled.wrong("ends", "This day is over. Choose a later one, or clear it for no end.")
    return ends
