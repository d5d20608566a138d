"""The way of a browser: a link, the provider, and back to a page that shows who signed in.

Looking at a link begins nothing, since previews and scanners look at links. What a browser begins is tied to
it by a cookie, and ends in it.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId, TenantId
from bot.domain.signing_in import GOOD_FOR, SignInStatus
from bot.ports.directory import Directory
from bot.ports.outside import Clock
from bot.ports.signin import Signed, SignIn, SignIns
from bot.signin.browser import BrowserSecret
from bot.signin.oidc import OpenIdProvider
from bot.signin.pages import code_page, said_page, start_page
from bot.signin.refusals import (
    Disabled,
    ForeignForm,
    NotInDirectory,
    NotSignedIn,
    OtherBrowser,
    WorthlessLink,
)

SIGN_IN_PATH: Final = "/signin"
CALLBACK_PATH: Final = "/signin/callback"
DONE_PATH: Final = "/signin/done"
COOKIE: Final = "countersign_signin"
LONGEST_CODE: Final = 4096
"""Characters of what a provider sends a browser back with."""
_STATUSES: Final = {"invalid": 400, "forbidden": 403, "missing": 404, "conflict": 409, "unavailable": 503}

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInDesk:
    """Where the people of one tenant sign in, and who knows them."""

    provider: OpenIdProvider
    directory: Directory


Desks = Callable[[TenantId], SignInDesk | None]
"""Gives a tenant's; None where it has none (any more)."""


def signin_routes(desks: Desks, *, sign_ins: SignIns, clock: Clock, public_url: str) -> list[web.RouteDef]:
    """Gives /signin, /signin/callback and /signin/done.

    Args:
        desks: gives where the people of a sign-in's tenant sign in.
        sign_ins: those under way.
        clock: the time.
        public_url: where browsers reach this server, without a slash at its end; nobody is sent elsewhere.
    """
    way = _Way(desks, sign_ins, clock, public_url.rstrip("/"))
    return [
        web.get(SIGN_IN_PATH, _as_page(way.look)),
        web.post(SIGN_IN_PATH, _as_page(way.begin)),
        web.get(CALLBACK_PATH, _as_page(way.come_back), allow_head=False),
        web.get(DONE_PATH, _as_page(way.show)),
    ]


def link_to(public_url: str, code: str) -> str:
    """Gives the link with this code, which opens a page and begins nothing."""
    return f"{public_url.rstrip('/')}{SIGN_IN_PATH}?code={code}"


