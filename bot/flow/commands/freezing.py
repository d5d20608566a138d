"""What freezing and unfreezing have in common: a form per scope, and whom or what they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from typing_extensions import override

from bot.cards.visible import visible
from bot.domain.people import Person, Role
from bot.domain.policies import FreezeScope
from bot.domain.tools import shortened
from bot.flow.commands.form import (
    Asker,
    ChangingCommand,
    Command,
    EmailRef,
    Form,
    Given,
    PersonRef,
    Slot,
    SlotKind,
)
from bot.flow.commands.pages import counted, hint
from bot.flow.commands.people import person_of
from bot.flow.commands.refusals import NoSuchThing
from bot.flow.commands.spelling import quoted, spelled, written_person
from bot.flow.refusals import UnknownPerson
from bot.flow.seams import Seams

_SLOTS: Final[Mapping[FreezeScope, tuple[Slot, ...]]] = {
    FreezeScope.TENANT: (),
    FreezeScope.CONNECTOR: (Slot(name="CONNECTOR"),),
    FreezeScope.TOOL: (Slot(name="CONNECTOR:TOOL"),),
    FreezeScope.PERSON: (Slot(name="@PERSON", kind=SlotKind.PERSON),),
}
_EXAMPLES: Final[Mapping[FreezeScope, str]] = {
    FreezeScope.TENANT: "",
    FreezeScope.CONNECTOR: "acme-it",
    FreezeScope.TOOL: "acme-it:reset_password",
    FreezeScope.PERSON: "alice@acme.test",
}
_WHAT: Final[Mapping[FreezeScope, str]] = {
    FreezeScope.TENANT: "everything",
    FreezeScope.CONNECTOR: "every tool of a connector",
    FreezeScope.TOOL: "one tool",
    FreezeScope.PERSON: "what a person asks for",
}
_REASON: Final = "REASON"
_LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezingCommand(ChangingCommand):
    """What is named, and why."""

    verb: ClassVar[str]
    scope: FreezeScope
    target: PersonRef | str = ""
    """A person who is nobody of the directory any more goes by their id."""
    reason: str = ""

    @property
    @override
    def text(self) -> str:
        return freezing_text(self.verb, self.scope, self.target, self.reason)

    @property
    @override
    def about(self) -> str:
        return spelled(self.scope.value, written_person(self.target))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a command names: as freezes keep it, and what to call it where that is something else."""

    key: str
    name: str = ""


async def target_of(seams: Seams, target: PersonRef | str, asker: Asker) -> Target:
    """Gives what the command names; a mere word is taken as it is.

    Raises:
        NoSuchThing: nobody has the address; it names the nearest.
        UnknownMention: the user whom the surface mentions is nobody known.
        DirectoryUnreachable: nobody can be looked up.
    """
    if isinstance(target, str):
        return Target(key=target)
    try:
        found = await person_of(seams.directory, asker, target)
    except UnknownPerson:
        address = target.email if isinstance(target, EmailRef) else ""
        raise await unknown_person(seams, address) from None
    return Target(key=found.id, name=found.name)


async def unknown_person(seams: Seams, said: str) -> NoSuchThing:
    """Gives the refusal with the nearest address of those that begin alike."""
    alike: tuple[Person, ...] = ()
    for typed in (said.partition("@")[0][:3], said[:1]):
        alike = alike or await seams.directory.search_people(typed, limit=_LOOKED_AT)
    known = hint(said, [one.email for one in alike])
    return NoSuchThing(what="person", name=shortened(visible(said, set())), hint=known)


def freezing_text(verb: str, scope: FreezeScope, target: PersonRef | str, reason: str) -> str:
    """Spells the command."""
    return spelled(verb, scope.value, written_person(target), quoted(reason))


def requests_words(count: int) -> str:
    """Gives how many waiting requests it is about."""
    if not count:
        return "nothing; no request waits for it"
    return f"{counted(count, 'waiting request')}; {'its card says' if count == 1 else 'their cards say'} so"


def forms_of(kind: type[FreezingCommand], *, purpose: str, because: str) -> tuple[Form, ...]:
    """Gives a form per scope; the purpose is filled with what it is of, and ends the example with why."""

    def form(scope: FreezeScope) -> Form:
        slots = _SLOTS[scope]

        def read(given: Given) -> Command:
            target: PersonRef | str = ""
            for slot in slots:
                target = given.person(slot.name) or given.word(slot.name)
            return kind(scope=scope, target=target, reason=given.word(_REASON))

        return Form(
            words=(kind.verb, scope.value),
            also=(("policy", kind.verb, scope.value),),
            slots=(*slots, Slot(name=_REASON, kind=SlotKind.TEXT, required=False)),
            needs=Role.ADMIN,
            may="freeze and unfreeze",
            purpose=purpose.format(what=_WHAT[scope]),
            examples=(spelled(kind.verb, scope.value, _EXAMPLES[scope], because),),
            read=read,
        )

    return tuple(form(scope) for scope in FreezeScope)
