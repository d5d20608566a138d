"""Groups, whose they are, and who is in them.

Source: https://developers.google.com/workspace/admin/directory/reference/rest/v1/groups,
https://developers.google.com/workspace/admin/directory/reference/rest/v1/members
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import Final

import structlog

from bot.directory.calls import Missing, segment
from bot.directory.google.calls import A_FEW, GoogleCalls
from bot.directory.google.proof import GROUPS
from bot.directory.google.resources import GROUP, MEMBER, group_address, group_of, is_user
from bot.directory.google.typed import group_query
from bot.directory.groups import Group
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject

PAGE: Final = 200
"""Groups or members that are asked for at once; Google gives no more."""
_WHAT: Final = "look at a group"

log = structlog.get_logger()


class Groups:
    """The organisation's groups, by their names."""

    def __init__(self, calls: GoogleCalls, domain: str) -> None:
        """Takes how they are asked for, and the domain whose groups go by the part before the @."""
        self._calls = calls
        self._domain = domain

    async def named(self, name: str) -> Group | None:
        """Gives the group of this name, compared byte for byte.

        Raises:
            DirectoryUnreachable: no group can be looked at.
        """
        found = await self._group(group_address(name, self._domain)) if name else None
        group = None if found is None else group_of(found, self._domain)
        return group if group is not None and group.name == name else None

    async def may_give_roles(self, wanted: Collection[str]) -> Sequence[Group]:
        """Gives the groups with one of these ids, and of those with one of these names what admins made.

        Raises:
            DirectoryUnreachable: no group can be looked at.
        """
        said = sorted(wanted)
        found = await asyncio.gather(
            *(self._group(one) for one in said if "@" not in one),
            *(self._group(group_address(one, self._domain)) for one in said),
        )
        groups = {}
        for one in found:
            group = Group("", "") if one is None else group_of(one, self._domain)
            if one is None or not {group.id, group.name} & set(said):
                continue
            if group.id in wanted or one.get("adminCreated") is True:
                groups[group.id] = group
            else:
                log.warning("directory.group_of_an_employee", group=group.name)
        return list(groups.values())

    async def of(self, person: str) -> list[Group] | None:
        """Gives the groups that the person with this id is in, directly; None where nobody has it.

        Raises:
            DirectoryUnreachable: they cannot be listed.
        """
        try:
            found = await self._calls.many(
                "groups",
                "groups",
                {"userKey": person},
                fields=GROUP,
                page=PAGE,
                what="look at somebody’s groups",
                permission=GROUPS,
                may_be_missing=True,
            )
        except Missing:
            return None
        return [group_of(self._whole(one), self._domain) for one in found]

    async def members(self, group: str) -> list[JsonObject]:
        """Gives the accounts that are directly in the group with this id, those of other organisations too.

        Raises:
            DirectoryUnreachable: they cannot be listed.
        """
        try:
            found = await self._calls.many(
                f"groups/{segment(group)}/members",
                "members",
                {},
                fields=MEMBER,
                page=PAGE,
                what=_WHAT,
                permission=GROUPS,
                may_be_missing=True,
            )
        except Missing:
            return []
        return [one for one in found if is_user(one)]

    async def typed(self, typed: str, *, limit: int) -> set[str]:
        """Gives names of groups whose address begins so; the list may be late.

        Raises:
            DirectoryUnreachable: no groups can be listed.
        """
        query = group_query(typed)
        if query is None:
            return set()
        found = await self._calls.many(
            "groups",
            "groups",
            {"customer": "my_customer", **query},
            fields=GROUP,
            page=PAGE,
            what="list groups",
            permission=GROUPS,
            most=max(limit * 2, 20),
            pages=A_FEW,
        )
        return {group_of(self._whole(one), self._domain).name for one in found}

    async def _group(self, key: str) -> JsonObject | None:
        try:
            path = f"groups/{segment(key)}"
            found = await self._calls.one(
                path, "group", fields=GROUP, what=_WHAT, permission=GROUPS, may_be_missing=True
            )
        except Missing:
            return None
        return self._whole(found)

    def _whole(self, group: JsonObject) -> JsonObject:
        if not (text_at(group, "id") and text_at(group, "email")):
            raise self._calls.away("its answer is not what was asked for")
        return group
