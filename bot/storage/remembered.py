"""What was read from the database and is still right while the tenant's revision is the same."""

from collections import OrderedDict
from typing import Generic, TypeVar

from bot.domain.people import TenantId

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """One value per tenant with the revision it was read at; the tenants used last are kept."""

    def __init__(self, limit: int = 256) -> None:
        self._limit = limit
        self._values: OrderedDict[TenantId, tuple[int, Value]] = OrderedDict()

    def get(self, tenant: TenantId, revision: int) -> Value | None:
        """Gives the tenant's value if it was read at this revision."""
        known = self._values.get(tenant)
        if known is None or known[0] != revision:
            return None
        self._values.move_to_end(tenant)
        return known[1]

    def newest(self, tenant: TenantId) -> Value | None:
        """Gives the tenant's value that was read last, whatever has changed since."""
        known = self._values.get(tenant)
        return None if known is None else known[1]

    def put(self, tenant: TenantId, revision: int, value: Value) -> None:
        """Keeps the value in place of an earlier one."""
        self._values[tenant] = (revision, value)
        self._values.move_to_end(tenant)
        while len(self._values) > self._limit:
            self._values.popitem(last=False)
