"""What the ports promise of who is who, where the bot is, whose page is open, and codes."""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.fernet import Fernet
from sqlmodel import col, select, update

from bot.domain.canonical import JsonObject
from bot.domain.people import PersonId, TenantId
from bot.ports.chat import ChatUser, Home, Installation, Link, Proof
from bot.ports.records import Overtaken
from bot.storage.codes import SqlCodes
from bot.storage.engine import Engine, open_engine
from bot.storage.homes import SqlHomes
from bot.storage.installations import SqlInstallations
from bot.storage.sealing import UnusableKey, WrongKey
from bot.storage.store import SqlStore
from bot.storage.tables.surfaces import CodeRow, InstallationRow
from tests.builders import NOW
from tests.databases import KEY
from tests.records import ACME, GLOBEX, HOSTILE

SECOND = timedelta(seconds=1)
LATER = NOW + timedelta(minutes=15)
ALICE = PersonId("alice")
TOKENS: JsonObject = {"bot_token": "xoxb-hunter2", "number": 10**30, HOSTILE: [HOSTILE, 1, 1.0, None]}


@pytest.fixture
async def engine(database: str) -> AsyncIterator[Engine]:
    engine = open_engine(database)
    yield engine
    await engine.close()


def a_user(user: str = "U1", *, team: str = "T1", surface: str = "slack") -> ChatUser:
    return ChatUser(surface=surface, team=team, id=user)


def a_link(user: ChatUser | None = None, *, person: str = "alice", at: datetime = NOW) -> Link:
    return Link(user=user or a_user(), person=PersonId(person), proof=Proof.EMAIL, at=at)


def an_installation(
    team: str = "T1",
    *,
    enterprise: str = "",
    surface: str = "slack",
    content: JsonObject = TOKENS,
    at: datetime = NOW,
) -> Installation:
    return Installation(
        surface=surface, team=team, enterprise=enterprise, name=HOSTILE, content=content, at=at
    )


async def put_links(store: SqlStore, *links: Link, tenant: TenantId = ACME) -> None:
    async with store.unit(tenant) as unit:
        for link in links:
            await unit.links.add(link)


async def test_a_link_comes_back_as_it_was_stored(store: SqlStore) -> None:
    link = replace(a_link(a_user(HOSTILE, team=HOSTILE), person=HOSTILE), proof=Proof.OPERATOR)
    await put_links(store, link)
    async with store.view(ACME) as unit:
        assert await unit.links.of_user(link.user) == link
        assert await unit.links.of_person(link.person, "slack") == (link,)
        assert await unit.links.of_person(link.person, "teams") == ()
        for other in (a_user(), replace(link.user, team="T1"), replace(link.user, surface="teams")):
            assert await unit.links.of_user(other) is None


async def test_equal_users_of_two_tenants_are_two(store: SqlStore) -> None:
    await put_links(store, a_link())
    await put_links(store, a_link(person="eve"), tenant=GLOBEX)
    async with store.unit(ACME) as unit:
        assert await unit.links.all() == (a_link(),)
        assert await unit.links.of_person(PersonId("eve"), "slack") == ()
        assert await unit.links.remove(a_user())
    async with store.view(GLOBEX) as unit:
        assert await unit.links.of_user(a_user()) == a_link(person="eve")


async def test_a_person_has_one_user_in_a_team_and_a_user_is_one_person(store: SqlStore) -> None:
    kept = a_link()
    await put_links(store, kept)
    for other in (a_link(person="eve"), a_link(a_user("U2")), kept):
        with pytest.raises(Overtaken):
            await put_links(store, other)
    elsewhere = a_link(a_user(team="T2"), at=NOW + SECOND)
    on_teams = a_link(a_user(surface="teams"))
    await put_links(store, elsewhere, on_teams)
    async with store.view(ACME) as unit:
        assert await unit.links.of_person(ALICE, "slack") == (elsewhere, kept)
        assert await unit.links.all() == (kept, elsewhere, on_teams)


async def test_a_removed_link_makes_room_for_another_one(store: SqlStore) -> None:
    await put_links(store, a_link())
    async with store.unit(ACME) as unit:
        assert not await unit.links.remove(a_user("U2"))
        assert not await unit.links.remove(a_user(team="T2"))
        assert await unit.links.remove(a_user())
        assert not await unit.links.remove(a_user())
        await unit.links.add(a_link(person="eve"))
        await unit.links.add(a_link(a_user("U2")))
    async with store.view(ACME) as unit:
        assert await unit.links.all() == (a_link(person="eve"), a_link(a_user("U2")))


