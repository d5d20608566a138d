"""Asking with a form in Slack: a tool is picked, its fields come, and what is wrong is said at its field."""

from dataclasses import replace

import pytest

from bot.demo.company import CONNECTOR
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.tools import CatalogTool, ToolId
from tests.journeys.arranging import change_tool, set_tool, switch_tool
from tests.journeys.slack_acts import commands, ephemeral, label_of, replied
from tests.journeys.slack_looks import (
    a_channel,
    all_requests,
    asks,
    comes_to,
    requests_of,
)
from tests.journeys.slack_stage import SlackStage, title
from tests.journeys.stage import TENANT
from tests.servers.slack_clicks import Values
from tests.servers.slack_elements import options_of
from tests.servers.slack_shapes import is_object
from tests.servers.slack_sight import words
from tests.servers.slack_views import View

RESET = "I forgot my password"
ZENDESK = "I need access to Zendesk"


async def opened(stage: SlackStage, who: str = "alice") -> View:
    """Has a person open the request form; gives it once it can be filled in."""
    await commands(stage, who, "/request")
    return await stage.modal(who, showing="Or say it in your own words")


async def picked(stage: SlackStage, form: View, tool: str, who: str = "alice") -> None:
    """Has a person pick a tool, and waits for its fields."""
    before = form.hash
    await stage.acme.chooses(stage.user(who), form, "tool", f"{CONNECTOR}:{tool}")
    await stage.acme.eventually(lambda: form.hash != before, f"the fields of {tool}")


def inputs(form: View) -> dict[str, JsonObject]:
    """Gives the input blocks by their labels."""
    return {label_of(block): block for block in form.blocks if block["type"] == "input"}


def filled(form: View, **values: JsonValue) -> Values:
    """Gives what is put into the inputs, by the beginning of their labels."""
    found: dict[str, dict[str, JsonValue]] = {}
    for name, value in values.items():
        [block] = [one for label, one in inputs(form).items() if label.lower().startswith(name)]
        element = block["element"]
        assert is_object(element)
        found[str(block["block_id"])] = {str(element["action_id"]): value}
    return found


async def sends(stage: SlackStage, form: View, who: str = "alice", **values: JsonValue) -> JsonObject:
    """Has a person send the form with these values; gives the answer."""
    return await stage.acme.submits(stage.user(who), form, filled(form, **values))


def errors(form: View) -> dict[str, str]:
    """Gives what is wrong, by the label of the field where it is said."""
    by_block = {str(block["block_id"]): label for label, block in inputs(form).items()}
    return {by_block[block]: str(sentence) for block, sentence in form.errors.items()}


async def gives_schema(stage: SlackStage, tool: str, properties: JsonObject) -> None:
    """Lets a tool take these arguments, all of them at will."""

    def changed(known: CatalogTool) -> CatalogTool:
        schema: JsonObject = {"type": "object", "properties": properties, "additionalProperties": False}
        return replace(known, definition=replace(known.definition, input_schema=schema))

    await change_tool(stage.stage, tool, changed)


@pytest.mark.promise("INT-04")
async def test_a_tool_is_picked_its_fields_are_filled_in_and_what_was_sent_is_asked(
    slack_either_way: SlackStage,
) -> None:
    stage = slack_either_way
    form = await opened(stage)
    await picked(stage, form, "grant_app_access")
    assert {"User", "App", "Level", "Note for the approver"} < inputs(form).keys()
    answer = await sends(
        stage,
        form,
        user="alice@acme.test",
        app="Zendesk",
        level='"member"',
        note="It is for the rota & <me>.",
    )
    assert answer == {"response_action": "clear"}
    assert stage.acme.modal(stage.user("alice")) is None
    card = await stage.card("bob")
    for part in ("alice@acme.test", "Zendesk", "member", "It is for the rota & <me>."):
        assert part in words(card)
    [request] = await requests_of(stage, "alice")
    assert request.place.endswith(f"/{stage.acme.dm(stage.user('alice')).id}")
    await stage.approves("bob")
    await stage.approves("megan")
    await stage.told("alice", "now has member access to Zendesk")


