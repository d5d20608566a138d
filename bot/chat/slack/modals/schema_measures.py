"""How much of a form made from a JSON Schema Slack takes."""

import json
from collections.abc import Sequence
from typing import Final

from bot.chat.choices import Choice
from bot.chat.schema_form.measures import Argument, Measures, Plan, Size
from bot.chat.schema_form.plan import plan_of
from bot.chat.slack.kit import limits
from bot.chat.slack.modals.inputs import TEXTS, Menu, code, options_of
from bot.domain.canonical import JsonObject

_FIELD_WEIGHT: Final = 400
"""What a field weighs besides its texts and options."""


def _weight(one: Argument) -> int:
    # As ASCII, which is the longest way to write JSON.
    texts = len(ascii(one.label)) + len(ascii(one.hint)) + 2 * len(ascii(one.input_id))
    options = len(json.dumps(options_of(one.choices))) if one.choices else 0
    return _FIELD_WEIGHT + texts + options


def _takes_menu(choices: Sequence[Choice]) -> bool:
    return Menu(options_of(choices)).fits


SLACK: Final = Measures(
    texts=TEXTS,
    sizes=(Size(limits.INPUT_LABEL, limits.INPUT_HINT, 400), Size(150, 300, 400), Size(150, 300, 20)),
    choice=limits.OPTION_TEXT,
    name=200,
    fields=90,
    form=90_000,
    weight=_weight,
    code=code,
    takes_menu=_takes_menu,
    moment="In your own time zone.",
)
"""A view takes ten blocks besides the fields, and more than twice the weight."""


def planned(schema: JsonObject, scope: str) -> Plan:
    """Gives the plan of a form in Slack; the same schema always gives the same one."""
    return plan_of(schema, SLACK, scope=scope)
