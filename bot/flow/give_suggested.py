"""Gives a suggested standing approval, in the name of whoever accepts the suggestion."""

from dataclasses import dataclass
from typing import Final

import structlog

from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.grants import Grant, GrantId
from bot.domain.people import Person, PersonId
from bot.domain.requests import Request
from bot.domain.suggesting import Suggestion
from bot.flow.intake import known_person
from bot.flow.judge import bench_of
from bot.flow.reseat import Reseat
from bot.flow.seams import Seams
from bot.flow.settle import Settle
from bot.flow.suggestions import NotSuggested, Suggestions, draft
from bot.flow.vouched import vouched
from bot.ports.records import Overtaken

TRIES: Final = 3
"""How often it is worked out anew where rules change in between."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Given:
    """What was given, and the requests whose pending approvals it answered."""

    grant: Grant
    settled: tuple[Request, ...]


class GiveSuggested:
    """Takes “Give it”."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._suggestions = Suggestions(seams)
        self._settle = Settle(seams)
        self._reseat = Reseat(seams)

    async def __call__(self, suggestion: str, giver: PersonId) -> Given:
        """Gives exactly the rule of the suggestion, which is worked out once more, for 30 days.

        Raises:
            NotSuggested: it is not suggested any more.
            Overtaken: what it rests on changes too fast.
            Refusal: as for Always allow, it is not theirs to give.
        """
        person = await known_person(self._seams, giver)
        for _ in range(TRIES):
            given = await self._given(suggestion, person)
            if given is not None:
                break
        else:
            raise Overtaken
        self._seams.bell.ring()
        try:
            for request in given.settled:
                await self._reseat(request.id)
        except Refusal as refusal:
            # The rule is stored; what comes after it must not make it look refused.
            log.warning("grant.afterwards", why=type(refusal).__name__)
        return given

    async def _given(self, suggestion: str, person: Person) -> Given | None:
        """Gives what was stored; None if something that it rests on changed meanwhile."""
        seams, now = self._seams, self._seams.clock.now()
        found = await self._suggestions()
        rule = found.of(suggestion)
        if rule is None:
            raise NotSuggested
        giver = await vouched(seams.directory, person, {rule.group})
        grant = draft(rule, found.bench, giver=giver, grant_id=GrantId(seams.ids.new()), now=now)
        others = await self._settle.requesters([grant.holder])
        async with seams.store.unit(seams.tenant) as unit:
            # Whoever accepts the same at the same moment waits here, and finds that it holds already.
            await unit.changes.newest()
            if not found.bench.same_as(await bench_of(unit)):
                return None
            await unit.grants.add(grant)
            await unit.audit.append(_entry(grant, rule))
            settled = await self._settle(unit, None, [grant], others)
        return Given(grant, tuple(settled))


def _entry(grant: Grant, rule: Suggestion) -> AuditEntry:
    return AuditEntry(
        at=grant.created,
        kind="grant.given",
        actor=grant.giver,
        agent=rule.agent,
        connector=grant.tool.connector,
        tool=str(grant.tool),
        grants=(grant.id,),
        details={
            "reason": grant.reason,
            "ends": grant.ends.isoformat() if grant.ends else None,
            "suggestion": rule.id,
        },
    )
