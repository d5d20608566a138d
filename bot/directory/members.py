"""Whose word counts for a seat: the groups that it is looked for in, and the order of who is given."""

from collections.abc import Iterable, Mapping

from bot.directory.groups import Named, RoleIds, one_named
from bot.domain.people import TECHNICIANS, Person, Role


async def groups_seated(group: str, role_ids: RoleIds, named: Named) -> Mapping[str, frozenset[Role]]:
    """Gives the ids of the groups whose members may sit for this one, each with the roles that it gives.

    `technicians` stands for every group that gives a role. Of another group the roles are not looked up, so
    nobody there has more than the employee's.

    Raises:
        AmbiguousGroup: more than one group has the name.
        DirectoryUnreachable: it cannot be found out.
    """
    if group == TECHNICIANS:
        return await role_ids.given_by_id()
    only = await one_named(group, named)
    return {} if only is None else {only.id: role_ids.none}


def enabled_by_name(found: Iterable[Person]) -> tuple[Person, ...]:
    """Gives the enabled ones, by name."""
    return tuple(sorted((one for one in found if one.enabled), key=lambda one: (one.name, one.id)))
