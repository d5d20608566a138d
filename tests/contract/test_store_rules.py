"""What the port promises of policies, standing approvals and connectors, on each kind of database."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from cryptography.fernet import Fernet
from sqlmodel import col, select

from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject
from bot.domain.connectors import OverHttp
from bot.domain.grants import AnyArguments, Grant, GrantId, HolderGroup, PinnedArguments
from bot.domain.people import TenantId
from bot.domain.policies import (
    EVERYONE,
    Defaults,
    FreezeScope,
    Policy,
    PolicyId,
    PolicySource,
    Requirement,
    Skip,
    Standing,
)
from bot.domain.tools import ToolId
from bot.ports.records import Overtaken
from bot.ports.store import Unit
from bot.storage.engine import open_engine
from bot.storage.revisions import UnknownTenant
from bot.storage.sealing import UnusableKey, WrongKey
from bot.storage.store import SqlStore
from bot.storage.tables.connections import ConnectorRow
from bot.storage.tables.policies import PolicyVersionRow
from tests.builders import (
    NOW,
    RESET,
    a_condition,
    a_definition,
    a_freeze,
    a_grant,
    a_policy,
    a_tool,
    all_tools,
    chosen,
    tools_named,
)
from tests.records import ACME, GLOBEX, HOSTILE, a_connector, a_tenant

POLICIES = (
    a_policy(Action.AUTO),
    replace(
        a_policy(
            Action.APPROVAL_NEEDED,
            name=f"a {HOSTILE}",
            tools=tools_named("reset_password", "delete_user"),
            subjects=chosen(persons=["alice", "eve"], groups=["contractors"]),
            conditions=[
                a_condition("args.amount", ">", 500.0),
                a_condition("args.amount", "in", [1, 1.0, True, None, "1", {"a": 10**30}]),
            ],
            requirement=Requirement(groups={"technicians": 2, "security": 1}, manager=True),
            otherwise=Skip.SKIP,
            standing=Standing.FORBIDDEN,
            enabled=False,
            source=PolicySource.IMPORT,
            ends=NOW,
        ),
        description=HOSTILE,
    ),
    a_policy(
        Action.DISABLED,
        name="b",
        tools=all_tools(excluded=["get_user"]),
        subjects=chosen(),
        otherwise=Action.AUTO,
    ),
)


@pytest.fixture(autouse=True)
async def _tenants(store: SqlStore) -> None:
    for tenant in (ACME, GLOBEX):
        async with store.unit(tenant) as unit:
            await unit.put_tenant(a_tenant(tenant))


async def versions(store: SqlStore, policy: PolicyId) -> list[tuple[int, str, datetime, bool]]:
    statement = (
        select(PolicyVersionRow)
        .where(col(PolicyVersionRow.policy) == policy)
        .order_by(col(PolicyVersionRow.version))
    )
    async with store._engine.read() as session:
        rows = (await session.exec(statement)).all()
    return [(row.version, row.author, row.at, row.document is not None) for row in rows]


async def test_policies_come_back_as_they_were_stored_by_name(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        for policy in POLICIES:
            assert await unit.policies.put(policy, by="ada") == policy
    async with store.view(ACME) as unit:
        assert await unit.policies.all() == tuple(sorted(POLICIES, key=lambda policy: policy.name))
    async with store.view(GLOBEX) as unit:
        assert await unit.policies.all() == ()


async def test_every_change_of_a_policy_is_its_next_version_and_all_are_kept(store: SqlStore) -> None:
    first = a_policy()
    async with store.unit(ACME) as unit:
        await unit.policies.put(first, by="ada")
    later = NOW + timedelta(days=1)
    async with store.unit(ACME) as unit:
        second = await unit.policies.put(replace(first, name="Renamed", updated=later), by="eve")
    assert second.version == 2
    for _ in range(2):
        async with store.unit(ACME) as unit:
            await unit.policies.remove(first.id, by="bob")
            assert await unit.policies.all() == ()
    async with store.unit(ACME) as unit:
        assert (await unit.policies.put(first, by="ada")).version == 4
    found = await versions(store, first.id)
    assert [(version, author, whole) for version, author, _, whole in found] == [
        (1, "ada", True),
        (2, "eve", True),
        (3, "bob", False),
        (4, "ada", True),
    ]
    assert found[1][2] == later


async def test_a_name_belongs_to_one_policy_and_the_loser_changes_nothing(store: SqlStore) -> None:
    one, other = a_policy(name="one"), a_policy(name="other")
    async with store.unit(ACME) as unit:
        await unit.policies.put(one, by="ada")
        await unit.policies.put(other, by="ada")
        for clash in (replace(one, name="other"), replace(one, id=PolicyId("new"))):
            with pytest.raises(Overtaken):
                await unit.policies.put(clash, by="eve")
        assert await unit.policies.all() == (one, other)
    async with store.unit(GLOBEX) as unit:
        await unit.policies.put(replace(one, id=PolicyId("new")), by="ada")


async def test_defaults_are_set_and_removed(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        assert await unit.policies.defaults() == Defaults()
        await unit.policies.put_default(None, Action.DISABLED, by="ada")
        await unit.policies.put_default("acme-it", Action.STEP_UP, by="ada")
        await unit.policies.put_default("acme-it", Action.AUTO, by="ada")
        assert await unit.policies.defaults() == Defaults(
            tenant=Action.DISABLED, connectors={"acme-it": Action.AUTO}
        )
        await unit.policies.put_default(None, None, by="ada")
        await unit.policies.put_default("acme-it", None, by="ada")
        await unit.policies.put_default("acme-it", None, by="ada")
        assert await unit.policies.defaults() == Defaults()


async def test_a_freeze_is_replaced_by_its_like_and_lifted(store: SqlStore) -> None:
    first, other = a_freeze(), a_freeze(FreezeScope.PERSON, HOSTILE)
    async with store.unit(ACME) as unit:
        await unit.policies.put_freeze(first)
        await unit.policies.put_freeze(other)
        again = replace(first, reason=HOSTILE, by="eve", at=NOW)
        await unit.policies.put_freeze(again)
        assert set(await unit.policies.freezes()) == {again, other}
        await unit.policies.remove_freeze(first)
        await unit.policies.remove_freeze(first)
        assert await unit.policies.freezes() == (other,)


async def test_the_policy_set_is_the_same_one_until_something_changes(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.policies.put(a_policy(), by="ada")
    async with store.view(ACME) as unit:
        first = await unit.policies.current()
        assert await unit.policies.current() is first
    async with store.unit(ACME) as unit:
        assert await unit.policies.current() is first
    async with store.view(GLOBEX) as unit:
        theirs = await unit.policies.current()
    assert theirs is not first


async def test_each_kind_of_change_makes_another_policy_set(store: SqlStore) -> None:
    grant, freeze, policy = a_grant(), a_freeze(), a_policy()
    changes: tuple[Callable[[Unit], Awaitable[object]], ...] = (
        lambda unit: unit.policies.put(policy, by="ada"),
        lambda unit: unit.policies.put_default(None, Action.AUTO, by="ada"),
        lambda unit: unit.policies.put_freeze(freeze),
        lambda unit: unit.policies.remove_freeze(freeze),
        lambda unit: unit.grants.add(grant),
        lambda unit: unit.grants.suspend(grant.id, why="Bob left."),
        lambda unit: unit.grants.resume(grant.id, why="Bob left."),
        lambda unit: unit.grants.revoke(grant.id, now=NOW, by="ada"),
        lambda unit: unit.policies.remove(policy.id, by="ada"),
        lambda unit: unit.connections.put(a_connector()),
        lambda unit: unit.connections.put_tool(a_tool()),
        lambda unit: unit.connections.remove("acme-it"),
    )
    seen = []
    async with store.view(ACME) as view:
        seen.append(await view.policies.current())
    for change in changes:
        async with store.unit(ACME) as unit:
            await change(unit)
        async with store.view(ACME) as view:
            seen.append(await view.policies.current())
    assert len({id(policies) for policies in seen}) == len(changes) + 1


async def test_a_change_that_is_rolled_back_leaves_no_trace_in_the_policy_set(store: SqlStore) -> None:
    async with store.view(ACME) as unit:
        before = await unit.policies.current()

    async def freeze_and_fail() -> None:
        async with store.unit(ACME) as unit:
            await unit.policies.put_freeze(a_freeze())
            changed = await unit.policies.current()
            assert changed.freezes.over(RESET, a_grant().giver) is not None
            raise Overtaken

    with pytest.raises(Overtaken):
        await freeze_and_fail()
    async with store.view(ACME) as unit:
        assert await unit.policies.current() is before
    async with store.unit(ACME) as unit:
        await unit.policies.put_default(None, Action.AUTO, by="ada")
    async with store.view(ACME) as unit:
        assert (await unit.policies.current()).freezes.over(RESET, a_grant().giver) is None


async def test_another_process_sees_the_change_at_once(store: SqlStore, database: str) -> None:
    other = SqlStore(open_engine(database), key=Fernet.generate_key())
    async with other.view(ACME) as unit:
        before = await unit.policies.current()
    async with store.unit(ACME) as unit:
        await unit.policies.put_freeze(a_freeze())
    async with other.view(ACME) as unit:
        assert await unit.policies.current() is not before
    await other.close()


async def test_what_a_stranger_lays_down_is_refused(store: SqlStore) -> None:
    with pytest.raises(UnknownTenant, match="initech"):
        async with store.unit(TenantId("initech")) as unit:
            await unit.policies.put_freeze(a_freeze())


async def test_grants_come_back_as_they_were_stored_newest_first(store: SqlStore) -> None:
    grants = (
        a_grant("1"),
        replace(
            a_grant("2", holder=HolderGroup(HOSTILE), technician_groups=(), manager=True, ends=None),
            arguments=PinnedArguments({"user": "*@acme.test", "n": 1.0, "deep": {"x": [10**40, None]}}),
            reason=HOSTILE,
            last_used=NOW,
            created=NOW,
        ),
        a_grant(
            "3",
            holder=EVERYONE,
            arguments=AnyArguments(),
            agent="chatgpt",
            technician_groups=("b", "a"),
            uses_limit=3,
            daily_limit=2,
            uses=2,
            uses_today=1,
            used_on=date(2026, 11, 20),
            revoked=NOW,
            suspended=True,
        ),
    )
    async with store.unit(ACME) as unit:
        for grant in grants:
            await unit.grants.add(grant)
        with pytest.raises(Overtaken):
            await unit.grants.add(grants[0])
    async with store.view(ACME) as unit:
        assert await unit.grants.all() == (grants[1], grants[2], grants[0])
        assert await unit.grants.get(GrantId("2")) == grants[1]
        assert await unit.grants.get(GrantId("4")) is None
    async with store.view(GLOBEX) as unit:
        assert await unit.grants.get(GrantId("2")) is None


async def test_a_grant_is_revoked_once(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.grants.add(a_grant())
    async with store.unit(GLOBEX) as unit:
        assert not await unit.grants.revoke(GrantId("grant-1"), now=NOW, by="ada")
    async with store.unit(ACME) as unit:
        assert await unit.grants.revoke(GrantId("grant-1"), now=NOW, by="ada")
        assert not await unit.grants.revoke(GrantId("grant-1"), now=NOW + timedelta(days=1), by="ada")
        found = await unit.grants.get(GrantId("grant-1"))
    assert found is not None
    assert found.revoked == NOW


TODAY, TOMORROW = NOW.date(), NOW.date() + timedelta(days=1)


@pytest.mark.parametrize(
    "grant",
    [
        a_grant(revoked=NOW),
        a_grant(suspended=True),
        a_grant(ends=NOW),
        a_grant(uses_limit=0),
        a_grant(uses_limit=3, uses=3),
        a_grant(daily_limit=0),
        a_grant(daily_limit=2, uses_today=2, used_on=TODAY),
        a_grant(daily_limit=2, uses_today=2, used_on=TOMORROW),
    ],
    ids=["revoked", "suspended", "ended", "no use", "used up", "no daily use", "today", "beyond midnight"],
)
async def test_a_grant_that_does_not_stand_is_not_used(store: SqlStore, grant: Grant) -> None:
    async with store.unit(ACME) as unit:
        await unit.grants.add(grant)
    async with store.unit(ACME) as unit:
        assert not await unit.grants.use(grant.id, now=NOW, today=TODAY)
        assert await unit.grants.get(grant.id) == grant


async def test_uses_are_counted_in_all_and_per_day(store: SqlStore) -> None:
    grant = a_grant(uses_limit=4, daily_limit=2)
    async with store.unit(ACME) as unit:
        await unit.grants.add(grant)
        days = (TODAY, TODAY, TODAY, TOMORROW, TOMORROW, TOMORROW + timedelta(days=1))
        used = [await unit.grants.use(grant.id, now=NOW, today=day) for day in days]
        found = await unit.grants.get(grant.id)
    assert used == [True, True, False, True, True, False]
    assert found == replace(grant, uses=4, uses_today=2, used_on=TOMORROW, last_used=NOW)


async def test_only_a_use_that_reaches_a_limit_makes_another_policy_set(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.grants.add(a_grant(uses_limit=2))
        await unit.grants.add(a_grant("free"))
    seen = []
    for grant in ("free", "grant-1", "grant-1"):
        async with store.view(ACME) as unit:
            seen.append(await unit.policies.current())
        async with store.unit(ACME) as unit:
            assert await unit.grants.use(GrantId(grant), now=NOW, today=TODAY)
    async with store.view(ACME) as unit:
        seen.append(await unit.policies.current())
    assert [later is earlier for earlier, later in pairwise(seen)] == [True, True, False]


async def test_connectors_come_back_as_they_were_stored_by_name(store: SqlStore) -> None:
    first = replace(a_connector("b"), manifest={"reset": Effect.WRITE}, on=False, health=HOSTILE)
    other = a_connector(
        "a", transport=OverHttp(url="https://it.acme.test/mcp", headers={"Authorization": HOSTILE})
    )
    async with store.unit(ACME) as unit:
        await unit.connections.put(first)
        await unit.connections.put(other)
    async with store.view(ACME) as unit:
        assert await unit.connections.all() == (other, first)
    async with store.view(GLOBEX) as unit:
        assert await unit.connections.all() == ()


async def test_the_connector_revision_rises_with_changes_but_not_with_health(store: SqlStore) -> None:
    connector = a_connector()
    revisions = []
    for change in (
        None,
        connector,
        connector,
        replace(connector, health="away"),
        replace(connector, on=False),
    ):
        async with store.unit(ACME) as unit:
            if change is not None:
                await unit.connections.put(change)
            revisions.append(await unit.connections.revision())
    async with store.unit(ACME) as unit:
        await unit.connections.report("acme-it", health="It is away.")
        await unit.connections.put_tool(a_tool())
        await unit.policies.put_freeze(a_freeze())
    async with store.view(ACME) as unit:
        revisions.append(await unit.connections.revision())
        (found,) = await unit.connections.all()
    assert revisions == [0, 1, 1, 1, 2, 2]
    assert found.health == "It is away."


async def test_a_removed_connector_takes_its_tools_and_seeds_with_it(store: SqlStore) -> None:
    seed = a_policy(name="seed", source=PolicySource.SEED)
    kept: tuple[Policy, ...] = (
        a_policy(name="admin"),
        a_policy(name="elsewhere", connector="other", source=PolicySource.SEED),
    )
    async with store.unit(ACME) as unit:
        await unit.connections.put(a_connector())
        await unit.connections.put_tool(a_tool())
        for policy in (seed, *kept):
            await unit.policies.put(policy, by="ada")
    for _ in range(2):
        async with store.unit(ACME) as unit:
            await unit.connections.remove("acme-it")
    async with store.unit(ACME) as unit:
        assert await unit.connections.catalog() == {}
        assert await unit.policies.all() == kept
        with pytest.raises(Overtaken):
            await unit.connections.put_tool(a_tool())
    assert [whole for *_, whole in await versions(store, seed.id)] == [True, False]


async def test_the_catalog_is_the_same_one_until_something_changes(store: SqlStore) -> None:
    outside = HOSTILE.encode(errors="replace").decode()
    schema: JsonObject = {"type": "object", "properties": {"\x00": {"const": 1.0}}}
    tool = a_tool(
        definition=a_definition(
            ToolId("acme-it", "a:b/c"),
            title=outside,
            description=outside,
            input_schema=schema,
            output_schema={},
            annotations={"readOnlyHint": True},
        ),
        drifted=True,
        present=False,
        enabled=False,
    )
    async with store.unit(ACME) as unit:
        await unit.connections.put(a_connector())
        await unit.connections.put_tool(a_tool())
        await unit.connections.put_tool(tool)
    async with store.view(ACME) as unit:
        catalog = await unit.connections.catalog()
        assert await unit.connections.catalog() is catalog
    assert catalog == {RESET: a_tool(), tool.id: tool}
    async with store.view(GLOBEX) as unit:
        assert await unit.connections.catalog() == {}


async def test_the_catalog_knows_whether_a_tools_connector_is_on(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.connections.put(a_connector())
        await unit.connections.put_tool(a_tool(connector_on=False))
    async with store.view(ACME) as unit:
        assert (await unit.connections.catalog())[RESET].connector_on
    async with store.unit(ACME) as unit:
        await unit.connections.put(replace(a_connector(), on=False))
    async with store.view(ACME) as unit:
        assert not (await unit.connections.catalog())[RESET].connector_on


async def test_secrets_of_connectors_are_stored_sealed(store: SqlStore, database: str) -> None:
    async with store.unit(ACME) as unit:
        await unit.connections.put(a_connector())
    async with store._engine.read() as session:
        (stored,) = (await session.exec(select(ConnectorRow))).all()
    assert "hunter2" not in repr(stored)
    assert "TOKEN" not in repr(stored)
    other = SqlStore(open_engine(database), key=Fernet.generate_key())
    with pytest.raises(WrongKey, match="acme-it"):
        async with other.view(ACME) as unit:
            await unit.connections.all()
    await other.close()


async def test_what_is_sealed_for_one_tenant_does_not_open_for_another(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        await unit.connections.put(a_connector())
    async with store._engine.write() as session:
        (stored,) = (await session.exec(select(ConnectorRow))).all()
        session.add(ConnectorRow(**stored.model_dump() | {"tenant": GLOBEX}))
        await session.flush()
    with pytest.raises(WrongKey):
        async with store.view(GLOBEX) as unit:
            await unit.connections.all()


def test_a_key_that_is_none_is_refused(database: str) -> None:
    with pytest.raises(UnusableKey):
        SqlStore(open_engine(database), key=b"secret")
