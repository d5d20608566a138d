"""The rules of an Adaptive Card's inputs.

Source: https://adaptivecards.io/explorer/Input.Text.html
"""

from collections.abc import Mapping
from typing import Final

from tests.servers.slack_shapes import Rule, flag, items, matching, number, shape, text
from tests.servers.teams_shape_rules import (
    ANY_WORDS,
    COMMON,
    ID,
    WORDS,
    decimal,
    element,
    expression,
    later,
    word,
)

_DATE: Final = matching(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a date in the form YYYY-MM-DD")
_TIME: Final = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time in the form HH:MM")
_CHOICE: Final = shape({"title": WORDS, "value": WORDS})
_SEARCHED: Final = element("Data.Query", {"dataset": text(1_500)}, {})
"""What is searched while one types.

Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search
"""
_INPUT: Final[Mapping[str, Rule]] = {
    **COMMON,
    "errorMessage": WORDS,
    "isRequired": flag,
    "label": WORDS,
}

INPUTS: Final[Mapping[str, Rule]] = {
    "Input.Text": element(
        "Input.Text",
        {"id": ID},
        {
            **_INPUT,
            "inlineAction": later("action"),
            "isMultiline": flag,
            "maxLength": number(1, 1_000_000),
            "placeholder": ANY_WORDS,
            "regex": expression,
            "style": word("text", "tel", "url", "email", "password"),
            "value": ANY_WORDS,
        },
    ),
    "Input.Number": element(
        "Input.Number",
        {"id": ID},
        {**_INPUT, "max": decimal, "min": decimal, "placeholder": ANY_WORDS, "value": decimal},
    ),
    "Input.Date": element(
        "Input.Date",
        {"id": ID},
        {**_INPUT, "max": _DATE, "min": _DATE, "placeholder": ANY_WORDS, "value": _DATE},
    ),
    "Input.Time": element(
        "Input.Time",
        {"id": ID},
        {**_INPUT, "max": _TIME, "min": _TIME, "placeholder": ANY_WORDS, "value": _TIME},
    ),
    "Input.Toggle": element(
        "Input.Toggle",
        {"id": ID, "title": WORDS},
        {**_INPUT, "value": WORDS, "valueOff": WORDS, "valueOn": WORDS, "wrap": flag},
    ),
    "Input.ChoiceSet": element(
        "Input.ChoiceSet",
        {"id": ID, "choices": items(_CHOICE, 1000, 0)},
        {
            **_INPUT,
            "choices.data": _SEARCHED,
            "isMultiSelect": flag,
            "placeholder": ANY_WORDS,
            "style": word("compact", "expanded", "filtered"),
            "value": ANY_WORDS,
            "wrap": flag,
        },
    ),
}
