"""Plan: the agent diagnoses and proposes; its proposal is checked and stored."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.decide import decide
from bot.domain.decisions import Decision, Situation
from bot.domain.moves import REQUEST_MOVES, RequestEvent, moved
from bot.domain.people import Person
from bot.domain.plans import Answer, Plan, Proposal, Question, ToolCall, Unplaced, plan_digest
from bot.domain.requests import Request
from bot.domain.tools import CatalogTool, ToolId
from bot.domain.visibility import is_hidden
from bot.flow import tell
from bot.flow.diagnose import Diagnose
from bot.flow.form import proposed
from bot.flow.intake import known_person
from bot.flow.judge import Bench, bench_of
from bot.flow.seams import Seams
from bot.flow.vouched import vouched_now
from bot.ports.outside import Briefing
from bot.ports.store import Unit

UNPLACED = (
    "I can’t place this, so I have done nothing. Say it in other words, or use the form to choose "
    "what you need. Your words are with the technicians too."
)


class MakePlan:
    """Takes a received request to a stored proposal."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, request: Request) -> Request:
        """Gives the request planned (still `planning`, with its plan stored) or answered.

        A request whose plan is stored already is given back as it is, so that a restart goes on.

        Raises:
            NotSent, DirectoryUnreachable: something is away; the request stays as it is and is tried again.
        """
        request = await self._taken_up(request)
        if request.plan_digest is not None:
            return request
        requester = await vouched_now(self._seams, await known_person(self._seams, request.requester))
        async with self._seams.store.view(self._seams.tenant) as view:
            bench = await bench_of(view)
        briefing = Briefing(
            requester=requester,
            messages=(request.text, *request.details),
            tools=self._visible(bench, request, requester),
        )
        proposal = await self._seams.planner.propose(briefing, Diagnose(self._seams, request, requester))
        return await self._stored(request, proposal)

    async def _taken_up(self, request: Request) -> Request:
        async with self._seams.store.unit(self._seams.tenant) as unit:
            if (request.status, RequestEvent.TAKEN_UP) in REQUEST_MOVES:
                status = moved(REQUEST_MOVES, request.status, RequestEvent.TAKEN_UP)
                taken = replace(request, status=status, updated=self._seams.clock.now())
                request = await unit.requests.swap(request, taken)
                await tell.refresh(unit, request)
            elif request.plan_digest is None:
                # Whoever planned it meanwhile has changed it: then its calls are not ours to forget.
                request = await unit.requests.swap(request, replace(request, updated=self._seams.clock.now()))
            if request.plan_digest is None:
                await unit.requests.remove_calls(request.id)
        return request

    def _visible(self, bench: Bench, request: Request, requester: Person) -> Mapping[ToolId, CatalogTool]:
        now = self._seams.clock.now()
        found = visible_tools(bench, requester, agent=request.agent, surface=request.surface, now=now)
        return {tool: known for tool, (known, _) in found.items()}

    async def _stored(self, request: Request, proposal: Proposal) -> Request:
        async with self._seams.store.unit(self._seams.tenant) as unit:
            match proposal:
                case Plan(calls=calls) if calls:
                    return await self._planned(unit, request, proposal)
                case Plan() | Unplaced():
                    return await self._answered(unit, request, proposal.diagnosis, UNPLACED)
                case Answer():
                    answered = replace(request, runbook=proposal.runbook)
                    return await self._answered(
                        unit, request, proposal.diagnosis, proposal.text, becomes=answered
                    )
                case Question():
                    choices = f" ({', '.join(proposal.choices)})" if proposal.choices else ""
                    asking = replace(request, question_open=True)
                    return await self._answered(unit, request, "", proposal.text + choices, becomes=asking)

    async def _planned(self, unit: Unit, request: Request, plan: Plan) -> Request:
        catalog = await unit.connections.catalog()
        wrong = self._problems(catalog, plan.calls)
        if wrong:
            text = f"I know what to do, but I cannot fill in the details: {wrong} Use the form to say them."
            return await self._answered(unit, request, f"{plan.diagnosis}\nNot planned: {wrong}", text)
        calls = [
            proposed(self._seams, request, catalog[call.tool], call, position=position)
            for position, call in enumerate(plan.calls)
        ]
        planned = replace(
            request,
            diagnosis=plan.diagnosis,
            runbook=plan.runbook,
            plan_digest=plan_digest(plan.calls),
            updated=self._seams.clock.now(),
        )
        stored = await unit.requests.swap(request, planned)
        await unit.requests.add_calls(calls)
        return stored

    def _problems(self, catalog: Mapping[ToolId, CatalogTool], calls: tuple[ToolCall, ...]) -> str:
        sentences = []
        for call in calls:
            tool = catalog.get(call.tool)
            if tool is None or not tool.present:
                sentences.append(f"{call.tool} is not offered by any connector.")
                continue
            found = self._seams.schemas.problems(tool.definition.input_schema, call.checked().arguments)
            title = tool.definition.plain_title
            sentences.extend(f"{title}, {path or 'details'}: {why}" for path, why in found.items())
        return " ".join(sentences)

    async def _answered(
        self, unit: Unit, request: Request, diagnosis: str, text: str, *, becomes: Request | None = None
    ) -> Request:
        answered = replace(
            becomes or request,
            status=moved(REQUEST_MOVES, request.status, RequestEvent.ANSWERED),
            diagnosis=diagnosis,
            outcome=text,
            updated=self._seams.clock.now(),
        )
        stored = await unit.requests.swap(request, answered)
        await tell.say(unit, stored, stored.requester, text)
        if not stored.question_open:
            await tell.note(unit, stored)
        await tell.refresh(unit, stored)
        return stored


def visible_tools(
    bench: Bench, requester: Person, *, agent: str, surface: str, now: datetime
) -> dict[ToolId, tuple[CatalogTool, Decision]]:
    """Gives the tools that are not disabled for this requester whatever the arguments.

    With each comes the decision on a call without arguments: what is usual, not what will be.
    """
    found = {}
    for tool in bench.catalog.values():
        situation = Situation(
            call=ToolCall(tool=tool.id, arguments={}),
            digest="",
            tool=tool,
            requester=requester,
            agent=agent,
            surface=surface,
            now=now,
            zone=bench.tenant.zone,
        )
        if not is_hidden(bench.policy_set, situation):
            found[tool.id] = (tool, decide(bench.policy_set, situation))
    return found
