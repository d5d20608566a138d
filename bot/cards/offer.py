"""The dialog of Always allow: the narrowest scope first, and what each choice means."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.cards.story import Story
from bot.cards.words import shown_call
from bot.domain.canonical import JsonValue, canonical
from bot.domain.grant_sentence import sentence
from bot.domain.grants import ExactArguments, Grant, GrantId, HolderPerson, Seat, SeatKind
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
    if len(asking) == 1 and asking[0].arguments:
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
                options=tuple(Option(group, group) for group in groups),
            )
        )
    fields.append(_choice("arguments", "With which arguments", scopes, "exact"))
    if any(option.value == "pinned" for option in scopes):
        shown = shown_call(story, asking[0], set()).arguments
        fields.append(
            Field(
                name="pinned",
                label="Fixed arguments",
                kind=FieldKind.CHOICES,
                options=tuple(
                    Option(
                        path,
                        shortened(f"{path} = {value if isinstance(value, str) else canonical(value)}", 75),
                    )
                    for path, value in shown.items()
                ),
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


def _argument(path: str, value: JsonValue) -> Option:
    text = value if isinstance(value, str) else canonical(value)
    return Option(path, shortened(f"{path} = {text}", 75))


def _preselected(story: Story, asking: Sequence[CallRecord], seat: Seat) -> str:
    """States the rule that is saved when nothing is changed in the dialog."""
    names = {str(person): found.name for person, found in story.people.items()}
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
