"""The counters that rise with what a tenant lays down."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from sqlalchemy import bindparam
from sqlmodel import col, select, update

from bot.domain.errors import Refusal
from bot.storage.remembered import Remembered
from bot.storage.tables.tenants import TenantRow
from bot.storage.work import Work

Value = TypeVar("Value")

_RULES_REVISION: Final = select(TenantRow.revision).where(col(TenantRow.id) == bindparam("tenant"))
"""Asked in every transaction that decides something, so it is made once."""


class UnknownTenant(Refusal):
    """There is no organisation called “{tenant}” here yet. Create it first."""

    kind = "missing"


async def rules_revision(work: Work) -> int:
    """Gives the number that rises with whatever policies and catalog are made of; 0 at first."""
    found = await work.session.exec(_RULES_REVISION, params={"tenant": work.tenant})
    return found.one_or_none() or 0


async def connector_revision(work: Work) -> int:
    """Gives the number that rises with connectors, this transaction's own change included; 0 at first."""
    statement = select(TenantRow.connector_revision).where(col(TenantRow.id) == work.tenant)
    stored = (await work.session.exec(statement)).one_or_none() or 0
    return stored + 1 if work.connectors_changed else stored


async def raise_revisions(work: Work) -> None:
    """Raises the counters of what the transaction changed; the last thing but one that it does.

    Raises:
        UnknownTenant: nobody stored the tenant, so there is nothing to count on.
    """
    if not (work.rules_changed or work.connectors_changed):
        return
    columns = {"revision": TenantRow.revision + 1}
    if work.connectors_changed:
        columns["connector_revision"] = TenantRow.connector_revision + 1
    result = await work.session.exec(
        update(TenantRow).where(col(TenantRow.id) == work.tenant).values(columns)
    )
    if result.rowcount != 1:
        raise UnknownTenant(tenant=work.tenant)


async def at_revision(work: Work, known: Remembered[Value], load: Callable[[], Awaitable[Value]]) -> Value:
    """Gives the value of the tenant's present revision: the one that is remembered, else what `load` reads.

    What a transaction reads after its own change is never remembered, because it may still be rolled back.
    What was read while somebody else's change came in between is read again.
    """
    if work.rules_changed:
        return await load()
    while True:
        revision = await rules_revision(work)
        value = known.get(work.tenant, revision)
        if value is not None:
            return value
        value = await load()
        if await rules_revision(work) == revision:
            known.put(work.tenant, revision, value)
            return value
