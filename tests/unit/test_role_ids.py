"""Roles go by the ids of groups, whatever groups are called."""

from collections.abc import Collection, Sequence

import pytest

from bot.directory.groups import Group, RoleIds
from bot.directory.roles import RoleGroups
from bot.domain.people import Role

GUID = "01234567-89ab-cdef-0123-456789abcdef"
OKTA = "00g1emaKYZTWRYYRRTSK"
ADMINS, SUPPORT = Group(GUID, "IT Admins"), Group("g-2", "IT Support")
EMPLOYEE = frozenset({Role.EMPLOYEE})


class Groups:
    """The groups of a directory, which anybody may add to."""

    def __init__(self, *groups: Group) -> None:
        self.known = list(groups)
        self.asked = 0

    async def named(self, wanted: Collection[str]) -> Sequence[Group]:
        self.asked += 1
        return [one for one in self.known if one.id in wanted or one.name in wanted]


def role_ids(groups: Groups, *admin: str) -> RoleIds:
    return RoleIds(RoleGroups(technician=frozenset({"IT Support"}), admin=frozenset(admin)), groups.named)


@pytest.mark.parametrize("said", [GUID, "IT Admins"])
async def test_a_group_is_named_by_its_id_or_by_its_name(said: str) -> None:
    groups = Groups(ADMINS, SUPPORT)
    assert await role_ids(groups, said).roles_in([ADMINS]) == EMPLOYEE | {Role.ADMIN}


@pytest.mark.parametrize("said", [GUID, GUID.upper(), OKTA, "0123456789abcdef01234567"])
async def test_a_group_that_is_called_like_an_id_is_not_the_one_with_the_id(said: str) -> None:
    """The real one is gone, and whoever may make groups calls theirs so."""
    mine = Group("g-mine", said)
    groups = Groups(mine, SUPPORT)
    assert await role_ids(groups, said).roles_in([mine]) == EMPLOYEE


async def test_a_name_of_two_groups_gives_no_role_to_either() -> None:
    mine = Group("g-mine", "IT Admins")
    groups = Groups(ADMINS, mine)
    for group in groups.known:
        assert await role_ids(groups, "IT Admins").roles_in([group]) == EMPLOYEE


async def test_a_group_that_was_renamed_gives_its_role_no_longer() -> None:
    groups = Groups(ADMINS, SUPPORT)
    roles = role_ids(groups, "IT Admins")
    assert Role.ADMIN in await roles.roles_in([ADMINS, SUPPORT])
    groups.known = [Group(GUID, "Old admins"), SUPPORT, Group("g-new", "IT Admins")]
    assert await roles.roles_in([Group(GUID, "Old admins"), SUPPORT]) == EMPLOYEE | {Role.TECHNICIAN}


async def test_nothing_is_looked_up_for_somebody_in_no_such_group() -> None:
    groups = Groups(ADMINS)
    assert await role_ids(groups, "IT Admins").roles_in([Group("g-9", "Sales")]) == EMPLOYEE
    assert groups.asked == 0
