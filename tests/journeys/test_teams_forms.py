"""Asking with a form in Teams: a tool is picked, its fields come, and what is wrong is said at its field."""

import asyncio
from dataclasses import replace

import pytest

from bot.demo.company import CONNECTOR
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.tools import CatalogTool, ToolId
from tests.journeys.arranging import change_tool, set_tool, switch_tool
from tests.journeys.kept import all_requests, comes_to, requests_of
from tests.journeys.stage import TENANT
from tests.journeys.teams_looks import IN_PRIVATE, a_channel, answered, mentions
from tests.journeys.teams_stage import TeamsStage
from tests.servers.teams_answers import Pressed
from tests.servers.teams_inputs import Input
from tests.servers.teams_things import Client, Dialog, Message, NotPossible
from tests.servers.teams_words import titles, words

RESET = "I forgot my password"
ZENDESK = "I need access to Zendesk"
OPEN = "Open the form"
SENT = "Sent."
SENT_FROM_ELSEWHERE = "Sent. I go on in our chat."
UNKNOWN = "I do not know who you are: nobody in the directory has your address. Ask IT to link your account."
NOTE = "Note for the approver"
NO_TEXT = "There is no text in your message. Say in a few words what you need."


async def opened(stage: TeamsStage, who: str = "alice") -> Dialog:
    """Has a person write “request” and press the button that comes of it; gives the dialog."""
    known = {one.id for one in stage.acme.answers(stage.user(who))}
    await stage.says(who, "request")

    def look() -> Message | None:
        found = stage.acme.offering(stage.user(who), OPEN)
        return next((one for one in found if one.id not in known), None)

    card = await stage.acme.eventually(look, "the button that opens the form")
    pressed = await stage.presses(who, card, OPEN)
    assert pressed.dialog is not None
    return pressed.dialog


async def picked(stage: TeamsStage, tool: str, who: str = "alice", note: str = "") -> Dialog:
    """Has a person pick a tool in the open dialog; gives the step with its fields."""
    values = {"tool": f"{CONNECTOR}:{tool}"} | ({"note": note} if note else {})
    found = await stage.acme.submits(stage.user(who), values, "Next")
    assert found.dialog is not None
    return found.dialog


async def sends(stage: TeamsStage, who: str = "alice", **values: str) -> Pressed:
    """Has a person fill in the open dialog, by labels in small letters, and send it."""
    by_label = {label.replace("_", " ").capitalize(): value for label, value in values.items()}
    return await stage.acme.submits(stage.user(who), by_label, "Send")


def inputs(stage: TeamsStage, who: str = "alice") -> dict[str, Input]:
    """Gives the inputs of a person's dialog by their labels, with what stands in them."""
    return {one.label: one for one in stage.acme.inputs(stage.dialog(who), stage.user(who))}


async def gives_schema(stage: TeamsStage, tool: str, properties: JsonObject, *required: str) -> None:
    """Lets a tool take these arguments."""

    def changed(known: CatalogTool) -> CatalogTool:
        schema: JsonObject = {
            "type": "object",
            "properties": properties,
            "required": list(required),
            "additionalProperties": False,
        }
        return replace(known, definition=replace(known.definition, input_schema=schema))

    await change_tool(stage.stage, tool, changed)


