"""The history of what is laid down, and what waits for a second admin, in SQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func
from sqlmodel import col, delete, select, update

from bot.domain.proposals import Proposal, ProposalId, ProposalStatus
from bot.domain.rule_changes import RuleChange
from bot.domain.tools import ToolId
from bot.ports.records import Overtaken
from bot.storage.edits import edits_of, written_edits
from bot.storage.mapping import Columns, columns_of, thing_of
from bot.storage.tables.changes import ChangedThingRow, ProposalRow, RuleChangeRow
from bot.storage.tables.tenants import TenantRow
from bot.storage.work import Work

_BATCH: Final = 5_000
"""Rows of one statement; databases take some 32,000 values in one."""


class SqlChanges:
    """The port `Changes`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, change: RuleChange) -> RuleChange:
        """Stores the change under the tenant's next number, and gives it so."""
        number = await self.newest() + 1
        columns = columns_of(change) | {"number": number, "edits": written_edits(change.edits)}
        if not await self._work.add(RuleChangeRow, columns):
            raise Overtaken
        names = {one.name for one in change.edits}
        rows = [self._work.own({"name": name, "number": number}) for name in sorted(names)]
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            await self._work.session.exec(self._work.insert(ChangedThingRow).values(batch))
        self._work.rules_changed = True
        return replace(change, number=number)

    async def get(self, number: int) -> RuleChange | None:
        """Gives the change; None when there is none."""
        found = await self._found(col(RuleChangeRow.number) == number)
        return found[0] if found else None

    async def newest(self) -> int:
        """Gives the number of the newest change; 0 when there is none.

        A transaction that writes has the rules to itself from here on, until it ends.
        """
        if self._work.writes:
            mine = select(TenantRow.revision).where(col(TenantRow.id) == self._work.tenant)
            await self._work.session.exec(mine.with_for_update())
        statement = select(func.max(RuleChangeRow.number)).where(
            col(RuleChangeRow.tenant) == self._work.tenant
        )
        return (await self._work.session.exec(statement)).one() or 0

    async def after(self, number: int, *, upto: int | None = None) -> tuple[RuleChange, ...]:
        """Gives the changes that came after this one, oldest first; with `upto`, none that is newer."""
        those = [col(RuleChangeRow.number) > number]
        if upto is not None:
            those.append(col(RuleChangeRow.number) <= upto)
        return await self._found(*those)

    async def page(self, *, about: str = "", offset: int, limit: int) -> tuple[int, tuple[RuleChange, ...]]:
        """Gives how many changes there are, and some of them, newest first.

        With `about`, only those that touch the thing of this name.
        """
        mine = [col(RuleChangeRow.tenant) == self._work.tenant]
        if about:
            named = select(ChangedThingRow.number).where(
                col(ChangedThingRow.tenant) == self._work.tenant, col(ChangedThingRow.name) == about
            )
            mine.append(col(RuleChangeRow.number).in_(named))
        counting = select(func.count()).select_from(RuleChangeRow).where(*mine)
        count = (await self._work.session.exec(counting)).one()
        statement = (
            select(RuleChangeRow)
            .where(*mine)
            .order_by(col(RuleChangeRow.number).desc())
            .offset(offset)
            .limit(limit)
        )
        return count, tuple(_change_of(row) for row in await self._work.session.exec(statement))

    async def propose(self, proposal: Proposal) -> None:
        """Stores a change that waits for a second admin."""
        if not await self._work.add(ProposalRow, _proposal_columns(proposal)):
            raise Overtaken

    async def proposal(self, proposal: ProposalId) -> Proposal | None:
        """Gives it, locked until the transaction ends; None when there is none."""
        statement = select(ProposalRow).where(
            col(ProposalRow.tenant) == self._work.tenant, col(ProposalRow.id) == proposal
        )
        if self._work.writes:
            statement = statement.with_for_update()
        row = (await self._work.session.exec(statement)).one_or_none()
        return None if row is None else _proposal_of(row)

    async def swap_proposal(self, was: Proposal, becomes: Proposal) -> None:
        """Writes the change if its status is still as it was.

        Raises:
            Overtaken: the stored one is another by now.
        """
        result = await self._work.session.exec(
            update(ProposalRow)
            .where(
                col(ProposalRow.tenant) == self._work.tenant,
                col(ProposalRow.id) == was.id,
                col(ProposalRow.status) == was.status,
            )
            .values(_proposal_columns(becomes))
        )
        if result.rowcount != 1:
            raise Overtaken

    async def pending_proposals(self) -> tuple[Proposal, ...]:
        """Gives those that wait, oldest first."""
        statement = (
            select(ProposalRow)
            .where(
                col(ProposalRow.tenant) == self._work.tenant,
                col(ProposalRow.status) == ProposalStatus.PENDING,
            )
            .order_by(col(ProposalRow.at), col(ProposalRow.id))
        )
        return tuple(_proposal_of(row) for row in await self._work.session.exec(statement))

    async def forget_drafts(self, before: datetime) -> int:
        """Removes previews that were made earlier and never saved, and gives how many."""
        result = await self._work.session.exec(
            delete(ProposalRow).where(
                col(ProposalRow.tenant) == self._work.tenant,
                col(ProposalRow.status) == ProposalStatus.DRAFT,
                col(ProposalRow.at) < before,
            )
        )
        return result.rowcount

    async def _found(self, *those: ColumnElement[bool]) -> tuple[RuleChange, ...]:
        statement = (
            select(RuleChangeRow)
            .where(col(RuleChangeRow.tenant) == self._work.tenant, *those)
            .order_by(col(RuleChangeRow.number))
        )
        return tuple(_change_of(row) for row in await self._work.session.exec(statement))


def _change_of(row: RuleChangeRow) -> RuleChange:
    return thing_of(RuleChange, row, edits=edits_of(row.edits))


def _proposal_columns(proposal: Proposal) -> Columns:
    return columns_of(proposal) | {
        "edits": written_edits(proposal.edits),
        "tools": [list(tool) for tool in proposal.tools],
    }


def _proposal_of(row: ProposalRow) -> Proposal:
    tools: Sequence[Any] = row.tools
    return thing_of(Proposal, row, edits=edits_of(row.edits), tools=tuple(ToolId(*names) for names in tools))
