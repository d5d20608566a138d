"""Asking in Slack: a direct message or a mention opens one request, answered where it was asked."""

import pytest

from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from tests.journeys.arranging import set_tool
from tests.journeys.slack_looks import (
    a_channel,
    all_requests,
    answered,
    asks,
    bots_in,
    comes_to,
    request_at,
    requests_of,
    stored,
    taken_up,
)
from tests.journeys.slack_stage import SlackStage, has_button
from tests.servers.slack_payloads import message_event
from tests.servers.slack_sight import words
from tests.servers.slack_world import Channel, SlackUser

RESET = "I forgot my password"


@pytest.mark.promise("INT-01")
async def test_a_direct_message_is_looked_into_visibly_and_then_has_its_card_in_its_own_thread(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    ts = await stage.says("alice", "I need access to Zendesk")
    card = await stage.status_card("alice", ts)
    assert card.thread_ts == ts
    made = [call.method for call in stage.slack.calls]
    assert made.index("assistant.threads.setStatus") < made.index("chat.postMessage")
    shown = stage.slack.calls_of("assistant.threads.setStatus")
    assert [(one.arguments["channel_id"], one.arguments["thread_ts"], one.error) for one in shown] == [
        (card.channel, ts, "")
    ]
    assert len(await all_requests(stage)) == 1


@pytest.mark.promise("INT-01")
@pytest.mark.parametrize("error", ["unknown_method", "missing_scope", "internal_error"])
async def test_a_slack_that_shows_no_status_changes_nothing(slack_stage: SlackStage, error: str) -> None:
    slack_stage.slack.faults.fails("assistant.threads.setStatus", error)
    request = await asks(slack_stage, "alice", "I need access to Zendesk")
    assert (await comes_to(slack_stage, request, "waiting")).text == "I need access to Zendesk"
    assert [one.error for one in slack_stage.slack.calls_of("assistant.threads.setStatus")] == [error]


@pytest.mark.promise("INT-02", "RPY-01")
async def test_a_mention_opens_one_request_and_everything_about_it_is_told_in_its_thread(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    channel = a_channel(stage, "alice", "megan")
    ts = await stage.acme.mentions(stage.user("alice"), channel, RESET)
    card = await answered(stage, channel, ts, "Your request")
    assert card.thread_ts == ts
    [request] = await requests_of(stage, "alice")
    assert request.text == RESET
    await stage.approves("bob")
    await answered(stage, channel, ts, "was sent a one-time link")
    await stage.shows("alice", card, "Done.")
    assert stage.acme.answers(channel) == bots_in(stage, channel, ts)
    assert stage.acme.answers(stage.user("alice")) == []
    assert len(stage.stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("INT-02")
async def test_a_mention_may_stand_anywhere_in_the_message(slack_stage: SlackStage) -> None:
    channel = a_channel(slack_stage, "alice")
    name = f"<@{slack_stage.acme.bot.id}>"
    await slack_stage.acme.mentions(slack_stage.user("alice"), channel, f"hi {name}, {RESET} {name}")
    await taken_up(slack_stage)
    [request] = await requests_of(slack_stage, "alice")
    assert "<@" not in request.text
    assert RESET in request.text
    await comes_to(slack_stage, request.id, "waiting")


@pytest.mark.promise("INT-02")
async def test_a_mention_in_somebody_elses_thread_opens_a_request_of_ones_own_there(
    slack_stage: SlackStage,
) -> None:
    channel = a_channel(slack_stage, "alice", "megan")
    ts = await slack_stage.acme.mentions(slack_stage.user("alice"), channel, RESET)
    await answered(slack_stage, channel, ts, "Your request")
    await slack_stage.acme.mentions(
        slack_stage.user("megan"), channel, "I need access to Zendesk", thread_ts=ts
    )
    await taken_up(slack_stage)
    [own] = await requests_of(slack_stage, "megan")
    assert (own.text, own.thread) == ("I need access to Zendesk", ts)
    assert [one.details for one in await requests_of(slack_stage, "alice")] == [()]
    await answered(slack_stage, channel, ts, "Give someone access to an app")


@pytest.mark.promise("INT-02")
async def test_a_mention_below_a_message_that_is_no_request_opens_one_there(slack_stage: SlackStage) -> None:
    channel = a_channel(slack_stage, "alice", "megan")
    ts = await slack_stage.acme.says(slack_stage.user("megan"), "Does anyone know about Zendesk?", channel)
    await slack_stage.acme.mentions(slack_stage.user("alice"), channel, RESET, thread_ts=ts)
    await answered(slack_stage, channel, ts, "Your request")
    assert [one.thread for one in await all_requests(slack_stage)] == [ts]


@pytest.mark.promise("INT-02", "INT-07")
async def test_what_others_write_in_a_requests_thread_is_ignored(slack_stage: SlackStage) -> None:
    stranger = slack_stage.acme.adds_user("Zoe Zander", email="zoe@elsewhere.test")
    channel = a_channel(slack_stage, "alice", "megan")
    channel.members.append(stranger.id)
    ts = await slack_stage.acme.mentions(slack_stage.user("alice"), channel, RESET)
    await answered(slack_stage, channel, ts, "Waiting for approval.")
    before = len(slack_stage.acme.answers(channel))
    for other in (slack_stage.user("megan"), stranger):
        for text in ("I need access to Figma", "Did it work?", "approve"):
            await slack_stage.acme.says(other, text, channel, thread_ts=ts)
    assert await stored(slack_stage, "arrivals") == 1
    [request] = await all_requests(slack_stage)
    assert (request.requester, request.details) == ("p-alice", ())
    assert len(slack_stage.acme.answers(channel)) == before
    assert slack_stage.acme.ephemerals(stranger) == []
    assert await slack_stage.audit("action.refused") == []


@pytest.mark.promise("INT-02", "INT-07")
async def test_the_requesters_own_reply_in_the_thread_goes_on_without_a_mention(
    slack_stage: SlackStage,
) -> None:
    channel = a_channel(slack_stage, "alice", "megan")
    ts = await slack_stage.acme.mentions(slack_stage.user("alice"), channel, "I need access")
    await answered(slack_stage, channel, ts, "Which app do you need?")
    await slack_stage.acme.says(slack_stage.user("alice"), "Figma", channel, thread_ts=ts)
    await answered(slack_stage, channel, ts, "Waiting for approval.")
    [request] = await requests_of(slack_stage, "alice")
    assert request.details == ("Figma",)


@pytest.mark.promise("INT-02")
async def test_what_people_say_to_each_other_in_a_channel_is_never_stored(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    channel = a_channel(stage, "alice", "megan")
    alice, megan = stage.user("alice"), stage.user("megan")
    for text in (RESET, "I need access to Zendesk", f"ask <@{megan.id}>"):
        ts = await stage.acme.says(alice, text, channel)
        await stage.acme.says(megan, RESET, channel, thread_ts=ts)
    heard = [one.envelope.payload for one in stage.acme.deliveries.all]
    assert len(heard) == 6
    assert (await stored(stage, "arrivals"), await stored(stage, "requests")) == (0, 0)
    assert stage.acme.answers(channel) == []


@pytest.mark.promise("INT-05")
async def test_a_message_that_slack_sends_again_opens_nothing_twice(slack_either_way: SlackStage) -> None:
    stage = slack_either_way
    request = await asks(stage, "alice", RESET)
    for _ in range(3):
        await stage.acme.resends()
    await comes_to(stage, request, "waiting")
    channel = a_channel(stage, "megan")
    ts = await stage.acme.mentions(stage.user("megan"), channel, "I need access to Zendesk")
    await answered(stage, channel, ts, "Your request")
    await stage.acme.resends()
    await taken_up(stage)
    assert len(await all_requests(stage)) == 2
    cards = [one for one in bots_in(stage, channel, ts) if "Your request" in words(one)]
    assert len(cards) == 1


@pytest.mark.promise("INT-01")
@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("I need access to Zendesk & <b>Figma</b>", "I need access to Zendesk & <b>Figma</b>"),
        ("Reset the password of &amp; co", "Reset the password of &amp; co"),
        ("Reset the password of eve@acme.test", "Reset the password of eve@acme.test"),
        ("See https://acme.test/wiki?a=1&b=2 first", "See https://acme.test/wiki?a=1&b=2 first"),
        ("*I* need `access` to _Zendesk_", "*I* need `access` to _Zendesk_"),
        ("<!here> I need access", "@here I need access"),
    ],
)
async def test_a_message_is_read_as_its_writer_sees_it(
    slack_stage: SlackStage, typed: str, read: str
) -> None:
    await asks(slack_stage, "alice", typed)
    assert [one.text for one in await requests_of(slack_stage, "alice")] == [read]


@pytest.mark.promise("INT-01")
async def test_somebody_who_is_mentioned_is_meant_by_their_address(slack_stage: SlackStage) -> None:
    eve = slack_stage.user("eve")
    request = await asks(slack_stage, "alice", f"Please reset the password of <@{eve.id}>")
    found = await comes_to(slack_stage, request, "waiting")
    assert found.text == "Please reset the password of eve@acme.test"
    await slack_stage.approves("bob")
    await slack_stage.told("alice", "Eve Ericsson was sent a one-time link")
    assert slack_stage.stage.connectors.called("reset_password") == [{"user": "eve@acme.test"}]


@pytest.mark.promise("INT-01")
async def test_somebody_unknown_who_is_mentioned_is_nobodys_address(slack_stage: SlackStage) -> None:
    stranger = slack_stage.acme.adds_user("Zoe Zander", email="zoe@elsewhere.test")
    request = await asks(slack_stage, "alice", f"Please reset the password of <@{stranger.id}>")
    found = await comes_to(slack_stage, request, "waiting", "answered", "denied", "failed")
    assert found.text == f"Please reset the password of @{stranger.id}"
    assert "zoe" not in "".join(slack_stage.texts(slack_stage.user("alice")))
    assert slack_stage.stage.connectors.called("reset_password") == []


@pytest.mark.promise("INT-01")
async def test_a_message_that_is_too_long_is_refused_in_its_thread(slack_stage: SlackStage) -> None:
    ts = await slack_stage.says("alice", "please " * 600)
    told = await answered(slack_stage, slack_stage.user("alice"), ts, "longer than 4000 characters")
    assert told.thread_ts == ts
    assert await all_requests(slack_stage) == []


@pytest.mark.promise("INT-02")
async def test_only_a_mention_is_told_to_say_what_is_needed(slack_stage: SlackStage) -> None:
    channel = a_channel(slack_stage, "alice")
    ts = await slack_stage.acme.mentions(slack_stage.user("alice"), channel, "")
    await answered(slack_stage, channel, ts, "There is no text in your message.")
    direct = await slack_stage.says("alice", "   ")
    await answered(slack_stage, slack_stage.user("alice"), direct, "There is no text in your message.")
    assert await all_requests(slack_stage) == []


@pytest.mark.promise("INT-07")
@pytest.mark.parametrize(
    "changes",
    [
        {"subtype": "message_changed", "hidden": True},
        {"subtype": "message_deleted", "hidden": True},
        {"subtype": "channel_join"},
        {"subtype": "channel_topic", "topic": "I forgot my password"},
        {"subtype": "bot_message", "bot_id": "B0THER"},
        {"bot_id": "B0THER", "app_id": "A0THER"},
        {"subtype": "thread_broadcast", "bot_id": "B0THER"},
        {"user": ""},
    ],
    ids=lambda changes: " ".join(f"{name} {value}" for name, value in changes.items()),
)
async def test_what_nobody_wrote_to_the_bot_opens_nothing(
    slack_stage: SlackStage, changes: JsonObject
) -> None:
    alice = slack_stage.user("alice")
    direct = slack_stage.acme.dm(alice)
    for channel in (direct, a_channel(slack_stage, "alice")):
        await happens(slack_stage, channel, alice, changes)
    assert (await stored(slack_stage, "arrivals"), await stored(slack_stage, "requests")) == (0, 0)


async def happens(stage: SlackStage, channel: Channel, user: SlackUser, changes: JsonObject) -> None:
    """Tells the bot of a message event that is no plain message."""
    message = stage.acme.writes(user, f"<@{stage.acme.bot.id}> {RESET}", channel)
    event = {**message_event(channel, message, user), **changes}
    assert await stage.acme.happens(event, channel=channel) is not None


@pytest.mark.promise("INT-07")
async def test_its_own_messages_are_nothing_that_the_bot_was_asked(slack_stage: SlackStage) -> None:
    request = await asks(slack_stage, "alice", RESET)
    await comes_to(slack_stage, request, "waiting")
    before = await stored(slack_stage, "arrivals")
    for message in slack_stage.acme.answers(slack_stage.user("alice")):
        await slack_stage.acme.echoes(message)
    assert await stored(slack_stage, "arrivals") == before
    assert len(await all_requests(slack_stage)) == 1


@pytest.mark.promise("INT-07")
async def test_taking_a_message_back_changes_nothing_and_withdraws_nothing(slack_stage: SlackStage) -> None:
    alice = slack_stage.user("alice")
    ts = await slack_stage.says("alice", RESET)
    request = await request_at(slack_stage, await slack_stage.status_card("alice", ts))
    await comes_to(slack_stage, request, "waiting")
    await slack_stage.acme.deletes_message(alice, slack_stage.acme.dm(alice), ts)
    await taken_up(slack_stage)
    assert [one.status for one in await requests_of(slack_stage, "alice")] == ["waiting"]
    await slack_stage.approves("bob")
    await slack_stage.told("alice", "was sent a one-time link")


@pytest.mark.promise("INT-01")
async def test_prompts_are_offered_where_an_assistant_thread_begins_and_its_first_message_asks_there(
    slack_either_way: SlackStage,
) -> None:
    stage = slack_either_way
    alice = stage.user("alice")
    direct = stage.acme.dm(alice)
    root = await stage.acme.starts_assistant(alice)
    prompts = await stage.acme.eventually(lambda: stage.acme.world.prompts.get((direct.id, root)), "prompts")
    assert 1 <= len(prompts) <= 4
    ts = await stage.says("alice", prompt_of(prompts[0]), thread=root)
    card = await answered(stage, alice, root, "Your request")
    assert ts in [one.ts for one in stage.acme.thread(alice, root)]
    [request] = await requests_of(stage, "alice")
    assert (request.thread, request.text) == (root, prompt_of(prompts[0]))
    assert card.thread_ts == root


def prompt_of(prompt: object) -> str:
    """Gives what a prompt sends."""
    assert isinstance(prompt, dict)
    return str(prompt["message"])


@pytest.mark.promise("INT-01", "INT-07")
async def test_two_assistant_threads_are_two_conversations(slack_stage: SlackStage) -> None:
    alice = slack_stage.user("alice")
    first = await slack_stage.acme.starts_assistant(alice)
    second = await slack_stage.acme.starts_assistant(alice)
    await slack_stage.says("alice", "I need access", thread=first)
    await slack_stage.says("alice", "I need access", thread=second)
    for root in (first, second):
        await answered(slack_stage, alice, root, "Which app do you need?")
    for root, app in ((first, "Zendesk"), (second, "Figma")):
        await slack_stage.says("alice", app, thread=root)
        await answered(slack_stage, alice, root, "Waiting for approval.")
    requests = await requests_of(slack_stage, "alice")
    assert [(one.thread, one.details) for one in requests] == [(first, ("Zendesk",)), (second, ("Figma",))]


@pytest.mark.promise("INT-01")
async def test_opening_the_messages_tab_offers_prompts_without_a_thread(slack_stage: SlackStage) -> None:
    alice = slack_stage.user("alice")
    direct = slack_stage.acme.dm(alice)
    opened = {"type": "app_home_opened", "user": alice.id, "channel": direct.id, "tab": "messages"}
    await slack_stage.acme.happens(opened)
    offered = await slack_stage.acme.eventually(
        lambda: slack_stage.slack.calls_of("assistant.threads.setSuggestedPrompts"), "prompts"
    )
    assert [one.error for one in offered] == [""]
    assert "thread_ts" not in offered[0].arguments
    assert offered[0].arguments["channel_id"] == direct.id
    assert slack_stage.acme.home(alice) is None


@pytest.mark.promise("RPY-01", "INT-01")
async def test_what_runs_without_asking_is_answered_in_the_thread_at_once(slack_stage: SlackStage) -> None:
    await set_tool(slack_stage.stage, "reset_password", Action.AUTO)
    ts = await slack_stage.says("alice", RESET)
    told = await answered(slack_stage, slack_stage.user("alice"), ts, "was sent a one-time link")
    assert told.thread_ts == ts
    assert not any(has_button(one, "approve") for one in slack_stage.acme.answers(slack_stage.user("bob")))
