"""A person's browser without a screen: it keeps cookies, and shows every step of a way."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Final

from aiohttp import ClientSession, CookieJar

SIGNED_BUTTON: Final = re.compile(r'<form method="post" action="([^"]+)"><input[^>]*value="([^"]*)"')
_TAGS: Final = re.compile(r"<style>.*?</style>|<[^>]+>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a browser was answered."""

    url: str
    status: int
    html: str
    location: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    """The whole `Set-Cookie`, by the cookie's name."""

    @property
    def words(self) -> str:
        """What can be read."""
        return " ".join(unescape(_TAGS.sub(" ", self.html)).split())

    @property
    def code(self) -> str:
        """The eight digits that the page shows; empty where it shows none."""
        found = re.search(r'class="code"><span>(\d{4})</span><span>(\d{4})<', self.html)
        return found[1] + found[2] if found else ""


class WebBrowser:
    """One browser; a redirect is followed when a test says so."""

    def __init__(self, session: ClientSession, origin: str) -> None:
        self._session = session
        self._origin = origin

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Shown:
        """Gives what is at the address."""
        return await self._call("GET", url, None, headers)

    async def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Shown:
        """Sends a form."""
        return await self._call("POST", url, form, headers)

    async def presses(self, page: Shown) -> Shown:
        """Presses the button of a link's page."""
        found = SIGNED_BUTTON.search(page.html)
        assert found is not None, page.words
        sent = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        return await self.post(f"{self._origin}{unescape(found[1])}", {"code": unescape(found[2])}, sent)

    async def follows(self, answer: Shown) -> Shown:
        """Goes where an answer sends it."""
        assert answer.location, (answer.status, answer.words)
        return await self.get(answer.location)

    async def comes_back(self, link: str) -> Shown:
        """Opens a link, presses its button and signs in; gives the answer that sends it back, unfollowed."""
        return await self.follows(await self.presses(await self.get(link)))

    async def signs_in(self, link: str) -> Shown:
        """Opens a link, presses its button and signs in; gives the page on which that ends."""
        ended = await self.follows(await self.comes_back(link))
        return await self.follows(ended) if ended.location else ended

    async def _call(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> Shown:
        async with self._session.request(
            method, url, data=form, headers=headers, allow_redirects=False
        ) as answer:
            return Shown(
                url=url,
                status=answer.status,
                html=await answer.text(),
                location=answer.headers.get("Location", ""),
                headers=dict(answer.headers),
                cookies={name: morsel.OutputString() for name, morsel in answer.cookies.items()},
            )


@asynccontextmanager
async def web_browser(origin: str) -> AsyncIterator[WebBrowser]:
    """Gives a fresh browser; `origin` is where our own pages are."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield WebBrowser(session, origin)
