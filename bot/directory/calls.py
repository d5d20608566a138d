"""Calls to an identity provider over HTTP, and what its refusals mean; nothing is answered from memory."""

import asyncio
import re
from collections.abc import Mapping
from typing import Final, Protocol, Self
from urllib.parse import quote, unquote

import structlog
from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientSession, ConnectionTimeoutError
from yarl import URL

from bot.domain.canonical import JsonObject, JsonValue
from bot.outgoing.outcomes import Declined, Lost, Unsent
from bot.outgoing.session import Unreadable, json_in, new_session, retry_after
from bot.outgoing.tries import AGAIN, Patience, tried
from bot.ports.directory import DirectoryUnreachable

PATIENCE: Final = Patience(again=(AGAIN - {412}) | {500, 503})
"""Questions may be asked again, so whatever passes is tried again."""

MOST_MEMBERS: Final = 500
"""Members of a seat's group who are looked up where each of them costs a call."""


class Proof(Protocol):
    """What shows a provider who asks."""

    async def headers(self) -> Mapping[str, str]:
        """Gives the headers of a call; a token may have to be asked for first.

        Raises:
            DirectoryUnreachable: there is no token.
            Unsent: there is none at the moment, so it is tried again as a call is.
        """
        ...

    def forget(self) -> None:
        """Has a new token asked for, since the provider does not take the present one."""
        ...


log = structlog.get_logger()


class ProviderAway(DirectoryUnreachable):
    """{provider} does not answer ({why}), so nobody's manager or role can be checked."""


class ProviderRefuses(DirectoryUnreachable):
    """{provider} does not let me {what}. Grant the bot {permission}; until then no role can be checked."""


class ProviderRejects(DirectoryUnreachable):
    """{provider} does not accept the bot's credentials ({why}), so nobody's role can be checked."""


class TooManyMembers(DirectoryUnreachable):
    """The group “{group}” has more than {most} members, so they are not looked up. Name a smaller group."""


class Missing(Exception):
    """The provider does not know it."""


