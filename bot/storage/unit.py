"""One transaction on one tenant's things, with every record kind."""

from bot.domain.decide import PolicySet
from bot.domain.tenants import Tenant
from bot.domain.tools import Catalog
from bot.storage.announcements import SqlAnnouncements
from bot.storage.approvals import SqlApprovals
from bot.storage.audit import SqlAudit
from bot.storage.changes import SqlChanges
from bot.storage.connections import SqlConnections
from bot.storage.grants import SqlGrants
from bot.storage.links import SqlLinks
from bot.storage.mapping import columns_of, thing_of
from bot.storage.outbox import SqlOutbox
from bot.storage.policies import SqlPolicies
from bot.storage.remembered import Remembered
from bot.storage.requests import SqlRequests
from bot.storage.revisions import UnknownTenant, raise_revisions
from bot.storage.sealing import SealedBox
from bot.storage.tables.tenants import TenantRow
from bot.storage.work import Work


class Known:
    """What this process remembers of every tenant's policies and tools."""

    def __init__(self) -> None:
        self.policies: Remembered[PolicySet] = Remembered()
        self.catalogs: Remembered[Catalog] = Remembered()


class SqlUnit:
    """The port `Unit`."""

    def __init__(self, work: Work, box: SealedBox, known: Known) -> None:
        self._work = work
        self.requests = SqlRequests(work)
        self.approvals = SqlApprovals(work)
        self.grants = SqlGrants(work)
        self.policies = SqlPolicies(work, known.policies, self.grants.all)
        self.connections = SqlConnections(work, box, known.catalogs, self.policies)
        self.changes = SqlChanges(work)
        self.announcements = SqlAnnouncements(work)
        self.audit = SqlAudit(work)
        self.outbox = SqlOutbox(work)
        self.links = SqlLinks(work)

    async def tenant(self) -> Tenant:
        """Gives the tenant with its settings.

        Raises:
            UnknownTenant: nobody stored it.
        """
        row = await self._work.session.get(TenantRow, self._work.tenant)
        if row is None:
            raise UnknownTenant(tenant=self._work.tenant)
        return thing_of(Tenant, row)

    async def put_tenant(self, tenant: Tenant) -> None:
        """Stores the tenant's settings; its policies and all else stay.

        Raises:
            ValueError: the settings are another tenant's.
        """
        if tenant.id != self._work.tenant:
            raise ValueError("these are another tenant's settings")
        columns = columns_of(tenant)
        new = {name: value for name, value in columns.items() if name != "id"}
        statement = self._work.insert(TenantRow).values(columns)
        await self._work.session.exec(statement.on_conflict_do_update(index_elements=("id",), set_=new))

    async def end(self) -> None:
        """Writes what waited for the transaction's end: the counters, then the audit log."""
        await raise_revisions(self._work)
        await self.audit.write()
