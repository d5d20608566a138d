"""What `people show` shows: one person with their accounts, or every tie."""

from collections.abc import Sequence

from bot.app import Deployment
from bot.cli.accounts import NobodyNamed, person_named
from bot.cli.frame import Frame
from bot.cli.people_views import (
    Known,
    account_document,
    account_row,
    how_to_untie,
    known_people,
    manager_document,
    manager_words,
    person_document,
    person_rows,
    plain,
    rows_text,
    ties_document,
    ties_text,
)
from bot.domain.canonical import JsonValue
from bot.domain.people import Person
from bot.ports.chat import Link
from bot.ports.directory import DirectoryUnreachable


async def show_ties(use: Frame) -> bool:
    """Prints which account is tied to whom."""
    async with use.deployment() as deployment:
        ties = await ties_of(deployment)
        known = await known_people(deployment.directory, (one.person for one in ties))
    _list(use, ties, known)
    return True


async def show_person(use: Frame, said: str) -> bool:
    """Prints who the person is for the directory, and what is tied to them; False where that is not known.

    Raises:
        NobodyNamed: nobody has the address or the id, and no account is tied to it.
        TwoNamed: two persons have it.
    """
    async with use.deployment() as deployment:
        ties = await ties_of(deployment)
        mine = [one for one in ties if one.person == said]
        try:
            person = await person_named(deployment.directory, said)
            manager = await deployment.directory.person(person.manager) if person.manager else None
        except DirectoryUnreachable as refusal:
            # Whom an address means is not known now, so whatever may be theirs is listed.
            _list(use, mine or ties, Known(people={}, refusal=refusal.sentence))
            return False
        except NobodyNamed:
            if not mine:
                raise
            _tell_left(use, said, mine)
            return False
    _tell(use, person, manager, [one for one in ties if one.person == person.id])
    return True


async def ties_of(deployment: Deployment) -> tuple[Link, ...]:
    """Gives every tie of the tenant."""
    async with deployment.store.view(deployment.tenant) as view:
        return await view.links.all()


def _tell(use: Frame, person: Person, manager: Person | None, ties: Sequence[Link]) -> None:
    document = person_document(person) | {
        "known": True,
        "manager": manager_document(person, manager),
        "accounts": [account_document(one) for one in ties],
    }
    rows = [
        *person_rows(person),
        ("manager", [manager_words(person, manager)]),
        ("groups", [", ".join(sorted(person.groups)) or "none"]),
        ("roles", [", ".join(sorted(person.roles))]),
        account_row(ties, person.email, use.tenant),
    ]
    use.answer(document, f"{plain(person.name)}\n{rows_text(rows)}")


def _tell_left(use: Frame, said: str, ties: Sequence[Link]) -> None:
    """Prints what is tied to somebody whom the directory does not know, and how to undo it."""
    document: dict[str, JsonValue] = {
        "id": said,
        "known": False,
        "accounts": [account_document(one) for one in ties],
    }
    lines = [
        f"Nobody in the directory has the id {plain(said)} any more. Tied to it still, and good for nothing:",
        rows_text([account_row(ties, said, use.tenant)]),
        "To untie them:",
        *(f"  {plain(how_to_untie(one.user, use.tenant))}" for one in ties),
    ]
    use.answer(document, "\n".join(lines))


def _list(use: Frame, ties: Sequence[Link], known: Known) -> None:
    lines = []
    if known.refusal:
        lines.append(f"{known.refusal}\nUntil then persons are named by their id.\n")
    lines.append(ties_text(ties, known) if ties else "No account is tied to anybody yet.")
    use.answer({"ties": ties_document(ties, known), "directory": known.refusal or None}, "\n".join(lines))