class Calls:
    """Used as a block, whose end closes the connections."""

    def __init__(self, base: str, *, provider: str, proof: Proof, patience: Patience = PATIENCE) -> None:
        """Takes the address that all paths follow (it ends with a slash), and the provider's name."""
        self._base = base
        self._provider = provider
        self._proof = proof
        self._wait_until = 0.0
        self._patience = patience
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = new_session(self._base)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        verb: str,
        path: str,
        *,
        what: str,
        permission: str,
        body: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
        may_be_missing: bool = False,
    ) -> JsonObject:
        """Gives the object that the provider answers with; tried again a few times where that is of use.

        Args:
            verb: of HTTP; what it asks for must bear repeating.
            path: after the base, quoted, with its query; or a whole address below the base, as in the link to
                a next page.
            what: the call does, in words that go on after “does not let me”.
            permission: what it needs, by the provider's own name.
            body: of the call, sent as JSON.
            headers: further ones.
            may_be_missing: whether it is an answer that there is no such thing.

        Raises:
            Missing: the provider itself says that there is no such thing, and that is an answer.
            ProviderAway: no answer, one that cannot be read, or one that says to come back later.
            ProviderRefuses: the permission is missing.
            ProviderRejects: the provider does not know the bot.
        """
        found, _ = await self._said(
            verb, path, what, permission, body, headers or {}, may_be_missing=may_be_missing
        )
        if not isinstance(found, dict):
            raise self.away("its answer is not what was asked for")
        return found

    async def rows(
        self,
        path: str,
        *,
        what: str,
        permission: str,
        headers: Mapping[str, str] | None = None,
        may_be_missing: bool = False,
    ) -> tuple[list[JsonObject], str]:
        """Gives the objects of a list that is the whole answer, and its `Link` to the next page, if any.

        Arguments and refusals are those of `call`.
        """
        found, following = await self._said(
            "GET", path, what, permission, None, headers or {}, may_be_missing=may_be_missing
        )
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise self.away("its answer is not what was asked for")
        return [row for row in found if isinstance(row, dict)], following

    async def _said(
        self,
        verb: str,
        path: str,
        what: str,
        permission: str,
        body: JsonObject | None,
        headers: Mapping[str, str],
        *,
        may_be_missing: bool,
    ) -> tuple[JsonValue, str]:
        url = self._below(path)
        if asyncio.get_running_loop().time() < self._wait_until:
            raise self.away("it asked not to be asked so often")
        try:
            return await tried(lambda: self._proven(verb, url, body, headers), self._patience)
        except Declined as error:
            if error.status == 429 and error.after is not None:
                self._wait_until = asyncio.get_running_loop().time() + error.after.total_seconds()
            if error.status == 404 and may_be_missing:
                raise Missing from None
            raise self._meaning(error, what=what, permission=permission) from None
        except (Unsent, Lost) as error:
            raise self.away(str(error)) from None

    def _below(self, path: str) -> URL:
        """Gives the whole address; a token is never sent anywhere but to the provider.

        Raises:
            ProviderAway: the address leads elsewhere.
        """
        whole = path if "://" in path else f"{self._base}{path}"
        before_query = re.split(r"[?#]", whole, maxsplit=1)[0]
        if not whole.startswith(self._base) or _has_dots(unquote(before_query)):
            raise self.away("its next page is at another address")
        return URL(whole, encoded=True)

    async def _proven(
        self, verb: str, url: URL, body: JsonObject | None, headers: Mapping[str, str]
    ) -> tuple[JsonValue, str]:
        """Asks once more with a new token where the provider does not take the old one any longer."""
        try:
            return await self._once(verb, url, body, headers)
        except Declined as error:
            if error.status != 401:
                raise
        self._proof.forget()
        return await self._once(verb, url, body, headers)

    async def _once(
        self, verb: str, url: URL, body: JsonObject | None, headers: Mapping[str, str]
    ) -> tuple[JsonValue, str]:
        if self._session is None:
            raise RuntimeError("used outside of its block")
        sent = {"Accept": "application/json", **await self._proof.headers(), **headers}
        try:
            async with self._session.request(
                verb, url, json=body, headers=sent, allow_redirects=False
            ) as response:
                if 200 <= response.status < 300:
                    following = response.links.get("next")
                    found = await json_in(response)
                    self.check(found)
                    return found, str(following["url"]) if following else ""
                if response.status == 404 and not self.is_missing(await _told(response)):
                    raise Lost("status 404, which is not its own")
                raise await self.declined(response)
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise Unsent(type(error).__name__) from None
        except (ClientError, TimeoutError, OSError, Unreadable) as error:
            raise Lost(type(error).__name__) from None

    def is_missing(self, body: JsonValue) -> bool:
        """Gives whether the body of a 404 is the provider's own word that there is no such thing.

        Whatever stands between us and the provider has 404s, too, and they say nothing about anybody; so does
        a provider whose address has moved. Here nothing is the provider's own: each adapter knows its error.

        Args:
            body: None for one that is no JSON.
        """
        _ = body
        return False

    async def declined(self, response: ClientResponse) -> Declined:
        """Gives what an answer that is a no means; its code is the permission that it asks for by itself."""
        return Declined(response.status, "", retry_after(response))

    def check(self, found: JsonValue) -> None:
        """Looks for a no in an answer that is a yes as a whole; here there is none.

        Raises:
            Declined: what the answer as a whole would have been.
        """

    def _meaning(self, error: Declined, *, what: str, permission: str) -> Exception:
        if error.status == 403:
            log.warning("directory.refused", provider=self._provider, what=what)
            return ProviderRefuses(provider=self._provider, what=what, permission=error.code or permission)
        if error.status == 401:
            log.warning("directory.rejected", provider=self._provider)
            return ProviderRejects(provider=self._provider, why=f"status {error.status}")
        return self.away(f"status {error.status}")

    def away(self, why: str) -> ProviderAway:
        """Gives the refusal for an answer that is of no use."""
        log.warning("directory.away", provider=self._provider, why=why)
        return ProviderAway(provider=self._provider, why=why)


async def _told(response: ClientResponse) -> JsonValue:
    """Gives the JSON of the answer; None if it is none."""
    try:
        return await json_in(response)
    except Unreadable:
        return None


def segment(text: str) -> str:
    """Gives the text as one part of a path.

    Raises:
        Missing: no part of a path says that, so nothing has this id.
    """
    if not text or not text.isprintable() or _has_dots(text):
        raise Missing
    return quote(text, safe="")


def _has_dots(path: str) -> bool:
    """Whether a step of the path leads back or nowhere, whatever its reader takes for the end of a step."""
    return not {".", ".."}.isdisjoint(re.split(r"[/\\]", path))
