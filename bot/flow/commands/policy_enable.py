"""`policy enable`, `policy disable` and `policy delete`: one policy, previewed before it is saved."""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.visible import visible
from bot.domain.people import Role
from bot.flow.commands.finding import policy_named
from bot.flow.commands.form import Asker, Command, Entry, Flag, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.previewing import previewed
from bot.flow.commands.spelling import flagged, quoted, spelled
from bot.flow.drafts.existing import delete, enable
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class _PolicyCommand(Command):
    name: str
    reason: str = ""

    @property
    @override
    def text(self) -> str:
        reason = flagged("reason", quoted(self.reason))
        return spelled(f"policy {_WORDS[type(self)]}", quoted(self.name), reason)

    @property
    @override
    def about(self) -> str:
        return self.name


class PolicyEnableCommand(_PolicyCommand):
    """Which policy is to count again."""

    __slots__ = ()


class PolicyDisableCommand(_PolicyCommand):
    """Which policy is not to count for the time being."""

    __slots__ = ()


class PolicyDeleteCommand(_PolicyCommand):
    """Which policy is to go."""

    __slots__ = ()


_WORDS: Final[dict[type[_PolicyCommand], str]] = {
    PolicyEnableCommand: "enable",
    PolicyDisableCommand: "disable",
    PolicyDeleteCommand: "delete",
}


class SwitchPolicy:
    """Previews that a policy counts, does not count, or is gone."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: _PolicyCommand, asker: Asker) -> Answer:
        """Gives what it would mean, with the button that saves it.

        Raises:
            NoSuchThing: there is no such policy.
        """
        seams = self._seams
        async with seams.store.view(seams.tenant) as view:
            policy = policy_named(await view.policies.all(), command.name)
        if isinstance(command, PolicyDeleteCommand):
            draft = delete(policy.id)
        else:
            is_on = isinstance(command, PolicyEnableCommand)
            draft = enable(policy.id, is_on=is_on, now=seams.clock.now(), by=asker.person.id)
        title = f"{_WORDS[type(command)].capitalize()} “{visible(policy.name, set())}”?"
        return await previewed(seams, draft, asker, title, reason=command.reason)


def _entry(kind: type[_PolicyCommand], purpose: str) -> Entry:
    word = _WORDS[kind]

    def read(given: Given) -> _PolicyCommand:
        return kind(name=given.word("NAME"), reason=given.flag("reason"))

    form = Form(
        words=("policy", word),
        slots=(Slot(name="NAME", kind=SlotKind.NAME),),
        flags=(Flag(name="reason", takes="TEXT"),),
        needs=Role.ADMIN,
        may="change policies",
        purpose=purpose,
        examples=(f'policy {word} "Contractors never delete"',),
        read=read,
    )
    return entry(form, kind, SwitchPolicy)


ENTRIES: Final = (
    _entry(PolicyEnableCommand, "Let a policy count again that was switched off."),
    _entry(PolicyDisableCommand, "Switch a policy off without deleting it."),
    _entry(PolicyDeleteCommand, "Delete a policy; “policy undo” brings it back."),
)
