"""Always allow: approves this request, stores the standing approval, settles what else it covers."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.cards.offer import shown_scope
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.grant_sentence import sentence
from bot.domain.granting import check_may_give
from bot.domain.grants import Grant, GrantId, HolderGroup
from bot.domain.people import Person, PersonId
from bot.domain.requests import (
    ApprovalId,
    CallRecord,
    Request,
    Verdict,
)
from bot.flow.approve import Approve, Standing, check_thawed, pending_words
from bot.flow.gather import gather
from bot.flow.judge import Bench, asking, bench_of
from bot.flow.refusals import AlreadyDecided, BadValue, StandingForbidden
from bot.flow.reseat import Reseat
from bot.flow.seams import Seams
from bot.flow.settle import Settle, request_title
from bot.flow.terms import Terms, grant_of
from bot.flow.vouched import vouched_now
from bot.ports.store import Unit

log = structlog.get_logger()


class GiveGrant:
    """Takes Always allow."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._approve = Approve(seams)
        self._reseat = Reseat(seams)
        self._settle = Settle(seams)

    async def __call__(self, approval: ApprovalId, giver: PersonId, values: JsonObject) -> str:
        """Approves this seat, stores the standing approval, and gives a sentence that says what it settled.

        Raises:
            Refusal: not theirs to decide or to give, forbidden for the tool, or wrong values.
        """
        terms = Terms.read(values)
        standing = await self._approve.standing(approval, giver)
        check_thawed(standing.story)
        await self.check_group(terms)
        requester = await self.requester(standing)
        others = await self._settle.requesters([HolderGroup(terms.group)] if terms.group else [])
        settled: list[Request] = []
        async with self._seams.store.unit(self._seams.tenant) as unit:
            if await self._approve.changed(unit, standing) is not None:
                raise AlreadyDecided(what="it changed in this moment; look at it again")
            grants = await self.drafts(unit, standing, terms, requester)
            for grant in grants:
                await unit.grants.add(grant)
                await unit.audit.append(self._entry(standing, grant))
            await self._approve.take(unit, standing, Verdict.APPROVE, reason=terms.reason)
            settled = await self._settle(unit, standing.story.request, grants, others)
        self._seams.bell.ring()
        try:
            for request in (standing.story.request, *settled):
                await self._reseat(request.id)
            return await self._answer(standing, grants, settled)
        except Refusal as refusal:
            # Verdict and rule are stored; what comes after them must not make them look refused.
            log.warning("grant.afterwards", why=type(refusal).__name__)
            return "Approved and saved."

    async def check_group(self, terms: Terms) -> None:
        """Looks the group up, before any transaction.

        Raises:
            BadValue: the directory has none of this name.
        """
        if terms.group and not await self._seams.directory.has_group(terms.group):
            raise BadValue(name="group", label="Group", why="The directory has no group of this name.")

    async def requester(self, standing: Standing) -> Person | None:
        """Gives whose request it is, with the groups that count, before any transaction.

        Raises:
            DirectoryUnreachable: it cannot be found out which these are.
        """
        found = standing.story.requester
        return None if found is None else await vouched_now(self._seams, found)

    async def drafts(
        self, unit: Unit, standing: Standing, terms: Terms, requester: Person | None
    ) -> list[Grant]:
        """Gives the standing approvals that the terms would make, one per call that asks this seat.

        Raises:
            Refusal: forbidden for a tool, not theirs to give, or wrong values.
        """
        story, seat = standing.story, standing.approval.seat
        bench = await bench_of(unit)
        if requester is None:
            raise StandingForbidden(tool="This")
        found = asking(bench, story.steps, seat, request=story.request, requester=requester, now=story.now)
        for call, decision in found:
            if not decision.standing_allowed:
                raise StandingForbidden(tool=call.tool)
        if not found:
            raise AlreadyDecided(what="the policy does not ask this seat any more")
        if terms.arguments == "pinned" and len(found) > 1:
            why = "This request has several steps. Choose exactly these arguments."
            raise BadValue(name="arguments", label="With which arguments", why=why)
        return [self._checked(standing, bench, terms, call, requester) for call, _ in found]

    def _checked(
        self, standing: Standing, bench: Bench, terms: Terms, call: CallRecord, requester: Person
    ) -> Grant:
        grant = grant_of(
            terms,
            call,
            request=standing.story.request,
            giver=standing.person,
            seat=standing.approval.seat,
            grant_id=GrantId(self._seams.ids.new()),
            now=standing.story.now,
        )
        check_may_give(
            giver=standing.person,
            seat=standing.approval.seat,
            grant=grant,
            requester=requester,
            never_ends_allowed=bench.tenant.never_ending_grants,
            now=standing.story.now,
        )
        return grant

    def _entry(self, standing: Standing, grant: Grant) -> AuditEntry:
        return AuditEntry(
            at=standing.story.now,
            kind="grant.given",
            actor=grant.giver,
            agent=standing.story.request.agent,
            connector=grant.tool.connector,
            tool=str(grant.tool),
            grants=(grant.id,),
            request=standing.story.request.id,
            details={"reason": grant.reason, "ends": grant.ends.isoformat() if grant.ends else None},
        )

    async def _answer(self, standing: Standing, grants: Sequence[Grant], settled: Sequence[Request]) -> str:
        parts = [
            "Approved and saved.",
            *(grant_words(standing, grant) for grant in grants),
        ]
        if settled:
            titles = []
            for request in settled:
                story = await gather(self._seams, request.id)
                name = story.name(request.requester) if story else request.requester
                titles.append(f"{name}: {request_title(request)}")
            parts.append(f"It also settles {len(settled)} other request(s): {'; '.join(titles)}.")
        story = await gather(self._seams, standing.story.request.id)
        waiting = pending_words(story) if story else ""
        if waiting:
            parts.append(f"This request still waits for: {waiting}.")
        return " ".join(parts)


def grant_words(standing: Standing, grant: Grant) -> str:
    """Gives the standing approval in one sentence, with secrets masked and hidden characters visible."""
    story = standing.story
    names = {str(person): found.name for person, found in story.people.items()}
    if isinstance(grant.holder, HolderGroup):
        names[grant.holder.group] = f"the group {grant.holder.group}"
    tool = story.tools.get(grant.tool)
    schema = tool.definition.input_schema if tool else {}
    return sentence(replace(grant, arguments=shown_scope(grant.arguments, schema)), names, zone=story.zone)
