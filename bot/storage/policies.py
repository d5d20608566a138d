"""Policies, defaults and freezes, in SQL."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Text, func, type_coerce
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select, update

from bot.domain.actions import Action
from bot.domain.decide import PolicySet
from bot.domain.grants import Grant
from bot.domain.policies import Defaults, Freeze, Policy, PolicyId, PolicySource
from bot.ports.records import Overtaken
from bot.storage.documents import policy_of, written
from bot.storage.mapping import Columns, columns_of, thing_of
from bot.storage.remembered import Remembered
from bot.storage.revisions import at_revision
from bot.storage.spelling import unspelled
from bot.storage.tables.policies import DefaultRow, FreezeRow, PolicyRow, PolicyVersionRow
from bot.storage.work import Work

_FEW: Final = 1_000
"""Policies that are read one by one; of more, all are read."""

TENANT_DEFAULT = ""
"""The connector under which the tenant's own default is stored; no connector is called so."""


class SqlPolicies:
    """The port `Policies`."""

    def __init__(
        self,
        work: Work,
        known: Remembered[PolicySet],
        grants: Callable[[], Awaitable[tuple[Grant, ...]]],
    ) -> None:
        self._work = work
        self._known = known
        self._grants = grants

    async def current(self) -> PolicySet:
        """Gives the indexed set of this moment; cheap unless something changed since the last time."""
        return await at_revision(self._work, self._known, self._load)

    async def all(self) -> tuple[Policy, ...]:
        """Gives every policy, by name; cheap unless something changed since the last time."""
        return (await self.current()).policies

    async def put(self, policy: Policy, *, by: str) -> Policy:
        """Stores a policy under its id with the next version, and gives it so.

        Raises:
            Overtaken: another policy has the name.
        """
        known = await self._locked(policy.id)
        stored = replace(policy, version=await self._next_version(policy.id))
        columns = {
            "id": stored.id,
            "name": stored.name,
            "connector": stored.connector,
            "source": stored.source,
            "version": stored.version,
            "document": written(stored),
        }
        if not (await self._change(columns) if known else await self._work.add(PolicyRow, columns)):
            raise Overtaken
        await self._add_version(stored.id, stored.version, by=by, at=stored.updated, became=stored)
        self._work.rules_changed = True
        return stored

    async def remove(self, policy: PolicyId, *, by: str) -> None:
        """Removes the policy; its versions are kept. Repeating it changes nothing."""
        if not await self._locked(policy):
            return
        await self._work.session.exec(
            delete(PolicyRow).where(col(PolicyRow.tenant) == self._work.tenant, col(PolicyRow.id) == policy)
        )
        at = await self._work.moment()
        await self._add_version(policy, await self._next_version(policy), by=by, at=at, became=None)
        self._work.rules_changed = True

    async def remove_seeds(self, connector: str) -> None:
        """Removes the connector's seeded policies; their versions are kept."""
        statement = select(PolicyRow.id).where(
            col(PolicyRow.tenant) == self._work.tenant,
            col(PolicyRow.connector) == connector,
            col(PolicyRow.source) == PolicySource.SEED,
        )
        for policy in (await self._work.session.exec(statement)).all():
            await self.remove(PolicyId(policy), by="")

    async def defaults(self) -> Defaults:
        """Gives the tenant's defaults."""
        statement = select(DefaultRow).where(col(DefaultRow.tenant) == self._work.tenant)
        found = {row.connector: row.action for row in await self._work.session.exec(statement)}
        tenant = found.pop(TENANT_DEFAULT, None)
        return Defaults(connectors=found) if tenant is None else Defaults(tenant=tenant, connectors=found)

    async def put_default(self, connector: str | None, action: Action | None, *, by: str) -> None:
        """Sets the default of a connector, or the tenant's (None); action None removes it."""
        name = TENANT_DEFAULT if connector is None else connector
        if action is None:
            await self._work.session.exec(
                delete(DefaultRow).where(
                    col(DefaultRow.tenant) == self._work.tenant, col(DefaultRow.connector) == name
                )
            )
        else:
            columns = {"connector": name, "action": action, "author": by}
            await self._work.put(DefaultRow, columns, key=("connector",))
        self._work.rules_changed = True

    async def freezes(self) -> tuple[Freeze, ...]:
        """Gives what is frozen, oldest first."""
        statement = select(FreezeRow).where(col(FreezeRow.tenant) == self._work.tenant)
        found = [thing_of(Freeze, row) for row in await self._work.session.exec(statement)]
        return tuple(sorted(found, key=lambda freeze: (freeze.at, freeze.scope, freeze.target)))

    async def put_freeze(self, freeze: Freeze) -> None:
        """Stores a freeze; one of the same scope and target is replaced."""
        await self._work.put(FreezeRow, columns_of(freeze), key=("scope", "target"))
        self._work.rules_changed = True

    async def remove_freeze(self, freeze: Freeze) -> None:
        """Lifts it; repeating it changes nothing."""
        await self._work.session.exec(
            delete(FreezeRow).where(
                col(FreezeRow.tenant) == self._work.tenant,
                col(FreezeRow.scope) == freeze.scope,
                col(FreezeRow.target) == freeze.target,
            )
        )
        self._work.rules_changed = True

    async def _load(self) -> PolicySet:
        """Reads what is new since the last time, and indexes all of it, in a thread: others use the loop.

        A version of a policy never changes, so what was read of it before is still right.
        """
        before = self._known.newest(self._work.tenant)
        read = {(one.id, one.version): one for one in before.policies} if before is not None else {}
        mine = col(PolicyRow.tenant) == self._work.tenant
        rows = (await self._work.session.exec(select(PolicyRow.id, PolicyRow.version).where(mine))).all()
        present = [(PolicyId(policy), version) for policy, version in rows]
        wanted = [policy for policy, version in present if (policy, version) not in read]
        those = mine & col(PolicyRow.id).in_(wanted) if len(wanted) <= _FEW else mine
        statement = select(type_coerce(col(PolicyRow.document), Text)).where(those)
        documents = (await self._work.session.exec(statement)).all() if wanted else ()
        defaults, grants, freezes = await self.defaults(), await self._grants(), await self.freezes()

        def indexed() -> PolicySet:
            new = [policy_of(unspelled(document)) for document in documents]
            found = {key[0]: read[key] for key in present if key in read}
            found |= {policy.id: policy for policy in new}
            return PolicySet.of(
                policies=found.values(), defaults=defaults, grants=grants, freezes=freezes, like=before
            )

        return await asyncio.to_thread(indexed)

    async def _locked(self, policy: PolicyId) -> bool:
        statement = (
            select(PolicyRow.version)
            .where(col(PolicyRow.tenant) == self._work.tenant, col(PolicyRow.id) == policy)
            .with_for_update()
        )
        return (await self._work.session.exec(statement)).one_or_none() is not None

    async def _change(self, columns: Columns) -> bool:
        """Writes the row; False when another policy has the name, and nothing changed."""
        statement = (
            update(PolicyRow)
            .where(col(PolicyRow.tenant) == self._work.tenant, col(PolicyRow.id) == columns["id"])
            .values(columns)
        )
        try:
            async with self._work.session.begin_nested():
                await self._work.session.exec(statement)
        except IntegrityError:
            return False
        return True

    async def _next_version(self, policy: PolicyId) -> int:
        statement = select(func.max(PolicyVersionRow.version)).where(
            col(PolicyVersionRow.tenant) == self._work.tenant, col(PolicyVersionRow.policy) == policy
        )
        return ((await self._work.session.exec(statement)).one() or 0) + 1

    async def _add_version(
        self, policy: PolicyId, version: int, *, by: str, at: datetime, became: Policy | None
    ) -> None:
        row = {
            "policy": policy,
            "version": version,
            "author": by,
            "at": at,
            "document": None if became is None else written(became),
        }
        if not await self._work.add(PolicyVersionRow, row):
            raise Overtaken
