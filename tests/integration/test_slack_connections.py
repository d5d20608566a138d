"""How Slack reaches the bot: forged and broken requests, storms of copies, and connections that break."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from aiohttp import ClientSession
from sqlalchemy import text

from bot.chat.slack.connection import EVENTS_PATH, MAX_BODY
from bot.chat.slack.start import slack_inward
from bot.domain.canonical import JsonObject
from bot.flow.seams import Seams
from bot.web import listening
from tests.journeys.slack_stage import SlackStage, slack_staged
from tests.servers.slack import RealClock
from tests.servers.slack_delivery import Envelope, SignedHttp, signed
from tests.servers.slack_payloads import event, interaction, message_event
from tests.servers.slack_sight import words

JSON: Final = {"Content-Type": "application/json"}
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
MINUTE: Final = 60
TABLES: Final = (
    "arrivals", "requests", "audit_entries", "notices", "links", "homes", "postings", "installations",
)  # fmt: skip


@pytest.fixture
def fresh(sqlite_template: Path, tmp_path: Path) -> str:
    """Gives the address of a fresh SQLite database."""
    file = tmp_path / "countersign.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
async def over_http(fresh: str, tmp_path: Path) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack, which sends signed requests."""
    async with slack_staged(fresh, tmp_path, way="http") as found:
        yield found


@pytest.fixture
async def over_sockets(fresh: str, tmp_path: Path) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack, over Socket Mode."""
    async with slack_staged(fresh, tmp_path) as found:
        yield found


async def stored(stage: SlackStage) -> dict[str, int]:
    """Gives how many rows there are of everything that something from Slack could change."""
    async with stage.stage.store._engine.read() as session:
        connection = await session.connection()
        statements = {table: text(f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608 - names of our own tables
        return {table: int((await connection.execute(one)).scalar_one()) for table, one in statements.items()}


async def settled(stage: SlackStage) -> None:
    """Lets everything happen that was begun: something real comes after it, and comes through."""
    ts = await stage.says("grace", "I forgot my password")
    await stage.status_card("grace", ts)


def said_by(stage: SlackStage, who: str, words_: str, *, team: str = "") -> JsonObject:
    """Gives the event of a message that a person writes, which is not told to anybody yet."""
    user = stage.user(who)
    channel = stage.acme.dm(user)
    payload = event(stage.acme.world, message_event(channel, stage.acme.writes(user, words_, channel), user))
    return {**payload, "team_id": team, "authorizations": []} if team else payload


async def answered(stage: SlackStage, body: bytes, headers: Mapping[str, str]) -> int:
    """Gives the status with which a request to the events' address is answered."""
    async with (
        ClientSession() as session,
        session.post(f"{stage.url}{EVENTS_PATH}", data=BytesIO(body), headers=headers) as response,
    ):
        return response.status


def now_s() -> int:
    """Gives the second in which Slack signs."""
    return int(RealClock().now().timestamp())


def proof(stage: SlackStage, body: str, *, seconds_ago: int = 0, secret: str = "") -> dict[str, str]:
    """Gives the headers that sign a body."""
    return signed(secret or stage.slack.keys.signing_secret, now_s() - seconds_ago, body)


FORGED: Final = (
    "nothing", "no signature", "an empty signature", "another secret", "another body", "no time", "no number",
    "a huge time", "six minutes ago", "in six minutes", "letters that are none", "half a signature",
)  # fmt: skip


def forged(stage: SlackStage, how: str, body: str) -> dict[str, str]:
    """Gives headers that are not Slack's for this body."""
    good = proof(stage, body)
    at, signature = "X-Slack-Request-Timestamp", "X-Slack-Signature"
    return {
        "nothing": {},
        "no signature": {at: good[at]},
        "an empty signature": {**good, signature: ""},
        "another secret": proof(stage, body, secret="guessed"),  # noqa: S106 - a wrong one
        "another body": proof(stage, body + " "),
        "no time": {signature: good[signature]},
        "no number": {**good, at: "soon"},
        "a huge time": {**good, at: "9" * 400},
        "six minutes ago": proof(stage, body, seconds_ago=6 * MINUTE),
        "in six minutes": proof(stage, body, seconds_ago=-6 * MINUTE),
        "letters that are none": {**good, signature: "v0=ä"},
        "half a signature": {**good, signature: good[signature][:20]},
    }[how]


@pytest.mark.parametrize("how", FORGED)
async def test_what_slack_did_not_sign_is_refused_before_anything_of_it_is_read(
    over_http: SlackStage, how: str
) -> None:
    before, calls = await stored(over_http), len(over_http.slack.calls)
    message = json.dumps(said_by(over_http, "alice", "I need access to Zendesk"))
    challenge = json.dumps({"type": "url_verification", "challenge": "read me"})
    for body in (message, challenge, "{", "[" * 50_000):
        headers = JSON | forged(over_http, how, body)
        assert await answered(over_http, body.encode(), headers) == 401
    assert await stored(over_http) == before
    assert len(over_http.slack.calls) == calls


