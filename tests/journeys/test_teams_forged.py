"""Activities that Teams never sends, over plain HTTP: each is refused, and nothing changes."""

import copy
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest

from bot.chat.teams.kit.actions import Do, press_of
from bot.chat.teams.route import MAX_BODY
from bot.domain.canonical import JsonObject, JsonValue
from tests.journeys.arranging import entries, grants
from tests.journeys.teams_decisions import FOREIGN, approval_id, asks_password, still_waits
from tests.journeys.teams_stage import TeamsStage, teams_staged
from tests.journeys.teams_trials import OWN, data_of, forges, quiet, read_by, stored
from tests.servers.teams_activities import invoke
from tests.servers.teams_answers import Pressed
from tests.servers.teams_delivery import Answer
from tests.servers.teams_things import Json
from tests.servers.teams_words import buttons

ABROAD: Final = "00000000-0000-0000-0000-00000000dead"
TYPE: Final = "application/json; charset=utf-8"
Sent = tuple[str, bytes, dict[str, str | None]]
"""What is wrong with it, the body, and headers in place of good ones; None takes one out."""


async def a_press(stage: TeamsStage) -> Json:
    """Gives Bob's press of Approve as Teams would send it; it is not sent."""
    await stage.asks("alice", "I forgot my password")
    card = await stage.card("bob")
    data = data_of("act", card=approval_id(card), action="approve")
    value: Json = {"action": {"type": "Action.Execute", "verb": "act", "data": data}, "trigger": "manual"}
    user = stage.user("bob")
    chat = stage.acme.chat(user)
    return invoke(stage.acme.world, user, chat, "adaptiveCard/action", value, replies_to=card.id)


async def answers(stage: TeamsStage, sent: Iterable[Sent]) -> dict[str, Answer]:
    """Sends each with a good token; gives the answers, and fails where anything at all has changed."""
    await quiet(stage)
    before, calls = await stored(stage.stage), len(stage.teams.calls)
    found = {}
    for name, body, headers in sent:
        good = {
            "Content-Type": TYPE,
            "Authorization": f"Bearer {stage.teams.identity.token()}",
            "Connection": "close",  # the server ends the connection after what it could not unpack
        }
        whole = {header: value for header, value in {**good, **headers}.items() if value is not None}
        found[name] = await stage.teams.deliveries.raw(body, whole)
    await quiet(stage)
    assert await stored(stage.stage) == before
    assert len(stage.teams.calls) == calls
    assert not [name for name, answer in found.items() if b"Traceback" in answer.raw]
    return found


def changed(activity: JsonObject, path: str, *value: JsonValue) -> Json:
    """Gives the activity with another value at a dotted path; with none, without what stands there."""
    made = copy.deepcopy(dict(activity))
    *outer, last = path.split(".")
    at = made
    for name in outer:
        inner = at[name]
        assert isinstance(inner, dict)
        at = inner
    if value:
        at[last] = value[0]
    else:
        del at[last]
    return made


