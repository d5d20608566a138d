"""Reads a form that was made from a tool's JSON Schema back into the arguments of a call."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import cut
from bot.chat.slack.modals.inputs import Held, code, held, words
from bot.chat.slack.modals.schema_kinds import Takes
from bot.chat.slack.modals.schema_plan import Argument, Plan, plan_of
from bot.domain.canonical import JsonObject, JsonValue, canonical, parse
from bot.domain.errors import Refusal

JSON: Final = "json"
"""The action id of an input whose text is JSON, whatever the argument takes."""
YES: Final = "true"
NO: Final = "false"

_WHOLE: Final = re.compile(r"[+-]?\d{1,100}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d{1,100}(\.\d{0,100})?|\.\d{1,100})([eE][+-]?\d{1,3})?", re.ASCII)
_SECONDS: Final = re.compile(r"\d{1,11}", re.ASCII)


class NotReadable(Refusal):
    """{why}"""  # noqa: D415 - the reason ends the sentence


def schema_values(
    schema: JsonObject, state: JsonObject, *, scope: str = ""
) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """Gives the arguments, and a sentence for each block whose text cannot be read.

    What is left empty is left out, or is null where the tool needs an answer and takes that one. Whether the
    arguments fit the schema is not checked here.

    Args:
        schema: what the form was made from.
        state: the values of the view's state.
        scope: as the form was made with.
    """
    plan = plan_of(schema, scope=scope)
    arguments: dict[str, JsonValue] = {}
    problems: dict[str, str] = {}
    for one in plan.arguments:
        action_id, found = held(state, one.block_id)
        if found is None or not found or (isinstance(found, str) and not found.strip()):
            if one.required and one.nullable:
                arguments[one.name] = None
            continue
        try:
            value = read(one, action_id, found)
        except Refusal as refusal:
            problems[one.block_id] = refusal.sentence
        else:
            if value is not None or action_id == JSON or one.takes is Takes.JSON:
                arguments[one.name] = value
    _, text = held(state, plan.more_id)
    if isinstance(text, str) and text.strip():
        try:
            arguments.update(_more(plan, text))
        except Refusal as refusal:
            problems[plan.more_id] = refusal.sentence
    return arguments, problems


def read(argument: Argument, action_id: str, found: Held) -> JsonValue:
    """Gives the argument's value; None where a list holds nothing.

    Raises:
        Refusal: the text is not what the argument takes.
    """
    if isinstance(found, list):
        return [_picked(argument, one) for one in found]
    text = found or ""
    if action_id == JSON or argument.takes is Takes.JSON:
        return parse(text)
    if argument.takes is Takes.LINES:
        lines = [line.strip() for line in text.split("\n")]
        return [_entry(argument.item, line) for line in lines if line] or None
    return _single(argument, text if argument.secret else text.strip())


def _single(argument: Argument, text: str) -> JsonValue:
    match argument.takes:
        case Takes.WHOLE | Takes.NUMBER:
            return _entry(argument.takes, text.strip())
        case Takes.BOOLEAN:
            return text == YES
        case Takes.CHOICE:
            return _picked(argument, text)
        case Takes.NAMED:
            return _named(argument, text)
        case Takes.LOOSE:
            return _loose(argument, text)
        case Takes.MOMENT if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case _:
            return text


def _entry(takes: Takes, text: str) -> JsonValue:
    if takes is Takes.WHOLE:
        if not _WHOLE.fullmatch(text):
            raise NotReadable(why="Must be a whole number.")
        return int(text)
    if takes is Takes.NUMBER:
        if not _NUMBER.fullmatch(text):
            raise NotReadable(why="Must be a number.")
        number = int(text) if _WHOLE.fullmatch(text) else float(text)
        canonical(number)
        return number
    return text


def _picked(argument: Argument, chosen: str) -> JsonValue:
    for value in argument.values:
        if code(canonical(value)) == chosen:
            return value
    raise NotReadable(why="What can be chosen here has changed. Choose again.")


def _named(argument: Argument, text: str) -> JsonValue:
    for value in argument.values:
        if text == (value if isinstance(value, str) else canonical(value)):
            return value
    raise NotReadable(why="Is none of the allowed values. Write one of them exactly.")


def _loose(argument: Argument, text: str) -> JsonValue:
    """Gives a number or a truth where the argument takes one and the text is one, else the text."""
    if _WHOLE.fullmatch(text) and argument.types & {"integer", "number"}:
        return int(text)
    if _NUMBER.fullmatch(text) and "number" in argument.types:
        return _entry(Takes.NUMBER, text)
    return text == YES if text in {YES, NO} and "boolean" in argument.types else text


def _more(plan: Plan, text: str) -> JsonObject:
    found = parse(text)
    if not isinstance(found, Mapping):
        raise NotReadable(why='Write names and values as JSON, such as {"name": "value"}.')
    own = {one.name: one.label for one in plan.arguments}
    for name in found:
        if name in own:
            raise NotReadable(
                why=f"{words(name, 80)} has a field of its own: {words(own[name], 80)}. Use that one."
            )
    return found


def schema_errors(schema: JsonObject, problems: Mapping[str, str], *, scope: str = "") -> dict[str, str]:
    """Gives sentences by block id for problems by dotted path; one of no field stands at the first block.

    A form without any block has no place for them, and gives nothing.
    """
    plan = plan_of(schema, scope=scope)
    first = plan.arguments[0].block_id if plan.arguments else plan.more_id if plan.more else ""
    found: dict[str, list[str]] = {}
    for path, sentence in problems.items():
        place, rest = _place(plan, path, first)
        if place:
            found.setdefault(place, []).append(f"{words(rest, 200)}: {sentence}" if rest else sentence)
    return {place: cut(" ".join(sentences), limits.INPUT_HINT) for place, sentences in found.items()}


def _place(plan: Plan, path: str, first: str) -> tuple[str, str]:
    """Gives the block of the path's argument and what of the path is left; a name may itself have dots."""
    holders = [one for one in plan.arguments if path == one.name or path.startswith(f"{one.name}.")]
    if holders and path:
        best = max(holders, key=lambda one: len(one.name))
        return best.block_id, path[len(best.name) + 1 :]
    return (plan.more_id if plan.more and path else first), path
