"""The request form in Teams: a tool is picked, and its own fields follow."""

import pytest

from bot.chat.teams.dialogs.inputs import code
from bot.chat.teams.dialogs.request_form import (
    NOTE,
    REQUEST,
    note_of,
    request_of,
    request_picked,
    request_view,
    scope_of,
    tool_of,
    tool_picker_view,
)
from bot.chat.teams.dialogs.tool_picker import SEARCH, TOOL, Picked, Wish
from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.dialogs.words_form import words_view
from bot.chat.teams.kit.actions import Do, Press
from bot.chat.tool_choice import OfferedTool, offered
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.intake import MAX_TEXT
from tests.builders import RESET
from tests.servers.teams_inputs import inputs_of
from tests.teams_dialogs_examples import a_form_tool
from tests.teams_views import buttons_of, checked, complained, elements_of, pressed, texts_of

DELETE = ToolId("acme-it", "delete_user")
LONG = ToolId("acme-crm", "long" * 60)
USER: JsonObject = {"type": "string", "format": "email"}


def tool_of_properties(
    tool: ToolId = RESET, description: str = "Does it.", **properties: JsonValue
) -> CatalogTool:
    schema: JsonObject = {"type": "object", "properties": properties, "required": list(properties)}
    return a_form_tool(schema, tool, description=description)


RESETTING = tool_of_properties(user=USER)
DELETING = tool_of_properties(DELETE, user=USER, really={"type": "boolean"})
TOOLS = offered([RESETTING, DELETING, tool_of_properties(LONG)])
CROWD = [
    *(OfferedTool(ToolId("acme-it", f"tool_{number}"), f"Tool {number}", "Helps.") for number in range(300)),
    OfferedTool(DELETE, "Delete an account", "For good; also the password."),
    OfferedTool(RESET, "Reset a password", "Sends a link."),
]


def first_step(note: str = "", picked: Picked | None = None, tools: list[OfferedTool] = TOOLS) -> DialogView:
    return checked(tool_picker_view(tools, key="key-1", note=note, picked=picked))


def second_step(tool: CatalogTool = RESETTING, note: str = "") -> DialogView:
    return checked(request_view(tool, key="key-1", note=note))


def choices_of(view: DialogView) -> dict[str, str]:
    """Gives the titles of the tools that can be picked, by their codes."""
    return {value: title for one in inputs_of(view.card) if one.id == TOOL for title, value in one.choices}


def picked(view: DialogView, button: str, tools: list[OfferedTool] = TOOLS, **put_in: JsonValue) -> Picked:
    return request_picked(pressed(view, button, put_in), tools)


def test_few_tools_are_one_list_that_can_be_searched() -> None:
    view = first_step()
    assert elements_of(view)[TOOL]["style"] == "filtered"
    assert list(choices_of(view).values())[1:] == ["Delete user (acme-it)", "Reset password (acme-it)"]
    assert picked(view, "Next", tool=str(RESET)) == Picked(wish=Wish.FIELDS, tool=RESET)
    assert picked(view, "Next", tool=code(str(LONG))).tool == LONG


def test_tools_of_one_name_are_told_apart() -> None:
    titles = {"a": "Do*", "b": "Do*", "c": "Do\uff0a"}
    twins = [(ToolId("acme-it", name), title, "") for name, title in titles.items()]
    view = checked(tool_picker_view(twins, key="key-1"))
    assert len(set(choices_of(view).values())) == 3


def test_a_tool_that_is_not_offered_any_more_is_said_to_be() -> None:
    view = first_step()
    found = request_picked(pressed(view, "Next", {TOOL: str(RESET)}), [])
    assert (found.wish, found.problem) == (Wish.PICKER, "Choose one from the list.")
    assert "Choose one from the list." in texts_of(first_step(picked=found))


def test_many_tools_are_searched_and_the_best_matches_come_first() -> None:
    view = first_step(tools=CROWD)
    assert TOOL not in elements_of(view)
    assert "Next" not in buttons_of(view)
    found = picked(view, "Search", CROWD, search=" PassWord ", note="Mine is gone.")
    assert found == Picked(wish=Wish.PICKER, search="PassWord")
    again = first_step(picked=found, tools=CROWD, note="Mine is gone.")
    assert list(choices_of(again)) == [str(RESET), str(DELETE)]
    assert choices_of(again)[str(RESET)] == "Reset a password: Sends a link."
    assert picked(again, "Next", CROWD, tool=str(RESET)).tool == RESET
    assert picked(again, "Search", CROWD, tool=str(RESET), search="other").search == "other"
    assert note_of(pressed(again, "Next")) == "Mine is gone."


