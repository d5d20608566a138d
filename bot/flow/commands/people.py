"""The people whom commands name, and those whom answers name."""

from collections.abc import Iterable, Mapping

from bot.cards.visible import visible
from bot.domain.people import Person, PersonId
from bot.domain.tools import shortened
from bot.flow.commands.form import Asker, EmailRef, PersonRef
from bot.flow.commands.refusals import UnknownMention
from bot.flow.refusals import UnknownPerson
from bot.flow.shown_people import shown_people
from bot.ports.directory import Directory


async def person_of(directory: Directory, asker: Asker, reference: PersonRef) -> Person:
    """Gives the person.

    Raises:
        UnknownPerson: nobody has the address.
        UnknownMention: the user whom the surface mentions is nobody known.
        DirectoryUnreachable: nobody can be looked up.
    """
    if isinstance(reference, EmailRef):
        found = await directory.by_email(reference.email)
        if found is None:
            raise UnknownPerson(email=shortened(reference.email))
        return found
    found = await asker.find(reference)
    if found is None:
        raise UnknownMention
    return found


async def people_of(directory: Directory, wanted: Iterable[PersonId]) -> Mapping[PersonId, Person]:
    """Gives those of them whom the directory knows, or knew last while it is away; for their names only."""
    return (await shown_people(directory, wanted)).people


def shown_name(people: Mapping[PersonId, Person], person: str) -> str:
    """Gives the person's name with hidden characters visible; the id of one who is not known."""
    found = people.get(PersonId(person))
    return visible(found.name if found else person, set())
