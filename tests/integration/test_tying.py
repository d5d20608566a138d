"""The operator ties accounts to persons: all of it at once, and earlier ties of either are undone."""

import asyncio

import pytest

from bot.chat.accounts import tie
from bot.domain.events import AuditEntry
from bot.ports.chat import ChatUser, Link, Proof
from bot.ports.records import Overtaken
from bot.ports.store import StoreUnreachable
from bot.storage.engine import open_engine
from bot.storage.store import SqlStore
from tests.breaking import Breaking
from tests.builders import NOW, a_person
from tests.databases import KEY
from tests.records import ACME

ALICE, BOB = a_person("alice"), a_person("bob")


def an_account(user: str = "U1", *, team: str = "T1", surface: str = "slack") -> ChatUser:
    return ChatUser(surface=surface, team=team, id=user)


async def proven(store: SqlStore, *links: tuple[ChatUser, str]) -> None:
    """Has addresses prove whose accounts these are."""
    async with store.unit(ACME) as unit:
        for user, name in links:
            await unit.links.add(Link(user=user, person=a_person(name).id, proof=Proof.EMAIL, at=NOW))


async def ties(store: SqlStore) -> dict[ChatUser, tuple[str, Proof]]:
    async with store.view(ACME) as view:
        return {link.user: (link.person, link.proof) for link in await view.links.all()}


async def test_the_operators_word_replaces_what_addresses_proved_there_and_nowhere_else(
    store: SqlStore,
) -> None:
    others = (an_account(team="T2"), an_account(surface="teams"), an_account(surface="gateway"))
    kept = dict.fromkeys(others, ("alice", Proof.EMAIL))
    await proven(store, *((user, who) for user, (who, _) in kept.items()))
    await proven(store, (an_account("U1"), "alice"), (an_account("U2"), "bob"))
    await tie(store, ACME, an_account("U2"), ALICE, now=NOW)
    assert await ties(store) == {**kept, an_account("U2"): ("alice", Proof.OPERATOR)}
    for _ in range(2):
        await proven(store, (an_account("U1"), "bob"))
        await tie(store, ACME, an_account("U1"), BOB, now=NOW)
        await tie(store, ACME, an_account("U1"), BOB, now=NOW)
        assert (await ties(store))[an_account("U1")] == ("bob", Proof.OPERATOR)
        async with store.unit(ACME) as unit:
            await unit.links.remove(an_account("U1"))
    async with store.view(ACME) as view:
        found = [one.entry for one in await view.audit.read()]
    about = {"surface": "slack", "team": "T1", "by": "operator"}
    assert found == [
        AuditEntry(
            at=NOW,
            kind="person.linked",
            actor=person.id,
            agent="operator",
            details={**about, "user": user},
        )
        for user, person in (("U2", ALICE), ("U1", BOB), ("U1", BOB))
    ]


@pytest.mark.parametrize("holds", [0, 1])
async def test_a_database_that_breaks_meanwhile_leaves_nobody_untied(database: str, holds: int) -> None:
    store = Breaking(open_engine(database), key=KEY)
    store.holds = 1
    await proven(store, (an_account(), "alice"))
    store.holds = holds
    try:
        await tie(store, ACME, an_account(), BOB, now=NOW)
    except StoreUnreachable:
        assert await ties(store) == {an_account(): ("alice", Proof.EMAIL)}
    else:
        assert await ties(store) == {an_account(): ("bob", Proof.OPERATOR)}
    await store.close()


async def test_whoever_ties_at_the_same_moment_leaves_one_tie(store: SqlStore) -> None:
    await proven(store, (an_account(), "alice"))
    tried = await asyncio.gather(
        *(tie(store, ACME, an_account(), person, now=NOW) for person in (ALICE, BOB) for _ in range(3)),
        return_exceptions=True,
    )
    assert all(one is None or isinstance(one, Overtaken) for one in tried)
    assert None in tried
    assert list(await ties(store)) == [an_account()]