async def test_unsigned_bytes_of_any_kind_are_refused(over_http: SlackStage) -> None:
    bodies = (b"", b"\xff\xfe\x00", b"payload=%7B", b"\x00" * 1000)
    for body in bodies:
        for headers in (JSON, FORM, {"Content-Type": "text/plain; charset=nothing"}):
            assert await answered(over_http, body, headers) == 401


async def test_a_body_that_is_too_large_is_refused_unread(over_http: SlackStage) -> None:
    before = await stored(over_http)
    body = json.dumps({"type": "event_callback", "filler": "x" * MAX_BODY})
    assert await answered(over_http, body.encode(), JSON | proof(over_http, body)) == 413
    assert await stored(over_http) == before


STRANGE: Final[tuple[str, ...]] = (
    "", " ", "{", "null", "7", '"text"', "[]", "[[]]", "{}", "[" * 100_000, '{"type": 7}',
    '{"type": "event_callback"}',
    '{"type": "event_callback", "team_id": "T1", "event": null}',
    '{"type": "event_callback", "team_id": "T1", "event": "message"}',
    '{"type": "event_callback", "team_id": "T1", "event": []}',
    '{"type": "event_callback", "team_id": "T1", "event": {"type": {}}}',
    '{"type": "event_callback", "team_id": "T1", "event": {"type": "message"}}',
    '{"type": "event_callback", "team_id": ["T1"], "event": {"type": "message"}}',
    '{"type": "event_callback", "team_id": "T1", "authorizations": "x", "event": {"type": "message"}}',
    '{"type": "event_callback", "team_id": "T1", "authorizations": [7], "event": {"type": "message"}}',
    '{"type": "block_actions", "actions": "x", "user": 7, "team": "x"}',
    '{"type": "view_submission", "view": []}', '{"type": "what_is_this"}', '{"command": "/policy"}',
)  # fmt: skip


def _times(stage: SlackStage, shape: str) -> str:
    return shape.replace('"T1"', json.dumps(stage.acme.team_id))


@pytest.mark.parametrize("kind", ["json", "form", "payload", "text", "nothing"])
async def test_signed_nonsense_changes_nothing_and_breaks_nothing(over_http: SlackStage, kind: str) -> None:
    """Only Slack can sign; what it sends one day that nobody knows today is still no fault of ours."""
    before = await stored(over_http)
    headers = {"json": JSON, "form": FORM, "payload": FORM, "text": {"Content-Type": "text/plain"}}
    for shape in STRANGE:
        body = _times(over_http, shape)
        body = f"payload={body}" if kind == "payload" else body
        status = await answered(over_http, body.encode(), headers.get(kind, {}) | proof(over_http, body))
        assert status < 500, (shape, status)
    assert await stored(over_http) == before
    await settled(over_http)


async def test_events_of_kinds_that_nobody_asked_for_change_nothing(over_http: SlackStage) -> None:
    before = await stored(over_http)
    user, channel = over_http.user("alice"), over_http.acme.dm(over_http.user("alice"))
    inner: list[JsonObject] = [
        {"type": "reaction_added", "user": user.id, "reaction": "white_check_mark"},
        {"type": "file_shared", "user_id": user.id, "file_id": "F1"},
        {"type": "message", "subtype": "message_changed", "channel": channel.id, "ts": "1.1", "hidden": True},
        {"type": "message", "subtype": "channel_join", "channel": channel.id, "ts": "1.2", "user": user.id},
        {"type": "message", "bot_id": "B99", "channel": channel.id, "ts": "1.3", "user": user.id},
        {"type": "message", "channel": channel.id, "channel_type": "im", "ts": "1.4", "text": "no user"},
        {"type": "message", "user": user.id, "channel_type": "im", "ts": "1.5", "text": "no channel"},
        {"type": "message", "user": over_http.acme.bot.id, "channel": channel.id, "ts": "1.6", "text": "own"},
        {"type": "message", "user": user.id, "channel": "C1", "channel_type": "channel", "ts": "1.7"},
    ]
    for one in inner:
        body = json.dumps(event(over_http.acme.world, one))
        assert await answered(over_http, body.encode(), JSON | proof(over_http, body)) < 500
    await asyncio.sleep(0)
    assert await stored(over_http) == before