@pytest.mark.promise("INT-04", "INT-05")
async def test_a_tool_is_picked_its_fields_are_filled_in_and_what_was_sent_is_asked_once(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    await opened(stage)
    await picked(stage, "grant_app_access", note="For the rota.")
    assert list(inputs(stage)) == ["App", "Level", "User", NOTE]
    assert inputs(stage)[NOTE].value == "For the rota."
    note = {NOTE: "It is for the rota & <me>, *now*."}
    await stage.acme.submits(stage.user("alice"), note, "Something else")
    await picked(stage, "grant_app_access")
    found = await sends(stage, user="alice@acme.test", app="Zendesk", level="member")
    assert (found.kind, found.text) == ("closed", SENT)
    sent = stage.acme.deliveries.all[-1]
    again = await asyncio.gather(*(stage.acme.deliveries.resends(sent) for _ in range(4)))
    assert [one.body for one in again] == [sent.answer.body] * 4
    card = await stage.card("bob")
    for part in ("alice@acme.test", "Zendesk", "member"):
        assert part in words(card)
    [request] = await requests_of(stage, "alice")
    assert request.place == f"personal/{stage.acme.chat(stage.user('alice')).id}"
    await stage.approves("bob")
    await stage.approves("megan")
    await stage.told("alice", "now has member access to Zendesk")
    assert len(await all_requests(stage)) == 1


@pytest.mark.promise("INT-04")
async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    await opened(stage)
    await picked(stage, "reset_password")
    found = await stage.acme.submits(
        stage.user("alice"), {"User": "eve at acme", NOTE: "It is locked."}, "Send"
    )
    assert found.dialog is not None
    assert lines_above(found.dialog, "User") == "Must be an e-mail address."
    assert {label: one.value for label, one in inputs(stage).items()} == {
        "User": "eve at acme",
        NOTE: "It is locked.",
    }
    assert await all_requests(stage) == []
    assert (await sends(stage, user="eve@acme.test")).text == SENT
    assert "It is locked." in words(await stage.card("bob"))
    await opened(stage)
    await picked(stage, "create_user")
    found = await sends(
        stage, name="   ", email="no address", title="Rep", department="Sales", manager="nobody"
    )
    said = {label: lines_above(stage.dialog("alice"), label) for label in ("Name", "Email", "Manager")}
    assert said == {
        "Name": "Is required.",
        "Email": "Must be an e-mail address.",
        "Manager": "Must be an e-mail address.",
    }
    assert len(await all_requests(stage)) == 1


@pytest.mark.promise("INT-04")
async def test_every_kind_of_field_is_filled_in_and_read_as_the_schema_wants_it(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    properties: JsonObject = {
        "options": {"type": "object", "properties": {"a": {"type": "integer"}}},
        "count": {"type": "integer", "minimum": 1, "maximum": 5},
        "until": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "which": {"type": "array", "items": {"enum": ["one", "two"]}},
        "sure": {"type": "boolean"},
    }
    await gives_schema(stage, "unlock_account", properties, "count")
    await opened(stage)
    await picked(stage, "unlock_account")
    with pytest.raises(NotPossible, match="Must be a number from 1 to 5"):
        await sends(stage, options='{"a": 1,', count="9")
    for options, part in (
        ('{"a": 1,', "This is not valid JSON"),
        ('{"a": "one"}', "a: Must be a whole number."),
    ):
        await sends(stage, options=options, count="3")
        assert part in lines_above(stage.dialog("alice"), "Options")
        assert inputs(stage)["Count"].value == "3"
    await sends(stage, options='{"a": 1}', at="2027-01-31")
    assert lines_above(stage.dialog("alice"), "At") == "Choose both a day and a time."
    await stage.acme.submits(
        stage.user("alice"),
        {"Time (UTC)": "09:30", "Until": "2027-02-01", "Which": ["two", "one"], "Sure": "No"},
    )
    await stage.card("bob")
    [request] = await all_requests(stage)
    async with stage.stage.store.view(TENANT) as view:
        [call] = await view.requests.calls(request.id)
    assert call.call.arguments == {
        "options": {"a": 1},
        "count": 3,
        "until": "2027-02-01",
        "at": "2027-01-31T09:30:00Z",
        "which": ["two", "one"],
        "sure": False,
    }


def lines_above(seen: Dialog, label: str) -> str:
    """Gives the line that stands above an input."""
    found = words(seen).split("\n")
    return found[found.index(label) - 1]


@pytest.mark.promise("INT-04")
async def test_words_can_be_sent_instead_of_a_tool_and_they_continue_in_the_own_chat(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    await opened(stage)
    found = await stage.acme.submits(stage.user("alice"), None, "Send")
    assert found.dialog is not None
    assert lines_above(found.dialog, "What should be done?") == "Choose what should be done."
    found = await stage.acme.submits(
        stage.user("alice"), {"Or say it in your own words": "I need access"}, "Send"
    )
    assert (found.kind, found.text) == ("closed", SENT)
    await stage.told("alice", "Which app do you need?")
    await stage.says("alice", "Figma")
    await stage.card("bob")
    [request] = await requests_of(stage, "alice")
    assert (request.text, request.details) == ("I need access", ("Figma",))
    await stage.says("alice", "request reset the password of <at>Eve Ericsson</at>")
    await stage.told("alice", "Reset a password")
    _, second = await requests_of(stage, "alice")
    assert second.text == "reset the password of eve@acme.test"


@pytest.mark.promise("INT-04")
async def test_only_tools_that_one_may_ask_for_now_can_be_picked(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    await set_tool(stage.stage, "wipe_device", Action.DISABLED)
    await switch_tool(stage.stage, "lock_device", on=False)
    await opened(stage)
    offered = {value for _, value in inputs(stage)["What should be done?"].choices}
    assert f"{CONNECTOR}:reset_password" in offered
    assert not offered & {f"{CONNECTOR}:wipe_device", f"{CONNECTOR}:lock_device"}
    await picked(stage, "reset_password")
    await switch_tool(stage.stage, "reset_password", on=False)
    found = await sends(stage, user="alice@acme.test")
    assert (found.kind, found.text) == (
        "closed",
        "This tool is not offered to you any more. Close the form and open it again.",
    )
    assert await all_requests(stage) == []


@pytest.mark.promise("INT-04")
async def test_among_very_many_tools_one_searches(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    await many_tools(stage)
    await opened(stage)
    alice = stage.user("alice")
    for text, part in (
        ("", "Write a word of what should be done."),
        ("no such thing", "Nothing was found. Try another word."),
    ):
        found = await stage.acme.submits(alice, {"search": text}, "Search")
        assert found.dialog is not None
        assert part in words(found.dialog)
    await stage.acme.submits(alice, {"search": "reset pass", "note": "It is locked."}, "Search")
    await picked(stage, "reset_password")
    assert (await sends(stage, user="alice@acme.test")).text == SENT
    assert "It is locked." in words(await stage.card("bob"))


async def many_tools(stage: TeamsStage) -> None:
    """Adds tools until there are more than a list can hold."""
    async with stage.stage.store.unit(TENANT) as unit:
        known = (await unit.connections.catalog())[ToolId(CONNECTOR, "reset_password")]
        for number in range(80):
            tool = ToolId(CONNECTOR, f"numbered_{number}")
            definition = replace(known.definition, id=tool, title=f"Numbered {number} " + "x" * 100)
            await unit.connections.put_tool(replace(known, definition=definition))


@pytest.mark.promise("INT-04", "INT-03")
async def test_request_in_a_channel_is_asked_and_answered_in_private(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    channel = a_channel(stage, "alice", "megan")
    root = await mentions(stage, "alice", channel, "request")
    await answered(stage, channel, root, IN_PRIVATE)
    card = await stage.card("alice", OPEN)
    await stage.presses("alice", card, OPEN)
    await picked(stage, "reset_password")
    assert (await sends(stage, user="alice@acme.test")).text == SENT
    await stage.approves("bob")
    await stage.told("alice", "was sent a one-time link")
    assert len(stage.acme.answers(channel)) == 1


@pytest.mark.promise("INT-04", "INT-03")
async def test_the_message_extension_asks_from_anywhere_also_about_a_message(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    alice = stage.user("alice")
    channel = a_channel(stage, "alice", "megan")
    asked = stage.acme.writes(
        stage.user("megan"), "reset the password of <at>Eve Ericsson</at> & <so> on", channel
    )
    await stage.acme.composes(alice, "ask_about", message=asked)
    [field] = stage.acme.inputs(stage.dialog("alice"))
    assert (field.label, field.value) == (
        "What do you need?",
        "reset the password of eve@acme.test & <so> on",
    )
    found = await stage.acme.submits(alice, {"note": "   "}, "Send")
    assert found.dialog is not None
    assert lines_above(found.dialog, "What do you need?") == NO_TEXT
    sent = await stage.acme.submits(alice, {"note": "reset the password of eve@acme.test"})
    assert (sent.kind, sent.text) == ("closed", SENT_FROM_ELSEWHERE)
    await stage.card("bob")
    await stage.acme.deliveries.resends()
    await stage.acme.composes(alice, "ask", channel)
    await picked(stage, "unlock_account")
    assert (await sends(stage, user="alice@acme.test")).text == SENT_FROM_ELSEWHERE
    texts = [one.text for one in await requests_of(stage, "alice")]
    assert texts == ["reset the password of eve@acme.test", ""]
    assert stage.acme.answers(channel) == []
    stranger = stage.acme.adds_user("Zoe Zander", principal_name="zoe@elsewhere.test")
    told = await stage.acme.composes(stranger, "ask")
    assert (told.kind, told.text) == ("closed", UNKNOWN)


@pytest.mark.promise("INT-04", "INT-05")
async def test_without_dialogs_the_same_form_stands_in_the_chat_and_makes_place_for_its_outcome(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    alice = stage.user("alice")
    alice.client = Client(executes=False, opens_dialogs=False)
    await stage.says("alice", "request")
    opener = await stage.card("alice", OPEN)
    await stage.presses("alice", opener, OPEN)
    form = await stage.card("alice", "Next")
    await stage.presses("alice", form, "Next", tool=f"{CONNECTOR}:reset_password")
    await stage.acme.shows(form, NOTE)
    await stage.presses("alice", form, "Send", User="nonsense")
    await stage.acme.shows(form, "Must be an e-mail address.")
    [user, _] = stage.acme.inputs(form)
    assert user.value == "nonsense"
    pressed = await stage.presses("alice", form, "Send", User="alice@acme.test")
    assert pressed.answer is not None
    await asyncio.gather(*(stage.acme.deliveries.resends() for _ in range(3)))
    await stage.acme.shows(form, SENT)
    assert titles(form) == []
    await stage.card("bob")
    [request] = await all_requests(stage)
    await comes_to(stage, request.id, "waiting")
    assert len(stage.texts("alice")) == 3