async def test_of_many_who_link_one_user_or_one_person_at_once_one_succeeds(store: SqlStore) -> None:
    for links in (
        [a_link(person=f"p{number}") for number in range(10)],
        [a_link(a_user(f"X{number}")) for number in range(10)],
    ):
        found = await asyncio.gather(*(put_links(store, link) for link in links), return_exceptions=True)
        assert [type(one) for one in found if one is not None] == [Overtaken] * 9


async def test_an_installation_comes_back_as_it_was_stored_with_its_tenant(engine: Engine) -> None:
    installations = SqlInstallations(engine, KEY)
    stored = an_installation(HOSTILE, enterprise=HOSTILE)
    await installations.put(GLOBEX, stored)
    await installations.put(GLOBEX, an_installation(surface="teams"))
    assert await installations.find("slack", team=HOSTILE, enterprise=HOSTILE) == (GLOBEX, stored)
    assert await installations.find("slack", team="T1", enterprise="") is None
    assert await installations.all(GLOBEX, "slack") == (stored,)
    assert await installations.all(ACME, "slack") == ()


async def test_a_workspaces_own_installation_goes_before_the_organisations(engine: Engine) -> None:
    installations = SqlInstallations(engine, KEY)
    own, whole = an_installation("T1", enterprise="E1"), an_installation("", enterprise="E1")
    alone = an_installation("T9")
    for one in (own, whole, alone):
        await installations.put(ACME, one)

    async def found(team: str, enterprise: str) -> Installation | None:
        given = await installations.find("slack", team=team, enterprise=enterprise)
        return None if given is None else given[1]

    assert await found("T1", "E1") == own
    assert await found("T2", "E1") == whole
    assert await found("", "E1") == whole
    assert await found("T9", "") == alone
    assert await found("T2", "") is None
    assert await found("T2", "E2") is None
    assert await found("", "") is None


async def test_a_workspace_that_moved_into_another_organisation_is_the_same_one(engine: Engine) -> None:
    installations = SqlInstallations(engine, KEY)
    alone, whole = an_installation("T1"), an_installation("", enterprise="E1")
    for one in (alone, an_installation("T2"), whole):
        await installations.put(ACME, one)
    assert await installations.find("slack", team="T1", enterprise="E1") == (ACME, alone)
    moved = an_installation("T1", enterprise="E1", at=NOW + SECOND)
    await installations.put(ACME, moved)
    for enterprise in ("", "E1", "E2"):
        assert await installations.find("slack", team="T1", enterprise=enterprise) == (ACME, moved)
    assert await installations.all(ACME, "slack") == (an_installation("T2"), whole, moved)


async def test_nothing_is_found_by_an_organisation_that_is_none(engine: Engine) -> None:
    installations = SqlInstallations(engine, KEY)
    await installations.put(ACME, an_installation("", enterprise=""))
    assert await installations.find("slack", team="T1", enterprise="") is None


async def test_a_newer_installation_replaces_the_earlier_one_of_its_workspace_only(engine: Engine) -> None:
    installations = SqlInstallations(engine, KEY)
    first, second = an_installation(), an_installation("T2", at=NOW + SECOND)
    for one in (second, first):
        await installations.put(ACME, one)
    assert await installations.all(ACME, "slack") == (first, second)
    newer = replace(first, name="renamed", content={"bot_token": "new"}, at=NOW + 2 * SECOND)
    await installations.put(ACME, newer)
    assert await installations.all(ACME, "slack") == (second, newer)


async def test_a_workspace_belongs_to_one_tenant(engine: Engine) -> None:
    installations = SqlInstallations(engine, KEY)
    await installations.put(ACME, an_installation())
    with pytest.raises(Overtaken):
        await installations.put(GLOBEX, an_installation(content={"bot_token": "theirs"}))
    assert await installations.find("slack", team="T1", enterprise="") == (ACME, an_installation())
    await installations.remove("slack", team="T1", enterprise="")
    await installations.put(GLOBEX, an_installation())
    assert await installations.find("slack", team="T1", enterprise="") == (GLOBEX, an_installation())


@pytest.mark.parametrize("surface", ["slack", "teams"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("", "T1"), ("E1", "T1")),
        (("E1", "T1"), ("", "T1")),
        (("E1", "T1"), ("E2", "T1")),
        (("E1", ""), ("E1", "T1")),
        (("E1", "T1"), ("E1", "")),
        (("E1", "T1"), ("E1", "T2")),
    ],
)
async def test_what_touches_another_tenants_workspace_or_organisation_is_refused(
    engine: Engine, first: tuple[str, str], second: tuple[str, str], surface: str
) -> None:
    installations = SqlInstallations(engine, KEY)
    kept = an_installation(first[1], enterprise=first[0], surface=surface)
    await installations.put(ACME, kept)
    theirs = an_installation(second[1], enterprise=second[0], surface=surface)
    with pytest.raises(Overtaken):
        await installations.put(GLOBEX, theirs)
    assert await installations.all(GLOBEX, surface) == ()
    assert await installations.all(ACME, surface) == (kept,)
    await installations.put(GLOBEX, replace(theirs, surface="elsewhere"))
    assert await installations.remove(surface, team=first[1], enterprise=first[0])
    await installations.put(GLOBEX, theirs)


