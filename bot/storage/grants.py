"""Standing approvals, in SQL."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, or_
from sqlmodel import col, select, update

from bot.domain.grants import Grant, GrantId
from bot.domain.tools import ToolId
from bot.ports.records import Overtaken
from bot.storage.mapping import Columns, grant_columns, grant_of
from bot.storage.tables.policies import GrantRow
from bot.storage.work import Work


class SqlGrants:
    """The port `Grants`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, grant: Grant) -> None:
        """Stores a grant.

        Raises:
            Overtaken: a grant with this id is stored already.
        """
        if not await self._work.add(GrantRow, grant_columns(grant)):
            raise Overtaken
        self._work.rules_changed = True

    async def get(self, grant: GrantId) -> Grant | None:
        """Gives the grant; None when there is none."""
        statement = select(GrantRow).where(
            col(GrantRow.tenant) == self._work.tenant, col(GrantRow.id) == grant
        )
        row = (await self._work.session.exec(statement)).one_or_none()
        return None if row is None else grant_of(row)

    async def all(self) -> tuple[Grant, ...]:
        """Gives every grant, revoked and ended ones too, newest first."""
        statement = (
            select(GrantRow)
            .where(col(GrantRow.tenant) == self._work.tenant)
            .order_by(col(GrantRow.created).desc(), col(GrantRow.number).desc())
        )
        return tuple(grant_of(row) for row in await self._work.session.exec(statement))

    async def revoke(self, grant: GrantId, *, now: datetime, by: str) -> bool:
        """Revokes it; False when it was revoked already or is none."""
        result = await self._work.session.exec(
            update(GrantRow)
            .where(
                col(GrantRow.tenant) == self._work.tenant,
                col(GrantRow.id) == grant,
                col(GrantRow.revoked).is_(None),
            )
            .values(revoked=now, revoked_by=by)
        )
        if result.rowcount != 1:
            return False
        self._work.rules_changed = True
        return True

    async def suspend(self, grant: GrantId, *, why: str) -> bool:
        """Suspends it with a sentence why; False when it is suspended or revoked already, or is none."""
        return await self._swap(
            grant, col(GrantRow.suspended).is_(False), becomes={"suspended": True, "suspended_why": why}
        )

    async def resume(self, grant: GrantId, *, why: str) -> bool:
        """Has it count again if it is suspended for this very reason, and not revoked; else False."""
        return await self._swap(
            grant,
            and_(col(GrantRow.suspended).is_(True), col(GrantRow.suspended_why) == why),
            becomes={"suspended": False, "suspended_why": ""},
        )

    async def _swap(self, grant: GrantId, was: ColumnElement[bool], *, becomes: Columns) -> bool:
        """Changes a grant that is not revoked and still as it was; False where there is none."""
        result = await self._work.session.exec(
            update(GrantRow)
            .where(
                col(GrantRow.tenant) == self._work.tenant,
                col(GrantRow.id) == grant,
                col(GrantRow.revoked).is_(None),
                was,
            )
            .values(becomes)
        )
        if result.rowcount != 1:
            return False
        self._work.rules_changed = True
        return True

    async def carry_over(self, tool: ToolId, *, was: str, becomes: str) -> int:
        """Gives how many grants of the tool, given for the one definition, stand for the other one now."""
        result = await self._work.session.exec(
            update(GrantRow)
            .where(
                col(GrantRow.tenant) == self._work.tenant,
                col(GrantRow.connector) == tool.connector,
                col(GrantRow.tool) == tool.name,
                col(GrantRow.fingerprint) == was,
                col(GrantRow.revoked).is_(None),
            )
            .values(fingerprint=becomes)
        )
        if result.rowcount:
            self._work.rules_changed = True
        return result.rowcount

    async def use(self, grant: GrantId, *, now: datetime, today: date) -> bool:
        """Counts one use if the grant still stands and its limits allow it; else False, and nothing changed.

        A day that is before the last day of use counts as that day: clocks of two processes may stand on two
        sides of midnight. Only a use that reaches a limit raises the tenant's revision.
        """
        same_day = col(GrantRow.used_on) >= today
        uses_today = case((same_day, col(GrantRow.uses_today)), else_=0)
        result = await self._work.session.exec(
            update(GrantRow)
            .where(
                col(GrantRow.tenant) == self._work.tenant,
                col(GrantRow.id) == grant,
                col(GrantRow.revoked).is_(None),
                col(GrantRow.suspended).is_(False),
                or_(col(GrantRow.ends).is_(None), col(GrantRow.ends) > now),
                or_(col(GrantRow.uses_limit).is_(None), col(GrantRow.uses) < col(GrantRow.uses_limit)),
                or_(col(GrantRow.daily_limit).is_(None), uses_today < col(GrantRow.daily_limit)),
            )
            .values(
                uses=col(GrantRow.uses) + 1,
                uses_today=uses_today + 1,
                used_on=case((same_day, col(GrantRow.used_on)), else_=today),
                last_used=now,
            )
            .returning(
                or_(
                    and_(
                        col(GrantRow.uses_limit).is_not(None),
                        col(GrantRow.uses) >= col(GrantRow.uses_limit),
                    ),
                    and_(
                        col(GrantRow.daily_limit).is_not(None),
                        col(GrantRow.uses_today) >= col(GrantRow.daily_limit),
                    ),
                )
            )
        )
        used = result.one_or_none()
        if used is None:
            return False
        if used[0]:
            self._work.rules_changed = True
        return True

    async def give_back(self, grant: GrantId) -> None:
        """Takes back the last count of a use whose call certainly did not leave."""
        await self._work.session.exec(
            update(GrantRow)
            .where(
                col(GrantRow.tenant) == self._work.tenant, col(GrantRow.id) == grant, col(GrantRow.uses) > 0
            )
            .values(
                uses=col(GrantRow.uses) - 1,
                uses_today=case(
                    (col(GrantRow.uses_today) > 0, col(GrantRow.uses_today) - 1),
                    else_=col(GrantRow.uses_today),
                ),
            )
        )
        self._work.rules_changed = True