async def test_what_comes_from_an_unknown_workspace_is_not_taken(over_http: SlackStage) -> None:
    before = await stored(over_http)
    acme, user = over_http.acme, over_http.user("alice")
    foreign: list[tuple[str, JsonObject]] = [
        ("json", said_by(over_http, "alice", "I need access to Zendesk", team="T99999")),
        ("json", {**event(acme.world, {"type": "app_uninstalled"}), "team_id": "T99999"}),
        ("json", {**event(acme.world, {"type": "app_home_opened", "user": user.id}), "team_id": "T99999"}),
        (
            "form",
            {
                **interaction(acme.world, "block_actions", user),
                "team": {"id": "T99999", "domain": "x"},
                "actions": [{"action_id": "act:approve", "value": "x", "type": "button", "block_id": "b"}],
            },
        ),
    ]
    for kind, payload in foreign:
        if kind == "json":
            body, headers = json.dumps({**payload, "authorizations": []}), JSON
        else:
            body, headers = f"payload={json.dumps(payload)}", FORM
        assert await answered(over_http, body.encode(), headers | proof(over_http, body)) < 500
    assert await stored(over_http) == before
    assert over_http.texts(over_http.user("alice")) == []


@asynccontextmanager
async def another_front(
    stage: SlackStage, seams: Seams | None = None, *, sockets: bool = True
) -> AsyncIterator[SignedHttp]:
    """Gives the way to a second process of the bot, which takes signed requests, and a socket of its own."""
    keys = stage.slack.keys
    access = replace(
        stage.outward.access,
        app_token=keys.app_token if sockets else "",
        signing_secret=keys.signing_secret,
    )
    outward = replace(stage.outward, access=access)
    async with (
        slack_inward(outward, seams or stage.stage.seams, worker="another front") as inward,
        listening("127.0.0.1", 0, inward.routes) as port,
        ClientSession() as session,
    ):
        url = f"http://127.0.0.1:{port}{EVENTS_PATH}"
        yield SignedHttp(url, keys.signing_secret, session, RealClock())


async def test_a_hundred_copies_of_an_event_at_once_are_one_request(over_sockets: SlackStage) -> None:
    stage = over_sockets
    async with another_front(stage) as http:
        await stage.acme.eventually(lambda: stage.slack.sockets.open == 2, "two open sockets")
        payload = said_by(stage, "alice", "I need access to Zendesk")
        envelopes = [
            Envelope(kind="events_api", payload=payload, retry=number % 4, reason="http_timeout")
            for number in range(100)
        ]
        within = stage.acme.deliveries.within_s
        async with asyncio.TaskGroup() as group:
            told = [
                group.create_task((http if at % 3 == 0 else stage.slack.sockets).send(one, within))
                for at, one in enumerate(envelopes)
            ]
        assert all(task.result().acknowledged for task in told)
        assert len(set(stage.slack.sockets.sent[-66:])) == 2
        ts = stage.acme.messages(stage.user("alice"))[0].ts
        await stage.status_card("alice", ts)
        await stage.approves("bob")
        await stage.approves("megan")
        await stage.told("alice", "now has member access to Zendesk")
        await settled(stage)
    assert (await stored(stage))["arrivals"] == 2
    assert len(await stage.audit("request.received")) in {0, 2}
    assert (await stored(stage))["requests"] == 2
    assert len(stage.stage.changes()) == 1
    answers = stage.texts(stage.user("alice"))
    assert len([one for one in answers if "now has member access" in one and "Your request" not in one]) == 1
    assert len([one for one in answers if "Your request" in one]) == 1


async def test_with_two_sockets_each_event_is_taken_once(over_sockets: SlackStage) -> None:
    stage = over_sockets
    texts = ["I need access to Zendesk", "I need access to Figma", "I need access to Jira", "I lost my badge"]
    async with another_front(stage):
        await stage.acme.eventually(lambda: stage.slack.sockets.open == 2, "two open sockets")
        asked = [await stage.says("alice", one) for one in texts]
        assert len(set(stage.slack.sockets.sent[-4:])) == 2
        for ts in asked:
            await stage.status_card("alice", ts)
    for ts in asked:
        thread = stage.acme.thread(stage.user("alice"), ts)
        assert len([one for one in thread if "Your request" in words(one)]) == 1
    assert (await stored(stage))["requests"] == len(texts)


async def test_a_socket_that_breaks_is_opened_again_and_nothing_is_lost(over_sockets: SlackStage) -> None:
    stage = over_sockets
    await settled(stage)
    stage.slack.sockets.cut()
    ts = await stage.says("alice", "I need access to Zendesk")
    await stage.status_card("alice", ts)
    await stage.slack.sockets.disconnect()
    again = await stage.says("alice", "I need access to Figma")
    await stage.status_card("alice", again)


async def test_while_slacks_api_is_away_it_goes_on_trying_and_comes_back(over_sockets: SlackStage) -> None:
    stage = over_sockets
    await settled(stage)
    stage.slack.faults.breaks("apps.connections.open", status=503)
    stage.slack.sockets.cut()
    ts = await stage.says("alice", "I need access to Zendesk")
    await stage.status_card("alice", ts)
    refused = [one.error for one in stage.slack.calls_of("apps.connections.open")]
    assert refused == ["", "status", ""]
