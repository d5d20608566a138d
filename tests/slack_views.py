"""Modals as Slack sends them back: with what stood in their inputs at first, or with what a test puts in."""

from collections.abc import Mapping

from bot.chat.slack.kit.blocks import Block
from bot.domain.canonical import JsonObject, JsonValue

_HELD = {
    "datepicker": ("selected_date", "initial_date"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
}


def a_modal(blocks: list[Block]) -> Block:
    """Gives a modal of these blocks."""
    title: Block = {"type": "plain_text", "text": "A form"}
    return {"type": "modal", "callback_id": "it", "title": title, "submit": title, "blocks": list(blocks)}


def inputs_of(view: JsonObject) -> dict[str, Block]:
    """Gives the view's inputs by block id."""
    return {str(block["block_id"]): block for block in _blocks(view["blocks"]) if block["type"] == "input"}


def element_of(view: JsonObject, block_id: str) -> Block:
    """Gives the element of an input."""
    element = inputs_of(view)[block_id]["element"]
    assert isinstance(element, dict)
    return element


def options_of(element: Block) -> list[Block]:
    """Gives all options of a menu."""
    found: list[Block] = []
    for part in _blocks(element.get("option_groups")) or [element]:
        found += _blocks(part.get("options"))
    return found


def labels_of(element: Block) -> list[str]:
    """Gives what the options of a menu say."""
    texts = [option["text"] for option in options_of(element)]
    return [str(text["text"]) for text in texts if isinstance(text, dict)]


def _blocks(value: JsonValue) -> list[Block]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def texts_of(view: JsonObject) -> list[str]:
    """Gives what the view says besides its inputs, paragraph by paragraph."""
    found: list[str] = []
    for block in _blocks(view["blocks"]):
        if block["type"] == "rich_text":
            lines = [_blocks(line["elements"]) for line in _blocks(block["elements"])]
            found += ["".join(str(run.get("text", "")) for run in line).strip() for line in lines]
        else:
            texts = _blocks([block["text"]] if block["type"] == "section" else block.get("elements"))
            found += [str(text["text"]) for text in texts]
    return found


def sent(view: JsonObject, put_in: Mapping[str, JsonValue] | None = None) -> Block:
    """Gives the view as Slack sends it: untouched but for what is put in, by block id.

    A text is what is typed, the value of an option that is picked, or a day; a list is of such values. What a
    search found is the whole option.
    """
    values: dict[str, JsonValue] = {}
    for block_id, block in inputs_of(view).items():
        element = block["element"]
        assert isinstance(element, dict)
        held = _held(element)
        if put_in and block_id in put_in:
            held = _put(element, put_in[block_id])
        values[block_id] = {str(element["action_id"]): held}
    assert set(put_in or {}) <= set(values)
    return {**view, "state": {"values": values}}


def state(view: JsonObject, put_in: Mapping[str, JsonValue] | None = None) -> JsonObject:
    """Gives the state's values of the view as Slack sends it."""
    found = sent(view, put_in)["state"]
    assert isinstance(found, dict)
    values = found["values"]
    assert isinstance(values, dict)
    return values


def _held(element: Block) -> Block:
    kind = str(element["type"])
    name, first = _HELD.get(kind, ("value", "initial_value"))
    nothing: JsonValue = [] if name == "selected_options" else None
    return {"type": kind, name: element.get(first, nothing)}


def _put(element: Block, value: JsonValue) -> Block:
    kind = str(element["type"])
    name, _ = _HELD.get(kind, ("value", ""))
    if kind == "external_select":
        return {"type": kind, name: value if isinstance(value, dict) else {"value": value}}
    if kind == "multi_external_select":
        return {"type": kind, name: value}
    if name == "selected_option":
        return {"type": kind, name: next((one for one in options_of(element) if one["value"] == value), None)}
    if name == "selected_options":
        assert isinstance(value, list)
        return {"type": kind, name: [one for one in options_of(element) if one["value"] in value]}
    return {"type": kind, name: value}
