"""A bot finds in the test server what it would find in Teams: the same shapes, the same refusals."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import jwt
import pytest
from aiohttp import ClientError, web

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.teams_acme import AcmeInTeams, acme_in_teams
from tests.servers.teams_answers import BadAnswer
from tests.servers.teams_bot import (
    APPROVE,
    DENY,
    NOTE,
    SEND,
    Bot,
    a_bot,
    card,
    ends,
    message,
    opens,
    shows,
    text,
)
from tests.servers.teams_delivery import Unanswered
from tests.servers.teams_faults import Rates
from tests.servers.teams_graph import INSTALL
from tests.servers.teams_rules import MOST_BYTES
from tests.servers.teams_sight import eventually
from tests.servers.teams_things import Message, NotPossible, TeamsUser
from tests.servers.teams_words import buttons, titles, words


@pytest.fixture
async def stage() -> AsyncIterator[AcmeInTeams]:
    async with acme_in_teams() as found:
        yield found


@pytest.fixture
async def bot(stage: AcmeInTeams) -> AsyncIterator[Bot]:
    async with a_bot(stage.teams) as found:
        yield found


@pytest.fixture
def alice(stage: AcmeInTeams) -> TeamsUser:
    return stage.user("alice")


async def asked(stage: AcmeInTeams, bot: Bot, user: TeamsUser) -> Message:
    """Gives a card with both buttons, in the person's chat."""
    number = await bot.posts(stage.acme.chat(user).id, card(text("May it?"), actions=[APPROVE, DENY]))
    found = await stage.acme.card(user, "Approve")
    assert found.id == number
    return found


def is_good(stage: AcmeInTeams, header: str | None) -> bool:
    """Whether a header is what the Bot Connector's documentation asks a bot to take."""
    scheme, _, token = (header or "").partition(" ")
    listed = stage.teams.identity.keys()["keys"]
    assert is_list(listed)
    published = {str(one["kid"]): dict(one) for one in listed if is_object(one)}
    try:
        key = published[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token,
            jwt.PyJWK(key).key,
            algorithms=["RS256"],
            audience=stage.teams.app_id,
            issuer="https://api.botframework.com",
            options={"require": ["exp", "iss", "aud"]},
        )
    except (jwt.PyJWTError, KeyError):
        return False
    is_endorsed = "msteams" in str(key["endorsements"])
    return scheme == "Bearer" and is_endorsed and claims.get("serviceurl") == stage.teams.service_url


def error_of(answer: tuple[int, JsonValue]) -> tuple[int, str]:
    status, body = answer
    assert is_object(body), body
    error = body["error"]
    assert is_object(error)
    return status, str(error["code"])


