"""The request form: a tool is picked, or the need is said in words; then come the tool's own fields."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final

from bot.cards.visible import visible
from bot.chat.teams.dialogs.fields import Drawn, laid_out, noticed, said, unplaced, with_errors
from bot.chat.teams.dialogs.inputs import TEXTS, held_text, text_input
from bot.chat.teams.dialogs.schema_fields import schema_errors, schema_fields, schema_values
from bot.chat.teams.dialogs.schema_inputs import JSON, planned
from bot.chat.teams.dialogs.tool_picker import Picked, back, picked_of, picker
from bot.chat.teams.dialogs.view import DialogView, view
from bot.chat.teams.kit.actions import Do, Press, submitting
from bot.chat.teams.kit.elements import Element, rich, run
from bot.chat.teams.kit.limits import CARD_BYTES
from bot.chat.teams.kit.texts import wire_bytes
from bot.chat.tool_choice import Named
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.errors import Refusal
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.intake import MAX_TEXT

REQUEST: Final = "request"
"""The word under which the picker keeps that it is for this form."""
NOTE: Final = "note"
"""The id of the plain words, which are the note once a tool is picked."""
TITLE: Final = "Ask IT"
_ABOUT: Final = 1_800
_HEADING: Final = 300
_KEPT_NOTE: Final = 600
"""Bytes of a note that the way back keeps; a longer one has to be written again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledRequest:
    """What was filled in; with problems, nothing of it may be sent."""

    arguments: JsonObject
    note: str
    problems: Mapping[str, str]
    """A sentence by the id of the input."""


def tool_picker_view(
    tools: Sequence[Named], *, key: str, note: str = "", picked: Picked | None = None, notice: str = ""
) -> DialogView:
    """Gives the first step: a tool, or plain words.

    Args:
        tools: all that can be picked.
        key: the surface's own id of what will be sent, at most 200 characters.
        note: what stands in the words at first.
        picked: of the press that the step is shown again for.
        notice: a sentence above everything.
    """
    asked: list[Drawn] = []
    below: list[Element] = []
    if tools:
        search = picked.search if picked else ""
        asked, below = picker(tools, label="What should be done?", form=REQUEST, key=key, search=search)
    label = "Or say it in your own words" if tools else "Say it in your own words"
    every = [*asked, note_field(label, note, hint="One or two sentences are enough.")]
    if picked:
        every = with_errors(every, {_id(every[0]): picked.problem})
    send = submitting("Send", Do.SEND, style="" if tools else "positive", key=key)
    room = CARD_BYTES - wire_bytes(view(TITLE, [*noticed(notice), *below], [send]).card)
    split = sum(len(one.elements()) for one in every[:-1])
    fields = laid_out(every, room)
    return view(TITLE, [*noticed(notice), *fields[:split], *below, *fields[split:]], [send])


def request_view(
    tool: CatalogTool,
    *,
    key: str,
    values: JsonObject | None = None,
    typed: Mapping[str, JsonValue] | None = None,
    note: str = "",
    errors: Mapping[str, str] | None = None,
    notice: str = "",
    zone: tzinfo = UTC,
) -> DialogView:
    """Gives the second step: the picked tool's fields, and the way back to another one.

    Args:
        tool: whose fields are shown.
        key: as the first step had it.
        values: arguments that stand in it at first; None for the tool's defaults.
        typed: the inputs of the press that it is shown again for; None for a form that is new.
        note: what stands in the note at first, where the form is new.
        errors: a sentence by the id of the input that it is about.
        notice: a sentence above everything.
        zone: in which times are asked for; the same as for `request_of`.
    """
    schema = tool.definition.input_schema
    fields = schema_fields(schema, values=values, typed=typed, scope=scope_of(tool.id), zone=zone)
    about = _about(tool, has_fields=bool(fields))
    note = note if typed is None else held_text(typed, NOTE)
    hint = "Why it is needed. Whoever decides reads this."
    fields = [*fields, note_field("Note for the approver", note, hint=hint)]
    kept = note if wire_bytes(note) <= _KEPT_NOTE else ""
    buttons = [
        submitting("Send", Do.SEND, style="positive", key=key, tool=str(tool.id)),
        back("Something else", form=REQUEST, key=key, note=kept),
    ]
    places = {_id(one).removeprefix(JSON): _id(one) for one in fields}
    found = {places.get(place, place): sentence for place, sentence in (errors or {}).items()}
    body = [*noticed(notice), *noticed(unplaced(fields, found)), *about]
    fields = with_errors(fields, found)
    room = CARD_BYTES - wire_bytes(view(TITLE, body, buttons).card)
    return view(TITLE, [*body, *laid_out(fields, room)], buttons)


