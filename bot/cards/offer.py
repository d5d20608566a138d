"""The dialog of Always allow: the narrowest scope first, and what each choice means."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.cards.story import Story
from bot.cards.visible import visible
from bot.cards.words import legible, shown_call
from bot.domain.canonical import JsonObject, JsonValue, canonical
from bot.domain.globs import is_glob
from bot.domain.grant_sentence import sentence
from bot.domain.grants import (
    AnyArguments,
    ArgumentScope,
    ExactArguments,
    Grant,
    GrantId,
    HolderPerson,
    PinnedArguments,
    Seat,
    SeatKind,
)
from bot.domain.people import PersonId
from bot.domain.requests import CallRecord
from bot.domain.tenants import Tenant
from bot.domain.tools import shortened

DAYS: Final = 30
"""Days until a standing approval ends, unless the giver says otherwise."""


def always_allow_dialog(
    story: Story,
    asking: Sequence[CallRecord],
    *,
    seat: Seat,
    groups: Sequence[str],
    wide: bool,
    tenant: Tenant,
) -> Dialog:
    """Gives the dialog with the narrowest scope preselected.

    Args:
        story: the request.
        asking: its calls that ask.
        seat: the seat that the standing approval would fill.
        groups: the groups that it may be given to.
        wide: whether this giver may choose more than one person, or any arguments.
        tenant: its settings say whether there may be no end.
    """
    name = story.name(story.request.requester)
    holders = [Option("person", f"Only {name}")]
    scopes = [Option("exact", "Exactly these arguments")]
    fields = []
    if len(asking) == 1 and pinnable(asking[0].arguments):
        scopes.append(Option("pinned", "Some arguments fixed, the others free"))
    if wide:
        holders += [Option("group", "Everyone in a group"), Option("everyone", "Everyone")]
        scopes.append(Option("any", "Any arguments"))
    fields.append(_choice("holder", "Who may do it", holders, "person"))
    if wide:
        fields.append(
            Field(
                name="group",
                label="Group",
                kind=FieldKind.CHOICE,
                options=tuple(Option(group, visible(group, set())) for group in groups),
            )
        )
    fields.append(_choice("arguments", "With which arguments", scopes, "exact"))
    if any(option.value == "pinned" for option in scopes):
        fields.append(
            Field(
                name="pinned",
                label="Fixed arguments",
                kind=FieldKind.CHOICES,
                options=_pins(story, asking[0]),
            )
        )
    fields += [
        Field(
            name="ends_in_days",
            label="Ends in days",
            kind=FieldKind.NUMBER,
            required=not tenant.never_ending_grants,
            value=DAYS,
            help="From 1 to 366.",
        ),
        Field(name="uses", label="At most this many times", kind=FieldKind.NUMBER, help="Empty: no limit."),
        Field(name="reason", label="Reason", kind=FieldKind.TEXT, help="For whoever looks at it later."),
    ]
    return Dialog(
        title="Always allow",
        submit="Approve and save",
        summary=_preselected(story, asking, seat),
        fields=tuple(fields),
    )


def _pins(story: Story, call: CallRecord) -> tuple[Option, ...]:
    tool = story.tools.get(call.tool)
    schema = tool.definition.input_schema if tool else {}
    options = []
    for name, value in pinnable(call.arguments).items():
        [(label, text)] = legible({name: value}, schema, set()).items()
        options.append(
            Option(name, shortened(f"{label} = {text if isinstance(text, str) else canonical(text)}", 75))
        )
    return tuple(options)


def shown_scope(scope: ArgumentScope, schema: JsonObject) -> ArgumentScope:
    """Gives the arguments of a standing approval as people may read them: as a card shows a call's."""
    match scope:
        case ExactArguments(arguments):
            return ExactArguments(legible(arguments, schema, set()))
        case PinnedArguments(paths):
            return PinnedArguments(legible(paths, schema, set()))
        case AnyArguments():
            return scope


def pinnable(arguments: JsonObject) -> dict[str, JsonValue]:
    """Gives the arguments that can be fixed by themselves, by name.

    A name with a dot would be read as a path, and a text with * or ? as a pattern.
    """
    return {
        name: value
        for name, value in arguments.items()
        if "." not in name and not (isinstance(value, str) and is_glob(value))
    }


def _preselected(story: Story, asking: Sequence[CallRecord], seat: Seat) -> str:
    """States the rule that is saved when nothing is changed in the dialog."""
    names = {str(person): story.name(person) for person in story.people}
    is_manager = seat.kind is SeatKind.MANAGER
    return " ".join(
        sentence(
            Grant(
                id=GrantId(""),
                tool=call.tool,
                holder=HolderPerson(story.request.requester),
                arguments=ExactArguments(shown_call(story, call, set()).arguments),
                agent=story.request.agent,
                technician_groups=frozenset() if is_manager else frozenset({seat.group}),
                manager=is_manager,
                fingerprint=call.fingerprint,
                giver=PersonId(""),
                created=story.now,
                ends=story.now + timedelta(days=DAYS),
            ),
            names,
            zone=story.zone,
        )
        for call in asking
    )


def _choice(name: str, label: str, options: Sequence[Option], value: str) -> Field:
    return Field(
        name=name, label=label, kind=FieldKind.CHOICE, required=True, value=value, options=tuple(options)
    )
