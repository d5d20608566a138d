"""Whatever a card holds, Slack takes it, and people see all of it or are told what is missing."""

import json
from collections.abc import Sequence

from hypothesis import given, settings

from bot.cards.model import Card
from bot.chat.slack.kit import limits
from bot.chat.slack.shown.card import render
from bot.chat.slack.shown.whole import pages, whole_view
from bot.domain.canonical import JsonObject
from tests.hostile_cards import CARE, cards, missing
from tests.servers.slack_rules import problems_of_message, problems_of_view
from tests.slack_cards import blocks_of, buttons_of, contents, objects_in

RUNS = {f"act:{action}" for action in CARE}


def shown_on(blocks: Sequence[JsonObject], title: str) -> str:
    """Gives what is read on a message: its heading only where that shows the whole title."""
    [heading] = list(objects_in(blocks[0]["text"]))
    return f"{heading['text']}{contents(blocks)}" if len(title) < 200 else contents(blocks)


def kinds_of_text(blocks: Sequence[JsonObject]) -> set[str]:
    return {str(one["type"]) for one in objects_in(blocks) if isinstance(one.get("text"), str)}


@settings(deadline=None, max_examples=60)
@given(cards())
def test_slack_takes_every_message(card: Card) -> None:
    rendered = render(card)
    assert problems_of_message({"text": rendered.text, "blocks": rendered.blocks}) == []
    assert kinds_of_text(rendered.blocks) <= {"plain_text", "text"}
    assert not set(rendered.text) & set("*_~`<>\n")
    assert len(json.dumps(rendered.blocks, ensure_ascii=False)) <= limits.MESSAGE_TEXT * 1.1


@settings(deadline=None, max_examples=60)
@given(cards())
def test_slack_takes_every_page(card: Card) -> None:
    for page in range(1, pages(card) + 1):
        view = whole_view(card, page, metadata="m" * limits.PRIVATE_METADATA)
        assert problems_of_view(view) == []
        assert kinds_of_text(blocks_of(view)) <= {"plain_text", "text"}


@settings(deadline=None, max_examples=60)
@given(cards())
def test_a_message_is_whole_or_offers_nothing_that_runs(card: Card) -> None:
    rendered = render(card)
    offered = set(buttons_of(rendered.blocks))
    if rendered.whole:
        assert offered == {f"act:{action.id}" for action in card.actions}
        assert missing(card, shown_on(rendered.blocks, card.title)) == []
    else:
        assert not offered & RUNS
        assert "view:all" in offered
        assert {f"act:{action.id}" for action in card.actions} - RUNS <= offered


@settings(deadline=None, max_examples=25)
@given(cards())
def test_the_pages_together_say_everything_and_only_the_last_decides(card: Card) -> None:
    total = pages(card)
    views = [blocks_of(whole_view(card, page)) for page in range(1, total + 1)]
    text = shown_on(views[0], card.title) + "".join(contents(view) for view in views[1:])
    assert missing(card, text) == []
    for view in views[:-1]:
        assert not any(action.startswith("act:") for action in buttons_of(view))
    assert {action for action in buttons_of(views[-1]) if action.startswith("act:")} == {
        f"act:{action.id}" for action in card.actions
    }