def _as_page(handler: Handler) -> Handler:
    async def answered(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            status = _STATUSES.get(refusal.kind, 400)
            return said_page("That did not work", refusal.sentence, status=status).response()

    return answered


class _Way:
    def __init__(self, desks: Desks, sign_ins: SignIns, clock: Clock, public_url: str) -> None:
        self._desks = desks
        self._sign_ins = sign_ins
        self._clock = clock
        self._public_url = public_url
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._path = f"{parts.path}{SIGN_IN_PATH}"
        self._is_https = parts.scheme == "https"

    async def look(self, request: web.Request) -> web.Response:
        """Shows a link's page; nothing changes by that."""
        link = request.query.get("code", "")
        sign_in = await self._sign_ins.of_link(link, now=self._clock.now())
        if sign_in is None or sign_in.status in {SignInStatus.PROVEN, SignInStatus.SPENT}:
            raise WorthlessLink
        issuer = self._desk(sign_in).provider.issuer
        return start_page(sign_in.asking, action=self._path, link=link, issuer=issuer).response()

    async def begin(self, request: web.Request) -> web.Response:
        """Sends the browser to the provider, with a cookie by which it is known when it comes back."""
        self._check_own_page(request)
        link = str((await request.post()).get("code", ""))
        now = self._clock.now()
        sign_in = await self._sign_ins.of_link(link, now=now)
        if sign_in is None:
            raise WorthlessLink
        browser = BrowserSecret.new()
        address = await self._desk(sign_in).provider.address(browser, back=self._back)
        if await self._sign_ins.begin(link, browser.value, now=now) is None:
            raise WorthlessLink
        response = _sent_to(address)
        response.set_cookie(
            COOKIE,
            browser.value,
            # Until the link ends, and then until the code does.
            max_age=2 * int(GOOD_FOR.total_seconds()),
            path=self._path,
            secure=self._is_https,
            httponly=True,
            samesite="Lax",
        )
        return response

    async def come_back(self, request: web.Request) -> web.Response:
        """Finds out who signed in, once, and goes on to a page that can be loaded again."""
        browser, given = self._browser(request), request.query
        if not hmac.compare_digest(given.get("state", "").encode(errors="replace"), browser.state.encode()):
            raise OtherBrowser
        now = self._clock.now()
        sign_in = await self._sign_ins.take(browser.value, now=now)
        if sign_in is None:
            return await self._again(browser)
        signed = await self._signed(sign_in, browser, given)
        until = self._clock.now() + GOOD_FOR
        if not await self._sign_ins.sign(browser.value, signed, code=browser.code, until=until):
            raise OtherBrowser
        return _sent_to(self._done)

    async def _signed(self, sign_in: SignIn, browser: BrowserSecret, given: Mapping[str, str]) -> Signed:
        """Gives who signed in, if the directory knows them."""
        desk, code, issuer = self._desk(sign_in), given.get("code", ""), given.get("iss", "")
        if not code or len(code) > LONGEST_CODE or "error" in given:
            raise NotSignedIn
        try:
            signed = await desk.provider.signed_in(browser, code, back=self._back, issuer=issuer)
            await _known(desk.directory.afresh(), signed)
        except Refusal as refusal:
            log.warning("sign_in.refused", tenant=sign_in.tenant, why=type(refusal).__name__)
            raise
        return signed

    async def _again(self, browser: BrowserSecret) -> web.Response:
        """Answers a browser that comes back a second time: with what came of the first."""
        sign_in = await self._sign_ins.of_browser(browser.value, now=self._clock.now())
        if sign_in is None or sign_in.signed is None:
            raise OtherBrowser
        return _sent_to(self._done)

    async def show(self, request: web.Request) -> web.Response:
        """Shows what came of this browser's sign-in; however often it is loaded."""
        browser = self._browser(request)
        sign_in = await self._sign_ins.of_browser(browser.value, now=self._clock.now())
        if sign_in is None or sign_in.signed is None:
            raise OtherBrowser
        if sign_in.status is SignInStatus.SIGNED_IN:
            person = await _known(self._desk(sign_in).directory, sign_in.signed)
            return code_page(sign_in.asking, person, browser.code).response()
        if sign_in.status is SignInStatus.PROVEN:
            return said_page("Done", "The code was written. You can close this page.").response()
        raise WorthlessLink

    def _check_own_page(self, request: web.Request) -> None:
        """Refuses what another site's page sends.

        Our own pages give no referrer, so browsers call their origin “null”.
        Source: https://www.w3.org/TR/fetch-metadata/
        """
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        is_own = origin in (None, "null", self._origin) if site is None else site == "same-origin"
        if not is_own or request.content_type != "application/x-www-form-urlencoded":
            raise ForeignForm

    def _browser(self, request: web.Request) -> BrowserSecret:
        found = BrowserSecret.read(request.cookies.get(COOKIE, ""))
        if found is None:
            raise OtherBrowser
        return found

    def _desk(self, sign_in: SignIn) -> SignInDesk:
        found = self._desks(sign_in.tenant)
        if found is None:
            raise WorthlessLink
        return found

    @property
    def _back(self) -> str:
        return f"{self._public_url}{CALLBACK_PATH}"

    @property
    def _done(self) -> str:
        return f"{self._public_url}{DONE_PATH}"


async def _known(directory: Directory, signed: Signed) -> Person:
    """Gives the person who signed in.

    Raises:
        NotInDirectory, Disabled: nobody who may do anything here.
        DirectoryUnreachable: that cannot be found out at the moment.
    """
    person = await directory.person(PersonId(signed.subject))
    # What a directory may be asked with besides an id proves nobody.
    if person is None or person.id != signed.subject:
        raise NotInDirectory
    if not person.enabled:
        raise Disabled
    return person


def _sent_to(address: str) -> web.Response:
    headers = {"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(status=303, headers=headers)
