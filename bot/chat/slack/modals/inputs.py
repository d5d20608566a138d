"""The inputs of modals: their elements, what stands in them at first, and what people put in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.chat.choices import Choice, code_of, listed
from bot.chat.schema_form.values import Held
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, plain
from bot.chat.slack.kit.texts import fitting, pieces, units, weight
from bot.chat.texts import TextMeasure
from bot.domain.canonical import JsonObject

VALUE: Final = "value"
"""The action id of an input whose value is as its element gives it."""

_SAID: Final = frozenset({"value", "selected_date", "selected_date_time", "selected_options"})
"""Where the value of an input stands, be it null."""
TEXTS: Final = TextMeasure(units, fitting)
_MENU_BYTES: Final = 30_000
"""What one menu may weigh; several have to fit into one view."""


@dataclass(frozen=True, slots=True)
class Menu:
    """The options of a menu, and the full texts of those whose labels had to be cut."""

    options: tuple[Block, ...]
    note: str = ""

    @property
    def fits(self) -> bool:
        """Whether Slack takes that many options."""
        return bool(self.options) and weight(self.options) <= _MENU_BYTES


def code(value: str) -> str:
    """Gives what stands for a value in a view: itself, or its hash where Slack would not take it."""
    return code_of(value, takes=lambda text: units(text) <= limits.OPTION_VALUE)


def words(text: str, limit: int) -> str:
    """Gives outside text in one line, hidden characters visible, cut with an ellipsis at the limit."""
    return TEXTS.words(text, limit)


def menu(choices: Sequence[Choice]) -> Menu:
    """Gives the options; a label too long for one is numbered, and stands in full in the note."""
    found = listed(choices, measure=TEXTS, limit=limits.OPTION_TEXT)
    return Menu(options_of(found.choices), found.note)


def options_of(choices: Sequence[Choice]) -> tuple[Block, ...]:
    """Gives the options for choices whose labels are short enough."""
    return tuple({"text": plain(one.label, limits.OPTION_TEXT), "value": one.code} for one in choices)


def picker(options: Sequence[Block], *, chosen: Collection[str], several: bool, clearable: bool) -> Block:
    """Gives the element that picks from the options: all in sight where they are few, else a menu.

    A clearable one is a menu, since Slack has no way to take back what is picked among radio buttons.
    """
    picked = [option for option in options if option["value"] in chosen]
    few = len(options) <= limits.CHECKBOXES
    if several:
        found: Block = {"type": "checkboxes" if few else "multi_static_select", "action_id": VALUE}
    else:
        found = {"type": "radio_buttons" if few and not clearable else "static_select", "action_id": VALUE}
    if len(options) <= limits.OPTIONS:
        found["options"] = list(options)
    else:
        found["option_groups"] = _groups(options)
    if picked:
        found.update({"initial_options": picked} if several else {"initial_option": picked[0]})
    return found


def _groups(options: Sequence[Block]) -> list[Block]:
    size = limits.OPTIONS
    return [
        {
            "label": plain(f"{at + 1} to {min(at + size, len(options))}"),
            "options": list(options[at : at + size]),
        }
        for at in range(0, len(options), size)
    ]


def grouped(groups: Mapping[str, Sequence[Block]]) -> list[Block]:
    """Gives the options of a menu under headings."""
    return [
        {"label": plain(label, limits.OPTION_TEXT), "options": list(options)}
        for label, options in groups.items()
    ]


def text_input(
    initial: str = "", *, action_id: str = VALUE, multiline: bool = False, least: int = 0, most: int = 0
) -> Block:
    """Gives a field for text of `least` to `most` characters; 0 for no such limit.

    A text too long for Slack is not put in. Where it was typed in the same field before, Slack keeps it.
    """
    initial = initial if units(initial) <= limits.TEXT_INPUT else ""
    found: Block = {"type": "plain_text_input", "action_id": action_id}
    if multiline or "\n" in initial:
        found["multiline"] = True
    if initial:
        found["initial_value"] = initial
    if 0 < most < limits.TEXT_INPUT and most >= max(least, units(initial)):
        found["max_length"] = most
    if (
        0 < least <= limits.TEXT_INPUT
        and (not most or least <= most)
        and (not initial or len(initial) >= least)
    ):
        found["min_length"] = least
    return found


def number_input(initial: str = "", *, decimal: bool, least: str = "", most: str = "") -> Block:
    """Gives a field for a number; the limits are inclusive, and empty for none."""
    found: Block = {"type": "number_input", "action_id": VALUE, "is_decimal_allowed": decimal}
    bounds = [float(bound) for bound in (least, initial, most) if bound]
    if bounds == sorted(bounds):
        found.update({name: bound for name, bound in (("min_value", least), ("max_value", most)) if bound})
    if initial:
        found["initial_value"] = initial
    return found


def sections(text: str) -> list[Block]:
    """Gives the whole text as paragraphs."""
    return [
        {"type": "section", "text": plain(part), "expand": True}
        for part in pieces(text, limits.SECTION_TEXT)
        if part.strip()
    ]


def state_of(view: JsonObject) -> JsonObject:
    """Gives what people put into the view's inputs, by block id and action id."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    return values if isinstance(values, Mapping) else {}


def held(state: JsonObject, block_id: str) -> tuple[str, Held]:
    """Gives the action id of the block's input and what it holds; nothing where there is no such block."""
    block = state.get(block_id)
    for action_id, found in block.items() if isinstance(block, Mapping) else ():
        return action_id, _held(found) if isinstance(found, Mapping) else None
    return VALUE, None


def is_silent(state: JsonObject, block_id: str) -> bool:
    """Whether nothing is said of the block's value, not even that it is empty.

    Slack always says it; a stand-in for Slack that cannot show a kind of input leaves it as it was.
    """
    block = state.get(block_id)
    entries = (
        [one for one in block.values() if isinstance(one, Mapping)] if isinstance(block, Mapping) else []
    )
    return not any(_SAID & one.keys() for one in entries) and all(_held(one) is None for one in entries)


def _held(found: JsonObject) -> Held:
    several = found.get("selected_options")
    if isinstance(several, list | tuple):
        return [str(one["value"]) for one in several if isinstance(one, Mapping) and "value" in one]
    one = found.get("selected_option")
    if isinstance(one, Mapping):
        value = one.get("value")
        return value if isinstance(value, str) else None
    for name in ("selected_date", "selected_date_time", "value"):
        value = found.get(name)
        if isinstance(value, str | int):
            return str(value)
    return None


def held_text(state: JsonObject, block_id: str) -> str:
    """Gives the text in the block's input; empty where there is none."""
    _, found = held(state, block_id)
    return found if isinstance(found, str) else ""


def input_blocks(view: JsonObject) -> dict[str, str]:
    """Gives the labels of the view's inputs by their block ids, in their order."""
    blocks = view.get("blocks")
    found = {}
    for block in blocks if isinstance(blocks, list | tuple) else ():
        if isinstance(block, Mapping) and block.get("type") == "input":
            label = block.get("label")
            text = label.get("text") if isinstance(label, Mapping) else ""
            found[str(block.get("block_id"))] = str(text)
    return found
