"""The Teams for tests takes the cards that Teams takes, and tells what people read in them."""

import pytest

from bot.domain.canonical import JsonObject
from tests.servers.teams_bot import APPROVE, DENY, NOTE, SEND, card, text
from tests.servers.teams_rules import card_problems
from tests.servers.teams_words import marked_texts, words


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"type": "Marquee"}, "unsupported type"),
        ({"type": "TextBlock", "text": "x", "onClick": "x"}, "invalid additional property"),
        ({"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": ""}]}, "more than 0 characters"),
        ({"type": "Input.Text"}, "missing required field: id"),
        ({"type": "Input.ChoiceSet", "id": "a", "choices": [{"title": "x"}]}, "field: value"),
        (
            {"type": "Input.ChoiceSet", "id": "a", "value": "z", "choices": [{"title": "x", "value": "x"}]},
            "one of the choices",
        ),
        (
            {"type": "Container", "items": [NOTE, {"type": "Container", "items": [NOTE]}]},
            "id note already exists",
        ),
        (
            {"type": "ActionSet", "actions": [{"type": "Action.Execute", "title": "x"}]},
            "missing required field: verb",
        ),
        ({"type": "ActionSet", "actions": [SEND] * 16}, "no more than 15"),
        (
            {"type": "ActionSet", "actions": [{**SEND, "data": {"msteams": {"type": "x"}}}]},
            "/data/msteams/type",
        ),
    ],
)
def test_a_card_that_teams_would_not_show_is_refused(wrong: JsonObject, why: str) -> None:
    assert any(why in said for said in card_problems(card(wrong)))


def test_a_good_card_is_taken_and_a_dialog_takes_no_execute() -> None:
    good = card(text("Hello"), NOTE, actions=[APPROVE, DENY])
    assert card_problems(good) == []
    assert card_problems(good, in_dialog=True) != []
    assert card_problems({**good, "version": "1.6"}) != []


def test_texts_in_which_signs_are_markdown_are_told() -> None:
    outside: JsonObject = {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "*bold*"}]}
    date: JsonObject = {"type": "TextRun", "text": "until {{DATE(2026-11-16T09:00:00Z)}}"}
    seen = card(text("**Ours**"), outside, {"type": "RichTextBlock", "inlines": [date]})
    assert marked_texts(seen) == ["**Ours**"]
    assert words(seen).splitlines() == ["**Ours**", "*bold*", "until (a date)"]
