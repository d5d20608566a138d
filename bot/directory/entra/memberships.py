"""Groups and who is in them, directly or through other groups.

Roles and seats are given by them, so they are read without `ConsistencyLevel: eventual`, whose index may lag
behind. Without it Graph does not sort out kinds, so memberships are asked for whole, and sorted out here.

Source: https://learn.microsoft.com/graph/aad-advanced-queries
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

from bot.directory.calls import ProviderRefuses
from bot.directory.entra.graph import TOGETHER, GraphCalls, Question
from bot.directory.entra.odata import equal, path
from bot.directory.entra.permissions import GROUPS, USERS
from bot.directory.entra.proof import PROVIDER
from bot.directory.entra.resources import SELECT, NotDescribed, group_of
from bot.directory.groups import Group
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject

PAGE: Final = 999
"""The most that Graph puts on a page.

Source: https://learn.microsoft.com/graph/api/user-list-transitivememberof
"""
ROWS: Final = 2_000
"""Members of all groups that are asked for in one call, so that its answer is not too long to be read."""
NAMES: Final = 10
"""Names that one filter asks for; Graph takes 15 comparisons."""
LOOK_UP: Final = "look a person up"
LOOK_UP_GROUPS: Final = "look groups up"
_MEMBERSHIPS: Final = "see which groups somebody is in"
_MEMBERS: Final = "see who is in a group"
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)

Read = TypeVar("Read")


class Memberships:
    """What Graph says of groups."""

    def __init__(self, graph: GraphCalls) -> None:
        """Takes what is asked."""
        self._graph = graph

    async def named(self, wanted: Collection[str]) -> Sequence[Group]:
        """Gives the groups that have one of these names or ids, compared byte for byte."""
        names = sorted(wanted)
        lists = [
            path("groups", select="id,displayName", filter=equal("displayName", some), top=str(PAGE))
            for some in (names[start : start + NAMES] for start in range(0, len(names), NAMES))
        ]
        ones = [path(f"groups/{name}", select="id,displayName") for name in names if _GUID.fullmatch(name)]
        questions = [Question(path=one, what=LOOK_UP_GROUPS, permission=GROUPS) for one in (*lists, *ones)]
        answers = await self._graph.objects(questions)
        rows = [row for row in answers[len(lists) :] if row is not None]
        for first in answers[: len(lists)]:
            rows += await self._graph.following(first or {}, what=LOOK_UP_GROUPS, permission=GROUPS)
        found = {group.id: group for group in _groups(rows, what=LOOK_UP_GROUPS)}
        return [one for one in found.values() if one.name in wanted or one.id in wanted]

    def of(self, person: str) -> Question:
        """Gives the question for a person's groups; `groups_in` reads its answer."""
        asked = path(f"users/{quote(person)}/transitiveMemberOf", select="id,displayName", top=str(PAGE))
        return Question(path=asked, what=_MEMBERSHIPS, permission=GROUPS)

    async def groups_in(self, first: JsonObject) -> list[Group]:
        """Gives a person's groups, with a call for each page but the first, which is there already."""
        rows = await self._graph.following(first, what=_MEMBERSHIPS, permission=GROUPS)
        return _groups(self._of_kind(rows, "#microsoft.graph.group"), what=_MEMBERSHIPS)

    async def members(self, groups: Sequence[str]) -> list[list[JsonObject]]:
        """Gives the users in each of these groups; a group that is gone has none."""
        top = str(min(PAGE, ROWS // max(1, min(len(groups), TOGETHER))))
        questions = [
            Question(
                path=path(f"groups/{quote(group, safe='')}/transitiveMembers", select=SELECT, top=top),
                what=_MEMBERS,
                permission=GROUPS,
            )
            for group in groups
        ]
        found = []
        for first in await self._graph.objects(questions):
            page = {"value": []} if first is None else first
            rows = await self._graph.following(page, what=_MEMBERS, permission=GROUPS)
            found.append(await self._whole(self._of_kind(rows, "#microsoft.graph.user")))
        return found

    async def _whole(self, users: Sequence[JsonObject]) -> list[JsonObject]:
        """Gives the users, those asked for by id whom the list does not describe."""
        bare = {text_at(user, "id") for user in users if not isinstance(user.get("accountEnabled"), bool)}
        questions = [
            Question(path=path(f"users/{quote(one, safe='')}", select=SELECT), what=LOOK_UP, permission=USERS)
            for one in sorted(bare)
        ]
        read = [user for user in await self._graph.objects(questions) if user is not None]
        return [user for user in users if text_at(user, "id") not in bare] + read

    def _of_kind(self, rows: Sequence[JsonObject], kind: str) -> list[JsonObject]:
        """Gives those of one kind, among whatever else can be a member or have members."""
        kinds = [text_at(row, "@odata.type") for row in rows]
        if not all(kinds):
            raise self._graph.away("its answer is not what was asked for")
        return [row for row, its in zip(rows, kinds, strict=True) if its == kind]


def described(read: Callable[[], Read], *, what: str, permission: str) -> Read:
    """Gives what is read from an answer that has to say what is there.

    Raises:
        ProviderRefuses: it says only that something is there, as Graph does where the permission is missing.

    Source: https://learn.microsoft.com/graph/permissions-overview (limited information)
    """
    try:
        return read()
    except NotDescribed:
        raise ProviderRefuses(provider=PROVIDER, what=what, permission=permission) from None


def _groups(rows: Sequence[JsonObject], *, what: str) -> list[Group]:
    return described(lambda: [group_of(row) for row in rows], what=what, permission=GROUPS)
