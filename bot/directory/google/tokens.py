"""Tokens that Google gives to a service account which may act for an administrator.

This is the only home of google-auth, which blocks; whoever asks from an event loop does so on a thread.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from typing_extensions import override

from bot.directory.google.access import GoogleAccess
from bot.documents.json_reading import object_of, text_at
from bot.domain.canonical import JsonObject
from bot.domain.tools import shortened
from bot.outgoing.blocking import NoAnswer, answer_to
from bot.outgoing.kept_tokens import Tokens
from bot.outgoing.web_addresses import is_loopback, is_web_address

TIMEOUT_S: Final = 8.0
"""Seconds that one call may take in all."""
BEFORE_END_S: Final = 300
"""Seconds before its end at which a token is not given any more."""
TOKEN_HOSTS: Final = frozenset({"oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com"})
"""What key files name. google-auth writes every proof for Google, so another host could use it there."""
_NOT_DELEGATED: Final = frozenset({"unauthorized_client", "access_denied"})
"""Source: https://developers.google.com/identity/protocols/oauth2/service-account#jwt-error-codes"""

log = structlog.get_logger()


class NoToken(Exception):
    """Google gives this service account no token, and it says why."""


class NotDelegatedYet(Exception):
    """The service account may not act for the administrator, at least not with this scope."""


class GoogleAway(Exception):
    """Google does not answer, or not now."""


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str = field(repr=False)
    until: float


class DelegatedTokens(Tokens):
    """Asks for one scope at a time, since Google gives nothing at all where one of several is missing."""

    def __init__(self, access: GoogleAccess, *, within_s: float = TIMEOUT_S) -> None:
        """Takes the key and the administrator; nothing is asked for yet.

        Args:
            access: both of them.
            within_s: seconds that one call may take in all.
        """
        self._access = access
        self._within_s = within_s
        self._kept: dict[str, _Kept] = {}

    @override
    def token(self, scope: str) -> str:
        kept = self._kept.get(scope)
        if kept is None or time.monotonic() >= kept.until:
            kept = self._kept[scope] = self._asked(scope)
        return kept.token

    def forget(self, scope: str) -> None:
        """Has Google asked the next time."""
        self._kept.pop(scope, None)

    def _asked(self, scope: str) -> _Kept:
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - it takes a fifth of a second
        from google.oauth2.service_account import Credentials  # noqa: PLC0415 - as above

        self._check_address()
        try:
            credentials = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]  # it has none
                json.loads(self._access.key), scopes=[scope], subject=self._access.admin
            )
        except (ValueError, TypeError, AttributeError, KeyError, GoogleAuthError):
            raise _refused("the key file cannot be read") from None
        asking = _Asking(self._within_s)
        try:
            credentials.refresh(asking)
        except (GoogleAuthError, ValueError, TypeError) as error:
            raise _away(type(error).__name__) from None
        lasts = asking.answer.get("expires_in")
        lasts_s = lasts if isinstance(lasts, int) and not isinstance(lasts, bool) else 0
        return _Kept(credentials.token, time.monotonic() + lasts_s - BEFORE_END_S)

    def _check_address(self) -> None:
        uri = text_at(_object_in(self._access.key), "token_uri")
        host = urlsplit(uri).hostname if is_web_address(uri) else None
        if host is None or not (host in TOKEN_HOSTS or is_loopback(host)):
            raise _refused("the key file’s token_uri is no address of Google’s")


class _Asking:
    """What google-auth calls out with: one call, which ends in time, and goes nowhere else."""

    def __init__(self, within_s: float) -> None:
        self.answer: JsonObject = {}
        self._within_s = within_s

    def __call__(
        self, url: str, method: str = "GET", body: bytes | None = None, headers: Any = None, **_: object
    ) -> "_Answer":
        try:
            found = answer_to(method, url, headers=headers or {}, body=body, within_s=self._within_s)
        except NoAnswer as error:
            raise _away(str(error)) from None
        self.answer = _object_in(found.body)
        if found.status != 200:
            raise _no(found.status, self.answer)
        if not text_at(self.answer, "access_token"):
            raise _away("its answer is no token")
        return _Answer(found.status, {}, found.body)


@dataclass(frozen=True, slots=True)
class _Answer:
    """As google-auth reads it."""

    status: int
    headers: dict[str, str]
    data: bytes = field(repr=False)


def _no(status: int, answer: JsonObject) -> Exception:
    error = text_at(answer, "error")
    if error in _NOT_DELEGATED:
        log.error("google.not_delegated")
        return NotDelegatedYet()
    if status in {400, 401, 403} and error:
        said = ": ".join(filter(None, (error, text_at(answer, "error_description"))))
        return _refused(shortened("".join(character for character in said if character.isprintable())))
    return _away(f"status {status}")


def _object_in(text: str | bytes) -> JsonObject:
    try:
        return object_of(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _away(why: str) -> GoogleAway:
    log.warning("google.token_away", why=why)
    return GoogleAway(why)


def _refused(why: str) -> NoToken:
    log.error("google.token_refused", why=why)
    return NoToken(why)
