"""What clients can do differs: some open no dialogs, some read plain text as markup."""

import pytest

from bot.chat.teams.kit.actions import Do, carried, opening, press_of, submitting
from bot.chat.teams.kit.dialogless import without_dialogs
from bot.chat.teams.kit.elements import action_set, card
from bot.chat.teams.shown.openers import welcome
from bot.chat.teams.shown.says import reads_alike
from bot.documents.json_reading import object_of, rows_at


@pytest.mark.parametrize("text", ["Done.", "Sent. I go on in our chat.", "It costs 660 US dollars (a year)!"])
def test_a_plain_sentence_reads_alike_in_every_client(text: str) -> None:
    assert reads_alike(text)


@pytest.mark.parametrize(
    "text", ["one\ntwo", "<b>bold</b>", "*new*", "a_b_c", "[x](http://evil)", "R&D", "# head"]
)
def test_lines_and_whatever_looks_like_markup_do_not(text: str) -> None:
    assert not reads_alike(text)


def test_without_dialogs_every_button_keeps_what_it_carries_and_asks_for_no_dialog() -> None:
    deep = card(
        [action_set([opening("View all", Do.VIEW, card="c", page="1")])], [submitting("Send", Do.SEND)]
    )
    found = without_dialogs(deep)
    [row], [send] = rows_at(found, "body"), rows_at(found, "actions")
    [view] = rows_at(row, "actions")
    assert view["data"] == carried(Do.VIEW, card="c", page="1")
    assert send["data"] == carried(Do.SEND)


def test_a_suggestion_writes_its_words_where_a_client_can_and_asks_for_them_where_it_cannot() -> None:
    greeting = welcome("Hello.", ["reset my password"])
    [said, _] = rows_at(greeting, "actions")
    told = object_of(object_of(said["data"])["msteams"])
    assert (told["type"], told["value"]) == ("imBack", "reset my password")
    [bare, _] = rows_at(without_dialogs(greeting), "actions")
    press = press_of(bare["data"])
    assert press is not None
    assert (press.do, press.text("line")) == (Do.COMMAND, "request reset my password")