async def test_workspaces_without_an_organisation_have_none_in_common(engine: Engine) -> None:
    installations = SqlInstallations(engine, KEY)
    for surface in ("slack", "teams"):
        await installations.put(ACME, an_installation("T1", surface=surface))
        await installations.put(GLOBEX, an_installation("T2", surface=surface))
    await installations.put(GLOBEX, an_installation("", enterprise="E1"))
    await installations.put(ACME, an_installation("", enterprise="E2"))
    for tenant, team, enterprise in ((ACME, "T1", ""), (GLOBEX, "T2", ""), (GLOBEX, "T3", "E1")):
        found = await installations.find("slack", team=team, enterprise=enterprise)
        assert found is not None
        assert found[0] == tenant


async def test_a_workspace_that_two_tenants_have_from_before_is_nobodys(engine: Engine) -> None:
    installations = SqlInstallations(engine, KEY)
    await installations.put(ACME, an_installation("T1"))
    await installations.put(GLOBEX, an_installation("T2", enterprise="E1"))
    async with engine.write() as session:
        await session.exec(update(InstallationRow).values({"team": "T1"}))
    for enterprise in ("", "E1", "E2"):
        assert await installations.find("slack", team="T1", enterprise=enterprise) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("", "T1"), ("", "T1")),
        (("", "T1"), ("E1", "T1")),
        (("E1", ""), ("E1", "T1")),
        (("E1", "T1"), ("E1", "T2")),
    ],
)
async def test_of_two_tenants_that_install_at_once_one_succeeds(
    database: str, one: tuple[str, str], other: tuple[str, str]
) -> None:
    engines = [open_engine(database) for _ in range(2)]
    try:
        stores = [SqlInstallations(engine, KEY) for engine in engines]
        for number in range(10):
            surface = f"slack-{number}"
            wanted = [
                an_installation(team, enterprise=enterprise, surface=surface)
                for enterprise, team in (one, other)
            ]
            tries = [
                store.put(tenant, it)
                for store, tenant, it in zip(stores, (ACME, GLOBEX), wanted, strict=True)
            ]
            ended = await asyncio.gather(*tries, return_exceptions=True)
            assert sorted(type(one).__name__ for one in ended) == ["NoneType", "Overtaken"]
            stored = [await stores[0].all(tenant, surface) for tenant in (ACME, GLOBEX)]
            expected = [(it,) if end is None else () for it, end in zip(wanted, ended, strict=True)]
            assert stored == expected
    finally:
        for engine in engines:
            await engine.close()


async def test_exactly_the_named_installation_is_removed(engine: Engine) -> None:
    installations = SqlInstallations(engine, KEY)
    kept = (an_installation("T1"), an_installation("T2"), an_installation("", enterprise="E1"))
    for one in (*kept, an_installation("T3", enterprise="E1")):
        await installations.put(ACME, one)
    for was_there in (True, False):
        assert await installations.remove("slack", team="T3", enterprise="E1") is was_there
    assert not await installations.remove("slack", team="T2", enterprise="E1")
    assert await installations.all(ACME, "slack") == kept


async def test_tokens_are_stored_sealed_and_shown_nowhere(engine: Engine) -> None:
    installation = an_installation(enterprise="E1")
    assert "hunter2" not in repr(installation)
    await SqlInstallations(engine, KEY).put(ACME, installation)
    async with engine.read() as session:
        (stored,) = (await session.exec(select(InstallationRow))).all()
    assert "hunter2" not in repr(stored)
    other = SqlInstallations(engine, Fernet.generate_key())
    with pytest.raises(WrongKey, match="T1"):
        await other.find("slack", team="T1", enterprise="E1")
    with pytest.raises(UnusableKey):
        SqlInstallations(engine, b"secret")