@pytest.mark.promise("INT-04")
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_sent(slack_stage: SlackStage) -> None:
    stage = slack_stage
    form = await opened(stage)
    await picked(stage, form, "reset_password")
    answer = await sends(stage, form, user="not an address", note="It is locked, too.")
    assert answer["response_action"] == "errors"
    assert list(errors(form)) == ["User"]
    assert await all_requests(stage) == []
    assert await sends(stage, form, user="eve@acme.test") == {"response_action": "clear"}
    assert "It is locked, too." in words(await stage.card("bob"))
    assert [one.text for one in await requests_of(stage, "alice")] == ["It is locked, too."]


@pytest.mark.promise("INT-04")
async def test_several_wrong_fields_are_all_said_at_once(slack_stage: SlackStage) -> None:
    form = await opened(slack_stage)
    await picked(slack_stage, form, "create_user")
    await sends(
        slack_stage, form, name="   ", email="no address", title="Rep", department="Sales", manager="nobody"
    )
    assert {"Email", "Manager"} <= errors(form).keys()
    assert all(sentence.strip() for sentence in errors(form).values())
    assert await all_requests(slack_stage) == []


@pytest.mark.promise("INT-04")
async def test_json_that_cannot_be_read_is_said_at_its_field(slack_stage: SlackStage) -> None:
    anything: JsonObject = {"type": "object", "properties": {"a": {"type": "integer"}}}
    await gives_schema(slack_stage, "reset_password", {"options": anything, "user": {"type": "string"}})
    form = await opened(slack_stage)
    await picked(slack_stage, form, "reset_password")
    await sends(slack_stage, form, user="alice@acme.test", options='{"a": 1,')
    assert list(errors(form)) == ["Options"]
    await sends(slack_stage, form, options='{"a": "one"}')
    assert list(errors(form)) == ["Options"]
    assert "a" in errors(form)["Options"]
    assert await all_requests(slack_stage) == []
    assert await sends(slack_stage, form, options='{"a": 1}') == {"response_action": "clear"}
    assert '"a": 1' in words(await slack_stage.card("bob")).replace('"a":1', '"a": 1')


@pytest.mark.promise("INT-04")
@pytest.mark.parametrize("first", ["", "unlock_account"], ids=["of any tool", "of the new tool"])
async def test_a_form_sent_before_the_fields_came_shows_them_and_sends_nothing(
    slack_stage: SlackStage, first: str
) -> None:
    form = await opened(slack_stage)
    if first:
        await picked(slack_stage, form, first)
    held = slack_stage.slack.faults.hangs("views.update")
    alice = slack_stage.user("alice")
    await slack_stage.acme.chooses(alice, form, "tool", f"{CONNECTOR}:lock_device")
    await held.arrived.wait()
    put_in = {"note": "It is lost.", "user": "alice@acme.test"} if first else {"or": "It is lost."}
    answer = await sends(slack_stage, form, **put_in)
    assert answer["response_action"] == "update"
    assert {"Device", "Message", "Note for the approver"} <= inputs(form).keys()
    held.release()
    assert await all_requests(slack_stage) == []
    assert await sends(slack_stage, form, device="ACME-LT-1001") == {"response_action": "clear"}
    card = words(await slack_stage.card("bob"))
    assert "ACME-LT-1001" in card
    assert "It is lost." in card


@pytest.mark.promise("INT-04")
async def test_a_form_without_a_tool_takes_plain_words(slack_stage: SlackStage) -> None:
    form = await opened(slack_stage)
    await sends(slack_stage, form)
    assert "Choose what should be done" in " ".join(errors(form).values())
    assert await sends(slack_stage, form, **{"or": ZENDESK}) == {"response_action": "clear"}
    await slack_stage.card("bob")
    assert [one.text for one in await requests_of(slack_stage, "alice")] == [ZENDESK]


@pytest.mark.promise("INT-04")
async def test_the_note_stays_when_another_tool_is_picked(slack_stage: SlackStage) -> None:
    form = await opened(slack_stage)
    alice = slack_stage.user("alice")
    await slack_stage.acme.chooses(alice, form, "value", "for the rota", block_id="note")
    await picked(slack_stage, form, "unlock_account")
    await picked(slack_stage, form, "reset_password")
    assert await sends(slack_stage, form, user="eve@acme.test") == {"response_action": "clear"}
    assert "for the rota" in words(await slack_stage.card("bob"))