def test_a_search_that_finds_nothing_says_so_and_one_for_nothing_asks_for_a_word() -> None:
    nothing = first_step(picked=Picked(wish=Wish.PICKER, search="nothing like it"), tools=CROWD)
    assert "Nothing was found. Try another word." in texts_of(nothing)
    assert picked(nothing, "Search", CROWD, search=None).problem == "Write a word of what should be done."
    empty = Picked(wish=Wish.PICKER, problem="Write a word of what should be done.")
    assert texts_of(first_step(picked=empty, tools=CROWD))[0] == empty.problem
    assert list(elements_of(nothing)) == [SEARCH, NOTE]


def test_words_alone_are_a_request() -> None:
    press = pressed(first_step(), "Send", {NOTE: " My laptop is gone. "})
    assert (press.do, press.text("key"), tool_of(press)) == (Do.SEND, "key-1", None)
    assert request_picked(press, TOOLS).wish is Wish.WORDS
    assert note_of(press) == "My laptop is gone."


def test_neither_a_tool_nor_words_is_said_at_the_first_field() -> None:
    for tools in (TOOLS, CROWD, []):
        found = picked(first_step(tools=tools), "Send", tools)
        assert found == Picked(wish=Wish.PICKER, problem="Choose what should be done.")
        assert texts_of(first_step(picked=found, tools=tools))[0] == found.problem


def test_words_do_not_stand_in_for_the_fields_of_a_tool_that_was_picked() -> None:
    assert picked(first_step(), "Send", tool=str(RESET), note="for alice").wish is Wish.FIELDS


def test_the_second_step_has_the_tools_fields_and_the_words_as_note() -> None:
    view = second_step(note="My laptop is gone.")
    user = f"arg{scope_of(RESET)}:user"
    assert list(elements_of(view)) == [user, NOTE]
    assert texts_of(view)[:2] == ["Reset password", "Does it."]
    assert "It takes no details." in texts_of(second_step(tool_of_properties(LONG)))
    press = pressed(view, "Send", {user: "alice@acme.test"})
    assert (press.do, press.text("key"), tool_of(press)) == (Do.SEND, "key-1", RESET)
    filled = request_of(press, RESETTING)
    assert (filled.arguments, filled.note, filled.problems) == (
        {"user": "alice@acme.test"},
        "My laptop is gone.",
        {},
    )


def test_the_way_back_keeps_the_words_whatever_stands_in_the_fields() -> None:
    view = second_step(note="My laptop is gone.")
    assert complained(view)
    press = pressed(view, "Something else")
    assert press.inputs == {}
    assert (press.do, press.text("form"), press.text("key")) == (Do.PICK, REQUEST, "key-1")
    assert request_picked(press, TOOLS) == Picked(wish=Wish.PICKER)
    assert note_of(press) == "My laptop is gone."
    assert note_of(pressed(second_step(note="long " * 200), "Something else")) == ""


def test_fields_of_one_tool_are_not_taken_for_those_of_another() -> None:
    assert set(elements_of(second_step(RESETTING))) & set(elements_of(second_step(DELETING))) == {NOTE}


@pytest.mark.parametrize("kept", ["", "none", "acme-it:", "broken tool"])
def test_a_button_that_names_no_tool_is_the_first_step(kept: str) -> None:
    assert tool_of(Press(do=Do.SEND, kept={"tool": kept}, inputs={})) is None


def test_what_a_tool_says_of_itself_is_plain_text_and_cut() -> None:
    about = texts_of(second_step(tool_of_properties(RESET, "**now** \u202e [x](y) " + "x" * 9000)))[1]
    assert about.startswith("**now** ⟨U+202E⟩ [x](y) xxx")
    assert about.endswith("…")


def test_a_message_is_passed_on_as_it_is_changed() -> None:
    view = checked(words_view("My laptop is *gone*.", key="key-1"))
    assert note_of(pressed(view, "Send")) == "My laptop is *gone*."
    press = pressed(view, "Send", {NOTE: " Lock it. "})
    assert (note_of(press), press.do, press.text("key")) == ("Lock it.", Do.SEND, "key-1")
    assert request_picked(press, TOOLS).wish is Wish.WORDS
    assert complained(checked(words_view("", key="key-1", problem="Say it."))) == [NOTE]


@pytest.mark.parametrize("text", ["word " * 1000, "字" * 5000, "😀" * 5000])
def test_a_message_too_long_for_the_form_is_cut_and_said_to_be(text: str) -> None:
    view = checked(words_view(text, key="key-1"))
    found = note_of(pressed(view, "Send"))
    assert text.startswith(found)
    assert MAX_TEXT * 0.4 < len(found) <= MAX_TEXT
    assert "only its beginning" in texts_of(view)[0]