@pytest.mark.parametrize("column", ["surface", "enterprise", "team", "tenant"])
async def test_tokens_that_were_moved_elsewhere_do_not_open(engine: Engine, column: str) -> None:
    installations = SqlInstallations(engine, KEY)
    await installations.put(ACME, an_installation(enterprise="E1"))
    async with engine.write() as session:
        await session.exec(update(InstallationRow).values({column: "elsewhere"}))
        (row,) = (await session.exec(select(InstallationRow))).all()
    with pytest.raises(WrongKey):
        await installations.all(TenantId(row.tenant), row.surface)
    with pytest.raises(WrongKey):
        await installations.find(row.surface, team=row.team, enterprise=row.enterprise)


async def test_a_page_is_known_from_when_it_was_opened_and_what_it_showed(engine: Engine) -> None:
    homes, user = SqlHomes(engine), a_user(HOSTILE)
    await homes.opened(ACME, user, ALICE, now=NOW)
    assert await homes.since(ACME, "slack", NOW) == (Home(user=user, person=ALICE, opened=NOW),)
    await homes.drawn(ACME, user, mark=HOSTILE)
    await homes.opened(ACME, user, PersonId("eve"), now=LATER)
    page = Home(user=user, person=PersonId("eve"), opened=LATER, drawn=HOSTILE)
    assert await homes.since(ACME, "slack", LATER) == (page,)
    assert await homes.since(ACME, "slack", LATER + SECOND) == ()
    assert await homes.since(ACME, "teams", NOW) == ()
    assert await homes.since(GLOBEX, "slack", NOW) == ()


async def test_pages_of_equal_users_in_two_tenants_and_teams_are_their_own(engine: Engine) -> None:
    homes, users = SqlHomes(engine), [a_user("U2"), a_user("U1", team="T2"), a_user("U1")]
    for tenant in (ACME, GLOBEX):
        for user in users:
            await homes.opened(tenant, user, ALICE, now=NOW)
    await homes.drawn(ACME, a_user("U1"), mark="drawn")
    await homes.drawn(ACME, a_user("U9"), mark="never opened")
    found = [(home.user.team, home.user.id, home.drawn) for home in await homes.since(ACME, "slack", NOW)]
    assert found == [("T1", "U1", "drawn"), ("T1", "U2", ""), ("T2", "U1", "")]
    assert {home.drawn for home in await homes.since(GLOBEX, "slack", NOW)} == {""}


async def test_a_code_is_good_for_its_purpose_until_its_time_is_over(engine: Engine) -> None:
    codes = SqlCodes(engine)
    code = await codes.issue(GLOBEX, "install", now=NOW, until=LATER)
    for _ in range(2):
        assert await codes.check("install", code, now=LATER - SECOND) == GLOBEX
    for ask in (codes.check, codes.use):
        assert await ask("install", code, now=LATER) is None
        assert await ask("link", code, now=NOW) is None
        for wrong in ("", HOSTILE, code[:-1], sha256(code.encode()).hexdigest()):
            assert await ask("install", wrong, now=NOW) is None
    assert await codes.use("install", code, now=LATER - SECOND) == GLOBEX
    for ask in (codes.check, codes.use):
        assert await ask("install", code, now=NOW) is None


async def test_of_a_hundred_who_use_a_code_at_once_one_gets_it(engine: Engine) -> None:
    codes = SqlCodes(engine)
    mine = await codes.issue(ACME, "install", now=NOW, until=LATER)
    theirs = await codes.issue(GLOBEX, "install", now=NOW, until=LATER)
    found = await asyncio.gather(*(codes.use("install", mine, now=NOW) for _ in range(100)))
    assert [one for one in found if one is not None] == [ACME]
    assert await codes.use("install", theirs, now=NOW) == GLOBEX


async def test_a_code_has_256_random_bits_and_only_its_hash_is_stored(engine: Engine) -> None:
    codes = SqlCodes(engine)
    given = {await codes.issue(ACME, "install", now=NOW, until=LATER) for _ in range(3)}
    assert len(given) == 3
    assert {len(urlsafe_b64decode(code + "=")) for code in given} == {32}
    async with engine.read() as session:
        rows = (await session.exec(select(CodeRow))).all()
    assert {row.hash for row in rows} == {sha256(code.encode()).hexdigest() for code in given}
    assert not any(code in repr(rows) for code in given)


async def test_codes_that_are_too_old_go_when_another_one_is_issued(engine: Engine) -> None:
    codes = SqlCodes(engine)
    old = await codes.issue(GLOBEX, "install", now=NOW, until=NOW + SECOND)
    await codes.issue(ACME, "install", now=NOW, until=LATER)
    await codes.issue(ACME, "link", now=NOW + SECOND, until=LATER)
    async with engine.read() as session:
        purposes = (await session.exec(select(CodeRow.purpose).order_by(col(CodeRow.purpose)))).all()
    assert purposes == ["install", "link"]
    assert await codes.check("install", old, now=NOW) is None
