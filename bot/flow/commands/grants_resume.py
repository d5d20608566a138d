"""`grants resume`: has a standing approval count again that was suspended because somebody left."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.model import Fact
from bot.domain.people import Role
from bot.flow.commands.form import Asker, ChangingCommand, Form, Given, Slot, entry
from bot.flow.commands.grant_words import in_words, named_in, revoke_button
from bot.flow.commands.grants_show import grant_seen
from bot.flow.commands.people import people_of
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.resume import ResumeGrant
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantsResumeCommand(ChangingCommand):
    """Which standing approval is to count again, by its id or the beginning of it."""

    start: str

    @property
    @override
    def text(self) -> str:
        return spelled("grants resume", quoted(self.start))

    @property
    @override
    def about(self) -> str:
        return self.start


class ResumeByChat:
    """Resumes a standing approval in the name of an admin."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._resume = ResumeGrant(seams)

    async def __call__(self, command: GrantsResumeCommand, asker: Asker) -> Answer:
        """Gives what counts again.

        Raises:
            NoSuchGrant: there is none of this id.
            SeveralGrants: more than one id begins so.
            Refusal: it cannot count again, or not by this admin's word; nothing changed.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            grant = await grant_seen(view, command.start, asker.person)
            catalog = await view.connections.catalog()
            zone = (await view.tenant()).zone
        actor = None if asker.is_operator else asker.person.id
        await self._resume(grant.id, by=asker.person.id, actor=actor)
        self._seams.bell.ring()
        people = await people_of(self._seams.directory, named_in([grant]))
        return Answer(
            title="Resumed",
            facts=(
                Fact("Standing approval", in_words(grant, people, catalog, zone)),
                Fact("It was suspended because", grant.suspended_why),
                Fact("Id", grant.id),
            ),
            note="It holds from the next decision on.",
            buttons=(revoke_button(grant),),
        )


def _read(given: Given) -> GrantsResumeCommand:
    return GrantsResumeCommand(start=given.word("ID"))


ENTRY: Final = entry(
    Form(
        words=("grants", "resume"),
        slots=(Slot(name="ID"),),
        needs=Role.ADMIN,
        may="resume standing approvals",
        purpose="Have a standing approval count again that was suspended because somebody left.",
        examples=("grants resume 3f9a12",),
        read=_read,
    ),
    GrantsResumeCommand,
    ResumeByChat,
)
