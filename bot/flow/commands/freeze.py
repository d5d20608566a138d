"""`freeze`: stops everything, a connector, a tool, or what a person asks for, at once."""

from dataclasses import dataclass
from typing import ClassVar, Final

from bot.cards.answer import Answer
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.domain.policies import FreezeScope
from bot.flow.commands.form import Asker, entry
from bot.flow.commands.freezing import (
    FreezingCommand,
    forms_of,
    freezing_text,
    requests_words,
    target_of,
    unknown_person,
)
from bot.flow.freeze import SetFreeze, target_words
from bot.flow.seams import Seams
from bot.flow.write_edits import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeCommand(FreezingCommand):
    """What is to be frozen, and why."""

    verb: ClassVar[str] = "freeze"


class FreezeByChat:
    """Freezes in an admin's name, without a preview: it only makes stricter, and it is urgent."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._freeze = SetFreeze(seams)

    async def __call__(self, command: FreezeCommand, asker: Asker) -> Answer:
        """Gives what is frozen now, and how much waits for it.

        Raises:
            NoSuchThing, UnknownMention: there is nothing and nobody of this name.
            FrozenAlready: it is; it stays as it is.
        """
        if command.scope is FreezeScope.PERSON and isinstance(command.target, str):
            raise await unknown_person(self._seams, command.target)
        target = await target_of(self._seams, command.target, asker)
        author = Author.of(asker.person, is_operator=asker.is_operator)
        froze = await self._freeze(
            command.scope,
            target.key,
            author,
            reason=command.reason,
            name=target.name,
            dry=asker.only_looks,
        )
        facts = [Fact("Stops", requests_words(froze.requests))]
        if froze.freeze.reason:
            facts.insert(0, Fact("Reason", visible(froze.freeze.reason, set())))
        what = target_words(froze.freeze, name=target.name)
        lift = freezing_text("unfreeze", command.scope, command.target, "")
        note = (
            "Nothing was frozen; leave out --dry-run to do it."
            if asker.only_looks
            else "Nothing of it runs from now on; what is under way is not interrupted. "
            f"Another admin lifts it with: {lift}"
        )
        title = f"{what} would be frozen" if asker.only_looks else f"{what} is frozen"
        return Answer(title=title, facts=tuple(facts), note=note)


ENTRIES: Final = tuple(
    entry(form, FreezeCommand, FreezeByChat)
    for form in forms_of(
        FreezeCommand, purpose="Stop {what} at once, until another admin lifts it.", because="a key leaked"
    )
)
