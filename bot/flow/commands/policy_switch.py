"""`policy switch`: a connector or one of its tools, on or off, previewed before it is saved."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.domain.errors import Refusal
from bot.domain.people import Role
from bot.domain.tools import shortened
from bot.flow.change_rules import Forecast
from bot.flow.commands.form import Asker, ChangingCommand, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.pages import hint
from bot.flow.commands.previewing import previewed
from bot.flow.commands.refusals import NoSuchThing
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.drafts.switching import UnknownSwitch, switch
from bot.flow.seams import Seams

_NAME: Final = ("policy", "switch")
_ON: Final = "on"
_OFF: Final = "off"


class NotOnOrOff(Refusal):
    """“{text}” is neither on nor off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchCommand(ChangingCommand):
    """Which connector or tool is to be on or off."""

    target: str
    is_on: bool
    reason: str = ""

    @property
    @override
    def text(self) -> str:
        return spelled(*_NAME, quoted(self.target), _ON if self.is_on else _OFF, quoted(self.reason))

    @property
    @override
    def about(self) -> str:
        return self.target


class SwitchByChat:
    """Previews that a connector or a tool is switched, in an admin's name."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: SwitchCommand, asker: Asker) -> Answer:
        """Gives what it would mean, with the button that saves it.

        Raises:
            NoSuchThing: no connector or tool is called so.
        """
        seams, target = self._seams, command.target
        draft = switch(target, is_on=command.is_on)

        async def note(forecast: Forecast) -> str:
            return _meaning(target, is_on=command.is_on, is_new=bool(forecast.edits))

        title = f"Switch {target} {_word(command)}?"
        try:
            return await previewed(seams, draft, asker, title, reason=command.reason, note=note)
        except UnknownSwitch as refusal:
            raise await self._unknown(target, refusal) from None

    async def _unknown(self, target: str, refusal: UnknownSwitch) -> NoSuchThing:
        async with self._seams.store.view(self._seams.tenant) as view:
            tools = [str(tool) for tool in await view.connections.catalog()]
            connectors = [one.name for one in await view.connections.all()]
        known = hint(target, [*connectors, *tools])
        return NoSuchThing(what=refusal.facts["what"], name=shortened(target), hint=known)


def _word(command: SwitchCommand) -> str:
    return _ON if command.is_on else _OFF


def _meaning(target: str, *, is_on: bool, is_new: bool) -> str:
    if not is_new:
        return f"It is {_ON if is_on else _OFF} already."
    if is_on:
        return "Once it is on, the policies decide about its calls again."
    whose = "every call of it" if ":" in target else "every call of its tools"
    return f"While it is off, {whose} is refused, whatever policies say."


def _read(given: Given) -> SwitchCommand:
    word = given.word("on|off").casefold()
    if word not in {_ON, _OFF}:
        raise NotOnOrOff(text=shortened(word))
    return SwitchCommand(target=given.word("TARGET"), is_on=word == _ON, reason=given.word("REASON"))


ENTRY: Final = entry(
    Form(
        words=_NAME,
        slots=(
            Slot(name="TARGET"),
            Slot(name="on|off"),
            Slot(name="REASON", kind=SlotKind.TEXT, required=False),
        ),
        needs=Role.ADMIN,
        may="switch connectors and tools",
        purpose="Switch a connector or one of its tools on or off, for everyone.",
        examples=("policy switch acme-it:delete_user off it deletes too much", "policy switch acme-it on"),
        read=_read,
    ),
    SwitchCommand,
    SwitchByChat,
)