def misshapen(good: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Gives activities with something missing, too long, or of another type."""
    odd: tuple[JsonValue, ...] = ("", 7, True, ["x"], {"x": "y"})
    for name in ("type", "id", "channelId", "from.id", "recipient.id", "conversation.id"):
        yield f"no {name}", changed(good, name)
        yield f"huge {name}", changed(good, name, "9" * 100_000)
        for value in odd:
            yield f"{name} is {value!r}", changed(good, name, value)
    for name in ("from", "recipient", "conversation"):
        yield f"no {name}", changed(good, name)
        for value in ("x", 7, [], {}):
            yield f"{name} is {value!r}", changed(good, name, value)
    for name in ("name", "replyToId", "locale"):
        yield f"{name} is an object", changed(good, name, {})
    yield "channelData is a list", changed(good, "channelData", [])
    yield "an id that is a little too long", changed(good, "id", "x" * 401)
    yield "another channel", changed(good, "channelId", "emulator")
    yield "two organisations", changed(good, "conversation.tenantId", ABROAD)
    yield "deep", changed(good, "value", json.loads("[" * 60 + "]" * 60))


def garbage(good: JsonObject) -> dict[str, bytes]:
    """Gives bodies that are no activity at all."""
    body = json.dumps(good).encode()

    def beside(more: bytes) -> bytes:
        return body[:-1] + b", " + more + b"}"

    return {
        "nothing": b"",
        "blank": b" ",
        "a word": b"hello",
        "null": b"null",
        "true": b"true",
        "a number": b"7",
        "a text": b'"x"',
        "a list": b"[]",
        "a list of activities": b"[" + body + b"]",
        "cut off": body[:-1],
        "more after it": body + b"{}",
        "no UTF-8": b"\xff\xfe" + body,
        "UTF-16": body.decode().encode("utf-16"),
        "a byte order mark": b"\xef\xbb\xbf" + body,
        "NUL": b"\0" + body,
        "a name twice": beside(b'"type": "message"'),
        "NaN": beside(b'"x": NaN'),
        "infinite": beside(b'"x": -Infinity'),
        "too large a number": beside(b'"x": 1e999'),
        "too many digits": beside(b'"x": ' + b"9" * 10_000),
        "half a pair": beside(b'"x": "\\ud800"'),
        "half a pair as a name": beside(b'"\\udfff": 1'),
        "deeper than anybody reads": beside(b'"x": ' + b"[" * 100_000 + b"]" * 100_000),
        "XML": b"<activity/>",
    }


def wrapped(good: JsonObject) -> Iterator[Sent]:
    """Gives good bodies in odd wrappings."""
    body = json.dumps(good).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "*/*"):
        yield kind, body, {"Content-Type": kind}
    yield "no media type", body, {"Content-Type": "application"}
    yield "no gzip", body, {"Content-Encoding": "gzip"}
    yield "half of a gzip", gzip.compress(body)[:200], {"Content-Encoding": "gzip"}
    yield "no deflate", b"\x78\x9c" + b"x" * 30, {"Content-Encoding": "deflate"}
    yield "an unknown packing", body, {"Content-Encoding": "br"}


def too_much(good: JsonObject) -> Iterator[Sent]:
    """Gives more than anybody may send."""
    body = json.dumps(good).encode()
    yield "long", json.dumps({**good, "text": "x" * MAX_BODY}).encode(), {}
    yield "long after the activity", body + b" " * MAX_BODY, {}
    bomb = b" " * 100_000_000
    yield "a gzip bomb", gzip.compress(bomb, 9), {"Content-Encoding": "gzip"}
    yield "a deflate bomb", zlib.compress(bomb, 9), {"Content-Encoding": "deflate"}


async def test_malformed_activities_are_refused_with_a_status_that_says_so_and_nothing_changes(
    teams_stage: TeamsStage,
) -> None:
    """Attacks 3, 23 and 28, with a token that is good."""
    stage = teams_stage
    good = await a_press(stage)
    malformed: list[Sent] = [
        *((name, json.dumps(one).encode(), {}) for name, one in misshapen(good)),
        *((name, body, {}) for name, body in garbage(good).items()),
        *wrapped(good),
    ]
    found = await answers(stage, malformed)
    assert len(found) == len(malformed) > 90
    assert {name: one for name, one in found.items() if one.status not in {400, 401}} == {}
    assert [name for name, one in found.items() if one.status == 401 and "channel" not in name] == []
    found = await answers(stage, too_much(good))
    assert {one.status for one in found.values()} == {413}
    assert await still_waits(stage, approval_id(await stage.card("bob")))
    # The very activity that all of them were made from is a good one.
    assert (await stage.acme.sends(good)).status == 200
    await stage.told("alice", "one-time link")


def of_others(stage: TeamsStage, good: JsonObject) -> Iterator[Sent]:
    """Gives good activities that somebody else sent, or of somebody else's organisation."""
    body = json.dumps(good).encode()
    for name, header in stage.teams.identity.bad_authorizations().items():
        yield name, body, {"Authorization": header}
    nowhere = changed(good, "conversation.tenantId")
    activities = {
        "a foreign organisation": changed(
            changed(nowhere, "channelData", {"tenant": {"id": stage.cast.foreign.tenant}}),
            "conversation.tenantId",
            stage.cast.foreign.tenant,
        ),
        "a foreign organisation in one place": changed(
            nowhere, "channelData", {"tenant": {"id": stage.cast.foreign.tenant}}
        ),
        "no organisation": changed(nowhere, "channelData"),
        "an organisation that is no text": changed(nowhere, "channelData", {"tenant": {"id": [ABROAD]}}),
        "a swapped serviceUrl": changed(good, "serviceUrl", "https://service.invalid/"),
        "a longer serviceUrl": changed(good, "serviceUrl", f"{good['serviceUrl']}.invalid/"),
        "an empty object": {},
    }
    yield from ((name, json.dumps(one).encode(), {}) for name, one in activities.items())


@pytest.mark.promise("APR-04")
async def test_what_teams_did_not_send_or_for_somebody_else_answers_401_and_nothing_changes(
    teams_stage: TeamsStage,
) -> None:
    """Attack 3, on a press that would approve, and attack 29: an activity of another organisation."""
    stage = teams_stage
    good = await a_press(stage)
    sent = list(of_others(stage, good))
    found = await answers(stage, sent)
    assert len(found) == len(sent) > 25
    assert {name: one for name, one in found.items() if one.status != 401} == {}
    assert len({one.raw for one in found.values()}) == 1
    assert await still_waits(stage, approval_id(await stage.card("bob")))


def as_somebody(good: JsonObject, **said: JsonValue) -> Json:
    """Gives the activity with something else said of its sender."""
    sender = good["from"]
    assert isinstance(sender, dict)
    return changed(good, "from", {name: one for name, one in {**sender, **said}.items() if one is not None})


@pytest.mark.promise("APR-04")
async def test_a_spoofed_name_or_account_decides_as_nobody_but_who_signed_in(teams_stage: TeamsStage) -> None:
    """Attack 3: people are known by their object id and organisation, whatever else stands beside it."""
    stage = teams_stage
    good = await a_press(stage)
    alice, eve, stranger = stage.user("alice"), stage.user("eve"), stage.cast.stranger
    for said, why in (
        ({"aadObjectId": alice.object_id}, OWN),
        ({"aadObjectId": alice.object_id.upper()}, OWN),
        ({"aadObjectId": eve.object_id}, FOREIGN),
        ({"aadObjectId": stranger.object_id}, "I do not know who you are"),
        ({"aadObjectId": stranger.object_id, "id": stranger.id}, "I do not know who you are"),
        ({"aadObjectId": "p-bob"}, "I do not know who you are"),
        ({"aadObjectId": None}, "Teams does not say which account this is"),
        ({"aadObjectId": ""}, "Teams does not say which account this is"),
        ({"aadObjectId": 7}, "Teams does not say which account this is"),
        ({"aadObjectId": None, "role": "bot", "id": stage.acme.world.bot_id}, "which account this is"),
    ):
        answer = await stage.acme.sends(as_somebody(good, **said))
        assert answer.status == 200
        assert why in answer.raw.decode(), said
    assert await still_waits(stage, approval_id(await stage.card("bob")))
    refused = [one.status for one in await entries(stage.stage, "action.refused")]
    assert refused == [
        "OwnRequest",
        "OwnRequest",
        *["UnknownCard"],
        *["UnknownAccount"] * 3,
        *["NobodySigned"] * 4,
    ]
    answer = await stage.acme.sends(as_somebody(good, name="Alice Archer", id=alice.id))
    assert b"approved by Bob Brennan" in answer.raw
    await stage.told("alice", "one-time link")


@pytest.mark.promise("APR-04")
async def test_a_tampered_press_is_refused_and_unknown_cards_look_like_foreign_ones(
    database: str, tmp_path: Path
) -> None:
    """Attacks 27 and 28: what a button carries is opaque, never trusted, and only what is offered is done."""
    async with teams_staged(database, tmp_path) as stage:
        await stage.asks("alice", "I need access to Zendesk")
        card, managers = await stage.card("bob"), await stage.card("megan")
        mine, foreign = approval_id(card), approval_id(managers)
        theirs = approval_id(await stage.status_card("alice"))
        unknown = ("0" * 32, mine[:-1], mine.upper(), f"{mine}\0", f"../{mine}", "x" * 2000, "\0", "", "-")
        for value in (foreign, theirs, *unknown):
            for do in ("ask", "answer", "view", "preview", "allow"):
                pressed = await forges(stage, "bob", card, do, card=value, action="deny", reason="No.")
                assert pressed.text == FOREIGN, (do, value[:40])
        for value in (foreign, *unknown):
            pressed = await forges(stage, "bob", card, "act", card=value, action="approve")
            assert pressed.text == FOREIGN, value[:40]
        for action in ("it_ran", "withdraw", "nudge", "APPROVE", "approve ", "", "\0", "approve\n" * 99):
            for do in ("act", "ask", "answer"):
                pressed = await forges(stage, "bob", card, do, action=action)
                assert "is not offered on this card" in pressed.text, (do, action)
        for page in ("99", "-1", "0", "x", "²", "٣", "", "\0", "9" * 400, "9" * 5000):
            pressed = await forges(stage, "bob", card, "view", how="task/fetch", page=page)
            assert "acme-it:grant_app_access" in read_by(pressed), page[:9]
        for kept in ({"card": 7}, {"card": {"id": mine}}, {"card": [mine]}, {"card": None}):
            pressed = await forges(stage, "bob", card, "act", **kept, action="approve")
            assert pressed.text == FOREIGN, kept
        assert await still_waits(stage, mine)
        assert {one.status for one in await entries(stage.stage, "action.refused")} == {
            "NotOffered",
            "UnknownCard",
        }


NOTHING_OF_OURS: Final[tuple[Json, ...]] = (
    {},
    {"countersign": None},
    {"countersign": "act"},
    {"countersign": [{"do": "act"}]},
    {"countersign": {}},
    {"countersign": {"do": None}},
    {"countersign": {"do": "ACT"}},
    {"countersign": {"do": "drop"}},
    {"countersign": {"do": {"do": "act"}}},
    {"do": "act"},
)


async def test_words_that_no_button_carries_and_odd_inputs_do_nothing_and_are_answered(
    teams_stage: TeamsStage,
) -> None:
    """Attack 28: invokes with unknown words, and inputs of other types than their fields."""
    stage = teams_stage
    card = await asks_password(stage)
    mine = approval_id(card)
    for data in NOTHING_OF_OURS:
        for how in ("Action.Execute", "task/fetch", "task/submit"):
            more = {"card": mine, "action": "approve"}
            pressed = await stage.acme.forges(stage.user("bob"), card, {**more, **data}, how=how)
            assert pressed.text == "This button is not in use any more. Use the newest card in our chat."
    user, chat = stage.user("bob"), stage.acme.chat(stage.user("bob"))
    odd: tuple[JsonValue, ...] = (None, 7, True, "x", [], ["x"], {"x": []}, {"action": []}, {"data": "x"})
    for value in odd:
        for name in ("adaptiveCard/action", "task/fetch", "task/submit", "composeExtension/submitAction"):
            made = {**invoke(stage.acme.world, user, chat, name, {}, replies_to=card.id), "value": value}
            assert (await stage.acme.sends(made)).status == 200, (name, value)
    for name in (
        "",
        "x",
        "composeExtension/query",
        "signin/verifyState",
        "handoff/action",
        "adaptiveCard/Action",
    ):
        made = invoke(stage.acme.world, user, chat, name, data_of("act", card=mine, action="approve"))
        assert (await stage.acme.sends(made)).status == 501, name
    inputs: tuple[JsonValue, ...] = (7, -1.5, True, None, [], ["x"], {"x": "y"}, "\0", "x" * 9000, 2**60)
    for value in inputs:
        filled = {"field:ends_in_days": value, "field:holder": value, "field:pinned": value, "field:x": value}
        for do in ("preview", "allow"):
            pressed = await forges(stage, "bob", card, do, how="task/submit", inputs=filled, shown="x")
            assert "Something went wrong" not in read_by(pressed), (do, value)
        filled = {"tool": value, "search": value, "note": value, "key": value}
        for do in ("pick", "send"):
            pressed = await forges(
                stage, "bob", card, do, how="task/submit", inputs=filled, key="\0", tool="x"
            )
            assert "Something went wrong" not in read_by(pressed), (do, value)
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, mine)


