"""`grants give`: gives a suggested standing approval in one's own name."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.domain.people import Role
from bot.flow.commands.form import Asker, ChangingCommand, Form, Given, Slot, entry
from bot.flow.commands.grant_words import in_words, named_in, revoke_button
from bot.flow.commands.people import people_of, shown_name
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.give_suggested import GiveSuggested
from bot.flow.seams import Seams
from bot.flow.settle import request_title


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantsGiveCommand(ChangingCommand):
    """Which suggestion is accepted, by its id."""

    suggestion: str

    @property
    @override
    def text(self) -> str:
        return spelled("grants give", quoted(self.suggestion))

    @property
    @override
    def about(self) -> str:
        return self.suggestion


class GiveByChat:
    """Gives what is suggested, with the rights that Always allow takes."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._give = GiveSuggested(seams)

    async def __call__(self, command: GrantsGiveCommand, asker: Asker) -> Answer:
        """Gives what holds now, and which requests it settled.

        Raises:
            NotSuggested: it is not suggested any more.
            Refusal: as for Always allow, it is not theirs to give.
        """
        given = await self._give(command.suggestion, asker.person.id)
        async with self._seams.store.view(self._seams.tenant) as view:
            catalog = await view.connections.catalog()
            zone = (await view.tenant()).zone
        wanted = named_in([given.grant]) | {request.requester for request in given.settled}
        people = await people_of(self._seams.directory, wanted)
        settled = [
            f"{shown_name(people, request.requester)}: {visible(request_title(request), set())}"
            for request in given.settled
        ]
        return Answer(
            title="Given",
            facts=(
                Fact("Standing approval", in_words(given.grant, people, catalog, zone)),
                Fact("Id", given.grant.id),
                *([Fact("It also settles", "; ".join(settled))] if settled else []),
            ),
            note="It holds from the next decision on.",
            buttons=(revoke_button(given.grant),),
        )


def _read(given: Given) -> GrantsGiveCommand:
    return GrantsGiveCommand(suggestion=given.word("SUGGESTION"))


ENTRY: Final = entry(
    Form(
        words=("grants", "give"),
        slots=(Slot(name="SUGGESTION"),),
        needs=Role.TECHNICIAN,
        may="give standing approvals",
        purpose="Give a suggested standing approval, by the id that “grants suggestions” shows.",
        examples=("grants give 5f1c0b7e9d2a",),
        read=_read,
    ),
    GrantsGiveCommand,
    GiveByChat,
)
