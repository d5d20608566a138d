"""What a stage works with: one tenant's view of every port."""

from dataclasses import dataclass, replace
from typing import Final, Self

from bot.domain.people import TenantId
from bot.ports.directory import Directory
from bot.ports.outside import Bell, Clock, Connectors, Ids, Planner, Schemas, Surface
from bot.ports.policy_files import PolicyFiles
from bot.ports.store import Store

AGENT: Final = "countersign"
"""The name of our own agent, as conditions and the audit log write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seams:
    """The ports of one tenant."""

    tenant: TenantId
    store: Store
    directory: Directory
    planner: Planner
    connectors: Connectors
    schemas: Schemas
    policy_files: PolicyFiles
    surfaces: tuple[Surface, ...]
    clock: Clock
    ids: Ids
    bell: Bell

    def afresh(self) -> Self:
        """Gives the same for what somebody does now: the directory answers nothing from before this call."""
        return replace(self, directory=self.directory.afresh())
