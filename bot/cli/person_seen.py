"""One person as the bot sees them, with everybody who would be asked for them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli.directory_findings import names
from bot.cli.finding import Finding, Level
from bot.cli.people_views import (
    Row,
    account_document,
    account_row,
    columns,
    person_document,
    person_rows,
    plain,
    rows_text,
)
from bot.directory.roles import RoleGroups
from bot.domain.availability import Availability
from bot.domain.canonical import JsonValue
from bot.domain.people import Person, Role
from bot.flow.seats import LEVELS, ManagerAnswer, find_manager, manager_above
from bot.ports.chat import Link
from bot.ports.directory import Directory

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the directory says of a person, and what follows from it."""

    person: Person
    managers: Sequence[Person]
    """From the direct one upwards, disabled ones too."""
    end: str
    """Why there is no further one."""
    asked: ManagerAnswer
    """Who is asked where their manager has to approve."""
    fallback: str
    stand_in: Sequence[Person]
    """Who is in the fallback group, without the person."""
    role_groups: Mapping[Role, Sequence[str]]
    """The groups of the person that give each role, by name."""
    ties: Sequence[Link]
    availability: Availability | None


async def seen(directory: Directory, person: Person, groups: RoleGroups, ties: Sequence[Link]) -> Seen:
    """Gives what there is to see of the person.

    Raises:
        DirectoryUnreachable: something of it cannot be found out.
    """
    managers, end = await _chain(directory, person)
    fallback = await directory.fallback_group()
    return Seen(
        person=person,
        managers=managers,
        end=end,
        asked=await find_manager(directory, person),
        fallback=fallback,
        stand_in=[one for one in await directory.members(fallback) if one.id != person.id],
        role_groups={role: sorted(named & person.groups) for role, named in groups.by_role.items()},
        ties=ties,
        availability=await directory.availability(person.id),
    )


async def _chain(directory: Directory, person: Person) -> tuple[list[Person], str]:
    managers: list[Person] = []
    below, met = person, {person.id}
    for _ in range(LEVELS):
        above = await manager_above(directory, below, met)
        if isinstance(above, str):
            return managers, above
        managers.append(above)
        met.add(above.id)
        below = above
    return managers, f"nobody looks further than {LEVELS} levels up"


def seen_findings(sight: Seen, file: Path) -> Iterator[Finding]:
    """Gives what keeps the person from asking, and others from being asked; the roles are in `file`."""
    person, name = sight.person, plain(sight.person.name)
    if not person.enabled:
        sentence = f"{name}’s account is disabled, so nothing can be asked or decided with it."
        yield Finding("account", Level.WRONG, sentence)
    if not sight.stand_in:
        level = Level.NOTE if sight.asked.person else Level.WRONG
        sentence = f"Besides {name}, nobody enabled is in the fallback group {sight.fallback}, "
        sentence += (
            "who stands in for missing managers."
            if sight.asked.person
            else "so nobody can approve as their manager. Put others into it, or name a manager."
        )
        yield Finding("manager", level, sentence)
    for role, groups in sight.role_groups.items():
        if groups and role not in person.roles:
            sentence = (
                f"{', '.join(groups)} should give the role {role}, and does not: another group may be called "
                f"the same. Write the id of the one that you mean under roles in {file}."
            )
            yield Finding("roles", Level.WRONG, sentence)


def seen_document(sight: Seen) -> dict[str, JsonValue]:
    """Gives all of it as a JSON object's entries."""
    asked = sight.asked
    return {
        "person": person_document(sight.person),
        "managers": [person_document(one) for one in sight.managers],
        "managers_end": sight.end,
        "asked": {
            "person": asked.person.email if asked.person else None,
            "group": asked.group,
            "explanation": asked.explanation,
        },
        "fallback": {"group": sight.fallback, "members": [one.email for one in sight.stand_in]},
        "role_groups": {role.value: list(groups) for role, groups in sight.role_groups.items()},
        "accounts": [account_document(one) for one in sight.ties],
        "availability": _availability_document(sight.availability),
    }


def seen_text(sight: Seen, tenant: str = "") -> str:
    """Gives all of it as text for people; `tenant` is the one that is meant, if one was named."""
    person = sight.person
    rows: list[Row] = [
        *person_rows(person),
        ("managers", _managers(sight)),
        ("asked", [_asked(sight.asked)]),
        ("fallback", [f"{sight.fallback}: {names(sight.stand_in) or 'nobody else'}"]),
        ("groups", [", ".join(sorted(person.groups)) or "none"]),
        ("roles", _roles(sight)),
        account_row(sight.ties, person.email, tenant),
        ("works", [_availability(sight.availability)]),
    ]
    return f"{plain(person.name)}\n{rows_text(rows)}"


def _managers(sight: Seen) -> list[str]:
    cells = [
        (f"{level}.", one.name, one.email, "" if one.enabled else "disabled, so passed over")
        for level, one in enumerate(sight.managers, start=1)
    ]
    return [*columns(cells), f"{sight.end[:1].upper()}{sight.end[1:]}."]


def _asked(asked: ManagerAnswer) -> str:
    return asked.explanation or (f"{asked.person.name}, their manager." if asked.person else "")


def _roles(sight: Seen) -> list[str]:
    found = [
        f"{role}, by {', '.join(groups) if groups else 'a group that the settings name by its id'}"
        for role, groups in sight.role_groups.items()
        if role in sight.person.roles
    ]
    return found or ["employee only"]


def _availability(found: Availability | None) -> str:
    if found is None or found == Availability():
        return "the directory does not say when"
    parts = []
    if found.hours is not None:
        days = ", ".join(_DAYS[day - 1] for day in sorted(found.hours.weekdays))
        parts.append(f"{days} {found.hours.starts:%H:%M}–{found.hours.ends:%H:%M} {found.hours.zone.key}")
    if found.zone is not None and (found.hours is None or found.hours.zone != found.zone):
        parts.append(f"is in {found.zone.key}")
    if found.presence is not None:
        parts.append(f"{found.presence.replace('_', ' ')} now")
    return "; ".join(parts)


def _availability_document(found: Availability | None) -> JsonValue:
    if found is None:
        return None
    hours = found.hours
    return {
        "zone": found.zone.key if found.zone else None,
        "hours": None
        if hours is None
        else {
            "zone": hours.zone.key,
            "weekdays": sorted(hours.weekdays),
            "starts": f"{hours.starts:%H:%M}",
            "ends": f"{hours.ends:%H:%M}",
        },
        "presence": found.presence.value if found.presence else None,
    }
