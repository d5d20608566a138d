"""Answers to commands and plain words in Teams."""

import pytest

from bot.cards.answer import Answer, AnswerButton, AnswerRow, AnswerSelect, Press
from bot.cards.model import Card, Fact, Option, Style
from bot.chat.card_words import CUT
from bot.chat.teams.kit import limits
from bot.chat.teams.kit.texts import wire_bytes
from bot.chat.teams.shown.answer import answer_cards
from bot.chat.teams.shown.says import notified, spoken, told_card, unshown
from bot.chat.teams.shown.selectors import shared
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from tests.servers.teams_inputs import inputs_of
from tests.servers.teams_rules import card_problems
from tests.teams_cards import buttons_of, kept_in, lines, read

REVOKE = AnswerButton(
    label="Revoke", press=Press.RUN, value="grants revoke g-1", style=Style.DANGER, confirm="Revoke it?"
)


def only(answer: Answer) -> JsonObject:
    [card] = answer_cards(answer)
    return card


def test_an_answer_says_title_facts_rows_and_note_in_this_order() -> None:
    rows = (
        AnswerRow(label="First", badge="active", facts=(Fact("Used", "never"), Fact("", "Alone"))),
        AnswerRow(label="Second", facts=(Fact("Empty", ""),)),
    )
    card = only(Answer(title="Two things", facts=(Fact("Where", "here"),), lines=rows, note="That is all."))
    assert lines(card) == [
        *("Two things", "Where", "here", "First · active", "Used", "never", "Alone"),
        *("Second", "Empty", "–", "That is all."),
    ]


def test_a_button_opens_a_card_or_does_a_command_or_asks_before_it() -> None:
    opened = AnswerButton(label="Open", press=Press.OPEN, value="card-1")
    ran = AnswerButton(label="Show", press=Press.RUN, value="policy show", style=Style.PRIMARY)
    rows = (AnswerRow(label="One", button=opened), AnswerRow(label="Two", button=REVOKE))
    found = list(buttons_of(only(Answer(title="T", lines=rows, buttons=(ran,)))).values())
    assert [(one["type"], one["title"], one.get("style")) for one in found] == [
        ("Action.Submit", "Open", None),
        ("Action.Submit", "Revoke", "destructive"),
        ("Action.Execute", "Show", "positive"),
    ]
    assert [kept_in(one) for one in found] == [
        {"do": "view", "card": "card-1", "page": "1"},
        {"do": "command", "line": "grants revoke g-1", "confirm": "Revoke it?"},
        {"do": "command", "line": "policy show"},
    ]


def a_select(tool: str, chosen: str = "auto") -> AnswerSelect:
    words = (*map(str, Action), "default")
    options = tuple(Option(f"policy set acme-it:{tool} {one}", f"{one}: in words") for one in words)
    return AnswerSelect(label=f"What {tool} does", options=options, chosen=f"{chosen}: in words")


def test_a_selector_keeps_short_values_and_its_button_the_rest_of_the_command() -> None:
    more = (AnswerButton(label="Conditions", press=Press.RUN, value="policy edit x"), REVOKE)
    rows = (
        AnswerRow(label="One", button=REVOKE, select=a_select("reset_password"), more=more),
        AnswerRow(label="Two", select=a_select("unlock", chosen="gone")),
    )
    card = only(Answer(title="T", lines=rows))
    first, second = inputs_of(card)
    assert (first.label, first.value, first.content["style"]) == (
        "What reset_password does",
        "auto",
        "compact",
    )
    assert [value for _, value in first.choices] == [
        "auto",
        "step_up",
        "approval_needed",
        "disabled",
        "default",
    ]
    assert (second.value, first.id != second.id) == ("", True)
    kept = {one["title"]: kept_in(one) for one in buttons_of(card).values()}
    assert set(kept) == {"Revoke", "Set", "Conditions"}
    assert [kept_in(one) for name, one in buttons_of(card).items() if name.startswith("choose")] == [
        {"do": "choose", "line": "policy set acme-it:reset_password ", "input": first.id},
        {"do": "choose", "line": "policy set acme-it:unlock ", "input": second.id},
    ]
    assert card_problems(card) == []


