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

PAGE: Final = 100
"""Users that are asked for at once; Google gives 500 at most."""
AT_ONCE: Final = 8
"""Users who are asked for at the same time."""
_WHAT: Final = "look a person up"


class Users:
    """The organisation's users."""

    def __init__(self, calls: GoogleCalls, access: GoogleAccess) -> None:
        """Takes how they are asked for, and whose they are."""
        self._calls = calls
        self._admin = access.admin
        self._domain = access.domain

    async def by_id(self, person: str, *, address: str = "") -> JsonObject | None:
        """Gives the user with this id; `address` is where they may belong to another organisation.

        Raises:
            DirectoryUnreachable: nobody can be looked up.
        """
        if "@" in person:
            return None
        found = await self._asked(person, address=address)
        return found if found is not None and text_at(found, "id") == person else None

    async def addressed(self, address: str) -> JsonObject | None:
        """Gives the user who gets mail at this address, be it an alias of theirs.

        Raises:
            DirectoryUnreachable: nobody can be looked up.
        """
        key = email_key(address)
        if "@" not in key:
            return None
        found = await self._asked(key, address=key)
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

    async def _asked(self, key: str, *, address: str) -> JsonObject | None:
        try:
            return self._whole(await self._one(key, USER))
        except Missing:
            return None
        except ProviderRefuses:
            if not address or email_key(address).endswith(f"@{self._domain}"):
                raise
        # Google refuses whoever is not the organisation's as if we were not permitted to look. We are if we
        # may look at the administrator.
        try:
            await self._one(self._admin, "kind,id")
        except Missing:
            raise self._calls.away("it does not know the administrator") from None
        return None

    def _whole(self, user: JsonObject) -> JsonObject:
        if not is_whole(user):
            raise self._calls.away("its answer is not what was asked for")
        return user

    async def _one(self, key: str, fields: str) -> JsonObject:
        path = f"users/{segment(key)}"
        return await self._calls.one(path, "user", fields=fields, what=_WHAT, permission=USERS)
