"""`unfreeze`: lifts a freeze that another admin set."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.model import Fact
from bot.domain.policies import FreezeScope
from bot.flow.commands.form import Asker, Command, PersonRef, entry
from bot.flow.commands.freezing import forms_of, freezing_text, requests_words, target_of
from bot.flow.commands.spelling import spelled, written_person
from bot.flow.freeze import LiftFreeze, target_words
from bot.flow.seams import Seams
from bot.flow.write_edits import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfreezeCommand(Command):
    """Which freeze is to be lifted, and why."""

    scope: FreezeScope
    target: PersonRef | str = ""
    """A person who is nobody of the directory any more goes by their id."""
    reason: str = ""

    @property
    @override
    def changes(self) -> bool:
        return True

    @property
    @override
    def text(self) -> str:
        return freezing_text("unfreeze", self.scope, self.target, self.reason)

    @property
    @override
    def about(self) -> str:
        return spelled(self.scope.value, written_person(self.target))


class UnfreezeByChat:
    """Lifts freezes in an admin's name."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._lift = LiftFreeze(seams)

    async def __call__(self, command: UnfreezeCommand, asker: Asker) -> Answer:
        """Gives what goes on now.

        Raises:
            NotFrozen: it is not frozen.
            OwnFreeze: it takes another admin.
            NoSuchThing, UnknownMention: there is nobody of this address or mention.
        """
        target = await target_of(self._seams, command.target, asker)
        author = Author.of(asker.person, is_operator=asker.is_operator)
        lifted = await self._lift(
            command.scope,
            target.key,
            author,
            reason=command.reason,
            name=target.name,
            dry=asker.only_looks,
        )
        what = target_words(lifted.freeze, name=target.name)
        if asker.only_looks:
            return Answer(
                title=f"{what} would not be frozen any more",
                facts=(Fact("Lets go on", requests_words(lifted.requests)),),
                note="Nothing was lifted; leave out --dry-run to do it.",
            )
        return Answer(
            title=f"{what} is not frozen any more",
            facts=(Fact("Lets go on", requests_words(lifted.requests)),),
            note="Policies decide again, from the next decision on. “freezes” shows what else is frozen.",
        )


def _make(scope: FreezeScope, target: PersonRef | str, reason: str) -> UnfreezeCommand:
    return UnfreezeCommand(scope=scope, target=target, reason=reason)


ENTRIES: Final = tuple(
    entry(form, UnfreezeCommand, UnfreezeByChat)
    for form in forms_of(
        "unfreeze",
        _make,
        purpose="Let {what} go on that another admin froze.",
        because="the key was changed",
    )
)
