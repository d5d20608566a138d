"""Whether Slack accepts a message or a view: the rules of Block Kit, kept strictly.

Blocks and elements that are not listed here are refused as unknown, so that nothing is sent unchecked.

Source: https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/reference/views
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_elements import ACCESSORIES, ACTIONS, CONTEXT, INPUTS, actionable
from tests.servers.slack_rich_text import RICH_TEXT
from tests.servers.slack_shapes import (
    Rule,
    all_of,
    any_text,
    flag,
    is_list,
    is_object,
    items,
    kind,
    length,
    link,
    plain_text,
    problem,
    shape,
    text,
    typed,
)

Surface = Literal["message", "modal", "home"]

MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
ALL_TEXT: Final = 13_200
"""Characters of all texts of a message with blocks."""
FALLBACK_TEXT: Final = 40_000
VIEW_BYTES: Final = 250_000

_TEXT_TYPES: Final = ("plain_text", "mrkdwn", "text", "link")
_BLOCK_ID: Final[Mapping[str, Rule]] = {"block_id": text(255)}


def _section_says_something(value: JsonValue, place: str) -> list[str]:
    assert is_object(value)
    said = "text" in value or "fields" in value
    return [] if said else [problem("missing required field: text", place)]


_BLOCKS: Final[Mapping[str, Rule]] = {
    "header": shape({**kind("header"), "text": plain_text(150)}, _BLOCK_ID),
    "section": all_of(
        shape(
            kind("section"),
            {
                **_BLOCK_ID,
                "text": any_text(3000),
                "fields": items(any_text(2000), 10),
                "accessory": ACCESSORIES,
                "expand": flag,
            },
        ),
        _section_says_something,
    ),
    "divider": shape(kind("divider"), _BLOCK_ID),
    "image": shape(
        {**kind("image"), "image_url": link, "alt_text": text(2000)}, {**_BLOCK_ID, "title": plain_text(2000)}
    ),
    "context": shape({**kind("context"), "elements": items(CONTEXT, 10)}, _BLOCK_ID),
    "actions": shape({**kind("actions"), "elements": items(ACTIONS, 25)}, _BLOCK_ID),
    "rich_text": shape({**kind("rich_text"), "elements": items(RICH_TEXT, 100)}, _BLOCK_ID),
}
_INPUT: Final = shape(
    {**kind("input"), "label": plain_text(2000), "element": INPUTS},
    {**_BLOCK_ID, "hint": plain_text(2000), "optional": flag, "dispatch_action": flag},
)
_IN_A_MESSAGE: Final = items(typed(_BLOCKS), MESSAGE_BLOCKS, 0)
_IN_A_VIEW: Final = items(typed({**_BLOCKS, "input": _INPUT}), VIEW_BLOCKS, 0)

_VIEW: Final[Mapping[str, Rule]] = {
    "private_metadata": text(3000, 0),
    "callback_id": text(255, 0),
    "external_id": text(255, 0),
}
_MODAL: Final = shape(
    {**kind("modal"), "title": plain_text(24), "blocks": _IN_A_VIEW},
    {
        **_VIEW,
        "submit": plain_text(24),
        "close": plain_text(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
_HOME: Final = shape({**kind("home"), "blocks": _IN_A_VIEW}, _VIEW)


def problems_of_message(payload: JsonObject) -> list[str]:
    """Gives what Slack says against a message's `text`, `blocks` and `metadata`; nothing when it is accepted.

    A sentence that is not about one place begins with the error that Slack answers: `no_text`,
    `msg_too_long`, `msg_blocks_too_long`, `invalid_blocks_format`, `invalid_metadata_format`.
    """
    fallback, blocks, metadata = payload.get("text"), payload.get("blocks"), payload.get("metadata")
    found = []
    if not fallback and not blocks:
        found.append("no_text: a message needs text or blocks")
    if fallback is not None and not isinstance(fallback, str):
        found.append(problem("must provide a string", "/text"))
    elif fallback is not None and length(fallback) > FALLBACK_TEXT:
        found.append(f"msg_too_long: text must be less than {FALLBACK_TEXT + 1} characters")
    if blocks is not None and not is_list(blocks):
        found.append("invalid_blocks_format: blocks must be an array")
    elif blocks is not None:
        found += _IN_A_MESSAGE(blocks, "/blocks") + _problems_across(blocks)
        whole = sum(map(length, texts_of(blocks))) + length(fallback if isinstance(fallback, str) else "")
        if blocks and whole > ALL_TEXT:
            found.append(f"msg_blocks_too_long: {whole} characters are more than {ALL_TEXT}")
    if metadata is not None and not _is_metadata(metadata):
        found.append("invalid_metadata_format: metadata needs event_type and event_payload")
    return found


def problems_of_view(view: JsonObject) -> list[str]:
    """Gives what Slack says against a modal or a Home; nothing when it is accepted.

    A sentence that is not about one place begins with the error that Slack answers: `view_too_large`.
    """
    found = typed({"modal": _MODAL, "home": _HOME})(view, "")
    blocks = view.get("blocks")
    if is_list(blocks):
        found += _problems_across(blocks)
        asks = any(is_object(block) and block.get("type") == "input" for block in blocks)
        if asks and view.get("type") == "modal" and "submit" not in view:
            found.append(problem("missing required field: submit", ""))
    if len(json.dumps(view, ensure_ascii=False).encode("utf-8", "surrogatepass")) > VIEW_BYTES:
        found.append(f"view_too_large: must be less than {VIEW_BYTES + 1} bytes")
    return found


def error_in(problems: Sequence[str], otherwise: str = "invalid_blocks") -> str:
    """Gives the error that Slack answers for these sentences."""
    word, colon, _ = problems[0].partition(": ")
    return word if colon and word.isidentifier() else otherwise


def texts_of(value: JsonValue) -> Iterator[str]:
    """Gives every text that people see, in order."""
    if is_object(value):
        said = value.get("text")
        if value.get("type") in _TEXT_TYPES and isinstance(said, str):
            yield said
        for inner in value.values():
            yield from texts_of(inner)
    elif is_list(value):
        for inner in value:
            yield from texts_of(inner)


def _is_metadata(metadata: JsonValue) -> bool:
    if not is_object(metadata) or metadata.keys() != {"event_type", "event_payload"}:
        return False
    return isinstance(metadata["event_type"], str) and is_object(metadata["event_payload"])


def _problems_across(blocks: Sequence[JsonValue]) -> list[str]:
    """What is wrong between blocks: ids used twice, two elements that want the cursor."""
    found = []
    seen_blocks: set[str] = set()
    seen_actions: set[tuple[int, str]] = set()
    for at, block in enumerate(blocks):
        if not is_object(block) or "block_id" not in block:
            continue
        name = str(block["block_id"])
        if name in seen_blocks:
            found.append(problem(f"block_id {name} already exists", f"/blocks/{at}/block_id"))
        seen_blocks.add(name)
    elements = actionable(blocks)
    for at, element in elements:
        action = (at, str(element["action_id"]))
        if action in seen_actions:
            found.append(problem(f"action_id {action[1]} already exists", f"/blocks/{at}"))
        seen_actions.add(action)
    if sum(element.get("focus_on_load") is True for _, element in elements) > 1:
        found.append(problem("only one element may have focus_on_load", "/blocks"))
    return found
