"""Reads a form that was made from a tool's JSON Schema back into the arguments of a call."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from bot.chat.schema_form.kinds import Takes
from bot.chat.schema_form.measures import Argument
from bot.chat.schema_form.values import Given, Held, arguments_of, placed, read
from bot.chat.slack.kit import limits
from bot.chat.slack.modals.inputs import TEXTS, held, held_text
from bot.chat.slack.modals.schema_measures import planned
from bot.domain.canonical import JsonObject, JsonValue

JSON: Final = "json"
"""The action id of an input whose text is JSON, whatever the argument takes."""
_SECONDS: Final = re.compile(r"\d{1,11}", re.ASCII)


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

    def given(one: Argument) -> Given:
        action_id, found = held(state, one.input_id)
        is_json = action_id == JSON
        return Given(found if is_json else in_words(one, found), is_json)

    plan = planned(schema, scope)
    return arguments_of(plan, given, held_text(state, plan.more_id), texts=TEXTS)


def in_words(argument: Argument, found: Held) -> Held:
    """Gives what was put in, with a moment as a tool takes it; Slack gives its seconds."""
    if argument.takes is Takes.MOMENT and isinstance(found, str) and _SECONDS.fullmatch(found.strip()):
        return datetime.fromtimestamp(int(found), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return found


def value_of(argument: Argument, found: Held) -> JsonValue:
    """Gives the value that the argument's own input holds.

    Raises:
        Refusal: the text is not what the argument takes.
    """
    return read(argument, in_words(argument, found))


def schema_errors(schema: JsonObject, problems: Mapping[str, str], *, scope: str = "") -> dict[str, str]:
    """Gives sentences by block id for problems by dotted path; one of no field stands at the first block.

    A form without any block has no place for them, and gives nothing.
    """
    return placed(planned(schema, scope), problems, texts=TEXTS, limit=limits.INPUT_HINT)
