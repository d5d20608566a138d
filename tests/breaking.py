"""A database that breaks in the middle of things."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from typing_extensions import override

from bot.domain.people import TenantId
from bot.ports.store import StoreUnreachable
from bot.storage.store import SqlStore
from bot.storage.unit import SqlUnit


class Breaking(SqlStore):
    """Stores as many transactions as it still `holds`; of later ones nothing is kept."""

    holds = 0

    @override
    @asynccontextmanager
    async def unit(self, tenant: TenantId) -> AsyncIterator[SqlUnit]:
        async with super().unit(tenant) as unit:
            yield unit
            if not self.holds:
                raise StoreUnreachable
            self.holds -= 1
