"""The seam to the database: one transaction at a time, every change a compare-and-swap."""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.events import ClaimedNotice
from bot.domain.people import PersonId, TenantId
from bot.domain.requests import RequestId
from bot.domain.tenants import Tenant
from bot.ports.changes import Announcements, Changes
from bot.ports.chat import Links
from bot.ports.records import Approvals, Audit, Outbox, Requests
from bot.ports.rules import Connections, Grants, Policies


class StoreUnreachable(Refusal):
    """The database does not answer, so nothing was changed. Try again in a minute."""

    kind = "unavailable"


class Unit(Protocol):
    """One transaction on one tenant's things. Leaving it commits; an exception rolls all of it back."""

    @property
    def requests(self) -> Requests:
        """Requests and their calls."""
        ...

    @property
    def approvals(self) -> Approvals:
        """Approvals and reviews."""
        ...

    @property
    def policies(self) -> Policies:
        """Policies, defaults and freezes."""
        ...

    @property
    def changes(self) -> Changes:
        """The history of what is laid down, and what waits for a second admin."""
        ...

    @property
    def announcements(self) -> Announcements:
        """What admins were told of new and changed tools."""
        ...

    @property
    def grants(self) -> Grants:
        """Standing approvals."""
        ...

    @property
    def connections(self) -> Connections:
        """Connectors and their tools."""
        ...

    @property
    def audit(self) -> Audit:
        """The audit log and the decisions."""
        ...

    @property
    def outbox(self) -> Outbox:
        """What people are to be told."""
        ...

    @property
    def links(self) -> Links:
        """Which chat user is which person."""
        ...

    async def tenant(self) -> Tenant:
        """Gives the tenant with its settings."""
        ...

    async def put_tenant(self, tenant: Tenant) -> None:
        """Stores the tenant's settings."""
        ...


class Store(Protocol):
    """The database. Every method raises `StoreUnreachable` when it does not answer."""

    def unit(self, tenant: TenantId) -> AbstractAsyncContextManager[Unit]:
        """Opens a transaction that may write. Units never nest."""
        ...

    def view(self, tenant: TenantId) -> AbstractAsyncContextManager[Unit]:
        """Opens a transaction that only reads, and never waits for a writer."""
        ...

    async def tenants(self) -> tuple[TenantId, ...]:
        """Gives every tenant's id."""
        ...

    async def claim_request(
        self,
        worker: str,
        *,
        now: datetime,
        until: datetime,
        tenants: Collection[TenantId] | None = None,
    ) -> tuple[TenantId, RequestId] | None:
        """Leases one request that has work to do and no living lease; None when there is none.

        A request whose last try asked for a pause (`release(..., retry_at)`) is left until then. With
        tenants, only theirs are looked at.
        """
        ...

    async def renew(self, worker: str, *, until: datetime) -> None:
        """Prolongs every lease of the worker, on requests and on notices."""
        ...

    async def release(
        self, worker: str, tenant: TenantId, request: RequestId, *, retry_at: datetime | None = None
    ) -> None:
        """Ends the worker's lease on the request."""
        ...

    async def forget_leases(self) -> None:
        """Ends all leases; only for a process that knows that no other is alive."""
        ...

    async def due_tenants(self, *, now: datetime) -> frozenset[TenantId]:
        """Gives the tenants with notices that are due and that nobody is delivering."""
        ...

    async def claim_notices(
        self,
        worker: str,
        *,
        now: datetime,
        until: datetime,
        limit: int,
        tenants: Collection[TenantId] | None = None,
        request: RequestId | None = None,
    ) -> tuple[tuple[TenantId, ClaimedNotice], ...]:
        """Leases notices that are due, oldest first; only those of the tenants or the request, if given."""
        ...

    async def finish_notice(self, worker: str, *notices: int) -> None:
        """Removes delivered notices that the worker has leased."""
        ...

    async def retry_notice(
        self, worker: str, notice: int, *, at: datetime, error: str, counted: bool = True
    ) -> None:
        """Puts the notice back, due again at `at`; one more attempt is counted unless `counted` is False."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatItem:
    """One item of a person's chat on the web surface; `content` is the surface's own JSON."""

    id: str
    person: PersonId
    at: datetime
    content: JsonObject


class ChatLog(Protocol):
    """The web surface's own memory of what stands in whose chat."""

    async def append(self, tenant: TenantId, *items: ChatItem) -> None:
        """Adds items, each at the end of its person's chat; the same id twice changes nothing."""
        ...

    async def put(self, tenant: TenantId, item: ChatItem) -> None:
        """Adds an item at the end of the person's chat, or gives the one with its id the new content."""
        ...

    async def replace(self, tenant: TenantId, item: ChatItem) -> None:
        """Replaces the item's content in its place; its `at` stays."""
        ...

    async def items(self, tenant: TenantId, person: PersonId) -> tuple[ChatItem, ...]:
        """Gives the person's chat, oldest first, at most the newest 500."""
        ...

    async def changed_since(self, tenant: TenantId, revision: int) -> tuple[int, frozenset[PersonId]]:
        """Gives the newest revision and whose chats changed after the given one."""
        ...
