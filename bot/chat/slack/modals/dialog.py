"""Draws a card's dialogs as modals, and reads what was filled in for the stage that takes the click."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.chat.card_buttons import YES
from bot.chat.choices import Choice
from bot.chat.dialog_reading import CHOOSING, chosen, starting, texts_of
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, cut, field, modal, section
from bot.chat.slack.kit.texts import units
from bot.chat.slack.modals.inputs import (
    VALUE,
    code,
    held,
    input_blocks,
    is_silent,
    menu,
    number_input,
    picker,
    sections,
    text_input,
)
from bot.chat.slack.modals.lookup import search_element
from bot.chat.texts import name_words
from bot.domain.canonical import JsonObject, JsonValue, parse
from bot.domain.errors import Refusal

DIALOG: Final = "dialog"
SEND: Final = "Send"
"""Stands on the button of a dialog that gives no words for it; Slack wants some."""
_PREFIX: Final = "field:"
_TICKED: Final = "true"
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SUMMARY_UNITS: Final = 60_000
"""Of the summary; what is longer could make the view too large."""


def dialog_view(dialog: Dialog, *, card: str, action: str) -> Block:
    """Gives the modal of a dialog."""
    blocks: list[Block] = []
    if dialog.summary:
        blocks += whole(dialog.summary)
    for one in dialog.fields:
        blocks += field_blocks(one, starting(one))
    metadata = json.dumps({"card": card, "action": action})
    return modal(DIALOG, dialog.title, blocks, submit=dialog.submit or SEND, private_metadata=metadata)


def metadata_of(view: JsonObject) -> dict[str, str]:
    """Gives what is kept with a view that this surface made; empty where it is none of those."""
    text = view.get("private_metadata")
    try:
        found = parse(text) if isinstance(text, str) and text else {}
    except Refusal:
        return {}
    if not isinstance(found, Mapping):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def whole(text: str) -> list[Block]:
    """Gives the text as paragraphs; of a text too long for a view the beginning, and says so."""
    if units(text) <= _SUMMARY_UNITS:
        return sections(text)
    return [
        *sections(cut(text, _SUMMARY_UNITS)),
        section("This is not all of it: it is too long to be shown."),
    ]


def block_id(name: str) -> str:
    """Gives the id of a field's block."""
    return _PREFIX + name


def field_blocks(
    one: Field, value: JsonValue, *, required: bool | None = None, live: bool = False
) -> list[Block]:
    """Gives the field with a value in it, as `dialog_values` gives it.

    Args:
        one: the field.
        value: what stands in it at first.
        required: whether it has to be filled in; None for what the field says.
        live: whether every change is reported.
    """
    needed = one.required if required is None else required
    note = ""
    if one.kind in CHOOSING:
        if not one.options:
            return [section(f"{one.label}: there is nothing to choose from.")]
        found = menu([Choice(code(option.value), option.label) for option in one.options])
        if not found.fits:
            return [_written(one, value, needed=needed, live=live)]
        picked = {code(text) for text in ([value] if isinstance(value, str) else texts_of(value))}
        several = one.kind is FieldKind.CHOICES
        element = picker(found.options, chosen=picked, several=several, clearable=not needed)
        note = found.note
    elif one.kind is FieldKind.LOOKUPS and len(texts_of(value)) > limits.OPTIONS:
        return [_written(one, value, needed=needed, live=live)]
    else:
        element = _element(one, value)
    hint = "\n".join(filter(None, (one.help, note)))
    if units(hint) <= limits.INPUT_HINT:
        return [_block(one, element, hint=hint, needed=needed, live=live)]
    return [
        *whole(f"{one.label}, in full:\n{note}"),
        _block(one, element, hint=one.help, needed=needed, live=live),
    ]


def _block(one: Field, element: Block, *, hint: str, needed: bool, live: bool) -> Block:
    if live and element["type"] in {"number_input", "plain_text_input"}:
        element["dispatch_action_config"] = {"trigger_actions_on": ["on_character_entered"]}
    return field(block_id(one.name), one.label, element, optional=not needed, hint=hint, live=live)


def _written(one: Field, value: JsonValue, *, needed: bool, live: bool) -> Block:
    """Gives a field to write a choice into, where a menu of all would be too large."""
    several = one.kind in {FieldKind.CHOICES, FieldKind.LOOKUPS}
    element = text_input("\n".join(texts_of(value)), multiline=several)
    how = "There are too many for a list. Write it exactly" + (", one on each line." if several else ".")
    return _block(one, element, hint=" ".join(filter(None, (one.help, how))), needed=needed, live=live)


def _element(one: Field, value: JsonValue) -> Block:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    match one.kind:
        case FieldKind.NUMBER:
            if text and not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text):
                return text_input(text)
            return number_input(text, decimal=isinstance(one.value, float))
        case FieldKind.DATE:
            element: Block = {"type": "datepicker", "action_id": VALUE}
            if _DATE.fullmatch(text):
                element["initial_date"] = text
            return element
        case FieldKind.CHECKBOX:
            found = menu([Choice(_TICKED, YES)])
            ticked = {_TICKED} if value is True else set[str]()
            return picker(found.options, chosen=ticked, several=True, clearable=True)
        case FieldKind.LOOKUP | FieldKind.LOOKUPS:
            known = {option.value: option for option in one.options}
            texts = [value] if isinstance(value, str) and value else texts_of(value)
            options = [known.get(text) or Option(text, text) for text in texts]
            return search_element(options, several=one.kind is FieldKind.LOOKUPS)
        case _:
            return text_input(text, multiline=one.kind is FieldKind.PARAGRAPH, most=one.longest or 0)


def dialog_values(fields: Sequence[Field], state: JsonObject) -> dict[str, JsonValue]:
    """Gives what was filled in, by the names of the fields, as the stage takes it.

    A text or a number left empty is an empty text; a choice that was not made is not in it.

    Args:
        fields: the dialog's; what is filled in for any other is in it too, for the stage to refuse.
        state: the values of the view's state.
    """
    known = {one.name: one for one in fields}
    found: dict[str, JsonValue] = {}
    for block in state:
        if not block.startswith(_PREFIX):
            continue
        name = block.removeprefix(_PREFIX)
        _, value = held(state, block)
        one = known.get(name)
        if one is not None and one.kind is FieldKind.CHECKBOX:
            found[name] = bool(value)
        elif one is not None and one.kind in CHOOSING:
            choice = chosen(one, value, code=code)
            if choice is None and one.required and one.kind is FieldKind.CHOICE:
                # Slack sends no required choice empty; what sends it so shows no preselection.
                choice = starting(one)
            if choice is not None:
                found[name] = choice
        elif one is not None and is_silent(state, block):
            found[name] = starting(one) or ""
        else:
            found[name] = value if value is not None else ""
    return found


def dialog_errors(
    problems: Mapping[str, str], view: JsonObject, *, fields: Sequence[Field] = ()
) -> dict[str, str]:
    """Gives the sentences by block id, for the answer that keeps the modal open.

    What is about no input of the view stands at the first, after the field's label. Without any input there
    is no place, and nothing is given.
    """
    labels = {one.name: one.label for one in fields}
    places = input_blocks(view)
    found: dict[str, list[str]] = {}
    for name, sentence in problems.items():
        place = block_id(name)
        if place in places:
            found.setdefault(place, []).append(sentence)
        elif places:
            label = labels.get(name) or name_words(name) if name else ""
            found.setdefault(next(iter(places)), []).append(f"{label}: {sentence}" if label else sentence)
    return {place: cut(" ".join(sentences), limits.INPUT_HINT) for place, sentences in found.items()}
