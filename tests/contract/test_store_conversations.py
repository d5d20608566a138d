"""What the port promises of conversations that a platform does not let us look up."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.canonical import JsonObject
from bot.ports.chat import Conversation
from bot.storage.conversations import SqlConversations
from bot.storage.engine import Engine, open_engine
from tests.builders import NOW
from tests.records import ACME, GLOBEX, HOSTILE

SECOND = timedelta(seconds=1)
REFERENCE: JsonObject = {"conversation": {"id": "a:1"}, HOSTILE: [HOSTILE, 1, 1.0, None, True, 10**30]}


@pytest.fixture
async def engine(database: str) -> AsyncIterator[Engine]:
    engine = open_engine(database)
    yield engine
    await engine.close()


@pytest.fixture
def conversations(engine: Engine) -> SqlConversations:
    return SqlConversations(engine)


def a_conversation(
    place: str = "personal/a:1",
    *,
    team: str = "T1",
    user: str = "alice",
    surface: str = "teams",
    at: datetime = NOW,
) -> Conversation:
    return Conversation(surface=surface, place=place, team=team, user=user, reference=REFERENCE, at=at)


async def test_a_conversation_comes_back_as_it_was_stored(conversations: SqlConversations) -> None:
    stored = a_conversation(HOSTILE, team=HOSTILE, user=HOSTILE)
    await conversations.put(ACME, stored)
    assert await conversations.get(ACME, "teams", HOSTILE) == stored
    assert await conversations.of_user(ACME, "teams", team=HOSTILE, user=HOSTILE) == (stored,)
    assert await conversations.newest(ACME, "teams", team=HOSTILE) == stored
    assert await conversations.get(ACME, "slack", HOSTILE) is None
    assert await conversations.get(ACME, "teams", "personal/a:1") is None


async def test_what_is_heard_of_a_place_again_replaces_what_was_stored(
    conversations: SqlConversations,
) -> None:
    await conversations.put(ACME, a_conversation())
    moved = replace(
        a_conversation(team="T2", user="bob", at=NOW + SECOND), reference={"serviceUrl": "https://b.test/"}
    )
    for _ in range(2):
        await conversations.put(ACME, moved)
    assert await conversations.get(ACME, "teams", moved.place) == moved
    assert await conversations.of_user(ACME, "teams", team="T1", user="alice") == ()
    assert await conversations.newest(ACME, "teams", team="T1") is None


async def test_equal_places_of_two_tenants_and_surfaces_never_meet(conversations: SqlConversations) -> None:
    ours, theirs = a_conversation(), a_conversation(at=NOW + SECOND)
    elsewhere = a_conversation(surface="other")
    await conversations.put(ACME, ours)
    assert await conversations.get(GLOBEX, "teams", ours.place) is None
    assert await conversations.of_user(GLOBEX, "teams", team="T1", user="alice") == ()
    assert await conversations.newest(GLOBEX, "teams", team="T1") is None
    assert not await conversations.remove(GLOBEX, "teams", ours.place)
    await conversations.put(GLOBEX, theirs)
    await conversations.put(ACME, elsewhere)
    assert await conversations.newest(ACME, "teams", team="T1") == ours
    assert await conversations.of_user(ACME, "teams", team="T1", user="alice") == (ours,)
    assert await conversations.remove(GLOBEX, "teams", ours.place)
    assert await conversations.get(ACME, "teams", ours.place) == ours
    assert await conversations.get(ACME, "other", ours.place) == elsewhere


async def test_private_conversations_of_a_user_come_newest_first(conversations: SqlConversations) -> None:
    old, new = a_conversation(), a_conversation("personal/a:2", at=NOW + SECOND)
    of_others = [
        a_conversation("personal/a:3", user="bob", at=NOW + 2 * SECOND),
        a_conversation("personal/a:4", team="T2", at=NOW + 2 * SECOND),
        a_conversation("group/19:5", user="", at=NOW + 3 * SECOND),
    ]
    for one in (new, old, *of_others):
        await conversations.put(ACME, one)
    assert await conversations.of_user(ACME, "teams", team="T1", user="alice") == (new, old)
    assert await conversations.newest(ACME, "teams", team="T1") == of_others[2]
    assert await conversations.newest(ACME, "teams", team="T2") == of_others[1]


async def test_nobodys_private_conversations_are_none(conversations: SqlConversations) -> None:
    await conversations.put(ACME, a_conversation("group/19:5", user=""))
    assert await conversations.of_user(ACME, "teams", team="T1", user="") == ()


async def test_a_forgotten_place_can_be_heard_of_again(conversations: SqlConversations) -> None:
    await conversations.put(ACME, a_conversation())
    assert not await conversations.remove(ACME, "teams", "personal/a:2")
    assert await conversations.remove(ACME, "teams", "personal/a:1")
    assert not await conversations.remove(ACME, "teams", "personal/a:1")
    assert await conversations.newest(ACME, "teams", team="T1") is None
    await conversations.put(ACME, a_conversation())
    assert await conversations.get(ACME, "teams", "personal/a:1") == a_conversation()


async def test_many_who_hear_of_a_place_at_once_store_it_once(conversations: SqlConversations) -> None:
    heard = [a_conversation(at=NOW + number * SECOND) for number in range(20)]
    await asyncio.gather(*(conversations.put(ACME, one) for one in heard))
    assert await conversations.get(ACME, "teams", "personal/a:1") in heard
    assert len(await conversations.of_user(ACME, "teams", team="T1", user="alice")) == 1
