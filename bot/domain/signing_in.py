"""How a sign-in moves, from the link that was asked for to the code that proves it."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

GOOD_FOR: Final = timedelta(minutes=10)
"""How long a link is good, and then the code that its sign-in shows."""
PAUSE: Final = timedelta(minutes=1)
"""How long an account waits for another link."""
TRIES: Final = 5
"""Codes that may be written for one link."""


class SignInStatus(StrEnum):
    """Where a sign-in is on its way."""

    ASKED = "asked"
    """Somebody has a link."""
    BEGUN = "begun"
    """A browser was sent to the provider."""
    TAKEN = "taken"
    """The browser came back, and what it brought is being checked."""
    SIGNED_IN = "signed_in"
    """The provider said who it is; the browser shows a code."""
    PROVEN = "proven"
    """The account that asked for the link has written the code."""
    SPENT = "spent"
    """Too many other codes were written."""


class SignInEvent(StrEnum):
    """What can happen to a sign-in."""

    BEGAN = "began"
    CAME_BACK = "came_back"
    SIGNED_IN = "signed_in"
    PROVED = "proved"
    TRIED_OUT = "tried_out"


SIGN_IN_MOVES: Mapping[tuple[SignInStatus, SignInEvent], SignInStatus] = {
    (SignInStatus.ASKED, SignInEvent.BEGAN): SignInStatus.BEGUN,
    # Another tab, a sign-in that came to nothing, a page that was closed: the newest browser counts alone.
    (SignInStatus.BEGUN, SignInEvent.BEGAN): SignInStatus.BEGUN,
    (SignInStatus.TAKEN, SignInEvent.BEGAN): SignInStatus.BEGUN,
    (SignInStatus.SIGNED_IN, SignInEvent.BEGAN): SignInStatus.BEGUN,
    (SignInStatus.BEGUN, SignInEvent.CAME_BACK): SignInStatus.TAKEN,
    (SignInStatus.TAKEN, SignInEvent.SIGNED_IN): SignInStatus.SIGNED_IN,
    (SignInStatus.SIGNED_IN, SignInEvent.PROVED): SignInStatus.PROVEN,
    (SignInStatus.SIGNED_IN, SignInEvent.TRIED_OUT): SignInStatus.SPENT,
}


def before(event: SignInEvent) -> frozenset[SignInStatus]:
    """Gives the statuses in which the event can happen."""
    return frozenset(status for status, one in SIGN_IN_MOVES if one is event)


def after(event: SignInEvent) -> SignInStatus:
    """Gives the status that the event leads to; each leads to one."""
    [found] = {status for (_, one), status in SIGN_IN_MOVES.items() if one is event}
    return found
