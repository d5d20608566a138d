"""Pages of forms in Teams: what is found while one types, what is written instead, and how both are read."""

import json
from dataclasses import replace

import pytest

from bot.cards.form import FormPage
from bot.cards.model import Dialog, Field, FieldKind, Option
from bot.chat.teams.dialogs.lookups import MOST, Dataset, fits, read, spelled
from bot.chat.teams.dialogs.pages import page_values, page_view, written_in
from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.kit.actions import Do
from bot.chat.teams.listeners.replies import search_reply
from bot.domain.canonical import JsonObject
from tests.servers.teams_answers import read_search
from tests.servers.teams_delivery import Answer
from tests.teams_dialogs_examples import SLY
from tests.teams_views import checked, complained, elements_of, pressed, texts_of

ALICE = Option("p-1", "Alice Archer (alice@acme.test)")
CAROL = Option("p, 2", "Carol (on call) (carol@acme.test)")
WHO = Field(name="who", label="Who", kind=FieldKind.LOOKUPS, options=(ALICE, CAROL))
TOOL = Field(name="tool", label="Tool", kind=FieldKind.LOOKUP, required=True)


def a_page(*fields: Field, values: JsonObject | None = None, **problems: str) -> DialogView:
    dialog = Dialog(title="Set", submit="Next", fields=fields)
    page = FormPage(form="setting", state="acme-it:a/b", dialog=dialog, problems=problems)
    return checked(page_view(page, values=values))


def in_chat(view: DialogView) -> DialogView:
    assert view.written is not None
    return checked(replace(view, card=view.written))


def test_what_is_looked_up_is_found_in_a_dialog_and_written_in_the_chat() -> None:
    page = a_page(TOOL, WHO)
    tool, who = elements_of(page).values()
    assert tool["choices.data"] == {"type": "Data.Query", "dataset": "setting/tool/acme-it:a/b"}
    assert (tool["style"], tool["choices"], tool.get("isMultiSelect")) == ("filtered", [], None)
    assert (who["isMultiSelect"], who["value"]) == (True, "p-1,p%2C%202")
    assert complained(page) == ["field:tool"]
    press = pressed(page, "Next", {"field:who": ["p-1"]})
    assert (press.do, press.text("form"), press.text("state")) == (Do.PAGE, "setting", "acme-it:a/b")
    assert (page_values(press), written_in(press)) == ({"who": ["p-1"]}, {})
    chat = in_chat(page)
    assert [one["type"] for one in elements_of(chat).values()] == ["Input.Text"] * 2
    assert elements_of(chat)["lines:who"]["value"] == "alice@acme.test\ncarol@acme.test"
    assert "Write it exactly: a name, an e-mail address or an id, one on each line." in texts_of(chat)
    typed = pressed(chat, "Next", {"lines:tool": " x ", "lines:who": "bob\n\n eve@acme.test"})
    assert page_values(typed) == {"tool": "x", "who": ["bob", "eve@acme.test"]}
    assert written_in(typed) == {"tool": ["x"], "who": ["bob", "eve@acme.test"]}


def test_every_kind_of_field_is_read_without_the_page_that_it_was_on() -> None:
    options = tuple(Option(text, f"{text}!") for text in ("-", "a, b", SLY, "x" * 90))
    some = ["-", "a, b", "x" * 90]
    fields = (
        Field(name="one", label="One", kind=FieldKind.CHOICE, options=options, value=SLY, required=True),
        Field(
            name="some", label="Some", kind=FieldKind.CHOICES, options=options, value=["-", "a, b", "x" * 90]
        ),
        Field(name="sure", label="Sure", kind=FieldKind.CHECKBOX, value=True),
        Field(name="text", label="Text", kind=FieldKind.TEXT, value="words", longest=200),
        Field(name="none", label="None", kind=FieldKind.CHOICE, options=options),
    )
    page = a_page(*fields)
    wanted: JsonObject = {"one": SLY, "some": some, "sure": True, "text": "words"}
    assert page_values(pressed(page, "Next")) == wanted
    assert page.written is None
    assert elements_of(page)["field:text"]["maxLength"] == 200
    again = a_page(*fields, values={**wanted, "sure": False, "one": "-"}, text="Too short.")
    assert page_values(pressed(again, "Next")) == {**wanted, "sure": False, "one": "-"}
    assert "Too short." in texts_of(again)


@pytest.mark.parametrize("value", ["", "-", "%", "p-1", "a,b c", "ä%2C", SLY, "x" * 300])
def test_a_value_is_spelled_so_that_it_is_read_back_without_its_list(value: str) -> None:
    assert read(spelled(value)) == value
    assert spelled(value).isascii()
    assert not {",", " "} & set(spelled(value))


def test_a_written_text_fits_a_value_a_label_a_name_or_an_address_and_only_one() -> None:
    found = (ALICE, CAROL, Option("p-3", "Carol (on call) (carol@other.test)"))
    for text in ("p-1", "ALICE@acme.test", "alice archer", "Alice Archer (alice@acme.test)"):
        assert fits(found, text) is ALICE
    assert fits(found, "carol@acme.test") is CAROL
    for text in ("Carol (on call)", "Alice", "", "@acme.test", "on call"):
        assert fits(found, text) is None
    tool = Option("acme-it:wipe", "wipe · Wipe a device (for good)")
    for text in ("acme-it:wipe", "wipe", "wipe a device (for good)"):
        assert fits([tool], text) is tool
    assert fits([tool], "for good") is None


def test_what_is_searched_is_named_so_that_a_state_may_be_anything() -> None:
    named = Dataset(form="setting", field="tool", state="a/b/c, d")
    assert Dataset.parse(str(named)) == named
    assert Dataset.parse("") == Dataset(form="", field="", state="")


def test_what_is_found_is_listed_without_markup_and_can_be_chosen_whatever_it_is() -> None:
    reply = search_reply([Option(SLY, SLY), Option("", "\u200b"), ALICE])
    found = read_search(Answer(status=200, raw=json.dumps(reply).encode(), content_type="application/json"))
    assert [read(value) for _, value in found] == [SLY, "", "p-1"]
    assert found[2][0] == ALICE.label
    assert "[Approve](" not in found[0][0]
    assert len(found) <= MOST
