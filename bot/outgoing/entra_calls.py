"""What MSAL calls out with: every call ends in time, and goes to no other host than MSAL says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from bot.outgoing.blocking import NoAnswer, answer_to

_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as MSAL reads it."""

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)

    def raise_for_status(self) -> None:
        """Does nothing: what Entra says when it does not answer never comes so far."""


class EntraCalls:
    """MSAL's `HttpClient`; it raises what MSAL takes for no answer, and then falls back on a kept token."""

    def __init__(self, within_s: float, *, plain: str = "") -> None:
        """Takes how long a call may take, and the beginning of an address that is called without TLS.

        Args:
            within_s: in seconds, all in all.
            plain: the address without its scheme; empty for none.
        """
        self._within_s = within_s
        self._secure = f"https://{plain}"
        self._plain = plain

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> Answered:
        """Gives what is at the address."""
        return self._call("GET", url, params, headers, None)

    def post(
        self,
        url: str,
        *,
        params: Mapping[str, str | None] | None = None,
        data: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> Answered:
        """Gives the answer to a form."""
        return self._call("POST", url, params, {"Content-Type": _FORM, **(headers or {})}, _form(data))

    def _call(
        self,
        verb: str,
        url: str,
        params: Mapping[str, str | None] | None,
        headers: Mapping[str, str] | None,
        form: str | None,
    ) -> Answered:
        import requests  # noqa: PLC0415 - MSAL knows its errors only; only who needs a token waits for it

        if self._plain and url.startswith(self._secure):
            url = f"http://{url.removeprefix('https://')}"
        whole = f"{url}{'&' if '?' in url else '?'}{_form(params)}" if params else url
        body = None if form is None else form.encode()
        try:
            found = answer_to(verb, whole, headers=headers or {}, body=body, within_s=self._within_s)
        except NoAnswer as error:
            raise requests.ConnectionError(str(error)) from None
        if found.status >= 500 or found.status == 429 or 300 <= found.status < 400:
            raise requests.HTTPError(f"status {found.status}")
        return Answered(found.status, found.headers, found.body.decode(errors="replace"))


def _form(fields: Mapping[str, str | None] | None) -> str:
    return urlencode({name: text for name, text in (fields or {}).items() if text is not None})
