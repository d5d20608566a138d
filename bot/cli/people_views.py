"""What `people` and `check directory` print of persons and of the accounts that are tied to them."""

import asyncio
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.chat.slack.workspaces import SLACK
from bot.chat.teams.conversations import TEAMS
from bot.cli.accounts import GATEWAY
from bot.cli.frame import table
from bot.domain.canonical import JsonValue
from bot.domain.people import Person, PersonId
from bot.domain.terminal import in_terminal
from bot.ports.chat import ChatUser, Link, Proof
from bot.ports.directory import Directory, DirectoryUnreachable

_AT_ONCE: Final = 8
"""Persons who are asked for at the same time; providers count what is asked of them."""
_BY: Final = {
    Proof.EMAIL: "their address",
    Proof.OPERATOR: "the operator",
    Proof.SIGN_IN: "their sign-in",
}

Row = tuple[str, Sequence[str]]
"""What something is called, and what is said of it, a line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Persons as the directory knows them now."""

    people: Mapping[PersonId, Person | None]
    """None for whom it does not know any more; those that it did not answer for are missing."""
    refusal: str = ""
    """Why it does not answer."""


async def known_people(directory: Directory, wanted: Iterable[PersonId]) -> Known:
    """Gives what the directory says of each; once it refuses it is asked no further."""
    found: dict[PersonId, Person | None] = {}
    refusals: list[str] = []
    turn = asyncio.Semaphore(_AT_ONCE)

    async def look(one: PersonId) -> None:
        async with turn:
            if refusals:
                return
            try:
                found[one] = await directory.person(one)
            except DirectoryUnreachable as refusal:
                refusals.append(refusal.sentence)

    await asyncio.gather(*(look(one) for one in sorted(set(wanted))))
    return Known(people=found, refusal=refusals[0] if refusals else "")


def person_document(person: Person) -> dict[str, JsonValue]:
    """Gives the person as a JSON value; the manager by id."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "title": person.title,
        "department": person.department,
        "enabled": person.enabled,
        "manager": person.manager,
        "groups": sorted(person.groups),
        "roles": sorted(person.roles),
    }


def account_document(link: Link) -> dict[str, JsonValue]:
    """Gives a tied account as a JSON value."""
    user = link.user
    return {
        "surface": user.surface,
        "team": user.team,
        "user": user.id,
        "proof": link.proof.value,
        "at": link.at.isoformat(),
    }


def manager_document(person: Person, manager: Person | None) -> JsonValue:
    """Gives the person's manager as a JSON value; only an id where the directory does not know them."""
    if manager is None:
        return {"id": person.manager, "name": None, "email": None} if person.manager else None
    return {"id": manager.id, "name": manager.name, "email": manager.email, "enabled": manager.enabled}


def manager_words(person: Person, manager: Person | None) -> str:
    """Gives the person's manager in words."""
    if manager is None:
        return f"{person.manager}, who is not in the directory" if person.manager else "none in the directory"
    return f"{manager.name}, {manager.email}" + ("" if manager.enabled else ", disabled")


def person_rows(person: Person) -> list[Row]:
    """Gives who the person is, without manager, groups and roles."""
    work = ", ".join(filter(None, (person.title, person.department)))
    rows: list[Row] = [("id", [person.id]), ("address", [person.email])]
    if work:
        rows.append(("works as", [work]))
    return [*rows, ("account", ["enabled" if person.enabled else "disabled: decides and asks nothing"])]


def account_row(links: Iterable[Link], person: str, tenant: str) -> Row:
    """Gives the accounts, a line each; where there is none, how to tie one to the `person` of the tenant."""
    cells = [
        (link.user.surface, link.user.team, link.user.id, f"by {_BY[link.proof]}, {link.at:%Y-%m-%d}")
        for link in links
    ]
    how = in_terminal(f"people link {shlex.quote(person)} --slack MEMBER-ID", tenant)
    return ("accounts", columns(cells) or [f"none yet; to tie one: {how}"])


def rows_text(rows: Iterable[Row]) -> str:
    """Gives the rows with what is said of each in one column; nothing in them breaks a line."""
    listed = [(name, [plain(line) for line in lines]) for name, lines in rows]
    width = max((len(name) for name, _ in listed), default=0)
    return "\n".join(
        f"  {name if first else '':{width}}  {line}".rstrip()
        for name, lines in listed
        for first, line in zip((True, *(False for _ in lines)), lines, strict=False)
    )


def columns(cells: Sequence[Sequence[str]]) -> list[str]:
    """Gives the rows with their columns aligned, a line each."""
    return table(tuple("" for _ in cells[0]), cells).split("\n")[1:] if cells else []


def ties_document(links: Iterable[Link], known: Known) -> list[JsonValue]:
    """Gives each tie as a JSON value; `known` is null where the directory did not answer."""
    return [
        {
            "person": link.person,
            "name": person.name if person else None,
            "email": person.email if person else None,
            "known": person is not None if link.person in known.people else None,
            **account_document(link),
        }
        for link in links
        for person in (known.people.get(link.person),)
    ]


def ties_text(links: Iterable[Link], known: Known) -> str:
    """Gives the ties as a table, those of one person beside each other."""
    rows = []
    for link in links:
        person, user = known.people.get(link.person), link.user
        is_gone = person is None and link.person in known.people
        address = person.email if person else "not in the directory" if is_gone else ""
        name = person.name if person else link.person
        rows.append((name, address, user.surface, user.team, user.id, _BY[link.proof], f"{link.at:%Y-%m-%d}"))
    return table(("PERSON", "ADDRESS", "ON", "TEAM", "ACCOUNT", "BY", "SINCE"), sorted(rows))


def how_to_untie(user: ChatUser, tenant: str) -> str:
    """Gives the command that unties the tenant’s account, to be copied."""
    options = {
        SLACK: ("--slack", user.id, "--team", user.team),
        TEAMS: ("--teams", user.id, "--team", user.team),
        GATEWAY: ("--gateway", user.id, "--issuer", user.team),
    }.get(user.surface, ())
    return in_terminal(shlex.join(("people", "unlink", *options)), tenant)


def plain(text: str) -> str:
    """Gives the text in one line, without what steers a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
