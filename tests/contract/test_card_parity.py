"""Every card says the same words in the same order, and offers the same, in Slack and in Teams."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pytest

from bot.cards.model import Card
from bot.chat.slack.shown import buttons as slack_buttons
from bot.chat.slack.shown import card as slack_card
from bot.chat.slack.shown import whole as slack_whole
from bot.chat.teams.kit.actions import Do
from bot.chat.teams.shown import card as teams_card
from bot.chat.teams.shown import whole as teams_whole
from bot.domain.canonical import JsonObject
from tests import slack_cards, teams_cards
from tests.every_card import every_card
from tests.hostile_cards import CARE

CARDS: Final = every_card()
VIEW_ALL: Final = slack_buttons.VIEW_ALL
TURNING: Final = {slack_whole.PREVIOUS, slack_whole.NEXT}
_GOES_ON: Final = re.compile(r".*, part \d+ of \d+:", re.DOTALL)
_SHAPE: Final = re.compile(r"[\s\u00a0:–⚠]+")
"""What stands between words in one shape and not in another."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One button as its presser sees it."""

    label: str
    action: str
    asks: bool
    """Whether something is asked before it is done."""
    weight: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What a person sees of a card: its words, without how they are set, and its buttons."""

    words: str
    offers: tuple[Offer, ...]


_WEIGHTS: Final = {"primary": "strong", "positive": "strong", "danger": "careful", "destructive": "careful"}


def in_slack(blocks: Sequence[JsonObject]) -> Sight:
    shown = [block for block in blocks if block["type"] != "actions"]
    texts = [str(one["text"]) for one in slack_cards.objects_in(shown) if isinstance(one.get("text"), str)]
    offers = []
    for name, one in slack_cards.buttons_of(blocks).items():
        label = slack_cards.read([{"text": one["text"]}])
        asks = "confirm" in one or label.endswith("…")
        weight = _WEIGHTS.get(str(one.get("style")), "")
        offers.append(Offer(label, name.removeprefix("act:"), asks, weight))
    return Sight(_words(texts), tuple(offers))


def in_teams(body: Sequence[JsonObject], actions: Sequence[JsonObject]) -> Sight:
    texts = [str(one["text"]) for one in teams_cards.runs_of(list(body))]
    offers = []
    for one in teams_cards.buttons_of({"body": list(body), "actions": list(actions)}).values():
        kept = teams_cards.kept_in(one)
        weight = _WEIGHTS.get(str(one.get("style")), "")
        offers.append(Offer(str(one["title"]), kept.get("action", VIEW_ALL), kept["do"] == Do.ASK, weight))
    return Sight(_words(texts), tuple(offers))


def pages_in_slack(card: Card) -> Sight:
    """Gives what stands below heading and status on all pages, and what the last one offers."""
    views = [
        slack_cards.blocks_of(slack_whole.whole_view(card, page))
        for page in range(1, slack_whole.pages(card) + 1)
    ]
    assert not any(one.action not in TURNING for view in views[:-1] for one in in_slack(view).offers)
    return _without_turning(in_slack([block for view in views for block in view[2:]]))


def pages_in_teams(card: Card) -> Sight:
    """Gives what stands below heading and status on all pages, and what the last one offers."""
    views = teams_whole.whole_views(card)
    assert not any("actions" in view for view in views[:-1])
    body = [one for view in views for one in teams_cards.body_of(view)[2:] if one["type"] != "ActionSet"]
    return in_teams(body, teams_cards.actions_of(views[-1]))


def _without_turning(sight: Sight) -> Sight:
    return replace(sight, offers=tuple(one for one in sight.offers if one.action not in TURNING))


def _words(texts: Sequence[str]) -> str:
    return _SHAPE.sub("", "".join(text for text in texts if not _GOES_ON.fullmatch(text)))


@pytest.mark.parametrize("name", CARDS)
def test_a_card_says_the_same_and_offers_the_same(name: str) -> None:
    card = CARDS[name]
    slack, teams = slack_card.render(card), teams_card.render(card)
    if slack.whole and teams.whole:
        seen = in_teams(teams_cards.body_of(teams.card), teams_cards.actions_of(teams.card))
        assert seen == in_slack(slack.blocks)
    assert pages_in_teams(card) == pages_in_slack(card)


def test_the_suite_has_cards_that_fit_and_cards_that_do_not() -> None:
    fits = {slack_card.render(card).whole and teams_card.render(card).whole for card in CARDS.values()}
    assert fits == {True, False}
    assert any(len(teams_whole.whole_views(card)) > 1 for card in CARDS.values())


@pytest.mark.parametrize("name", CARDS)
def test_a_part_of_a_card_offers_the_same_and_nothing_that_runs(name: str) -> None:
    card = CARDS[name]
    everything = pages_in_slack(card).offers
    harmless = [one for one in everything if one.action not in CARE]
    slack, teams = slack_card.render(card), teams_card.render(card)
    for whole, seen in (
        (slack.whole, in_slack(slack.blocks)),
        (teams.whole, in_teams(teams_cards.body_of(teams.card), teams_cards.actions_of(teams.card))),
    ):
        part = (Offer("View all", VIEW_ALL, asks=False, weight=""), *harmless)
        assert seen.offers == (everything if whole else part)
        assert whole or "Noteverythingfitshere." in seen.words


@pytest.mark.parametrize("name", CARDS)
def test_notifications_say_the_same(name: str) -> None:
    said = [slack_card.render(CARDS[name]).text, teams_card.render(CARDS[name]).summary]
    slack, teams = (re.sub(r"&\w+;|\W", "", one) for one in said)
    assert teams == slack
