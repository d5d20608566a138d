"""The request form: a tool is picked, or the need is said in words; then come the tool's own fields."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.cards.visible import visible
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, context, cut, field, modal, section
from bot.chat.slack.kit.texts import fitting
from bot.chat.slack.modals.dialog import metadata_of
from bot.chat.slack.modals.inputs import code, held_text, input_blocks, state_of, text_input, words
from bot.chat.slack.modals.schema_fields import schema_blocks
from bot.chat.slack.modals.schema_values import schema_errors, schema_values
from bot.chat.slack.modals.tool_picker import TOOL, picked_code, picker_field
from bot.chat.tool_choice import Named
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.tools import CatalogTool, ToolId

REQUEST: Final = "request"
NOTE: Final = "note"
"""The block of the plain words, which are the note once a tool is picked: Slack keeps what was typed."""
_ABOUT: Final = 1_000
_PICK: Final = "What should be done?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a form was opened, and which tool's fields it shows."""

    place: str = ""
    thread: str = ""
    key: str = ""
    """The surface's own id of what will be submitted."""
    tool: ToolId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledRequest:
    """What was filled in; with problems, nothing of it may be sent."""

    arguments: JsonObject
    note: str
    problems: Mapping[str, str]
    """A sentence by block id."""


def tool_picker_view(tools: Sequence[Named], *, origin: Origin, note: str = "", notice: str = "") -> Block:
    """Gives the first step: a tool, or plain words."""
    blocks = [section(notice)] if notice else []
    if tools:
        blocks.append(picker_field(tools, label=_PICK, chosen=None, optional=True))
    label = "Or say it in your own words" if tools else "Say it in your own words"
    blocks.append(_note_field(label, note, hint="One or two sentences are enough."))
    return modal(REQUEST, "Ask IT", blocks, submit="Send", private_metadata=_kept(replace(origin, tool=None)))


def request_view(
    tool: CatalogTool,
    tools: Sequence[Named],
    *,
    origin: Origin,
    values: JsonObject | None = None,
    note: str = "",
    notice: str = "",
) -> Block:
    """Gives the second step: the picked tool's fields below the picker, where another one can be picked.

    Args:
        tool: whose fields are shown.
        tools: all that can be picked.
        origin: as the first step had it.
        values: arguments that stand in it at first; None for the tool's defaults.
        note: what stands in the note at first; Slack keeps what was typed in the first step.
        notice: a sentence above everything.
    """
    known = [one for one in tools if one[0] == tool.id]
    own = (tool.id, tool.definition.plain_title, tool.definition.description)
    listed = tools if known else [own, *tools]
    blocks = [section(notice)] if notice else []
    blocks.append(picker_field(listed, label=_PICK, chosen=tool.id, optional=False))
    about = visible(fitting(tool.definition.description, 4 * _ABOUT), set()).strip()
    if about:
        blocks.append(section(cut(about, _ABOUT)))
    fields = schema_blocks(tool.definition.input_schema, values=values, scope=scope_of(tool.id))
    blocks += fields or [context("It takes no details.")]
    blocks.append(
        _note_field("Note for the approver", note, hint="Why it is needed. Whoever decides reads this.")
    )
    metadata = _kept(replace(origin, tool=tool.id))
    return modal(REQUEST, "Ask IT", blocks, submit="Send", private_metadata=metadata)


def scope_of(tool: ToolId) -> str:
    """Gives what keeps the inputs of one tool apart from those of another in the same modal."""
    return hashlib.sha256(str(tool).encode()).hexdigest()[:8]


def _note_field(label: str, note: str, *, hint: str) -> Block:
    element = text_input(cut(note, limits.TEXT_INPUT), multiline=True)
    return field(NOTE, label, {**element, "max_length": limits.TEXT_INPUT}, hint=hint)


def _kept(origin: Origin) -> str:
    tool = str(origin.tool) if origin.tool else ""
    return json.dumps({"tool": tool, "place": origin.place, "thread": origin.thread, "key": origin.key})


def origin_of(view: JsonObject) -> Origin:
    """Gives where the form was opened, and which tool's fields it shows; None for the first step."""
    kept = metadata_of(view)
    try:
        tool = ToolId.parse(kept["tool"]) if kept.get("tool") else None
    except Refusal:
        tool = None
    return Origin(
        place=kept.get("place", ""), thread=kept.get("thread", ""), key=kept.get("key", ""), tool=tool
    )


def note_of(view: JsonObject) -> str:
    """Gives the plain words, or the note."""
    return held_text(state_of(view), NOTE).strip()


def request_of(view: JsonObject, tool: CatalogTool | None) -> FilledRequest:
    """Gives what was filled in.

    Args:
        view: the submitted view.
        tool: whose fields it shows, `origin_of(view).tool`; None for the first step, where words do.
    """
    note = note_of(view)
    if tool is None:
        return FilledRequest(arguments={}, note=note, problems=_first_problems(view, note))
    schema = tool.definition.input_schema
    arguments, problems = schema_values(schema, state_of(view), scope=scope_of(tool.id))
    if picked_code(view) != code(str(tool.id)):
        shown = words(tool.definition.plain_title, 80)
        problems[TOOL] = (
            f"The fields below are for “{shown}”. Choose again, and wait for the fields to change."
        )
    return FilledRequest(arguments=arguments, note=note, problems=_placed(problems, view))


def request_errors(
    tool: CatalogTool, problems: Mapping[str, str], *, view: JsonObject | None = None
) -> dict[str, str]:
    """Gives the sentences of a refused form by block id; those without a field stand at the picker.

    Args:
        tool: whose fields the form shows.
        problems: sentences by dotted path.
        view: the submitted view; without it, the tool is taken to be as it was when the form was opened.
    """
    schema = tool.definition.input_schema
    found = schema_errors(schema, problems, scope=scope_of(tool.id)) or {TOOL: " ".join(problems.values())}
    return _placed(found, view)


def _placed(problems: Mapping[str, str], view: JsonObject | None) -> dict[str, str]:
    """Gives the sentences with those of a block that is not in the view at the picker."""
    places = None if view is None else input_blocks(view)
    found: dict[str, list[str]] = {}
    for place, sentence in problems.items():
        found.setdefault(place if places is None or place in places else TOOL, []).append(sentence)
    return {place: cut(" ".join(sentences), limits.INPUT_HINT) for place, sentences in found.items()}


def _first_problems(view: JsonObject, note: str) -> dict[str, str]:
    """Gives what is wrong with the first step; nothing where words say what is needed."""
    if picked_code(view):
        return {TOOL: "The fields for this are not here yet. Wait for them, then send."}
    if note:
        return {}
    first = next(iter(input_blocks(view)), NOTE)
    return {first: "Choose what should be done, or say below what you need."}