@pytest.mark.promise("STD-02", "STD-08")
async def test_always_allow_without_the_right_or_unseen_stores_nothing(teams_stage: TeamsStage) -> None:
    """Attacks 28, 34 and 35: terms that were not offered, and rules that nobody was shown."""
    stage = teams_stage
    card = await asks_password(stage)
    mine = approval_id(card)
    wide = {"field:holder": "everyone", "field:arguments": "any", "field:ends_in_days": "30"}
    for filled in (wide, {"field:holder": "everyone"}, {"field:arguments": "any"}, {"field:reason": "x"}):
        for shown in ("", "x", "0" * 64):
            await forges(stage, "bob", card, "allow", how="task/submit", inputs=filled, shown=shown)
        # What it shows is sent as it is, as if it had been offered.
        before = await forges(stage, "bob", card, "preview", how="task/submit", inputs=filled)
        if shown := shown_rule(before):
            await forges(stage, "bob", card, "allow", how="task/submit", inputs=wide, shown=shown)
        assert await grants(stage.stage) == (), filled
    for do in ("act", "ask", "answer"):
        for how in ("Action.Execute", "Action.Submit", "task/fetch", "task/submit"):
            await forges(stage, "bob", card, do, how=how, inputs=wide, action="always_allow")
            await forges(stage, "bob", card, do, how=how, action="always_allow")
            assert await grants(stage.stage) == (), (do, how)
    for who in ("eve", "megan", "grace"):
        user, seen = stage.user(who), stage.acme.chat(stage.user(who))
        for do in ("act", "ask", "answer", "preview", "allow"):
            data = data_of(do, wide, card=mine, action="always_allow", shown="x")
            made = invoke(stage.acme.world, user, seen, "task/submit", {"data": data})
            assert FOREIGN in (await stage.acme.sends(made)).raw.decode()
    await quiet(stage)
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, mine)


def shown_rule(pressed: Pressed) -> str:
    """Gives what stands for the rule that a dialog shows; empty where it shows none."""
    for one in buttons(pressed.dialog) if pressed.dialog else []:
        press = press_of(one.data)
        if press is not None and press.do is Do.ALLOW:
            return press.text("shown")
    return ""
