"""Signing in by OpenID Connect: the authorization code flow, with PKCE.

Source: https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
Source: https://www.rfc-editor.org/rfc/rfc9700
"""

from base64 import b64encode
from typing import Final
from urllib.parse import quote_plus, urlencode

import structlog

from bot.documents.json_reading import text_at
from bot.outgoing.outcomes import Declined
from bot.outgoing.tries import Patience
from bot.ports.outside import Clock
from bot.ports.signin import Signed
from bot.signin.access import SignInAccess
from bot.signin.browser import BrowserSecret
from bot.signin.calls import PATIENCE, form_sent
from bot.signin.id_token import subject_of
from bot.signin.published import Publications, Published
from bot.signin.refusals import NotAccepted

_SCOPE: Final = "openid profile"
"""No address: by one nobody is found. Entra gives the `oid` with `profile` only.

Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
"""

log = structlog.get_logger()


class OpenIdProvider:
    """One issuer, asked by one client."""

    def __init__(self, access: SignInAccess, *, clock: Clock, patience: Patience = PATIENCE) -> None:
        self._access = access
        self._clock = clock
        self._patience = patience
        self._published = Publications(access.issuer, clock=clock, patience=patience)

    @property
    def issuer(self) -> str:
        """Who vouches for the subjects."""
        return self._access.issuer

    async def address(self, browser: BrowserSecret, *, back: str) -> str:
        """Gives where the browser has to go; from there it is sent `back`.

        Raises:
            ProviderAway, NotAccepted: nobody can sign in at the moment.
        """
        published = await self._published.now()
        asked = {
            "response_type": "code",
            "client_id": self._access.client,
            "redirect_uri": back,
            "scope": _SCOPE,
            "state": browser.state,
            "nonce": browser.nonce,
            "code_challenge": browser.challenge,
            "code_challenge_method": "S256",
        }
        return f"{published.authorize_url}?{urlencode(asked)}"

    async def signed_in(self, browser: BrowserSecret, code: str, *, back: str, issuer: str) -> Signed:
        """Gives who signed in; a code is exchanged once.

        Args:
            browser: the one that was sent to the provider.
            code: what it was sent back with.
            back: where it was sent back to.
            issuer: who the provider says it is, as it came back; empty where it does not.

        Raises:
            NotAccepted: it proves nothing.
            ProviderAway: that cannot be found out at the moment.
        """
        published = await self._published.now()
        if issuer != self._access.issuer and (issuer or published.names_itself):
            raise NotAccepted(why="it comes from another issuer")
        token = await self._exchanged(published, browser, code, back)
        now = self._clock.now()
        subject = await subject_of(
            token, access=self._access, published=self._published, nonce=browser.nonce, now=now
        )
        return Signed(subject=subject, issuer=self._access.issuer, at=now)

    async def _exchanged(self, published: Published, browser: BrowserSecret, code: str, back: str) -> str:
        """Gives the id token that the provider gives for the code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": browser.verifier,
            "client_id": self._access.client,
        }
        headers = {"Accept": "application/json"}
        if published.secret_in_form:
            form["client_secret"] = self._access.secret
        else:
            pair = f"{quote_plus(self._access.client)}:{quote_plus(self._access.secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        try:
            told = await form_sent(published.token_url, form, headers, self._patience)
        except Declined as error:
            log.warning("sign_in.not_exchanged", issuer=self._access.issuer, status=error.status)
            raise NotAccepted(why="the provider does not know it") from None
        found = text_at(told, "id_token")
        if not found:
            raise NotAccepted(why="the provider gave no token")
        return found
