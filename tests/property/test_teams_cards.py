"""Whatever a card holds, Teams takes it, and people see all of it or are told what is missing."""

import re

from hypothesis import given, settings

from bot.cards.answer import Answer, AnswerRow
from bot.cards.model import Card
from bot.chat.teams.kit import limits
from bot.chat.teams.kit.texts import wire_bytes
from bot.chat.teams.shown.answer import answer_cards
from bot.chat.teams.shown.card import render, title
from bot.chat.teams.shown.says import notified, spoken, told_card, unshown
from bot.chat.teams.shown.whole import whole_views
from bot.domain.canonical import JsonObject
from tests.hostile_cards import CARE, cards, missing, squeezed, texts
from tests.servers.teams_rules import card_problems
from tests.slack_cards import objects_in
from tests.teams_cards import body_of, buttons_of, contents, kept_in, read, runs_of

DATES = re.compile(r"\{\{\s*(DATE|TIME)\s*\(", re.IGNORECASE)


def offered(card: JsonObject) -> set[str]:
    """Gives the actions of the product's card that can be taken on this one."""
    return {kept["action"] for kept in map(kept_in, buttons_of(card).values()) if "action" in kept}


def whole_text(card: Card, first: JsonObject, *more: JsonObject) -> str:
    above = "" if read(title(card.title)).endswith("…") else read(body_of(first)[0])
    return "".join((above, *map(contents, (first, *more))))


def assert_inert(card: JsonObject) -> None:
    """Passes for a card in which only our own constant words stand where Teams reads markup."""
    marked = [str(one["text"]) for one in objects_in(card) if one.get("type") == "TextBlock"]
    assert all(re.fullmatch(r"[A-Za-z :,.]+", text) for text in marked)
    assert not any(DATES.search(str(one["text"])) for one in runs_of(card))
    kinds = {str(one["type"]) for one in objects_in({"body": card["body"]}) if "type" in one}
    assert not kinds & {"FactSet", "Table", "Image", "Media"}


@settings(deadline=None, max_examples=40)
@given(cards())
def test_teams_takes_every_card(card: Card) -> None:
    rendered = render(card)
    assert card_problems(rendered.card) == []
    assert wire_bytes(rendered.card) <= limits.CARD_BYTES
    assert_inert(rendered.card)
    assert not set(rendered.summary) & set("<>*_~`[]\n")
    assert card_problems(unshown(card)) == []


@settings(deadline=None, max_examples=40)
@given(cards())
def test_teams_takes_every_page(card: Card) -> None:
    for view in whole_views(card):
        assert card_problems(view, in_dialog=True) == []
        assert wire_bytes(view) <= limits.CARD_BYTES
        assert_inert(view)


@settings(deadline=None, max_examples=40)
@given(cards())
def test_a_card_is_whole_or_offers_nothing_that_runs(card: Card) -> None:
    rendered = render(card)
    actions = {action.id for action in card.actions}
    if rendered.whole:
        assert offered(rendered.card) == actions
        assert missing(card, whole_text(card, rendered.card)) == []
    else:
        assert offered(rendered.card) == actions - CARE
        assert "view:1" in buttons_of(rendered.card)


@settings(deadline=None, max_examples=40)
@given(cards())
def test_the_pages_together_say_everything_and_only_the_last_decides(card: Card) -> None:
    views = whole_views(card)
    assert missing(card, whole_text(card, *views)) == []
    for view in views[:-1]:
        assert not offered(view)
    assert offered(views[-1]) == {action.id for action in card.actions}


@settings(deadline=None, max_examples=40)
@given(cards())
def test_answers_stay_within_the_limits_whatever_they_hold(card: Card) -> None:
    rows = tuple(AnswerRow(label=fact.label, badge=fact.value[:40], facts=card.facts) for fact in card.facts)
    answer = Answer(title=card.title, facts=card.facts, lines=rows, note=card.title)
    for drawn in answer_cards(answer):
        assert card_problems(drawn) == []
        assert wire_bytes(drawn) <= limits.CARD_BYTES
        assert_inert(drawn)


@settings(deadline=None)
@given(texts)
def test_plain_words_are_all_said_and_never_too_long(text: str) -> None:
    found = spoken(text)
    assert all(0 < wire_bytes(one) <= limits.TEXT_BYTES + 2 for one in found)
    assert squeezed("".join(found)) == (squeezed(text) or "…")
    assert not set(notified(text)) & set("<>*_~`[]\n")
    assert card_problems(told_card(text, text)) == []
    assert wire_bytes(told_card(text, text)) <= limits.CARD_BYTES
