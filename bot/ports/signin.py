"""The seam to sign-ins that are under way: who asked for one, and whom the provider says it was."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.people import TenantId
from bot.domain.signing_in import SignInStatus
from bot.ports.chat import ChatUser


class Purpose(StrEnum):
    """What somebody signs in for."""

    LINK = "link"
    """To prove once which person a chat account is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """An account that asks for a link, and how people know it."""

    user: ChatUser
    purpose: Purpose
    name: str
    """The account's name, in the words of whoever has it: never believed, only shown."""
    team_name: str
    """The name of the workspace or organisation on the platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """That a browser signed in: as this subject of this issuer, at this moment."""

    subject: str
    issuer: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One sign-in; there is one at most for an account and a purpose."""

    tenant: TenantId
    asking: Asking
    status: SignInStatus
    asked: datetime
    until: datetime
    tries: int
    """Codes that were written for it."""
    signed: Signed | None


class CodeAnswer(StrEnum):
    """What came of a code that was written."""

    RIGHT = "right"
    WRONG = "wrong"
    SPENT = "spent"
    """Wrong, and it was the last try, or there was none left."""
    TOO_LATE = "too_late"
    TOO_EARLY = "too_early"
    """Nobody has signed in with the link yet, so that there is no code."""
    USED = "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeHeard:
    """What came of a code, and the sign-in as it is now."""

    answer: CodeAnswer
    sign_in: SignIn


class SignIns(Protocol):
    """Sign-ins under way. Links, browsers' secrets and codes are stored as hashes only."""

    async def ask(self, tenant: TenantId, asking: Asking, *, occasion: str, now: datetime) -> str | None:
        """Gives a fresh link's code, 256 random bits in URL-safe letters; an earlier link is worthless then.

        None within a minute of the last one, unless it is asked for the same occasion once more.
        """
        ...

    async def of_link(self, link: str, *, now: datetime) -> SignIn | None:
        """Gives the sign-in of a link; None when it is unknown, replaced, or too old. Nothing changes."""
        ...

    async def of_browser(self, secret: str, *, now: datetime) -> SignIn | None:
        """Gives the sign-in that this browser began last; None when there is none, or it is too old."""
        ...

    async def of_user(self, tenant: TenantId, user: ChatUser, purpose: Purpose) -> SignIn | None:
        """Gives the account's sign-in, however old."""
        ...

    async def begin(self, link: str, secret: str, *, now: datetime) -> SignIn | None:
        """Ties the link to a browser that goes to the provider; one that began before counts no more.

        None when the link is not good, or is done with.
        """
        ...

    async def take(self, secret: str, *, now: datetime) -> SignIn | None:
        """Gives the sign-in with which a browser comes back; of many at once, one gets it, and once.

        If nothing comes of it, the link can be opened anew.
        """
        ...

    async def sign(self, secret: str, signed: Signed, *, code: str, until: datetime) -> bool:
        """Notes who signed in, and the code that proves it until then; False where it was not taken."""
        ...

    async def answer(
        self,
        tenant: TenantId,
        user: ChatUser,
        purpose: Purpose,
        code: str,
        *,
        occasion: str,
        now: datetime,
    ) -> CodeHeard | None:
        """Gives what came of a code that the account has written; None where it never asked for a link.

        Every code counts as a try, at most `TRIES` of them; the same occasion once more counts no further,
        and gives the same.
        """
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Removes what ended before the moment, and gives how many that were."""
        ...
