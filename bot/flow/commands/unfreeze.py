"""`unfreeze`: lifts a freeze that another admin set."""

from dataclasses import dataclass
from typing import ClassVar, Final

from bot.cards.answer import Answer
from bot.cards.model import Fact
from bot.flow.commands.form import Asker, entry
from bot.flow.commands.freezing import FreezingCommand, forms_of, requests_words, target_of
from bot.flow.freeze import LiftFreeze, target_words
from bot.flow.seams import Seams
from bot.flow.write_edits import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfreezeCommand(FreezingCommand):
    """Which freeze is to be lifted, and why."""

    verb: ClassVar[str] = "unfreeze"


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
                facts=(Fact("Goes on", requests_words(lifted.requests)),),
                note="Nothing was lifted; leave out --dry-run to do it.",
            )
        return Answer(
            title=f"{what} is not frozen any more",
            facts=(Fact("Goes on", requests_words(lifted.requests)),),
            note="Policies decide again from the next decision on. Write “freeze list” to see what still is.",
        )


ENTRIES: Final = tuple(
    entry(form, UnfreezeCommand, UnfreezeByChat)
    for form in forms_of(
        UnfreezeCommand,
        purpose="Let {what} go on that another admin froze.",
        because="the key was changed",
    )
)