async def test_a_message_arrives_with_a_good_token_and_all_that_teams_says(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    await stage.acme.says(alice, "reset my password")
    (heard,) = bot.heard
    assert heard["text"] == "reset my password"
    assert heard["from"] == {"id": alice.id, "name": "Alice Archer", "aadObjectId": alice.object_id}
    assert heard["conversation"] == {
        "conversationType": "personal",
        "tenantId": stage.acme.tenant,
        "id": stage.acme.chat(alice).id,
    }
    async with bot.session.get(stage.teams.metadata_url) as response:
        keys_url = (await response.json())["jwks_uri"]
    async with bot.session.get(keys_url) as response:
        keys = (await response.json())["keys"]
    token = bot.tokens[0].removeprefix("Bearer ")
    kid = jwt.get_unverified_header(token)["kid"]
    (key,) = [one for one in keys if one["kid"] == kid]
    assert "msteams" in key["endorsements"]
    claims = jwt.decode(
        token,
        jwt.PyJWK(key).key,
        algorithms=["RS256"],
        audience=stage.teams.app_id,
        issuer="https://api.botframework.com",
    )
    assert claims["serviceurl"] == heard["serviceUrl"] == stage.teams.service_url


async def test_every_bad_token_fails_a_plain_check(stage: AcmeInTeams) -> None:
    assert is_good(stage, f"Bearer {stage.teams.identity.token()}")
    for name, header in stage.teams.identity.bad_authorizations().items():
        assert not is_good(stage, header), name


async def test_keys_rotate_and_go_away(stage: AcmeInTeams, bot: Bot) -> None:
    identity = stage.teams.identity
    kid = identity.rotates(keep_old=False)
    assert jwt.get_unverified_header(identity.token())["kid"] == kid
    assert '"channel-1"' not in json.dumps(identity.keys())
    stage.teams.faults.is_away("keys")
    async with bot.session.get(identity.jwks_url) as response:
        assert response.status == 503
    assert identity.fetched == {"metadata": 0, "keys": 1}


async def test_an_execute_is_answered_in_place_for_one_person_until_the_message_is_updated(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    seen = await asked(stage, bot, alice)
    bot.replies["adaptiveCard/action"] = lambda _: shows(card(text("Approved.")))
    found = await stage.acme.presses(alice, seen, "Approve")
    assert found.kind == "card"
    assert bot.heard[-1]["value"] == {
        "action": {"type": "Action.Execute", "title": "Approve", "verb": "act", "data": {"which": "7"}},
        "trigger": "manual",
    }
    assert bot.heard[-1]["replyToId"] == seen.id
    assert words(seen, alice) == "Approved."
    assert "May it?" in words(seen)
    path = f"/{seen.conversation}/activities/{seen.id}"
    status, _ = await bot.calls("PUT", path, message(card(text("Approved by Alice."))))
    assert status == 200
    assert words(seen, alice) == "Approved by Alice."
    assert (seen.updates, titles(seen)) == (1, [])


async def test_a_dialog_checks_its_inputs_goes_on_and_closes(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    seen = await asked(stage, bot, alice)
    limited: JsonObject = {**NOTE, "regex": "^[a-z ]+$", "errorMessage": "Letters only."}
    bot.replies["task/fetch"] = lambda _: opens(card(limited, actions=[SEND]), "Deny?")
    bot.replies["task/submit"] = lambda _: ends("Denied.")
    await stage.acme.presses(alice, seen, lambda data: "msteams" in data)
    value = bot.heard[-1]["value"]
    assert value == {
        "data": {"msteams": {"type": "task/fetch"}, "which": "7", "type": "task/fetch"},
        "context": {"theme": "default"},
    }
    dialog = stage.acme.dialog(alice)
    assert dialog is not None
    assert words(dialog).splitlines() == ["Deny?", "Why?", "Send"]
    with pytest.raises(NotPossible, match="Letters only"):
        await stage.acme.submits(alice)
    with pytest.raises(NotPossible, match="Letters only"):
        await stage.acme.submits(alice, {"Why?": "No 7!"})
    found = await stage.acme.submits(alice, {"note": "not now"})
    assert (found.kind, found.text) == ("closed", "Denied.")
    assert bot.heard[-1]["value"] == {
        "data": {"which": "7", "note": "not now"},
        "context": {"theme": "default"},
    }
    assert stage.acme.dialog(alice) is None
    assert stage.acme.notices(alice) == ["Denied."]
    with pytest.raises(NotPossible, match="not open"):
        await stage.acme.presses(alice, dialog, "Send")


async def test_an_older_client_takes_the_fallback_and_sends_messages_in_place_of_dialogs(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    alice.client.executes = alice.client.opens_dialogs = False
    seen = await asked(stage, bot, alice)
    assert [one.kind for one in buttons(seen, alice)] == ["Action.Submit", "Action.Submit"]
    assert (await stage.acme.presses(alice, seen, "Approve")).kind == "sent"
    assert (await stage.acme.presses(alice, seen, "Deny")).kind == "sent"
    approved, denied = bot.heard
    assert (approved["type"], approved["value"]) == ("message", {"which": "7"})
    assert "text" not in approved
    assert denied["value"] == {"msteams": {"type": "task/fetch"}, "which": "7"}
    assert denied["replyToId"] == seen.id


async def test_a_message_extension_opens_a_dialog_at_a_message(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    group = stage.acme.adds_group("Lunch", alice, with_bot=False)
    said = stage.acme.writes(alice, "my <screen> is black", group)
    bot.replies["composeExtension/fetchTask"] = lambda _: opens(card(NOTE, actions=[SEND]))
    bot.replies["composeExtension/submitAction"] = lambda _: web.Response()
    await stage.acme.composes(alice, "ask", message=said)
    asked_for = bot.heard[-1]["value"]
    assert is_object(asked_for)
    assert (asked_for["commandId"], asked_for["commandContext"]) == ("ask", "message")
    payload = asked_for["messagePayload"]
    assert is_object(payload)
    assert "my &lt;screen&gt; is black" in json.dumps(payload["body"])
    assert (await stage.acme.submits(alice, {"note": "help"})).kind == "closed"
    sent = bot.heard[-1]["value"]
    assert is_object(sent)
    assert sent["data"] == {"which": "7", "note": "help"}


async def test_a_mention_begins_a_thread_that_is_answered_there(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    channel = stage.acme.adds_channel("Help", alice)
    said = await stage.acme.mentions(alice, channel, "my screen is black")
    heard = bot.heard[0]
    assert heard["text"] == "<at>Countersign</at> my screen is black"
    place = heard["conversation"]
    assert is_object(place)
    assert place["id"] == f"{channel.id};messageid={said.id}"
    await bot.posts(str(place["id"]), "I will look.")
    assert [one.text for one in stage.acme.thread(channel, said)][1:] == ["I will look."]
    await bot.posts(channel.id, "A thread of its own")
    assert len(stage.acme.thread(channel, said)) == 2
    assert error_of(await bot.calls("POST", f"/{channel.id};messageid=1/activities", message("lost"))) == (
        404,
        "ActivityNotFoundInConversation",
    )


async def test_the_personal_chat_is_made_only_for_who_has_the_bot(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    def asking(name: str, tenant: str = "") -> JsonObject:
        where: JsonObject = {"tenant": {"id": tenant or stage.acme.tenant}}
        return {"members": [{"id": name}], "isGroup": False, "channelData": where}

    made = [await bot.calls("POST", "", asking(one)) for one in (alice.id, alice.object_id)]
    assert made == [(201, {"id": stage.acme.chat(alice).id})] * 2
    bob = stage.user("bob")
    await stage.acme.uninstalls(bob)
    assert [one["type"] for one in bot.heard] == ["conversationUpdate", "installationUpdate"]
    assert error_of(await bot.calls("POST", "", asking(bob.object_id))) == (
        403,
        "ForbiddenOperationException",
    )
    foreign = asking(alice.object_id, stage.foreign.tenant)
    assert error_of(await bot.calls("POST", "", foreign)) == (403, "ForbiddenOperationException")
    assert error_of(await bot.calls("POST", "", {"members": [{"id": alice.id}]})) == (400, "BadSyntax")
    chat = stage.acme.chat(bob).id
    assert error_of(await bot.calls("POST", f"/{chat}/activities", message("hello?"))) == (
        403,
        "BotNotInConversationRoster",
    )


async def test_members_are_told_by_either_id_and_strangers_are_none(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    chat = stage.acme.chat(alice).id
    for name in (alice.id, alice.object_id):
        status, body = await bot.calls("GET", f"/{chat}/members/{name}")
        assert status == 200
        assert is_object(body)
        assert (body["userPrincipalName"], body["tenantId"]) == ("alice@acme.test", stage.acme.tenant)
    for stranger in (stage.user("bob").object_id, stage.stranger.object_id, "29:x"):
        found = await bot.calls("GET", f"/{chat}/members/{stranger}")
        assert error_of(found) == (404, "MemberNotFoundInConversation")
    status, page = await bot.calls("GET", f"/{chat}/pagedmembers")
    assert is_object(page)
    assert len(page["members"]) == 1  # type: ignore[arg-type]  # a list of this server's own


async def test_the_connector_refuses_strangers_and_what_is_not_the_bots(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    chat = stage.acme.chat(alice).id
    stage.teams.tokens.clear()
    assert (await bot.calls("POST", f"/{chat}/activities", message("hi")))[0] == 401
    stage.teams.tokens.add(stage.teams.bot_token)
    assert error_of(await bot.calls("PUT", f"/{chat}/activities/1", message("hi"))) == (
        404,
        "ActivityNotFoundInConversation",
    )
    said = await stage.acme.says(alice, "hello")
    path = f"/{chat}/activities/{said.id}"
    assert error_of(await bot.calls("PUT", path, message("bye"))) == (403, "NotEnoughPermissions")
    number = await bot.posts(chat, "to be deleted")
    assert (await bot.calls("DELETE", f"/{chat}/activities/{number}"))[0] == 200
    assert [one.text for one in stage.acme.deleted(alice)] == ["to be deleted"]
    assert (await bot.calls("DELETE", f"/{chat}/activities/{number}"))[0] == 404


async def test_what_is_too_big_too_fast_or_malformed_is_not_taken(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    path = f"/{stage.acme.chat(alice).id}/activities"
    assert error_of(await bot.calls("POST", path, message("é" * (MOST_BYTES // 6)))) == (
        413,
        "MessageSizeTooBig",
    )
    malformed: list[JsonObject] = [
        {"type": "message"},
        {"type": "handoff"},
        {"type": "message", "text": "x", "from": {"id": alice.id}},
        {"type": "message", "attachments": [{"contentType": "image/png"}]},
        message(card({"type": "TextBlock", "text": ""})),
    ]
    for bad in malformed:
        assert error_of(await bot.calls("POST", path, bad)) == (400, "BadSyntax")
    stage.teams.connector.rates = Rates()
    for _ in range(7):
        await bot.posts(stage.acme.chat(alice).id, "spam")
    assert error_of(await bot.calls("POST", path, message("spam"))) == (429, "Throttled")
    await bot.posts(stage.acme.chat(stage.user("bob")).id, "others have their own rate")


def test_rates_are_counted_over_every_window() -> None:
    rates = Rates()
    for at in range(60):
        assert rates.wait("a", at / 4) == 0
    assert rates.wait("a", 15.0) == 15
    assert rates.wait("b", 15.0) == 0
    assert rates.wait("a", 30.1) == 0


BAD_ANSWERS: list[tuple[str, Callable[[JsonObject], web.Response]]] = [
    ("empty", lambda _: web.Response()),
    ("text", lambda _: web.Response(text="{}", content_type="text/plain")),
    ("no type", lambda _: web.json_response({"statusCode": 200, "value": {}})),
    ("bad card", lambda _: shows({"type": "AdaptiveCard"})),
    ("a message that is none", lambda _: web.json_response({"statusCode": 200, "type": "x", "value": {}})),
    ("too big", lambda _: shows(card(text("x" * MOST_BYTES)))),
]


@pytest.mark.parametrize("reply", [one for _, one in BAD_ANSWERS], ids=[name for name, _ in BAD_ANSWERS])
async def test_a_malformed_answer_to_a_press_fails_the_test(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser, reply: Callable[[JsonObject], web.Response]
) -> None:
    seen = await asked(stage, bot, alice)
    bot.replies["adaptiveCard/action"] = reply
    with pytest.raises(BadAnswer):
        await stage.acme.presses(alice, seen, "Approve")


async def test_an_error_or_silence_is_unanswered_and_can_be_sent_again(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    seen = await asked(stage, bot, alice)
    bot.replies["adaptiveCard/action"] = lambda _: web.Response(status=500)
    with pytest.raises(Unanswered):
        await stage.acme.presses(alice, seen, "Approve")
    bot.replies["adaptiveCard/action"] = lambda _: shows(card(text("Approved.")))
    assert (await stage.teams.deliveries.resends()).status == 200
    assert bot.heard[0] == bot.heard[1]


async def test_faults_strike_in_order_and_effects_may_stay(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    chat, faults = stage.acme.chat(alice).id, stage.teams.faults
    path = f"/{chat}/activities"
    faults.fails("post", 429, after_s=3)
    faults.fails("post", 502)
    faults.drops("post", after_effect=True)
    assert error_of(await bot.calls("POST", path, message("one"))) == (429, "Throttled")
    assert (await bot.calls("POST", path, message("two")))[0] == 502
    with pytest.raises(ClientError):
        await bot.calls("POST", path, message("three"))
    assert [one.text for one in stage.acme.answers(alice)] == ["three"]
    hold = faults.hangs("post")
    waiting = asyncio.create_task(bot.posts(chat, "four"))
    await hold.arrived.wait()
    await bot.posts(chat, "five")
    assert (stage.teams.traffic.under_way, stage.teams.traffic.most_at_once) == (1, 2)
    hold.release()
    await waiting
    assert [one.status for one in stage.teams.calls_of("post")] == [429, 502, 0, 201, 201]


async def test_graph_installs_the_bot_once_and_teams_tells_of_it(stage: AcmeInTeams, bot: Bot) -> None:
    bob = stage.user("bob")
    stage.acme.chat(bob).has_bot = False
    status, found = await bot.graphs(
        "GET", f"/appCatalogs/teamsApps?$filter=externalId eq '{stage.teams.app_id}'"
    )
    assert (status, found) == (200, {"value": [stage.teams.graph._app()]})
    path = f"/users/{bob.principal_name}/teamwork/installedApps"
    bind: JsonObject = {
        "teamsApp@odata.bind": f"https://graph/v1.0/appCatalogs/teamsApps/{stage.teams.graph.catalog_id}"
    }
    assert (await bot.graphs("POST", path, bind))[0] == 201
    assert error_of(await bot.graphs("POST", path, bind)) == (409, "Conflict")
    await eventually(lambda: len(bot.heard) == 2, "Teams to tell of it")
    status, listed = await bot.graphs("GET", f"{path}?$expand=teamsApp")
    assert is_object(listed)
    number = listed["value"][0]["id"]  # type: ignore[index, call-overload]  # the shape is this server's own
    status, chat = await bot.graphs("GET", f"{path}/{number}/chat")
    assert is_object(chat)
    await bot.posts(str(chat["id"]), "hello")
    assert [one.text for one in stage.acme.answers(bob)] == ["hello"]
    stage.teams.graph.permissions.remove(INSTALL)
    assert error_of(await bot.graphs("POST", path, bind)) == (403, "Forbidden")
    foreign = await bot.graphs("GET", f"/users/{stage.stranger.object_id}")
    assert error_of(foreign) == (404, "Request_ResourceNotFound")


async def test_inputs_are_sent_as_texts_and_empty_ones_not_at_all(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    choices: list[JsonValue] = [{"title": "Yes", "value": "y"}, {"title": "No", "value": "n"}]
    number = await bot.posts(
        stage.acme.chat(alice).id,
        card(
            {"type": "Input.Number", "id": "count", "min": 1, "max": 5},
            {"type": "Input.Toggle", "id": "sure", "title": "Sure?"},
            {"type": "Input.ChoiceSet", "id": "some", "isMultiSelect": True, "choices": choices},
            {"type": "Input.Date", "id": "until", "min": "2026-11-16"},
            {"type": "Input.Text", "id": "empty"},
            actions=[SEND],
        ),
    )
    seen = next(one for one in stage.acme.answers(alice) if one.id == number)
    bad_values: list[JsonObject] = [
        {"count": 9},
        {"until": "2026-11-01"},
        {"some": "maybe"},
        {"nothing": 1},
    ]
    for bad in bad_values:
        with pytest.raises(NotPossible):
            await stage.acme.presses(alice, seen, "Send", bad)
    good: dict[str, JsonValue] = {"count": 2, "sure": True, "some": ["Yes", "n"], "until": "2026-12-01"}
    await stage.acme.presses(alice, seen, "Send", good)
    assert bot.heard[-1]["value"] == {
        "which": "7",
        "count": "2",
        "sure": "true",
        "some": "y,n",
        "until": "2026-12-01",
    }


async def test_people_press_only_what_they_see(stage: AcmeInTeams, bot: Bot, alice: TeamsUser) -> None:
    seen = await asked(stage, bot, alice)
    with pytest.raises(NotPossible, match="does not see"):
        await stage.acme.presses(stage.user("bob"), seen, "Approve")
    with pytest.raises(NotPossible, match="no such button"):
        await stage.acme.presses(alice, seen, "Explode")
    old = buttons(seen, alice)[0]
    seen.change(message("over"))
    bot.replies["adaptiveCard/action"] = lambda _: shows(card(text("Too late.")))
    assert (await stage.acme.presses(alice, seen, old)).kind == "card"
    stage.acme.removes(seen)
    with pytest.raises(NotPossible, match="not there any more"):
        await stage.acme.presses(alice, seen, old)


async def test_an_app_that_is_too_slow_does_not_answer_in_time(
    stage: AcmeInTeams, bot: Bot, alice: TeamsUser
) -> None:
    assert not bot.heard
    stage.teams.deliveries.within_s = 1e-6
    with pytest.raises(Unanswered, match="timeout"):
        await stage.acme.says(alice, "hello")