@pytest.mark.promise("INT-04")
async def test_only_tools_that_one_may_ask_for_can_be_picked(slack_stage: SlackStage) -> None:
    await set_tool(slack_stage.stage, "wipe_device", Action.DISABLED)
    await switch_tool(slack_stage.stage, "lock_device", on=False)
    form = await opened(slack_stage)
    picker = next(element for (block, _), element in form.elements().items() if block == "tool")
    offered = {str(option["value"]) for option in options_of(picker)}
    assert f"{CONNECTOR}:reset_password" in offered
    assert not offered & {f"{CONNECTOR}:wipe_device", f"{CONNECTOR}:lock_device"}


@pytest.mark.promise("INT-04")
async def test_a_tool_that_is_switched_off_meanwhile_is_not_asked_for(slack_stage: SlackStage) -> None:
    form = await opened(slack_stage)
    await picked(slack_stage, form, "reset_password")
    await switch_tool(slack_stage.stage, "reset_password", on=False)
    await sends(slack_stage, form, user="alice@acme.test")
    refused = await slack_stage.modal("alice", showing="not offered to you any more")
    assert title(refused) == "Not possible"
    assert await all_requests(slack_stage) == []


@pytest.mark.promise("INT-04")
async def test_among_very_many_tools_one_searches(slack_stage: SlackStage) -> None:
    await many_tools(slack_stage)
    alice = slack_stage.user("alice")
    form = await opened(slack_stage)
    everything = await slack_stage.acme.types(alice, form, "tool", "")
    assert len(everything) == 100
    found = await slack_stage.acme.types(alice, form, "tool", "reset pass")
    assert [one["value"] for one in found] == [f"{CONNECTOR}:reset_password"]
    assert await slack_stage.acme.types(alice, form, "tool", "no such thing") == []
    await slack_stage.acme.types(alice, form, "tool", "reset pass")
    await picked(slack_stage, form, "reset_password")
    assert await sends(slack_stage, form, user="alice@acme.test") == {"response_action": "clear"}
    await slack_stage.card("bob")


async def many_tools(stage: SlackStage) -> None:
    """Adds tools until there are more than a menu can hold."""
    async with stage.stage.store.unit(TENANT) as unit:
        known = (await unit.connections.catalog())[ToolId(CONNECTOR, "reset_password")]
        for number in range(110):
            tool = ToolId(CONNECTOR, f"numbered_{number}")
            definition = replace(known.definition, id=tool, title=f"Numbered {number}")
            await unit.connections.put_tool(replace(known, definition=definition))
    for number in range(110):
        await set_tool(stage.stage, f"numbered_{number}", Action.APPROVAL_NEEDED)


@pytest.mark.promise("INT-05")
async def test_a_form_that_is_sent_twice_opens_one_request(slack_stage: SlackStage) -> None:
    form = await opened(slack_stage)
    await picked(slack_stage, form, "reset_password")
    assert await sends(slack_stage, form, user="alice@acme.test") == {"response_action": "clear"}
    await slack_stage.acme.resends()
    await slack_stage.card("bob")
    assert len(await all_requests(slack_stage)) == 1


