"""Sign-ins that are under way, in SQL; only hashes of what proves something are stored."""

import hmac
import secrets
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, delete, select, update

from bot.domain.people import TenantId
from bot.domain.signing_in import GOOD_FOR, PAUSE, TRIES, SignInEvent, SignInStatus, after, before
from bot.ports.chat import ChatUser
from bot.ports.signin import Asking, CodeAnswer, CodeHeard, Purpose, Signed, SignIn
from bot.storage.engine import Engine
from bot.storage.mapping import Columns
from bot.storage.tables.signins import SignInRow
from bot.storage.work import Work

_BYTES: Final = 32
_KEY: Final = ("tenant", "surface", "team", "user", "purpose")
_UNSIGNED: Final[Columns] = {"code": None, "subject": None, "issuer": None, "signed": None}


class SqlSignIns:
    """The port `SignIns`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def ask(self, tenant: TenantId, asking: Asking, *, occasion: str, now: datetime) -> str | None:
        """Gives a fresh link's code; an earlier link is worthless then.

        None within a minute of the last one, unless it is asked for the same occasion once more.
        """
        link = secrets.token_urlsafe(_BYTES)
        user = asking.user
        fresh: Columns = {
            "name": asking.name,
            "team_name": asking.team_name,
            "status": SignInStatus.ASKED,
            "asked": now,
            "until": now + GOOD_FOR,
            "tries": 0,
            "occasion": occasion,
            "heard": None,
            "link": _hash(link),
            "browser": None,
            **_UNSIGNED,
        }
        key: Columns = {"surface": user.surface, "team": user.team, "user": user.id}
        async with self._engine.write() as session:
            work = Work(session, tenant, dialect=self._engine.dialect, writes=True)
            statement = work.insert(SignInRow).values(work.own(key | {"purpose": asking.purpose} | fresh))
            may = or_(col(SignInRow.asked) <= now - PAUSE, col(SignInRow.occasion) == occasion)
            result = await session.exec(
                statement.on_conflict_do_update(index_elements=_KEY, set_=fresh, where=may)
            )
        return link if result.rowcount == 1 else None

    async def of_link(self, link: str, *, now: datetime) -> SignIn | None:
        """Gives the sign-in of a link; None when it is unknown, replaced, or too old. Nothing changes."""
        return await self._found(col(SignInRow.link) == _hash(link), col(SignInRow.until) > now)

    async def of_browser(self, secret: str, *, now: datetime) -> SignIn | None:
        """Gives the sign-in that this browser began last; None when there is none, or it is too old."""
        return await self._found(col(SignInRow.browser) == _hash(secret), col(SignInRow.until) > now)

    async def of_user(self, tenant: TenantId, user: ChatUser, purpose: Purpose) -> SignIn | None:
        """Gives the account's sign-in, however old."""
        return await self._found(*_is(tenant, user, purpose))

    async def begin(self, link: str, secret: str, *, now: datetime) -> SignIn | None:
        """Ties the link to a browser that goes to the provider; one that began before counts no more.

        None when the link is not good, or is done with.
        """
        is_good = (col(SignInRow.link) == _hash(link), col(SignInRow.until) > now)
        return await self._moved(SignInEvent.BEGAN, *is_good, browser=_hash(secret), **_UNSIGNED)

    async def take(self, secret: str, *, now: datetime) -> SignIn | None:
        """Gives the sign-in with which a browser comes back; of many at once, one gets it, and once."""
        is_good = (col(SignInRow.browser) == _hash(secret), col(SignInRow.until) > now)
        return await self._moved(SignInEvent.CAME_BACK, *is_good)

    async def sign(self, secret: str, signed: Signed, *, code: str, until: datetime) -> bool:
        """Notes who signed in, and the code that proves it until then; False where it was not taken."""
        found = await self._moved(
            SignInEvent.SIGNED_IN,
            col(SignInRow.browser) == _hash(secret),
            code=_code_hash(code, _hash(secret)),
            subject=signed.subject,
            issuer=signed.issuer,
            signed=signed.at,
            until=until,
        )
        return found is not None

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

        Every code counts as a try; the same occasion once more counts no further, and gives the same.
        """
        mine = _is(tenant, user, purpose)
        async with self._engine.write() as session:
            # The row is locked, so that codes that come at once are tried one after the other.
            row = (await session.exec(select(SignInRow).where(*mine).with_for_update())).one_or_none()
            if row is None:
                return None
            known = _standing(row, occasion, now)
            if known is not None:
                return CodeHeard(answer=known, sign_in=_sign_in(row))
            is_right = hmac.compare_digest(row.code or "", _code_hash(code, row.browser or ""))
            tries, status = row.tries + 1, row.status
            found = CodeAnswer.RIGHT if is_right else CodeAnswer.WRONG
            if is_right:
                status = after(SignInEvent.PROVED)
            elif tries >= TRIES:
                found, status = CodeAnswer.SPENT, after(SignInEvent.TRIED_OUT)
            sign_in = replace(_sign_in(row), tries=tries, status=status)
            changes: Columns = {"tries": tries, "status": status, "heard": occasion}
            await session.exec(update(SignInRow).where(*mine).values(**changes))
        return CodeHeard(answer=found, sign_in=sign_in)

    async def forget_before(self, moment: datetime) -> int:
        """Removes what ended before the moment, and gives how many that were."""
        async with self._engine.write() as session:
            return (await session.exec(delete(SignInRow).where(col(SignInRow.until) < moment))).rowcount

    async def _found(self, *conditions: ColumnElement[bool]) -> SignIn | None:
        async with self._engine.read() as session:
            row = (await session.exec(select(SignInRow).where(*conditions))).one_or_none()
        return None if row is None else _sign_in(row)

    async def _moved(
        self, event: SignInEvent, *conditions: ColumnElement[bool], **changes: object
    ) -> SignIn | None:
        """Gives what was moved by the event; None where the status or a condition did not allow it."""
        statement = (
            update(SignInRow)
            .where(*conditions, col(SignInRow.status).in_(before(event)))
            .values(status=after(event), **changes)
            .returning(SignInRow)
        )
        async with self._engine.write() as session:
            row = (await session.exec(statement)).scalar_one_or_none()
            return None if row is None else _sign_in(row)


def _standing(row: SignInRow, occasion: str, now: datetime) -> CodeAnswer | None:
    """Gives what is known of a code before it is looked at; None where it counts as a try."""
    if row.status is SignInStatus.PROVEN:
        return CodeAnswer.RIGHT if row.heard == occasion else CodeAnswer.USED
    if row.status is SignInStatus.SPENT:
        return CodeAnswer.SPENT
    if row.heard == occasion:
        return CodeAnswer.WRONG
    if row.until <= now:
        return CodeAnswer.TOO_LATE
    return None if row.status is SignInStatus.SIGNED_IN else CodeAnswer.TOO_EARLY


def _sign_in(row: SignInRow) -> SignIn:
    signed = None
    if row.subject is not None and row.issuer is not None and row.signed is not None:
        signed = Signed(subject=row.subject, issuer=row.issuer, at=row.signed)
    user = ChatUser(surface=row.surface, team=row.team, id=row.user)
    return SignIn(
        tenant=TenantId(row.tenant),
        asking=Asking(user=user, purpose=row.purpose, name=row.name, team_name=row.team_name),
        status=row.status,
        asked=row.asked,
        until=row.until,
        tries=row.tries,
        signed=signed,
    )


def _is(tenant: TenantId, user: ChatUser, purpose: Purpose) -> tuple[ColumnElement[bool], ...]:
    return (
        col(SignInRow.tenant) == tenant,
        col(SignInRow.surface) == user.surface,
        col(SignInRow.team) == user.team,
        col(SignInRow.user) == user.id,
        col(SignInRow.purpose) == purpose,
    )


def _hash(secret: str) -> str:
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _code_hash(code: str, browser: str) -> str:
    """Gives a code's hash; that of one code is another one for every browser."""
    return _hash(f"{browser}/{code}")
