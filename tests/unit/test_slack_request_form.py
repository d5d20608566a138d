"""The request form in Slack: a tool is picked, and its own fields follow."""

import pytest

from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.modals.inputs import code
from bot.chat.slack.modals.request_form import (
    NOTE,
    Origin,
    origin_of,
    request_errors,
    request_of,
    request_view,
    tool_picker_view,
)
from bot.chat.slack.modals.tool_picker import TOOL, picked_tool, tool_options
from bot.chat.tool_choice import OfferedTool, offered
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.tools import CatalogTool, ToolId
from tests.builders import RESET, a_definition, a_tool
from tests.servers.slack_rules import problems_of_view
from tests.slack_views import element_of, inputs_of, labels_of, options_of, sent, texts_of

ORIGIN = Origin(place="T1/C1", thread="171.2", key="view-1")
DELETE = ToolId("acme-it", "delete_user")
LONG = ToolId("acme-crm", "long" * 60)


def tool_of(tool: ToolId = RESET, description: str = "Does it.", **properties: JsonValue) -> CatalogTool:
    schema: JsonObject = {"type": "object", "properties": properties, "required": list(properties)}
    return a_tool(tool, definition=a_definition(tool, description=description, input_schema=schema))


USER: JsonObject = {"type": "string", "format": "email"}
RESETTING = tool_of(user=USER)
DELETING = tool_of(DELETE, user=USER, really={"type": "boolean"})
LONG_NAMED = tool_of(LONG)
TOOLS = offered([RESETTING, DELETING, LONG_NAMED])


def first_step() -> Block:
    view = tool_picker_view(TOOLS, origin=ORIGIN)
    assert problems_of_view(view) == []
    return view


def second_step(tool: CatalogTool = RESETTING, **more: str) -> Block:
    view = request_view(tool, TOOLS, origin=ORIGIN, **more)  # type: ignore[arg-type]  # only texts are given
    assert problems_of_view(view) == []
    return view


def block_of(view: Block, name: str) -> str:
    return next(block for block in inputs_of(view) if block.endswith(f":{name}"))


def test_tools_are_listed_under_their_connectors_by_title() -> None:
    element = element_of(first_step(), TOOL)
    assert element["type"] == "static_select"
    assert [one["value"] for one in options_of(element)][1:] == [str(DELETE), str(RESET)]
    assert labels_of(element)[1:] == ["Delete user", "Reset password"]
    assert inputs_of(first_step())[TOOL]["dispatch_action"] is True


def test_a_picked_tool_is_known_again_even_by_a_long_name() -> None:
    for tool in (RESET, LONG):
        view = sent(first_step(), {TOOL: code(str(tool))})
        assert picked_tool(view, TOOLS) == tool
    assert picked_tool(sent(first_step()), TOOLS) is None
    assert picked_tool(sent(first_step(), {TOOL: str(RESET)}), []) is None


def test_words_alone_are_a_request() -> None:
    filled = request_of(sent(first_step(), {NOTE: " My laptop is gone. "}), None)
    assert (filled.note, filled.arguments, filled.problems) == ("My laptop is gone.", {}, {})
    assert origin_of(first_step()) == ORIGIN


def test_neither_a_tool_nor_words_is_said_at_the_first_field() -> None:
    assert list(request_of(sent(first_step()), None).problems) == [TOOL]
    nothing_offered = tool_picker_view([], origin=ORIGIN)
    assert problems_of_view(nothing_offered) == []
    assert list(request_of(sent(nothing_offered), None).problems) == [NOTE]


def test_words_do_not_stand_in_for_the_fields_of_a_tool_that_was_picked() -> None:
    view = sent(first_step(), {TOOL: str(RESET), NOTE: "for alice"})
    assert list(request_of(view, None).problems) == [TOOL]


def test_the_second_step_has_the_tools_fields_the_words_as_note_and_the_picker() -> None:
    view = second_step()
    assert list(inputs_of(view)) == [TOOL, block_of(view, "user"), NOTE]
    assert picked_tool(sent(view), TOOLS) == RESET
    assert origin_of(view) == Origin(place="T1/C1", thread="171.2", key="view-1", tool=RESET)
    assert element_of(view, NOTE)["action_id"] == element_of(first_step(), NOTE)["action_id"]
    assert texts_of(second_step(LONG_NAMED)) == ["Does it.", "It takes no details."]


def test_a_filled_form_gives_arguments_and_note() -> None:
    view = second_step(DELETING)
    put_in: dict[str, JsonValue] = {
        block_of(view, "user"): "alice@acme.test",
        block_of(view, "really"): "false",
        NOTE: "She left.",
    }
    filled = request_of(sent(view, put_in), DELETING)
    assert filled.arguments == {"user": "alice@acme.test", "really": False}
    assert (filled.note, filled.problems) == ("She left.", {})


def test_fields_of_one_tool_are_not_taken_for_those_of_another() -> None:
    view = second_step(RESETTING)
    raced = sent(view, {TOOL: str(DELETE), block_of(view, "user"): "alice@acme.test"})
    assert list(request_of(raced, RESETTING).problems) == [TOOL]
    shared = set(inputs_of(view)) & set(inputs_of(second_step(DELETING)))
    assert shared == {TOOL, NOTE}


def test_problems_stand_at_their_field_or_at_the_picker() -> None:
    view = second_step()
    user = block_of(view, "user")
    assert request_errors(RESETTING, {"user": "Is required."}) == {user: "Is required."}
    assert request_errors(LONG_NAMED, {"tool": "No connector offers it."}) == {
        TOOL: "No connector offers it."
    }
    changed = tool_of(RESET, person=USER)
    assert request_errors(changed, {"person": "Is required."}, view=view) == {TOOL: "Is required."}


def test_a_tool_that_is_not_in_the_list_can_be_shown_all_the_same() -> None:
    view = request_view(RESETTING, [], origin=ORIGIN)
    assert problems_of_view(view) == []
    assert request_of(sent(view), RESETTING).problems == {}


def test_what_a_tool_says_of_itself_is_plain_text_and_cut() -> None:
    view = second_step(tool_of(RESET, "<!channel> \u202e *bold* " + "x" * 9000))
    [about, _] = texts_of(view)
    assert about.startswith("<!channel> ⟨U+202E⟩ *bold* xxx")
    assert about.endswith("…")


@pytest.mark.parametrize("kept", ["", "{}", '{"tool": "none"}', "broken"])
def test_metadata_that_is_not_ours_is_the_first_step_of_nowhere(kept: str) -> None:
    assert origin_of({"private_metadata": kept}) == Origin()


def test_many_tools_are_searched_and_the_best_matches_come_first() -> None:
    tools = [
        OfferedTool(ToolId("acme-it", f"tool_{number}"), f"Tool {number}", "Helps.") for number in range(150)
    ]
    tools += [
        OfferedTool(DELETE, "Delete an account", "For good; also the password."),
        OfferedTool(RESET, "Reset a password", "Sends a link."),
    ]
    view = tool_picker_view(tools, origin=ORIGIN)
    assert problems_of_view(view) == []
    assert element_of(view, TOOL)["type"] == "external_select"
    assert picked_tool(sent(view, {TOOL: str(RESET)}), tools) == RESET
    found = tool_options(tools, " PassWord ")["options"]
    assert [one["value"] for one in found] == [str(RESET), str(DELETE)]
    assert [one["value"] for one in tool_options(tools, "password link")["options"]] == [str(RESET)]
    assert tool_options(tools, "nothing like it") == {"options": []}
    assert len(tool_options(tools, "")["options"]) == 100
