"""Reads a form that was made from a tool's JSON Schema back into the arguments of a call."""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from bot.chat.schema_form.kinds import Takes
from bot.chat.schema_form.measures import Argument, Plan
from bot.chat.texts import TextMeasure
from bot.domain.canonical import JsonObject, JsonValue, canonical, parse
from bot.domain.errors import Refusal

YES: Final = "true"
NO: Final = "false"

_WHOLE: Final = re.compile(r"[+-]?\d{1,100}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d{1,100}(\.\d{0,100})?|\.\d{1,100})([eE][+-]?\d{1,3})?", re.ASCII)

Held = str | list[str] | None
"""What an input holds: a text, the codes of several choices, or nothing."""


class Given(NamedTuple):
    """What was put into an argument's field."""

    held: Held
    is_json: bool = False
    """Whether its text is JSON, whatever the argument takes."""


class NotReadable(Refusal):
    """{why}"""  # noqa: D415 - the reason ends the sentence


def arguments_of(
    plan: Plan, given: Callable[[Argument], Given], more: str, *, texts: TextMeasure
) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """Gives the arguments, and a sentence for each input whose text cannot be read, by its id.

    What is left empty is left out, or is null where the tool needs an answer and takes that one. Whether the
    arguments fit the schema is not checked here.

    Args:
        plan: of the form.
        given: gives what was put into an argument's field.
        more: what stands in the field for more arguments; empty for nothing.
        texts: how long the platform finds a text.
    """
    arguments: dict[str, JsonValue] = {}
    problems: dict[str, str] = {}
    for one in plan.arguments:
        try:
            found, is_json = given(one)
            if not found or (isinstance(found, str) and not found.strip()):
                if one.required and one.nullable:
                    arguments[one.name] = None
                continue
            value = read(one, found, is_json=is_json)
        except Refusal as refusal:
            problems[one.input_id] = refusal.sentence
        else:
            if value is not None or is_json or one.takes is Takes.JSON:
                arguments[one.name] = value
    if more.strip():
        try:
            arguments.update(_more(plan, more, texts))
        except Refusal as refusal:
            problems[plan.more_id] = refusal.sentence
    return arguments, problems


def read(argument: Argument, found: Held, *, is_json: bool = False) -> JsonValue:
    """Gives the argument's value; None where a list holds nothing.

    Raises:
        Refusal: the text is not what the argument takes.
    """
    if isinstance(found, list):
        return [_picked(argument, one) for one in found]
    text = found or ""
    if is_json or argument.takes is Takes.JSON:
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
    for choice, value in zip(argument.choices, argument.values, strict=False):
        if choice.code == chosen:
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


def _more(plan: Plan, text: str, texts: TextMeasure) -> JsonObject:
    found = parse(text)
    if not isinstance(found, Mapping):
        raise NotReadable(why='Write names and values as JSON, such as {"name": "value"}.')
    own = {one.name: one.label for one in plan.arguments}
    for name in found:
        if name in own:
            shown, label = texts.words(name, 80), texts.words(own[name], 80)
            raise NotReadable(why=f"{shown} has a field of its own: {label}. Use that one.")
    return found


def placed(plan: Plan, problems: Mapping[str, str], *, texts: TextMeasure, limit: int) -> dict[str, str]:
    """Gives sentences by input id for problems by dotted path; one of no field stands at the first input.

    A form without any input has no place for them, and gives nothing.

    Args:
        plan: of the form.
        problems: a sentence by the dotted path of what it is about.
        texts: how long the platform finds a text.
        limit: of what is said at one input.
    """
    first = plan.arguments[0].input_id if plan.arguments else plan.more_id if plan.more else ""
    found: dict[str, list[str]] = {}
    for path, sentence in problems.items():
        place, rest = _place(plan, path, first)
        if place:
            found.setdefault(place, []).append(f"{texts.words(rest, 200)}: {sentence}" if rest else sentence)
    return {place: texts.cut(" ".join(sentences), limit) for place, sentences in found.items()}


def _place(plan: Plan, path: str, first: str) -> tuple[str, str]:
    """Gives the input of the path's argument and what of the path is left; a name may itself have dots."""
    holders = [one for one in plan.arguments if path == one.name or path.startswith(f"{one.name}.")]
    if holders and path:
        best = max(holders, key=lambda one: len(one.name))
        return best.input_id, path[len(best.name) + 1 :]
    return (plan.more_id if plan.more and path else first), path
