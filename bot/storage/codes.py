"""Codes that are good once and for a while, in SQL; only their hashes are stored."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, select

from bot.domain.people import TenantId
from bot.storage.engine import Engine
from bot.storage.tables.surfaces import CodeRow
from bot.storage.work import Work

_BYTES: Final = 32


class SqlCodes:
    """The port `Codes`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def issue(self, tenant: TenantId, purpose: str, *, now: datetime, until: datetime) -> str:
        """Gives a fresh code of 256 random bits in URL-safe letters; codes that are too old by now go."""
        code = secrets.token_urlsafe(_BYTES)
        async with self._engine.write() as session:
            work = Work(session, tenant, dialect=self._engine.dialect, writes=True)
            await session.exec(delete(CodeRow).where(col(CodeRow.until) <= now))
            await work.add(CodeRow, {"hash": _hash(code), "purpose": purpose, "until": until})
        return code

    async def check(self, purpose: str, code: str, *, now: datetime) -> TenantId | None:
        """Gives whose code it is; None when it is unknown, used, or too old. It stays good."""
        statement = select(CodeRow.tenant).where(*_is_good(purpose, code, now))
        async with self._engine.read() as session:
            found = (await session.exec(statement)).one_or_none()
        return None if found is None else TenantId(found)

    async def use(self, purpose: str, code: str, *, now: datetime) -> TenantId | None:
        """Gives whose code it was and makes it worthless; of many at once, one gets it."""
        statement = delete(CodeRow).where(*_is_good(purpose, code, now)).returning(col(CodeRow.tenant))
        async with self._engine.write() as session:
            found = (await session.exec(statement)).scalar_one_or_none()
        return None if found is None else TenantId(found)


def _is_good(purpose: str, code: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(CodeRow.hash) == _hash(code),
        col(CodeRow.purpose) == purpose,
        col(CodeRow.until) > now,
    )


def _hash(code: str) -> str:
    return sha256(code.encode(errors="surrogatepass")).hexdigest()