def _about(tool: CatalogTool, *, has_fields: bool) -> list[Element]:
    title = TEXTS.words(tool.definition.plain_title, _HEADING) or tool.id.name
    found = [rich(run(title, bold=True))]
    description = visible(TEXTS.fitting(tool.definition.description, 4 * _ABOUT), set()).strip()
    if description:
        found.append(rich(run(TEXTS.cut(description, _ABOUT))))
    if not has_fields:
        found.append(rich(run("It takes no details.", subtle=True)))
    return found


def note_field(label: str, note: str, *, hint: str, required: bool = False) -> Drawn:
    """Gives the field for plain words, or for the note."""
    element = text_input(NOTE, label, multiline=True, most=MAX_TEXT, required=required)
    return Drawn(element=element, value=note or None, hint=hint)


def _id(field: Drawn) -> str:
    return str(field.element["id"])


def scope_of(tool: ToolId) -> str:
    """Gives what keeps the inputs of one tool apart from those of another."""
    return hashlib.sha256(str(tool).encode()).hexdigest()[:8]


def note_of(press: Press) -> str:
    """Gives the plain words, or the note; those that a way back has kept."""
    return (held_text(press.inputs, NOTE) or press.text("note")).strip()


def tool_of(press: Press) -> ToolId | None:
    """Gives the tool whose fields the pressed form shows; None for the first step, or for no tool."""
    try:
        return ToolId.parse(press.text("tool")) if press.text("tool") else None
    except Refusal:
        return None


def request_picked(press: Press, tools: Sequence[Named]) -> Picked:
    """Gives what a press in the first step says."""
    return picked_of(press, tools, words=note_of(press))


def request_of(press: Press, tool: CatalogTool, *, zone: tzinfo = UTC) -> FilledRequest:
    """Gives what was filled in.

    Args:
        press: of Send.
        tool: whose fields the form shows, `tool_of(press)`.
        zone: as the form was made with.
    """
    schema, scope = tool.definition.input_schema, scope_of(tool.id)
    arguments, problems = schema_values(schema, press.inputs, scope=scope, zone=zone)
    problems = {place: said(sentence) for place, sentence in problems.items()}
    return FilledRequest(arguments=arguments, note=note_of(press), problems=problems)


def request_errors(tool: CatalogTool, problems: Mapping[str, str]) -> dict[str, str]:
    """Gives the sentences of a refused form by input id; those about no field stand above everything.

    Args:
        tool: whose fields the form shows.
        problems: sentences by dotted path.
    """
    schema, scope = tool.definition.input_schema, scope_of(tool.id)
    names = {one.name for one in planned(schema, scope).arguments}
    ours = {"note": NOTE, "tool": ""}
    beside = {path: sentence for path, sentence in problems.items() if path in ours.keys() - names}
    own = {path: sentence for path, sentence in problems.items() if path not in beside}
    found = schema_errors(schema, own, scope=scope)
    if own and not found:
        beside["tool"] = " ".join([*own.values(), beside.get("tool", "")]).strip()
    return {**found, **{ours[path]: sentence for path, sentence in beside.items()}}
