"""Draws a card's dialogs, and reads what was filled in for the stage that takes the press."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.cards.model import DENY, Dialog, Field, FieldKind
from bot.chat.dialog_reading import CHOOSING, chosen
from bot.chat.schema_form.values import Held
from bot.chat.teams.dialogs.field_inputs import (
    PLAIN,
    PREFIX,
    SIZES,
    WRITTEN,
    Spelling,
    drawn_field,
    first_value,
    input_id,
)
from bot.chat.teams.dialogs.fields import (
    Drawn,
    bytes_of,
    laid_out,
    noticed,
    paragraphs,
    said,
    smallest,
    wanted,
    with_errors,
)
from bot.chat.teams.dialogs.inputs import (
    code,
    held_choice,
    held_choices,
    held_text,
)
from bot.chat.teams.dialogs.lookups import LOOKING, looked_up
from bot.chat.teams.dialogs.view import DialogView, view
from bot.chat.teams.kit.actions import Do, Press, submitting
from bot.chat.teams.kit.elements import Element, rich, run
from bot.chat.teams.kit.limits import BUTTON_TEXT, CARD_BYTES
from bot.chat.teams.kit.texts import cut, wire_bytes
from bot.chat.texts import name_words
from bot.domain.canonical import JsonObject, JsonValue

SEND: Final = "Send"
"""Stands on the button of a dialog that gives no words for it."""
FIELDS_BYTES: Final = 15_000
"""What the fields of one dialog may take, without what stands in them."""
_NOT_ALL: Final = "This is not all of it: it is too long to be shown."
_VALUES_BYTES: Final = 6_000
"""What is kept free for what people wrote, where the summary is long."""


def dialog_view(
    dialog: Dialog,
    *,
    card: str,
    action: str,
    values: JsonObject | None = None,
    errors: Mapping[str, str] | None = None,
) -> DialogView:
    """Gives the dialog of a card's action.

    Args:
        dialog: what is asked, in at most 30 fields.
        card: the card's id.
        action: the action's id.
        values: what is filled in, as `dialog_values` gives it; None for what is preselected.
        errors: a sentence by the name of the field that it is about.
    """
    style = "destructive" if action == DENY else "positive"
    send = submitting(words_on(dialog.submit), Do.ANSWER, style=style, card=card, action=action)
    return asked_view(dialog, send, values, errors or {})


def asked_view(
    dialog: Dialog,
    send: JsonObject,
    values: JsonObject | None,
    errors: Mapping[str, str],
    *,
    spelling: Spelling = PLAIN,
) -> DialogView:
    """Gives the dialog with this button below it; what is asked is as for `dialog_view`."""
    fields, above = drawn_fields(dialog.fields, values, errors, spelling=spelling)
    room = CARD_BYTES - wire_bytes(view(dialog.title, above, [send]).card)
    free = room - smallest(fields) - min(wanted(fields), _VALUES_BYTES)
    summary = paragraphs(dialog.summary, free, rest=_NOT_ALL) if dialog.summary.strip() else []
    body = [*above, *summary, *laid_out(fields, room - bytes_of(summary))]
    return view(dialog.title, body, [send])


def confirm_view(
    title: str, text: str, *, label: str, do: Do, style: str = "positive", **kept: str
) -> DialogView:
    """Gives the question whether somebody is sure.

    Args:
        title: of the dialog.
        text: what will be done, whole.
        label: on the button that does it.
        do: what that button asks for.
        style: of the button, `positive` or `destructive`.
        **kept: what it carries.
    """
    button = submitting(words_on(label), do, style=style, **kept)
    room = CARD_BYTES - wire_bytes(view(title, [], [button]).card) - 10
    return view(title, paragraphs(text, room, rest=_NOT_ALL), [button])


def words_on(label: str) -> str:
    """Gives the words of a button."""
    return cut(" ".join(label.split()), BUTTON_TEXT) or SEND


def drawn_fields(
    fields: Sequence[Field],
    values: JsonObject | None,
    errors: Mapping[str, str],
    *,
    hints: Mapping[str, str] | None = None,
    spelling: Spelling = PLAIN,
) -> tuple[list[Drawn], list[Element]]:
    """Gives the fields, and what stands above them.

    Args:
        fields: the dialog's.
        values: what is filled in; None for what is preselected.
        errors: a sentence by the name of the field that it is about.
        hints: more to say at a field, by its name.
        spelling: of what can be chosen.
    """
    found: list[Drawn] = []
    for size in SIZES:
        found = []
        for one in fields:
            if one.kind in CHOOSING and not one.options:
                continue
            value = first_value(one) if values is None else values.get(one.name)
            more = (hints or {}).get(one.name, "")
            found.append(drawn_field(one, value, more, size, spelling))
        if smallest(found) <= FIELDS_BYTES:
            break
    places = {_name(str(one.element["id"])): str(one.element["id"]) for one in found}
    labels = {one.name: one.label for one in fields}
    elsewhere = {
        name: f"{said(labels.get(name) or name_words(name), 100)}: {sentence}" if name else sentence
        for name, sentence in errors.items()
        if name not in places
    }
    placed = {places[name]: sentence for name, sentence in errors.items() if name in places}
    empty = [one for one in fields if one.kind in CHOOSING and not one.options][:5]
    nothing = [
        rich(run(f"{said(one.label)}: there is nothing to choose from.", subtle=True)) for one in empty
    ]
    return with_errors(found, placed), [*noticed(" ".join(elsewhere.values())), *nothing]


def _name(place: str) -> str:
    return place.partition(":")[2]


def dialog_values(fields: Sequence[Field], press: Press) -> dict[str, JsonValue]:
    """Gives what was filled in, by the names of the fields, as the stage takes it.

    A text or a number left empty is an empty text; a single choice that was not made is not in it.

    Args:
        fields: the dialog's; what is filled in for any other is in it too, for the stage to refuse.
        press: of a button of the dialog.
    """
    found: dict[str, JsonValue] = {}
    known = {input_id(one.name) for one in fields}
    for one in fields:
        name = input_id(one.name)
        if one.kind is FieldKind.CHECKBOX:
            found[one.name] = held_text(press.inputs, name) == "true"
        elif one.kind in CHOOSING:
            if not one.options:
                continue
            value = chosen(one, _held(one, press), code=code)
            if value is not None:
                found[one.name] = value
        elif one.kind in LOOKING:
            value = looked_up(press.inputs, one.kind, chosen=name, written=WRITTEN + one.name)
            if value is not None:
                found[one.name] = value
        else:
            found[one.name] = held_text(press.inputs, name)
    for name, other in press.inputs.items():
        if name.startswith(PREFIX) and name not in known:
            found[name.removeprefix(PREFIX)] = other
    return found


def _held(one: Field, press: Press) -> Held:
    written = held_text(press.inputs, WRITTEN + one.name).strip()
    if written:
        return written
    name = input_id(one.name)
    return (
        held_choice(press.inputs, name) if one.kind is FieldKind.CHOICE else held_choices(press.inputs, name)
    )
