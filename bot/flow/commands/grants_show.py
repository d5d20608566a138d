"""`grants show`: everything about one standing approval."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.domain.grants import Grant
from bot.domain.people import Person
from bot.domain.tools import shortened
from bot.flow.commands.form import Asker, Command, Form, Given, Slot, entry
from bot.flow.commands.grant_words import (
    holder_words,
    in_words,
    limit_words,
    may_revoke,
    named_in,
    resume_buttons,
    revoke_button,
    seat_words,
    seen_by,
    suspended_facts,
    used_facts,
)
from bot.flow.commands.people import people_of
from bot.flow.commands.policy_words import moment
from bot.flow.commands.refusals import NoSuchGrant
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.seams import Seams
from bot.flow.standing import grant_named, state_of
from bot.ports.store import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantsShowCommand(Command):
    """Which standing approval is wanted, by its id or the beginning of it."""

    start: str

    @property
    @override
    def text(self) -> str:
        return spelled("grants show", quoted(self.start))

    @property
    @override
    def about(self) -> str:
        return self.start


class ShowGrant:
    """Shows one standing approval."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: GrantsShowCommand, asker: Asker) -> Answer:
        """Gives the answer, with buttons for those who may revoke or resume it.

        Raises:
            NoSuchGrant: there is none of this id that the person may see.
            SeveralGrants: more than one id begins so.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            grant = await grant_seen(view, command.start, asker.person)
            catalog = await view.connections.catalog()
            zone = (await view.tenant()).zone
        people = await people_of(self._seams.directory, named_in([grant]))
        state = state_of(grant, self._seams.clock.now())
        facts = [
            Fact("State", state),
            *suspended_facts(grant),
            Fact("For", holder_words(grant.holder, people)),
            Fact("Stands for", seat_words(grant)),
            *used_facts(grant, people, zone),
            Fact("Given on", moment(grant.created, zone)),
            Fact("Ends", moment(grant.ends, zone) if grant.ends else "never"),
            Fact("Limits", limit_words(grant)),
            *([Fact("Reason", visible(shortened(grant.reason, 300), set()))] if grant.reason else []),
            Fact("Id", grant.id),
        ]
        tool = catalog.get(grant.tool)
        changed = tool is None or grant.fingerprint != tool.fingerprint
        offers_revoking = may_revoke(asker.person, grant) and grant.revoked is None
        revoking = (revoke_button(grant),) if offers_revoking else ()
        return Answer(
            title=in_words(grant, people, catalog, zone),
            facts=tuple(facts),
            note="The tool is not the one it was given for, so it does not count." if changed else "",
            buttons=(*resume_buttons(grant, asker.person, state), *revoking),
        )


async def grant_seen(view: Unit, start: str, viewer: Person) -> Grant:
    """Gives the standing approval whose id begins so, of those that the viewer may see.

    Raises:
        NoSuchGrant: there is none.
        SeveralGrants: there are more than one.
    """
    found = grant_named(seen_by(viewer, await view.grants.all()), start)
    if found is None:
        raise NoSuchGrant(start=shortened(start))
    return found


def _read(given: Given) -> GrantsShowCommand:
    return GrantsShowCommand(start=given.word("ID"))


ENTRY: Final = entry(
    Form(
        words=("grants", "show"),
        slots=(Slot(name="ID"),),
        purpose="Show one standing approval, by its id or the beginning of it.",
        examples=("grants show 3f9a12",),
        read=_read,
    ),
    GrantsShowCommand,
    ShowGrant,
)