def test_commands_share_no_more_than_leaves_each_a_word_of_its_own() -> None:
    assert shared(["grants show a b", "grants show a c"]) == "grants show a "
    assert shared(["grants show", "grants show a"]) == "grants "
    assert shared(["policy set x auto"]) == "policy set x "
    assert shared(["help", "policy list"]) == shared(["help"]) == shared([]) == ""


def test_ten_rows_with_selectors_and_buttons_fit_the_cards_of_one_answer() -> None:
    more = tuple(
        AnswerButton(label=label, press=Press.RUN, value=f"policy {label} acme-it:{'x' * 50}")
        for label in ("Ask the manager too", "Who and when", "History")
    )
    rows = tuple(
        AnswerRow(
            label="x" * 50, facts=(Fact("Now", "y" * 200),), select=a_select(f"{n}{'x' * 60}"), more=more
        )
        for n in range(10)
    )
    cards = answer_cards(Answer(title="Tools", lines=rows))
    assert sum(len(inputs_of(card)) for card in cards) == 10
    for card in cards:
        assert card_problems(card) == []
        assert wire_bytes(card) <= limits.CARD_BYTES


def test_pages_are_turned_with_commands() -> None:
    answer = Answer(
        title="T", page=2, pages=3, command_for_previous="grants list", command_for_next="grants list 3"
    )
    card = only(answer)
    assert read(card).endswith("Page 2 of 3.")
    assert {one["title"]: kept_in(one)["line"] for one in buttons_of(card).values()} == {
        "Previous page": "grants list",
        "Next page": "grants list 3",
    }


def test_what_is_too_long_for_one_card_takes_several_and_its_buttons_stand_below_the_last() -> None:
    rows = tuple(AnswerRow(label=f"Row {n}", facts=(Fact("Text", "x" * 1000),)) for n in range(40))
    cards = answer_cards(Answer(title="Many", lines=rows, buttons=(REVOKE,)))
    assert len(cards) > 1
    assert all(wire_bytes(card) <= limits.CARD_BYTES for card in cards)
    assert [line for card in cards for line in lines(card) if line.startswith("Row")] == [
        row.label for row in rows
    ]
    assert [len(buttons_of(card)) for card in cards] == [*[0] * (len(cards) - 1), 1]


def test_what_is_too_long_for_several_cards_is_said_to_be_cut() -> None:
    rows = tuple(AnswerRow(label=f"Row {n}", facts=(Fact("Text", "x" * 4000),)) for n in range(60))
    cards = answer_cards(Answer(title="Many", lines=rows))
    assert len(cards) == 4
    assert read(cards[-1]).endswith(CUT)
    assert CUT not in read(cards[:-1])


def test_words_are_one_message_or_several_and_none_is_lost() -> None:
    assert spoken("  Done.\nAll of it. ") == ["Done.\nAll of it."]
    assert spoken(" \n ") == ["…"]
    text = "A line of a long answer.\n" * 1500
    found = spoken(text)
    assert len(found) > 1
    assert "\n".join(found) == text.strip()


def test_a_notification_is_one_line_without_signs_of_markup() -> None:
    said = notified("<at>Bob</at>\n*is* [here](http://x) & `there`")
    wide = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in "<>*[]`"})
    assert said == "<at>Bob</at> *is* [here](http://x) & `there`".translate(wide)
    assert len(notified("word " * 500)) <= limits.SUMMARY_TEXT
    assert notified("😀" * 200).endswith("😀…")
    assert wire_bytes(notified("😀" * 200)) < limits.MESSAGE_BYTES - limits.CARD_BYTES - 1_000


def test_a_card_that_teams_does_not_take_is_opened_whole() -> None:
    card = Card(id="card-1", request="r", title="*A* title", status="pending")
    shown = unshown(card)
    assert lines(shown) == [
        "*A* title",
        "This card cannot be shown here. Open it to see everything, and to decide.",
    ]
    assert list(buttons_of(shown)) == ["view:1"]
    assert lines(unshown(Card(id="1", request="r", title="", status="")))[0] == "A request"


@pytest.mark.parametrize(
    ("title", "shown"), [("Not possible", ["Not possible", "Because."]), ("", ["Because."])]
)
def test_a_card_that_only_says_something_has_a_title_or_none(title: str, shown: list[str]) -> None:
    assert lines(told_card(title, "Because.")) == shown
