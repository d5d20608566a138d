"""Draws the pages of forms as modals, and reads what was filled in, for which the page is not needed."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.cards.form import FormPage
from bot.cards.model import Field, FieldKind, Option
from bot.chat.choices import is_hash
from bot.chat.dialog_reading import CHOOSING, starting
from bot.chat.slack.kit.blocks import Block, emoji, modal, run, section
from bot.chat.slack.kit.paragraphs import bold, line, packed
from bot.chat.slack.modals.dialog import SEND, block_id, dialog_values, field_blocks, metadata_of, whole
from bot.chat.slack.modals.inputs import VALUE, code, input_blocks, state_of
from bot.documents.json_reading import object_at, object_of, rows_at, text_at
from bot.domain.canonical import JsonObject, JsonValue, parse
from bot.domain.errors import Refusal

FORM: Final = "form"
"""The callback id of every page."""
_CODES: Final = 1400
"""Characters, as they are kept with the view, of all values together that Slack does not take as they are."""
_AS_CHOICES: Final = {FieldKind.LOOKUP: FieldKind.CHOICE, FieldKind.LOOKUPS: FieldKind.CHOICES}
"""What was looked up is read like what was chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """Something that was looked up and picked, and of which the view holds no more than a hash."""

    field: str
    code: str
    label: str
    """What stood there where it was picked, perhaps cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A page that was sent."""

    form: str
    state: str
    values: Mapping[str, JsonValue]
    """By the names of the fields; what is among `picked` stands there as its hash."""
    picked: tuple[Picked, ...]


def form_view(page: FormPage) -> Block:
    """Gives the modal of a page; a problem stands above its field, or on top if it is of no field."""
    dialog = page.dialog
    names = {one.name for one in dialog.fields}
    blocks = [
        block for name, sentence in page.problems.items() if name not in names for block in _warned(sentence)
    ]
    if dialog.summary:
        blocks += whole(dialog.summary)
    scope = hashlib.sha256(f"{page.form}\0{page.state}".encode(errors="surrogatepass")).hexdigest()[:8]
    codes: dict[str, str] = {}
    for one in dialog.fields:
        if one.name in page.problems:
            blocks += _warned(page.problems[one.name])
        shown, left = _takeable(one, codes)
        # Slack keeps what was put in where the ids stay: those of another page must be others.
        blocks += [
            _marked(block, f"{VALUE}:{one.kind}:{scope}") for block in field_blocks(shown, starting(shown))
        ]
        blocks += [section(f"Too long to be chosen here: {', '.join(left)}")] if left else []
    kept = {"form": page.form, "state": page.state, "codes": _spelled(codes)}
    metadata = json.dumps(kept, ensure_ascii=False)
    return modal(FORM, dialog.title, blocks, submit=dialog.submit or SEND, private_metadata=metadata)


def _warned(sentence: str) -> list[Block]:
    first, *more = bold(sentence)
    return packed([line(emoji("warning"), run("  "), *first.runs), *more])


def page_of(view: JsonObject) -> tuple[str, str]:
    """Gives the form of a view that this surface made, and the state of its page."""
    kept = metadata_of(view)
    return kept.get("form", ""), kept.get("state", "")


def filled_page(view: JsonObject) -> Filled:
    """Gives what was filled in, read by what the view itself says of its fields."""
    form, state = page_of(view)
    values = dialog_values(tuple(_fields(view)), state_of(view))
    return Filled(form=form, state=state, values=values, picked=tuple(_picked(view, values)))


def can_say(view: JsonObject, problems: Mapping[str, str]) -> bool:
    """Whether each problem is of a field that the view shows, so that it can be said there."""
    places = input_blocks(view)
    return bool(problems) and all(block_id(name) in places for name in problems)


def _takeable(one: Field, codes: dict[str, str]) -> tuple[Field, list[str]]:
    """Gives the field with the options that can be read again, and the labels of the others."""
    options, left = [], []
    for choice in one.options if one.kind in CHOOSING else ():
        name = code(choice.value)
        kept = {**codes, name: choice.value} if is_hash(name) else codes
        if len(json.dumps(_spelled(kept), ensure_ascii=False)) <= _CODES:
            codes.update(kept)
            options.append(choice)
        else:
            left.append(choice.label)
    return (replace(one, options=tuple(options)) if left else one), left


def _spelled(codes: Mapping[str, str]) -> str:
    return json.dumps(dict(codes), ensure_ascii=False)


def _marked(block: Block, action: str) -> Block:
    element = block.get("element")
    if isinstance(element, dict):
        element["action_id"] = action
    return block


def _fields(view: JsonObject) -> Iterator[Field]:
    options = tuple(Option(value, value) for value in _codes(view).values())
    for block in rows_at(view, "blocks"):
        place = text_at(block, "block_id")
        kind = _kind(text_at(block, "element", "action_id"))
        if text_at(block, "type") != "input" or kind is None or not place.startswith(block_id("")):
            continue
        yield Field(
            name=place.removeprefix(block_id("")),
            label=text_at(block, "label", "text"),
            kind=_AS_CHOICES.get(kind, kind),
            required=block.get("optional") is False,
            options=options,
        )


def _kind(action: str) -> FieldKind | None:
    _, _, rest = action.partition(":")
    word = rest.partition(":")[0]
    return FieldKind(word) if word in set(FieldKind) else None


def _codes(view: JsonObject) -> dict[str, str]:
    try:
        found = object_of(parse(metadata_of(view).get("codes", "{}")))
    except Refusal:
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _picked(view: JsonObject, values: Mapping[str, JsonValue]) -> Iterator[Picked]:
    state = state_of(view)
    for name, value in values.items():
        hashes = {text for text in (value if isinstance(value, list) else [value]) if _is_hash(text)}
        entries = object_at(state, block_id(name))
        for action in entries:
            entry = object_at(entries, action)
            for one in [object_at(entry, "selected_option"), *rows_at(entry, "selected_options")]:
                if text_at(one, "value") in hashes:
                    label = text_at(one, "text", "text")
                    yield Picked(field=name, code=text_at(one, "value"), label=label)


def _is_hash(value: JsonValue) -> bool:
    return isinstance(value, str) and is_hash(value)
