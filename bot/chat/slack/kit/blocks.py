"""Builds Block Kit. Outside text goes into plain text or rich text only, where nothing is markup."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.chat.slack.kit import limits
from bot.chat.slack.kit.texts import fitting, units
from bot.domain.canonical import JsonObject, JsonValue

Block = dict[str, JsonValue]

_ELLIPSIS: Final = "…"
_NOTHING: Final = "–"
"""Stands where a text is empty or blank, which Slack refuses or shows as nothing."""


def cut(text: str, limit: int) -> str:
    """Gives the text if it fits, else its beginning and an ellipsis; never for what is decided on."""
    return text if units(text) <= limit else fitting(text, limit - 1).rstrip() + _ELLIPSIS


def plain(text: str, limit: int = limits.SECTION_TEXT) -> Block:
    """Gives a plain text object, in which nothing is markup and no emoji is made; never empty."""
    return {"type": "plain_text", "text": cut(text, limit) if text.strip() else _NOTHING, "emoji": False}


def header(text: str) -> Block:
    """Gives a header block."""
    return {"type": "header", "text": plain(text, limits.HEADER_TEXT)}


def section(text: str, *, accessory: JsonObject | None = None) -> Block:
    """Gives a paragraph of plain text, at most 3,000 characters; Slack does not fold it."""
    block: Block = {"type": "section", "text": plain(text), "expand": True}
    if accessory is not None:
        block["accessory"] = accessory
    return block


def context(*texts: str) -> Block:
    """Gives small plain text, at most 10 pieces beside each other."""
    return {"type": "context", "elements": [plain(text) for text in texts]}


def divider() -> Block:
    """Gives a line between things."""
    return {"type": "divider"}


def rich(*elements: JsonObject) -> Block:
    """Gives a rich text block of paragraphs, quotes and preformatted text."""
    return {"type": "rich_text", "elements": list(elements)}


def run(text: str, *, bold: bool = False, italic: bool = False, code: bool = False) -> Block:
    """Gives a run of text in a rich text paragraph; Slack refuses an empty one, so it never is."""
    found: Block = {"type": "text", "text": text or " "}
    styles = (("bold", bold), ("italic", italic), ("code", code))
    style: dict[str, JsonValue] = {name: True for name, on in styles if on}
    if style:
        found["style"] = style
    return found


def linked(address: str) -> Block:
    """Gives a link of our own in a rich text paragraph, shown as its address."""
    return {"type": "link", "url": address}


def emoji(name: str) -> Block:
    """Gives an emoji of our own choice in a rich text paragraph."""
    return {"type": "emoji", "name": name}


def paragraph(*runs: JsonObject) -> Block:
    """Gives a paragraph of a rich text block."""
    return {"type": "rich_text_section", "elements": list(runs)}


def quoted(*runs: JsonObject) -> Block:
    """Gives a quotation of a rich text block."""
    return {"type": "rich_text_quote", "elements": list(runs)}


def preformatted(text: str) -> Block:
    """Gives text as it is, in a fixed width."""
    return {"type": "rich_text_preformatted", "elements": [run(text)]}


def button(
    label: str, action_id: str, *, value: str = "", style: str = "", confirm: JsonObject | None = None
) -> Block:
    """Gives a button; `style` is empty, `primary` or `danger`."""
    found: Block = {"type": "button", "text": plain(label, limits.BUTTON_TEXT), "action_id": action_id}
    if value:
        found["value"] = value
    if style:
        found["style"] = style
    if confirm is not None:
        found["confirm"] = confirm
    return found


def confirmation(title: str, text: str, *, confirm: str, deny: str, style: str = "") -> Block:
    """Gives what is asked before a button's click is sent."""
    found: Block = {
        "title": plain(title, limits.CONFIRM_TITLE),
        "text": plain(text, limits.CONFIRM_TEXT),
        "confirm": plain(confirm, limits.CONFIRM_BUTTON),
        "deny": plain(deny, limits.CONFIRM_BUTTON),
    }
    if style:
        found["style"] = style
    return found


def actions(elements: Iterable[JsonObject], *, block_id: str = "") -> Block:
    """Gives a row of buttons and menus."""
    found: Block = {"type": "actions", "elements": list(elements)}
    if block_id:
        found["block_id"] = block_id
    return found


def option(value: str, label: str, *, description: str = "") -> Block:
    """Gives one choice of a menu; the value is at most 150 characters, the label is cut."""
    found: Block = {"text": plain(label, limits.OPTION_TEXT), "value": value}
    if description:
        found["description"] = plain(description, limits.OPTION_DESCRIPTION)
    return found


def field(
    block_id: str,
    label: str,
    element: JsonObject,
    *,
    optional: bool = True,
    hint: str = "",
    live: bool = False,
) -> Block:
    """Gives an input of a modal; a live one reports every change by its element's action id."""
    found: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, limits.INPUT_LABEL),
        "element": element,
        "optional": optional,
    }
    if hint:
        found["hint"] = plain(hint, limits.INPUT_HINT)
    if live:
        found["dispatch_action"] = True
    return found


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[JsonObject],
    *,
    submit: str = "",
    close: str = "Cancel",
    private_metadata: str = "",
) -> Block:
    """Gives a modal view; without `submit` it only shows."""
    found: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, limits.VIEW_TITLE),
        "close": plain(close, limits.VIEW_TITLE),
        "blocks": list(blocks),
    }
    if submit:
        found["submit"] = plain(submit, limits.VIEW_TITLE)
    if private_metadata:
        found["private_metadata"] = private_metadata
    return found


def home(blocks: Sequence[JsonObject]) -> Block:
    """Gives an App Home view."""
    return {"type": "home", "blocks": list(blocks)}