@pytest.mark.promise("INT-04", "INT-01")
async def test_request_with_words_asks_as_a_message_would(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await replied(stage, "alice", f"/request {ZENDESK}", "Sent. I go on in our direct message.")
    await stage.card("bob")
    assert [one.text for one in await requests_of(stage, "alice")] == [ZENDESK]
    await stage.shows("alice", await stage.card("alice", "withdraw"), "Waiting for approval.")


@pytest.mark.promise("INT-04")
async def test_request_in_a_channel_tells_the_channel_nothing(slack_stage: SlackStage) -> None:
    channel = a_channel(slack_stage, "alice", "megan")
    alice = slack_stage.user("alice")
    await slack_stage.acme.commands(alice, channel, "/request", RESET)
    sent = await ephemeral(slack_stage, "alice", "Sent. I go on in our direct message.")
    assert sent.channel == channel.id
    await slack_stage.approves("bob")
    await slack_stage.told("alice", "was sent a one-time link")
    assert [one for one in channel.messages if one.only_for != alice.id] == []


@pytest.mark.promise("INT-04", "INT-07")
async def test_request_with_somebody_mentioned_means_their_address(slack_stage: SlackStage) -> None:
    eve = slack_stage.user("eve")
    await commands(slack_stage, "alice", "/request", f"reset the password of <@{eve.id}|eve>")
    await slack_stage.card("bob")
    assert [one.text for one in await requests_of(slack_stage, "alice")] == [
        "reset the password of eve@acme.test"
    ]


@pytest.mark.promise("INT-04", "INT-02")
async def test_a_message_can_be_passed_on_by_its_shortcut(slack_stage: SlackStage) -> None:
    stage = slack_stage
    channel = a_channel(stage, "alice", "megan")
    alice, eve = stage.user("alice"), stage.user("eve")
    ts = await stage.acme.says(stage.user("megan"), f"reset the password of <@{eve.id}> & so on", channel)
    await stage.acme.message_shortcut(alice, "ask_about", channel, ts)
    modal = await stage.modal("alice", showing="What do you need?")
    [state] = modal.state.values()
    assert str(state["value"]).endswith("& so on")
    await stage.acme.submits(alice, modal, {"text": {"value": "  "}})
    assert list(modal.errors) == ["text"]
    answer = await stage.acme.submits(
        alice, modal, {"text": {"value": "reset the password of eve@acme.test"}}
    )
    assert answer == {"response_action": "clear"}
    await stage.card("bob")
    [request] = await all_requests(stage)
    assert (request.requester, request.text) == ("p-alice", "reset the password of eve@acme.test")
    assert stage.acme.answers(channel) == []


@pytest.mark.promise("INT-04")
async def test_a_message_about_somebody_is_passed_on_with_their_address(slack_stage: SlackStage) -> None:
    channel = a_channel(slack_stage, "alice", "megan")
    alice, eve = slack_stage.user("alice"), slack_stage.user("eve")
    ts = await slack_stage.acme.says(slack_stage.user("megan"), f"reset the password of <@{eve.id}>", channel)
    await slack_stage.acme.message_shortcut(alice, "ask_about", channel, ts)
    modal = await slack_stage.modal("alice", showing="What do you need?")
    assert [one["value"] for one in modal.state.values()] == ["reset the password of eve@acme.test"]
    await slack_stage.acme.submits(alice, modal)
    await slack_stage.card("bob")


@pytest.mark.promise("INT-04")
async def test_the_global_shortcut_opens_the_form(slack_either_way: SlackStage) -> None:
    stage = slack_either_way
    await stage.acme.shortcut(stage.user("alice"), "ask")
    form = await stage.modal("alice", showing="Or say it in your own words")
    await picked(stage, form, "reset_password")
    assert await sends(stage, form, user="alice@acme.test") == {"response_action": "clear"}
    await stage.card("bob")


@pytest.mark.promise("INT-04", "INT-07")
async def test_words_from_a_form_continue_in_the_direct_message(slack_stage: SlackStage) -> None:
    await replied(slack_stage, "alice", "/request I need access", "Sent.")
    await slack_stage.told("alice", "Which app do you need?")
    await slack_stage.says("alice", "Figma")
    await slack_stage.card("bob")
    [request] = await requests_of(slack_stage, "alice")
    assert request.details == ("Figma",)


@pytest.mark.promise("INT-04")
async def test_a_stranger_is_told_instead_of_shown_a_form(slack_stage: SlackStage) -> None:
    stranger = slack_stage.acme.adds_user("Zoe Zander", email="zoe@elsewhere.test")
    await slack_stage.acme.shortcut(stranger, "ask")

    def look() -> View | None:
        found = slack_stage.acme.modal(stranger)
        return found if found is not None and "I do not know who you are" in words(found) else None

    found = await slack_stage.acme.eventually(look, "the stranger to be told")
    assert inputs(found) == {}


@pytest.mark.promise("INT-07", "INT-04")
async def test_a_form_beside_an_open_request_opens_one_of_its_own(slack_stage: SlackStage) -> None:
    first = await asks(slack_stage, "alice", ZENDESK)
    await comes_to(slack_stage, first, "waiting")
    form = await opened(slack_stage)
    await picked(slack_stage, form, "reset_password")
    assert await sends(slack_stage, form, user="alice@acme.test") == {"response_action": "clear"}
    own, other = await requests_of(slack_stage, "alice")
    assert (own.id, own.details) == (first, ())
    assert other.thread == ""
    await comes_to(slack_stage, other.id, "waiting")
