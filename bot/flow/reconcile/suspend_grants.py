"""Suspends the standing approvals that leavers gave or hold; only an admin resumes them."""

from collections.abc import Sequence

from typing_extensions import override

from bot.domain.events import AuditEntry
from bot.domain.grants import Grant, GrantId, HolderPerson
from bot.domain.leavers import Leaver, Part, why_suspended
from bot.domain.people import PersonId
from bot.flow.again import again
from bot.flow.reconcile.step import Due, Effect, Step
from bot.flow.seams import Seams
from bot.flow.standing import state_of


class SuspendGrants(Step):
    """Takes standing approvals out of force."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    @override
    async def due(self, leavers: Sequence[Leaver]) -> list[Due]:
        now = self._seams.clock.now()
        gone = {one.id: one for one in leavers}
        async with self._seams.store.view(self._seams.tenant) as view:
            stored = await view.grants.all()
        found = []
        for grant in reversed(stored):
            lacking = [(gone[one], part) for one, part in parts_of(grant).items() if one in gone]
            if lacking and state_of(grant, now) == "in force":
                leaver, part = lacking[0]
                found.append(Due(leaver=leaver, effect=Effect.SUSPENDED, thing=grant.id, part=part))
        return found

    @override
    async def do(self, due: Due) -> None:
        await again(lambda: self._suspended(due))

    async def _suspended(self, due: Due) -> None:
        now = self._seams.clock.now()
        async with self._seams.store.unit(self._seams.tenant) as unit:
            grant = await unit.grants.get(GrantId(due.thing))
            zone = (await unit.tenant()).zone
            why = why_suspended(due.leaver, due.part, now.astimezone(zone).date())
            if grant is None or not await unit.grants.suspend(grant.id, why=why):
                return
            await unit.audit.append(
                AuditEntry(
                    at=now,
                    kind="grant.suspended",
                    connector=grant.tool.connector,
                    tool=str(grant.tool),
                    grants=(grant.id,),
                    details={"person": due.leaver.id, "as": due.part.value, "why": why},
                )
            )


def parts_of(grant: Grant) -> dict[PersonId, Part]:
    """Gives the persons without whom the standing approval cannot stand, the giver first."""
    found = {grant.giver: Part.GIVER}
    if isinstance(grant.holder, HolderPerson):
        found.setdefault(grant.holder.person, Part.HOLDER)
    return found
