"""The way out to Teams: what is sent arrives as it is, and what the connector says is understood."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.chat.teams.access import Access
from bot.chat.teams.connector.calls import (
    BadCredentials,
    Connector,
    NotAccepted,
    NotHere,
    TeamsAway,
    TeamsBusy,
    TeamsGone,
    TeamsRefused,
)
from bot.chat.teams.connector.connected import SdkConnector, connected
from bot.chat.teams.connector.tokens import CONNECTOR_SCOPE
from bot.domain.canonical import JsonObject
from bot.outgoing.tries import Patience
from bot.ports.outside import Gone, Unreachable
from tests.fakes.tokens import FakeTokens
from tests.servers.slack_shapes import is_object
from tests.servers.teams_acme import AcmeInTeams, acme_in_teams
from tests.servers.teams_bot import card, message, text
from tests.servers.teams_rules import MOST_BYTES
from tests.teams_references import chat_of, reference_to

QUICK = Patience(pause_s=0.01, try_s=20)
HELLO = message("Hello")

Call = Callable[[Connector, AcmeInTeams], Awaitable[object]]


@pytest.fixture
async def stage() -> AsyncIterator[AcmeInTeams]:
    async with acme_in_teams() as found:
        yield found


@pytest.fixture
def tokens(stage: AcmeInTeams) -> FakeTokens:
    return FakeTokens(stage.teams.bot_token)


@pytest.fixture
async def connector(stage: AcmeInTeams, tokens: FakeTokens) -> AsyncIterator[SdkConnector]:
    access = Access(app_id=stage.teams.app_id, tenant=stage.acme.tenant)
    async with connected(access, tokens=tokens, patience=QUICK) as found:
        yield found


@pytest.fixture
def chat(stage: AcmeInTeams) -> JsonObject:
    return chat_of(stage)


async def opened(connector: Connector, stage: AcmeInTeams, user: str) -> JsonObject:
    return await connector.open_personal(
        service_url=stage.teams.service_url, tenant=stage.acme.tenant, user=user
    )


async def test_an_activity_arrives_exactly_as_it_was_given(
    connector: SdkConnector, stage: AcmeInTeams, chat: JsonObject
) -> None:
    strange: JsonObject = {
        "null": None,
        "empty": [{}, [], ""],
        "numbers": [0, 10**30, 1.0, -0.5, True, False],
        "with.dot": "2026-01-02T03:04:05+01:00",
        "additional_properties": {"": "", "$ref": {}, "odata.type": "x"},
        "text": "smile 😀 half \ud83d NUL \x00 \u202e \u2028 </script> \"'\\",
    }
    given: JsonObject = {
        **message(card(text("May it?"))),
        "text": "**not bold** <b> &amp;",
        "textFormat": "plain",
        "timestamp": "yesterday",
        "channelData": {"notification": {"alert": True}, "strange": strange},
        "strange": strange,
        "entities": [],
        "summary": None,
        "replyToId": "1",
        "importance": "high",
    }
    posted = await connector.send(chat, given)
    (call,) = stage.teams.calls_of("post")
    assert is_object(call.body)
    assert {name: call.body[name] for name in given} == given
    assert json.dumps(call.body["strange"]) == json.dumps(strange)
    assert set(call.body) - set(given) == {"channelId", "serviceUrl", "conversation", "from"}
    assert stage.acme.answers(stage.user("alice"))[-1].id == posted


async def test_what_fits_teams_is_not_made_longer_on_its_way(
    connector: SdkConnector, chat: JsonObject
) -> None:
    full = message(card(*(text("é") for _ in range(524))))
    compact, spaced = len(json.dumps(full, separators=(",", ":"))), len(json.dumps(full))
    assert compact < MOST_BYTES - 500 < MOST_BYTES < spaced
    assert await connector.send(chat, full)


async def test_a_thread_of_a_channel_gets_what_is_sent_to_it(
    connector: SdkConnector, stage: AcmeInTeams
) -> None:
    channel = stage.acme.adds_channel("IT", stage.user("alice"))
    root = await connector.send(reference_to(stage, channel), HELLO)
    answer = await connector.send(reference_to(stage, channel, thread=root), HELLO)
    assert [one.id for one in stage.acme.thread(channel, root)] == [root, answer]


async def test_an_activity_is_replaced_in_place_as_often_as_it_takes(
    connector: SdkConnector, stage: AcmeInTeams, chat: JsonObject
) -> None:
    posted = await connector.send(chat, HELLO)
    for _ in range(2):
        await connector.update(chat, posted, message("Bye"))
    (answer,) = stage.acme.answers(stage.user("alice"))
    assert (answer.id, answer.text, answer.updates) == (posted, "Bye", 2)


async def test_a_private_conversation_is_opened_by_either_id_and_can_be_written_into(
    connector: SdkConnector, stage: AcmeInTeams
) -> None:
    alice = stage.user("alice")
    found = [await opened(connector, stage, user) for user in (alice.object_id, alice.id)]
    for reference in found:
        await connector.send(reference, HELLO)
    assert len(stage.acme.answers(alice)) == 2
    assert found[0] == {
        "channelId": "msteams",
        "serviceUrl": stage.teams.service_url,
        "bot": {"id": f"28:{stage.teams.app_id}"},
        "user": {"aadObjectId": alice.object_id},
        "conversation": {
            "id": stage.acme.chat(alice).id,
            "conversationType": "personal",
            "isGroup": False,
            "tenantId": stage.acme.tenant,
        },
        "tenantId": stage.acme.tenant,
    }


async def test_who_has_not_installed_the_bot_is_told_apart_from_an_account_that_is_not_there(
    connector: SdkConnector, stage: AcmeInTeams
) -> None:
    newcomer = stage.acme.adds_user("Nina New", installed=False)
    with pytest.raises(NotHere, match="not installed for this person"):
        await opened(connector, stage, newcomer.object_id)
    with pytest.raises(TeamsGone, match="no such account"):
        await opened(connector, stage, "29:nobody")


async def test_a_member_is_told_with_everything_that_tells_who_they_are(
    connector: SdkConnector, stage: AcmeInTeams
) -> None:
    alice = stage.user("alice")
    guest = stage.acme.adds_user("Gus Guest", is_guest=True, home_tenant=stage.foreign.tenant)
    group = reference_to(stage, stage.acme.adds_group("Ops", alice, guest))
    for name in (alice.id, alice.object_id):
        member = await connector.member(group, name)
        assert member is not None
        assert (member.id, member.object_id, member.tenant) == (alice.id, alice.object_id, alice.tenant)
        assert (member.name, member.principal_name, member.is_guest) == (
            "Alice Archer",
            "alice@acme.test",
            False,
        )
    found = await connector.member(group, guest.id)
    assert found is not None
    assert (found.is_guest, found.tenant) == (True, stage.foreign.tenant)
    assert await connector.member(group, stage.user("bob").id) is None


@pytest.mark.parametrize(
    ("status", "code", "refusal"),
    [
        (400, "BadSyntax", NotAccepted),
        (413, "MessageSizeTooBig", NotAccepted),
        (401, "BotNotRegistered", BadCredentials),
        (401, "", BadCredentials),
        (403, "BotNotInConversationRoster", NotHere),
        (403, "ForbiddenOperationException", NotHere),
        (403, "ConversationBlockedByUser", TeamsGone),
        (403, "MessageWritesBlocked", TeamsGone),
        (403, "BotDisabledByAdmin", TeamsGone),
        (404, "ConversationNotFound", TeamsGone),
        (404, "ActivityNotFoundInConversation", TeamsGone),
        (403, "NotEnoughPermissions", TeamsRefused),
        (403, "InvalidBotApiHost", TeamsRefused),
        (403, "Something new", TeamsRefused),
        (404, "Something new", TeamsRefused),
        (405, "", TeamsRefused),
        (500, "ServiceError", TeamsAway),
        (500, "ConversationNotFound", TeamsAway),
        (503, "BotNotInConversationRoster", TeamsAway),
    ],
)
async def test_a_refusal_says_whether_anything_is_gone_or_it_is_worth_another_try(
    connector: SdkConnector,
    stage: AcmeInTeams,
    chat: JsonObject,
    status: int,
    code: str,
    refusal: type[Unreachable],
) -> None:
    stage.teams.faults.fails("post", status, code=code or "Unknown")
    with pytest.raises(Unreachable) as raised:
        await connector.send(chat, HELLO)
    assert type(raised.value) is refusal
    assert isinstance(raised.value, Gone) == issubclass(refusal, Gone)
    assert len(stage.teams.calls_of("post")) == 1


async def sends(connector: Connector, stage: AcmeInTeams) -> object:
    return await connector.send(chat_of(stage), HELLO)


async def updates(connector: Connector, stage: AcmeInTeams) -> object:
    posted = stage.acme.answers(stage.user("alice"))[0].id
    await connector.update(chat_of(stage), posted, HELLO)
    return posted


async def opens(connector: Connector, stage: AcmeInTeams) -> object:
    return await opened(connector, stage, stage.user("alice").object_id)


async def looks(connector: Connector, stage: AcmeInTeams) -> object:
    return await connector.member(chat_of(stage), stage.user("alice").id)


EVERY_CALL = [("post", sends), ("update", updates), ("create", opens), ("member", looks)]


@pytest.mark.parametrize(("operation", "call"), EVERY_CALL)
async def test_every_call_is_tried_again_where_microsoft_asks_for_it(
    connector: SdkConnector, stage: AcmeInTeams, chat: JsonObject, operation: str, call: Call
) -> None:
    await connector.send(chat, HELLO)
    before = len(stage.teams.calls_of(operation))
    for status in (412, 502, 504):
        stage.teams.faults.fails(operation, status)
    await call(connector, stage)
    assert [one.status for one in stage.teams.calls_of(operation)[before:-1]] == [412, 502, 504]


@pytest.mark.parametrize(
    ("status", "after_s", "refusal"), [(412, 0, TeamsBusy), (429, 0, TeamsBusy), (502, 0, TeamsAway)]
)
async def test_nothing_is_tried_more_than_four_times(
    connector: SdkConnector,
    stage: AcmeInTeams,
    chat: JsonObject,
    status: int,
    after_s: int,
    refusal: type[Unreachable],
) -> None:
    stage.teams.faults.fails("post", status, after_s=after_s, times=9)
    with pytest.raises(refusal):
        await connector.send(chat, HELLO)
    assert len(stage.teams.calls_of("post")) == 4


async def test_a_long_wait_that_the_connector_asks_for_is_left_to_the_caller(
    connector: SdkConnector, stage: AcmeInTeams, chat: JsonObject
) -> None:
    stage.teams.faults.fails("post", 429, after_s=6)
    with pytest.raises(TeamsBusy) as raised:
        await connector.send(chat, HELLO)
    assert raised.value.after.total_seconds() == 6
    assert len(stage.teams.calls_of("post")) == 1


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_post_whose_end_is_unknown_is_not_made_again(
    connector: SdkConnector, stage: AcmeInTeams, chat: JsonObject, *, after_effect: bool
) -> None:
    stage.teams.faults.drops("post", after_effect=after_effect)
    with pytest.raises(TeamsAway):
        await connector.send(chat, HELLO)
    assert len(stage.teams.calls_of("post")) == 1
    assert len(stage.acme.answers(stage.user("alice"))) == after_effect


async def test_every_call_shows_the_bots_token(
    connector: SdkConnector, stage: AcmeInTeams, tokens: FakeTokens
) -> None:
    for _, call in EVERY_CALL:
        await call(connector, stage)
    assert set(tokens.asked) == {CONNECTOR_SCOPE}


async def test_a_token_that_the_connector_does_not_take_is_no_ones_absence(
    connector: SdkConnector, stage: AcmeInTeams, chat: JsonObject
) -> None:
    stage.teams.tokens.clear()
    with pytest.raises(BadCredentials, match="Unauthorized"):
        await connector.send(chat, HELLO)


async def test_where_entra_gives_no_token_nothing_is_sent(
    connector: SdkConnector, stage: AcmeInTeams, chat: JsonObject, tokens: FakeTokens
) -> None:
    tokens.refusal = BadCredentials(name="token", surface="Microsoft Teams", why="invalid_client")
    with pytest.raises(BadCredentials, match="invalid_client"):
        await connector.send(chat, HELLO)
    assert stage.teams.calls == []


async def test_forty_at_once_are_all_posted(
    connector: SdkConnector, stage: AcmeInTeams, chat: JsonObject
) -> None:
    found = await asyncio.gather(*(connector.send(chat, HELLO) for _ in range(40)))
    assert {one.id for one in stage.acme.answers(stage.user("alice"))} == set(found)
    assert len(set(found)) == 40
