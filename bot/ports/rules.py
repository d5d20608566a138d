"""The seams to what is laid down and stored: policies, standing approvals, connectors and their tools."""

from datetime import date, datetime
from typing import Protocol

from bot.domain.actions import Action
from bot.domain.connectors import Connector
from bot.domain.decide import PolicySet
from bot.domain.grants import Grant, GrantId
from bot.domain.policies import Defaults, Freeze, Policy, PolicyId
from bot.domain.tools import Catalog, CatalogTool, ToolId


class Policies(Protocol):
    """What admins lay down. Every change raises the tenant's policy revision and is kept as a version."""

    async def current(self) -> PolicySet:
        """Gives the indexed set of this moment; cheap unless something changed since the last time."""
        ...

    async def all(self) -> tuple[Policy, ...]:
        """Gives every policy, by name."""
        ...

    async def put(self, policy: Policy, *, by: str) -> Policy:
        """Stores a policy under its id with the next version, and gives it so.

        Raises:
            Overtaken: another policy has the name.
        """
        ...

    async def remove(self, policy: PolicyId, *, by: str) -> None:
        """Removes the policy; its versions are kept. Repeating it changes nothing."""
        ...

    async def defaults(self) -> Defaults:
        """Gives the tenant's defaults."""
        ...

    async def put_default(self, connector: str | None, action: Action | None, *, by: str) -> None:
        """Sets the default of a connector, or the tenant's (None); action None removes it."""
        ...

    async def freezes(self) -> tuple[Freeze, ...]:
        """Gives what is frozen."""
        ...

    async def put_freeze(self, freeze: Freeze) -> None:
        """Stores a freeze; one of the same scope and target is replaced."""
        ...

    async def remove_freeze(self, freeze: Freeze) -> None:
        """Lifts it."""
        ...


class Grants(Protocol):
    """Standing approvals. Giving, revoking, suspending and resuming raise the tenant's policy revision."""

    async def add(self, grant: Grant) -> None:
        """Stores a grant."""
        ...

    async def get(self, grant: GrantId) -> Grant | None:
        """Gives the grant; None when there is none."""
        ...

    async def all(self) -> tuple[Grant, ...]:
        """Gives every grant, revoked and ended ones too, newest first."""
        ...

    async def revoke(self, grant: GrantId, *, now: datetime, by: str) -> bool:
        """Revokes it; False when it was revoked already or is none."""
        ...

    async def suspend(self, grant: GrantId, *, why: str) -> bool:
        """Suspends it with a sentence why; False when it is suspended or revoked already, or is none."""
        ...

    async def resume(self, grant: GrantId, *, why: str) -> bool:
        """Has it count again if it is suspended for this very reason, and not revoked; else False."""
        ...

    async def carry_over(self, tool: ToolId, *, was: str, becomes: str) -> int:
        """Gives how many grants of the tool, given for the one definition, stand for the other one now.

        Both are fingerprints. Revoked grants stay as they are.
        """
        ...

    async def use(self, grant: GrantId, *, now: datetime, today: date) -> bool:
        """Counts one use if the grant still stands and its limits allow it; else False, and nothing changed.

        `today` is the date in the tenant's zone, for the daily limit. However many ask at once, a limit of
        one lets one through.
        """
        ...

    async def give_back(self, grant: GrantId) -> None:
        """Takes back the last count of a use whose call certainly did not leave."""
        ...


class Connections(Protocol):
    """Connectors and the catalog of their tools."""

    async def all(self) -> tuple[Connector, ...]:
        """Gives every connector, by name."""
        ...

    async def put(self, connector: Connector) -> None:
        """Stores a connector under its name."""
        ...

    async def remove(self, name: str) -> None:
        """Removes the connector with its tools and seeded policies; repeating it changes nothing."""
        ...

    async def report(self, name: str, *, health: str) -> None:
        """Stores what is wrong with the connector; empty when nothing is."""
        ...

    async def revision(self) -> int:
        """Gives a number that rises whenever a connector is added, changed or removed (not its health)."""
        ...

    async def catalog(self) -> Catalog:
        """Gives every tool of every connector; cheap unless something changed since the last time."""
        ...

    async def put_tool(self, tool: CatalogTool) -> None:
        """Stores what is known of a tool; raises the tenant's policy revision."""
        ...
