"""Which groups of an identity provider give a role, and whom to ask where there is no manager."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.documents.fields import Notes
from bot.documents.tree import Tree
from bot.domain.people import TECHNICIANS, Role, roles_of

MSP_GROUPS: Final = {Role.TECHNICIAN: "msp_technician", Role.ADMIN: "msp_admin"}
"""Groups that give the role under these names in every directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGroups:
    """What the settings say of groups, by their names as the provider has them."""

    technician: frozenset[str] = field(default_factory=frozenset)
    admin: frozenset[str] = field(default_factory=frozenset)
    fallback: str = TECHNICIANS
    """The group that is asked where there is no manager to ask."""

    @property
    def by_role(self) -> Mapping[Role, frozenset[str]]:
        """The groups of each role, with those that always give it."""
        return {
            Role.TECHNICIAN: self.technician | {MSP_GROUPS[Role.TECHNICIAN]},
            Role.ADMIN: self.admin | {MSP_GROUPS[Role.ADMIN]},
        }

    @property
    def all(self) -> frozenset[str]:
        """Every group that gives a role."""
        return frozenset().union(*self.by_role.values())

    @property
    def named(self) -> frozenset[str]:
        """Every group that the settings name, the fallback group included."""
        return self.technician | self.admin | ({self.fallback} - {TECHNICIANS})

    def roles(self, groups: frozenset[str]) -> frozenset[Role]:
        """Gives the roles of somebody in these groups."""
        return roles_of(groups, self.by_role)


def read_role_groups(top: Mapping[str, Tree], notes: Notes) -> RoleGroups:
    """Gives what `roles` and `fallback_group` of a file say, with a note for each mistake."""
    tree = top.get("roles")
    given = notes.table(tree, what="roles", known=tuple(MSP_GROUPS)) if tree is not None else {}

    def groups(role: Role) -> frozenset[str]:
        return frozenset(name for name, _ in notes.texts(given.get(role), what=f"roles: {role}"))

    return RoleGroups(
        technician=groups(Role.TECHNICIAN),
        admin=groups(Role.ADMIN),
        fallback=notes.text(top.get("fallback_group"), what="fallback_group") or TECHNICIANS,
    )
