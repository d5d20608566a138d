"""Persons, as the identity provider knows them, and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType

PersonId = NewType("PersonId", str)
"""The identity provider's subject; the same person on every surface."""

TenantId = NewType("TenantId", str)


class Role(StrEnum):
    """What a person may do in Countersign; given by the directory's groups."""

    EMPLOYEE = "employee"
    TECHNICIAN = "technician"
    ADMIN = "admin"


TECHNICIANS = "technicians"
"""The approver group that stands for everyone with the role technician or admin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person as the directory answers now."""

    id: PersonId
    name: str
    email: str
    title: str = ""
    department: str = ""
    manager: PersonId | None = None
    groups: frozenset[str] = field(default_factory=frozenset)
    roles: frozenset[Role] = field(default_factory=lambda: frozenset({Role.EMPLOYEE}))
    enabled: bool = True
    is_guest: bool = False
    """Whether another organisation vouches for the account; a guest fills no seat."""
    doubtful: frozenset[str] = field(default_factory=frozenset)
    """Those of `groups` that the person is not certainly in: a group of somebody else may have the name."""

    @property
    def domain(self) -> str:
        """The part of the e-mail address after the last @; empty where there is none."""
        return self.email.rpartition("@")[2] if "@" in self.email else ""

    @property
    def certain(self) -> "Person":
        """The person with those groups only that they are certainly in."""
        if not self.doubtful:
            return self
        return replace(self, groups=self.groups - self.doubtful, doubtful=frozenset())

    @property
    def is_admin(self) -> bool:
        """Whether the person may change policies and give wide standing approvals."""
        return self.enabled and not self.is_guest and Role.ADMIN in self.roles

    def sits_in(self, group: str) -> bool:
        """Whether the person may fill a technician seat of this group."""
        if not self.enabled or self.is_guest:
            return False
        if group == TECHNICIANS:
            return bool(self.roles & {Role.TECHNICIAN, Role.ADMIN})
        return group in self.groups and group not in self.doubtful


def roles_of(groups: frozenset[str], role_groups: Mapping[Role, frozenset[str]]) -> frozenset[Role]:
    """Gives the roles that membership in these groups brings; everybody is an employee."""
    return frozenset({Role.EMPLOYEE} | {role for role, named in role_groups.items() if groups & named})
