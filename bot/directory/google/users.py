"""Users, one by one and in lists.

Source: https://developers.google.com/workspace/admin/directory/reference/rest/v1/users
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from bot.directory.calls import Missing, ProviderRefuses, segment
from bot.directory.google.access import GoogleAccess
from bot.directory.google.calls import A_FEW, GoogleCalls
from bot.directory.google.proof import USERS
from bot.directory.google.resources import USER, addresses_of, is_whole
from bot.directory.people import email_key
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.ports.directory import DirectoryUnreachable

PAGE: Final = 100
"""Users that are asked for at once; Google gives 500 at most."""
AT_ONCE: Final = 8
"""Users who are asked for at the same time."""
_WHAT: Final = "look a person up"


class NotShown(DirectoryUnreachable):
    """Google may hide people in {domain} from me, so nobody there counts. Let a super administrator ask."""


class Users:
    """The organisation's users."""

    def __init__(self, calls: GoogleCalls, access: GoogleAccess) -> None:
        """Takes how they are asked for, and whose they are."""
        self._calls = calls
        self._admin = access.admin
        self._domain = access.domain

    async def by_id(self, person: str, *, address: str = "") -> JsonObject | None:
        """Gives the user with this id.

        Args:
            person: the id.
            address: of a group's member, who may belong to another organisation; then nobody is given whom
                Google does not show us.

        Raises:
            DirectoryUnreachable: nobody can be looked up.
        """
        if "@" in person:
            return None
        try:
            found = await self._asked(person)
        except ProviderRefuses:
            if not self._is_elsewhere(address):
                raise
            await self._shows_everybody()
            return None
        return found if found is not None and text_at(found, "id") == person else None

    async def addressed(self, address: str) -> JsonObject | None:
        """Gives the user who gets mail at this address, be it an alias of theirs.

        Raises:
            NotShown: Google does not show us whose it is, and it may be the organisation's.
            DirectoryUnreachable: nobody can be looked up.
        """
        key = email_key(address)
        if "@" not in key:
            return None
        try:
            found = await self._asked(key)
        except ProviderRefuses:
            if not self._is_elsewhere(key):
                raise
            if not await self._shows_everybody():
                raise NotShown(domain=key.rpartition("@")[2]) from None
            return None
        return found if found is not None and key in addresses_of(found) else None

    async def each(self, addresses: Mapping[str, str]) -> list[JsonObject]:
        """Gives the users with these ids, each with an address; whoever is nobody's here is left out.

        Raises:
            DirectoryUnreachable: one of them cannot be looked up.
        """
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(person: str) -> JsonObject | None:
            async with turn:
                return await self.by_id(person, address=addresses[person])

        found = await asyncio.gather(*(one(person) for person in sorted(addresses)))
        return [user for user in found if user is not None]

    async def listed(self, query: Mapping[str, str], *, limit: int) -> list[JsonObject]:
        """Gives the first users whom the query finds; the list may be late by hours.

        Raises:
            DirectoryUnreachable: nobody can be listed.
        """
        found = await self._calls.many(
            "users",
            "users",
            {"customer": "my_customer", "orderBy": "givenName", **query},
            fields=USER,
            page=PAGE,
            what="list people",
            permission=USERS,
            most=max(limit * 2, 20),
            pages=A_FEW,
        )
        return [self._whole(user) for user in found]

    async def _asked(self, key: str) -> JsonObject | None:
        try:
            return self._whole(await self._one(key, USER, may_be_missing=True))
        except Missing:
            return None

    def _is_elsewhere(self, address: str) -> bool:
        """Whether the address may be another organisation's; this one may have more domains than we know."""
        return bool(address) and not email_key(address).endswith(f"@{self._domain}")

    async def _shows_everybody(self) -> bool:
        """Whether everybody is shown to us, so that whoever is not shown belongs to another organisation.

        Google refuses whoever is not the organisation's as if we were not permitted to look. We are if we may
        look at the administrator; and only a super administrator is certainly not limited to some units.

        Source: https://support.google.com/cloudidentity/answer/6129577

        Raises:
            DirectoryUnreachable: we are not permitted to look at anybody.
        """
        return (await self._one(self._admin, "kind,id,isAdmin")).get("isAdmin") is True

    def _whole(self, user: JsonObject) -> JsonObject:
        if not is_whole(user):
            raise self._calls.away("its answer is not what was asked for")
        return user

    async def _one(self, key: str, fields: str, *, may_be_missing: bool = False) -> JsonObject:
        return await self._calls.one(
            f"users/{segment(key)}",
            "user",
            fields=fields,
            what=_WHAT,
            permission=USERS,
            may_be_missing=may_be_missing,
        )
