"""A small Bolt app finds in the test server what it would find in Slack, over sockets and signed requests."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta

import pytest
from aiohttp import ClientError, ClientSession, web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.clock import MovedClock
from tests.servers.slack import SlackServer, Workspace, slack_server
from tests.servers.slack_answers import BadAnswer
from tests.servers.slack_bot import MODAL, Ack, Body, Bot, an_app, over_http, over_sockets
from tests.servers.slack_delivery import Unanswered, signed
from tests.servers.slack_sight import eventually, words
from tests.servers.slack_state import NotPossible


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server(rates=False) as server:
        yield server


@pytest.fixture
def acme(slack: SlackServer) -> Workspace:
    return slack.workspace("Acme")


@pytest.fixture(params=["sockets", "http"])
async def bot(request: pytest.FixtureRequest, slack: SlackServer) -> AsyncIterator[Bot]:
    made = Bot(slack)
    async with over_sockets(made, slack) if request.param == "sockets" else over_http(made, slack):
        yield made


def web_client(slack: SlackServer, token: str) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=slack.api_url, retry_handlers=[])


async def refusal(call: Awaitable[object]) -> SlackApiError:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value


async def test_a_direct_message_is_answered_and_a_button_opens_a_modal_that_submits(
    bot: Bot, acme: Workspace
) -> None:
    ada = acme.adds_user("Ada Lovelace")
    await acme.says(ada, "reset <my> password, bob@example.com")
    assert bot.seen[0]["text"] == "reset &lt;my&gt; password, <mailto:bob@example.com|bob@example.com>"
    (card,) = acme.answers(ada)
    await acme.presses(ada, card, "approve", value="7")
    assert bot.seen[1]["container"]["message_ts"] == card.ts
    modal = await eventually(lambda: acme.modal(ada))
    with pytest.raises(NotPossible, match="is empty"):
        await acme.submits(ada, modal)
    answer = await acme.submits(ada, modal, {"note": {"text": "no"}})
    assert answer["response_action"] == "errors"
    assert modal.errors == {"note": "Say more."}
    assert acme.modal(ada) is modal
    await acme.types(ada, modal, "find", "bob")
    await acme.submits(ada, modal, {"note": {"text": "yes"}, "who": {"find": "bob"}})
    assert acme.modal(ada) is None
    (values,) = bot.submitted
    assert values["note"]["text"] == {"type": "plain_text_input", "value": "yes"}
    assert values["who"]["find"]["selected_option"]["value"] == "bob"


async def test_an_event_that_the_app_fails_is_sent_again_with_its_number(bot: Bot, acme: Workspace) -> None:
    ada = acme.adds_user("Ada Lovelace")
    bot.fail_next = True
    acme.deliveries.within_s = 0.5
    telling = asyncio.create_task(acme.says(ada, "hello"))
    await eventually(lambda: not bot.fail_next, "the app has failed")
    acme.deliveries.within_s = 30
    await telling
    assert bot.retries == ["0", "1"]
    assert acme.deliveries.all[-1].answer.attempts == 2
    await acme.resends()
    assert bot.retries == ["0", "1", "2"]


async def test_what_the_app_does_not_answer_is_unanswered(bot: Bot, acme: Workspace) -> None:
    ada = acme.adds_user("Ada Lovelace")
    acme.deliveries.within_s = 0.2
    with pytest.raises(Unanswered):
        await acme.shortcut(ada, "unknown")
    assert not bot.seen


async def test_a_mention_comes_twice_and_only_a_member_hears_messages(bot: Bot, acme: Workspace) -> None:
    ada = acme.adds_user("Ada Lovelace")
    channel = acme.adds_channel("help", ada)
    ts = await acme.mentions(ada, channel, "hello")
    assert bot.seen[0]["ts"] == bot.seen[1]["event"]["ts"] == ts
    assert bot.seen[1]["event"]["text"] == f"<@{acme.bot.id}> hello"
    outside = acme.adds_channel("random", ada, with_bot=False)
    await acme.says(ada, "psst", outside)
    assert len(bot.seen) == 2


async def test_home_commands_and_shortcuts_work(bot: Bot, acme: Workspace) -> None:
    ada = acme.adds_user("Ada Lovelace")
    await acme.opens_home(ada)
    home = acme.home(ada)
    assert home is not None
    assert "May it?" in words(home)
    channel = acme.adds_channel("help", ada)
    await acme.commands(ada, channel, "/policy", "list")
    shown = await eventually(lambda: acme.ephemerals(ada) if len(acme.ephemerals(ada)) == 2 else None)
    assert {one.text for one in shown} == {"You said list", "And this later."}
    await acme.shortcut(ada, "ask")
    modal = await eventually(lambda: acme.modal(ada))
    await acme.closes(modal)
    assert bot.seen[-1]["type"] == "view_closed"
    assert acme.modal(ada) is None


async def test_a_forged_press_arrives_and_an_honest_one_of_no_button_does_not(
    bot: Bot, acme: Workspace
) -> None:
    ada, eve = acme.adds_user("Ada Lovelace"), acme.adds_user("Eve")
    await acme.says(ada, "hello")
    (card,) = acme.answers(ada)
    with pytest.raises(NotPossible, match="there are"):
        await acme.presses(ada, card, "deny")
    with pytest.raises(NotPossible, match="does not see"):
        await acme.presses(eve, card, "approve")
    await acme.presses(eve, card, "approve", value="8", forged=True)
    assert bot.seen[-1]["actions"][0]["value"] == "8"


async def test_each_event_goes_to_one_of_two_sockets(slack: SlackServer, acme: Workspace) -> None:
    bot, ada = Bot(slack), acme.adds_user("Ada Lovelace")
    async with over_sockets(bot, slack, sockets=2):
        for number in range(4):
            await acme.says(ada, f"message {number}", thread_ts=None)
        assert len(bot.seen) == 4
        first, second, *_ = slack.sockets.sent
        assert first != second
        assert slack.sockets.sent == [first, second, first, second]


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "cut"])
async def test_the_app_comes_back_after_its_socket_is_closed(
    slack: SlackServer, acme: Workspace, reason: str
) -> None:
    bot, ada = Bot(slack), acme.adds_user("Ada Lovelace")
    async with over_sockets(bot, slack):
        if reason == "cut":
            slack.sockets.cut()
        else:
            await slack.sockets.disconnect(reason)
        await eventually(lambda: len(slack.calls_of("apps.connections.open")) > 1 and slack.sockets.open == 1)
        await acme.says(ada, "hello again")
        assert bot.seen[0]["text"] == "hello again"


async def test_a_request_with_a_wrong_or_old_signature_is_refused_by_bolt(
    slack: SlackServer, acme: Workspace
) -> None:
    bot, ada = Bot(slack), acme.adds_user("Ada Lovelace")
    async with over_http(bot, slack) as url, ClientSession() as session:
        headers = signed("another secret", int(slack.signing_clock.now().timestamp()), "{}")
        async with session.post(url, data="{}", headers=headers) as response:
            assert response.status == 401
        slack.signing_clock = MovedClock(slack.signing_clock.now() - timedelta(minutes=6))
        await acme.says(ada, "hello")
    assert acme.deliveries.all[-1].answer.status == 401
    assert acme.deliveries.all[-1].answer.attempts == 4


async def test_too_many_messages_are_answered_with_retry_after(acme: Workspace, slack: SlackServer) -> None:
    client, ada = web_client(slack, acme.bot_token), acme.adds_user("Ada Lovelace")
    slack.api.rates, slack.api.post_every = True, timedelta(seconds=30)
    await client.chat_postMessage(channel=acme.dm(ada).id, text="one")
    error = await refusal(client.chat_postMessage(channel=acme.dm(ada).id, text="two"))
    assert error.response.status_code == 429
    assert error.response["error"] == "ratelimited"
    assert int(error.response.headers["Retry-After"]) in range(1, 31)
    await client.chat_postMessage(channel=acme.adds_channel("other").id, text="three")


async def test_bad_blocks_are_refused_with_their_places(acme: Workspace, slack: SlackServer) -> None:
    client, channel = web_client(slack, acme.bot_token), acme.adds_channel("help")
    error = await refusal(client.chat_postMessage(channel=channel.id, text="x", blocks=[{"type": "video"}]))
    assert error.response["error"] == "invalid_blocks"
    said = ["[ERROR] unsupported type: video [json-pointer:/blocks/0/type]"]
    assert error.response["response_metadata"]["messages"] == said
    assert acme.messages(channel) == []
    assert [call.error for call in slack.calls] == ["invalid_blocks"]


async def test_tokens_and_scopes_are_looked_at(slack: SlackServer) -> None:
    acme = slack.workspace("Acme", scopes=frozenset({"users:read"}))
    ada = acme.adds_user("Ada Lovelace")
    client = web_client(slack, acme.bot_token)
    assert "email" not in (await client.users_info(user=ada.id))["user"]["profile"]
    missing = await refusal(client.users_lookupByEmail(email=ada.email))
    assert missing.response["error"] == "missing_scope"
    assert missing.response["needed"] == "users:read.email"
    codes = {
        "invalid_auth": web_client(slack, "xoxb-wrong").auth_test(),
        "not_allowed_token_type": web_client(slack, slack.keys.app_token).auth_test(),
        "unknown_method": client.api_call("bots.dance"),
        "not_authed": web_client(slack, "").auth_test(),
    }
    for code, call in codes.items():
        assert (await refusal(call)).response["error"] == code
    acme.world.app_is = "removed"
    assert (await refusal(client.auth_test())).response["error"] == "token_revoked"


async def test_channels_and_people_are_refused_as_slack_does(slack: SlackServer, acme: Workspace) -> None:
    client = web_client(slack, acme.bot_token)
    ada, gone = acme.adds_user("Ada Lovelace"), acme.adds_user("Gone")
    gone.deleted = True
    archived, outside = acme.adds_channel("old"), acme.adds_channel("out", ada, with_bot=False)
    hidden = acme.adds_channel("hidden", ada, private=True, with_bot=False)
    archived.is_archived = True
    typed = acme.writes(ada, "hello", acme.dm(ada))
    calls = {
        "channel_not_found": client.chat_postMessage(channel=hidden.id, text="x"),
        "not_in_channel": client.chat_postMessage(channel=outside.id, text="x"),
        "is_archived": client.chat_postMessage(channel=archived.id, text="x"),
        "user_not_found": client.conversations_open(users="U404"),
        "user_disabled": client.conversations_open(users=gone.id),
        "cannot_dm_bot": client.conversations_open(users=acme.bot.id),
        "users_not_found": client.users_lookupByEmail(email=gone.email),
        "message_not_found": client.chat_update(channel=typed.channel, ts="1.2", text="x"),
        "cant_update_message": client.chat_update(channel=typed.channel, ts=typed.ts, text="x"),
        "thread_not_found": client.conversations_replies(channel=typed.channel, ts="1.2"),
    }
    for code, call in calls.items():
        assert (await refusal(call)).response["error"] == code


async def test_history_members_and_people_are_read_in_pages(slack: SlackServer, acme: Workspace) -> None:
    client = web_client(slack, acme.bot_token)
    people = [acme.adds_user(f"Person{number}") for number in range(5)]
    channel = acme.adds_channel("help", *people)
    first = await client.conversations_members(channel=channel.id, limit=4)
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_members(channel=channel.id, limit=4, cursor=cursor)
    assert [*first["members"], *rest["members"]] == channel.members
    assert rest["response_metadata"]["next_cursor"] == ""
    metadata = {"event_type": "card", "event_payload": {"id": "7"}}
    root = await client.chat_postMessage(channel=channel.id, text="a", metadata=metadata)
    await client.chat_postMessage(channel=channel.id, text="b", thread_ts=root["ts"])
    plain = await client.conversations_history(channel=channel.id)
    assert [one["text"] for one in plain["messages"]] == ["a"]
    assert "metadata" not in plain["messages"][0]
    full = await client.conversations_replies(channel=channel.id, ts=root["ts"], include_all_metadata=True)
    assert [one["text"] for one in full["messages"]] == ["a", "b"]
    assert full["messages"][0]["metadata"] == metadata


async def test_a_trigger_opens_one_modal_for_three_seconds() -> None:
    clock = MovedClock()
    async with slack_server(clock=clock) as slack:
        acme = slack.workspace("Acme")
        client, ada = web_client(slack, acme.bot_token), acme.adds_user("Ada Lovelace")
        used, late = acme.views.trigger(ada.id), acme.views.trigger(ada.id)
        opened = await client.views_open(trigger_id=used, view=MODAL)
        again = await refusal(client.views_open(trigger_id=used, view=MODAL))
        assert again.response["error"] == "exchanged_trigger_id"
        clock.advance(timedelta(seconds=4))
        expired = await refusal(client.views_open(trigger_id=late, view=MODAL))
        assert expired.response["error"] == "expired_trigger_id"
        unknown = await refusal(client.views_open(trigger_id="1.2.3", view=MODAL))
        assert unknown.response["error"] == "invalid_trigger_id"
        view_id = opened["view"]["id"]
        conflict = await refusal(client.views_update(view_id=view_id, view=MODAL, hash="old"))
        assert conflict.response["error"] == "hash_conflict"
        await client.views_update(view_id=view_id, view=MODAL, hash=opened["view"]["hash"])


async def test_faults_strike_the_next_calls(slack: SlackServer, acme: Workspace) -> None:
    client, channel = web_client(slack, acme.bot_token), acme.adds_channel("help")

    async def post(text: str) -> object:
        return await client.chat_postMessage(channel=channel.id, text=text)

    slack.faults.fails("chat.postMessage", "fatal_error")
    assert (await refusal(post("one"))).response["error"] == "fatal_error"
    slack.faults.limits("chat.postMessage", after_s=7)
    assert (await refusal(post("two"))).response.headers["Retry-After"] == "7"
    slack.faults.breaks("chat.postMessage")
    assert (await refusal(post("three"))).response.status_code == 500
    slack.faults.drops("chat.postMessage", after_effect=False)
    with pytest.raises(ClientError):
        await post("four")
    slack.faults.drops("chat.postMessage", after_effect=True)
    with pytest.raises(ClientError):
        await post("five")
    hold = slack.faults.hangs("chat.postMessage")
    posting = asyncio.create_task(post("six"))
    await hold.arrived.wait()
    assert [one.text for one in acme.messages(channel)] == ["five"]
    hold.release()
    await posting
    assert [one.text for one in acme.messages(channel)] == ["five", "six"]


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning:slack_sdk")
async def test_an_installation_exchanges_its_code_once(slack: SlackServer, acme: Workspace) -> None:
    acme.adds_user("Ada Lovelace")
    keys, client = slack.keys, web_client(slack, "")
    code = slack.api.gives_code(acme.world)
    asked = {"client_id": keys.client_id, "client_secret": keys.client_secret, "code": code}
    found = await client.oauth_v2_access(**asked)
    assert found["access_token"] == acme.bot_token
    assert found["team"]["id"] == acme.team_id
    assert (await refusal(client.oauth_v2_access(**asked))).response["error"] == "code_already_used"
    wrong = client.oauth_v2_access(**{**asked, "client_secret": "no"})
    assert (await refusal(wrong)).response["error"] == "bad_client_secret"


async def test_two_workspaces_know_nothing_of_each_other(bot: Bot, slack: SlackServer) -> None:
    acme, globex = slack.workspace("Acme"), slack.workspace("Globex", enterprise_id="E1")
    ada, hank = acme.adds_user("Ada Lovelace"), globex.adds_user("Hank")
    await acme.says(ada, "hello")
    await globex.says(hank, "hello")
    assert len(acme.answers(ada)) == len(globex.answers(hank)) == 1
    assert {call.token for call in slack.calls_of("chat.postMessage")} == {acme.bot_token, globex.bot_token}
    assert len(bot.seen) == 2
    error = await refusal(web_client(slack, acme.bot_token).users_info(user=hank.id))
    assert error.response["error"] == "user_not_found"


async def test_a_response_url_works_five_times(slack: SlackServer, acme: Workspace) -> None:
    ada = acme.adds_user("Ada Lovelace")
    url = acme.response_url(ada, acme.dm(ada))
    async with ClientSession() as session:
        for number in range(6):
            async with session.post(url, json={"text": f"answer {number}"}) as response:
                assert response.status == (200 if number < 5 else 404)
    assert len(acme.ephemerals(ada)) == 5
    assert slack.calls == []


async def test_errors_for_what_is_no_input_are_shown_as_a_bad_answer(
    slack: SlackServer, acme: Workspace
) -> None:
    bot, ada = Bot(slack), acme.adds_user("Ada Lovelace")

    async def wrong(ack: Ack) -> None:
        await ack(response_action="errors", errors={"elsewhere": "No."})

    bot.app.view("other")(wrong)
    async with over_sockets(bot, slack):
        modal = acme.views.open(acme.views.trigger(ada.id), {**MODAL, "callback_id": "other"})
        with pytest.raises(BadAnswer, match="elsewhere"):
            await acme.submits(ada, modal, {"note": {"text": "yes"}})


async def test_what_was_chosen_stays_when_the_view_is_changed(slack: SlackServer, acme: Workspace) -> None:
    ada, client = acme.adds_user("Ada Lovelace"), web_client(slack, acme.bot_token)
    options = [{"text": {"type": "plain_text", "text": one}, "value": one} for one in ("red", "blue")]
    menu = {"type": "static_select", "action_id": "pick", "options": options}
    label = {"type": "plain_text", "text": "Colour"}
    block: Body = {"type": "input", "block_id": "colour", "label": label, "element": menu}
    modal = acme.views.open(acme.views.trigger(ada.id), {**MODAL, "blocks": [block]})
    assert await acme.chooses(ada, modal, "pick", "blue") is None
    with pytest.raises(NotPossible, match="no option 'green'"):
        await acme.chooses(ada, modal, "pick", "green")
    await client.views_update(view_id=modal.id, view={**MODAL, "blocks": [*MODAL["blocks"], block]})
    assert modal.state["colour", "pick"]["selected_option"] == options[1]
    fewer = {**block, "element": {**menu, "options": options[:1]}}
    await client.views_update(view_id=modal.id, view={**MODAL, "blocks": [fewer]})
    assert modal.state["colour", "pick"]["selected_option"] is None


async def test_strangers_threads_and_the_assistant_look_as_in_slack(bot: Bot, acme: Workspace) -> None:
    ada, kim = acme.adds_user("Ada Lovelace"), acme.adds_user("Kim", team_id="T0OTHER")
    channel = acme.adds_channel("shared", ada, kim, shared=True)
    root = await acme.says(ada, "hello", channel)
    await acme.says(kim, "me too", channel, thread_ts=root)
    payload = acme.deliveries.all[-1].envelope.payload
    assert payload["is_ext_shared_channel"] is True
    assert (bot.seen[1]["user_team"], bot.seen[1]["parent_user_id"]) == ("T0OTHER", ada.id)
    assert kim.as_json(with_email=True)["profile"] == {
        "real_name": "Kim",
        "display_name": "kim",
        "team": "T0OTHER",
    }
    thread = await acme.starts_assistant(ada)
    await acme.says(ada, "help", thread_ts=thread)
    assert [one.text for one in acme.thread(ada, thread)] == ["New Assistant Thread", "help"]


async def test_only_the_events_that_the_app_asked_for_are_sent(slack: SlackServer, acme: Workspace) -> None:
    bot, ada = Bot(slack), acme.adds_user("Ada Lovelace")
    acme.subscribed = frozenset({"message.im"})
    channel = acme.adds_channel("help", ada)
    async with over_http(bot, slack):
        await acme.mentions(ada, channel, "hello")
        await acme.archives(ada, channel)
        await acme.says(ada, "hello to you alone")
    assert [event["text"] for event in bot.seen] == ["hello to you alone"]


async def test_all_that_people_do_reaches_the_app(slack: SlackServer, acme: Workspace) -> None:
    told: list[str] = []
    view: Body = {**MODAL, "blocks": []}
    answers: list[Body] = [
        {},
        {"response_action": "push", "view": {**view, "callback_id": "second"}},
        {"response_action": "update", "view": {**view, "callback_id": "third"}},
        {"response_action": "clear"},
    ]

    async def take(request: web.Request) -> web.Response:
        form = await request.post() if request.content_type != "application/json" else {}
        body = json.loads(str(form["payload"])) if "payload" in form else dict(form) or await request.json()
        told.append(body.get("event", body).get("subtype") or body.get("event", body).get("type", "command"))
        return web.json_response(answers.pop(0) if told[-1] in {"message_action", "view_submission"} else {})

    ada = acme.adds_user("Ada Lovelace")
    channel = acme.adds_channel("help", ada)
    async with an_app(take) as url:
        slack.posts_to(url)
        ts = await acme.says(ada, "hello", channel)
        await acme.message_shortcut(ada, "about", channel, ts)
        await acme.commands(ada, channel, "/policy")
        modal = acme.views.open(acme.views.trigger(ada.id), view)
        for callback in ("second", "third"):
            await acme.submits(ada, modal)
            modal = await eventually(lambda: acme.modal(ada))
            assert modal.content["callback_id"] == callback
        await acme.submits(ada, modal)
        assert acme.modal(ada) is None
        await acme.deletes_message(ada, channel, ts)
        await acme.leaves(ada, channel)
        await acme.kicks_bot(channel)
        await acme.uninstalls()
    assert told == [
        "message",
        "message_action",
        "command",
        *["view_submission"] * 3,
        "message_deleted",
        *["member_left_channel"] * 2,
        "tokens_revoked",
        "app_uninstalled",
    ]


async def test_the_browser_comes_back_with_a_code_and_the_state(slack: SlackServer, acme: Workspace) -> None:
    acme.adds_user("Ada Lovelace")
    asked = {"client_id": slack.keys.client_id, "state": "abc", "redirect_uri": "http://127.0.0.1:1/back"}
    async with (
        ClientSession() as session,
        session.get(f"{slack.url}/oauth/v2/authorize", params=asked, allow_redirects=False) as response,
    ):
        assert response.status == 302
        assert response.headers["Location"].startswith("http://127.0.0.1:1/back?code=")
        assert response.headers["Location"].endswith("&state=abc")
