"""Calls to Okta, which says in its own way how long it asks to wait."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from aiohttp import ClientResponse
from typing_extensions import override

from bot.directory.calls import Calls
from bot.documents.json_reading import object_of, text_at
from bot.domain.canonical import JsonValue
from bot.outgoing.outcomes import Declined
from bot.outgoing.session import retry_after

LONGEST: Final = timedelta(hours=1)
_NOT_FOUND: Final = "E0000007"
"""Source: https://developer.okta.com/docs/reference/error-codes/"""


class OktaCalls(Calls):
    """Used as a block, whose end closes the connections."""

    @override
    def is_missing(self, body: JsonValue) -> bool:
        return text_at(object_of(body), "errorCode") == _NOT_FOUND

    @override
    async def declined(self, response: ClientResponse) -> Declined:
        return Declined(response.status, "", asked_wait(response))


def asked_wait(response: ClientResponse) -> timedelta | None:
    """Gives the wait that the answer asks for, an hour at most; None where it asks for none.

    Okta names the second at which its count begins anew instead of a `Retry-After`; what time it is then,
    its own `Date` says. Where too many calls were under way at once, of which a limit of 0 tells, that second
    is a guess, and the next free place ends the wait.

    Source: https://developer.okta.com/docs/reference/rl-best-practices/
    """
    if response.status != 429 or "Retry-After" in response.headers:
        return retry_after(response)
    reset = response.headers.get("X-Rate-Limit-Reset", "").strip()
    if not (reset.isdecimal() and len(reset) < 12) or response.headers.get("X-Rate-Limit-Limit") == "0":
        return None
    try:
        now = parsedate_to_datetime(response.headers.get("Date", ""))
        wait = datetime.fromtimestamp(int(reset), UTC) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta()), LONGEST)
