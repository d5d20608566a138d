"""Groups as a provider knows them: by an id for good, and by a name that others may take, too."""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from bot.directory.roles import RoleGroups
from bot.domain.people import Role
from bot.ports.directory import AmbiguousGroup

_AN_ID: Final = re.compile(
    r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|00g[0-9A-Za-z]{17}|[0-9a-fA-F]{24,}", re.ASCII
)
"""What providers' ids of groups look like: a GUID, Okta's, or a long hexadecimal number."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Group:
    """A group."""

    id: str
    name: str


Named = Callable[[Collection[str]], Awaitable[Sequence[Group]]]
"""Gives the groups that have one of these names or ids, compared byte for byte."""


class RoleIds:
    """The ids of the groups that give a role.

    Roles are given by id: in most directories anybody may make a group, and call it like another one. A name
    that several groups have gives nobody a role. What looks like an id in the settings is one: a group that
    is called so is not meant, be the one with the id there or not.
    """

    def __init__(self, roles: RoleGroups, named: Named) -> None:
        """Takes what the settings say, by names or ids, and how to look these up."""
        self._roles = roles
        self._named = named

    async def roles_in(self, groups: Iterable[Group]) -> frozenset[Role]:
        """Gives the roles of somebody in these groups; nothing is looked up where no name or id fits.

        Raises:
            DirectoryUnreachable: it cannot be found out which groups give a role.
        """
        mine = list(groups)
        if not any({one.id, one.name} & self._roles.all for one in mine):
            return self.none
        known = await self.groups()
        given = frozenset(said for said, group in known.items() if any(one.id == group.id for one in mine))
        return self._roles.roles(given)

    async def groups(self) -> dict[str, Group]:
        """Gives the groups that give a role, each under what the settings call it.

        Raises:
            DirectoryUnreachable: it cannot be found out which they are.
        """
        found = await self._named(self._roles.all)
        return {said: one for said in self._roles.all for one in _only(said, found)}

    async def given_by_id(self) -> dict[str, frozenset[Role]]:
        """Gives the roles that each group gives, by the group's id.

        Raises:
            DirectoryUnreachable: it cannot be found out which they are.
        """
        said: dict[str, set[str]] = {}
        for name, group in (await self.groups()).items():
            said.setdefault(group.id, set()).add(name)
        return {group: self._roles.roles(frozenset(names)) for group, names in said.items()}

    @property
    def none(self) -> frozenset[Role]:
        """What somebody has who is in no such group."""
        return self._roles.roles(frozenset())


def _only(said: str, found: Sequence[Group]) -> list[Group]:
    """Gives the group that the settings mean, as a list; none where there is none, or more than one."""
    by_id = [one for one in found if one.id == said]
    meant = by_id or [one for one in found if one.name == said and not _AN_ID.fullmatch(said)]
    if len(meant) > 1:
        log.warning("directory.ambiguous", group=said)
        return []
    return meant


async def is_among(mine: Iterable[Group], group: str, named: Named) -> bool:
    """Whether the only group of this name is, by its id, one of these; nothing is looked up where none fits.

    Raises:
        DirectoryUnreachable: it cannot be found out which groups have the name.
    """
    ids = {one.id for one in mine if one.name == group}
    if not ids:
        return False
    found = await all_named(group, named)
    return len(found) == 1 and found[0].id in ids


async def one_named(group: str, named: Named) -> Group | None:
    """Gives the only group of this name; None where there is none.

    Raises:
        AmbiguousGroup: there are several.
    """
    found = await all_named(group, named)
    if len(found) > 1:
        raise AmbiguousGroup(group=group)
    return found[0] if found else None


async def all_named(group: str, named: Named) -> list[Group]:
    """Gives every group of this very name; nothing is looked up for an empty one.

    Raises:
        DirectoryUnreachable: it cannot be found out.
    """
    return [one for one in await named((group,)) if one.name == group] if group else []
