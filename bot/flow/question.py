"""What a policy test asks and is answered; nothing is called and nothing is recorded."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, bounded
from bot.domain.decide import decide
from bot.domain.decisions import Cause, Decision, Situation
from bot.domain.errors import Refusal
from bot.domain.grants import GrantId, Seat, SeatKind
from bot.domain.people import Person, TenantId
from bot.domain.plans import ToolCall
from bot.domain.tools import ToolId, shortened
from bot.flow.judge import Bench, bench_of, grants_of
from bot.flow.seats import ManagerAnswer, find_manager
from bot.flow.vouched import vouched
from bot.ports.directory import Directory
from bot.ports.outside import Clock
from bot.ports.store import Store

STOPS: Final = {
    Action.DISABLED: "It would be refused.",
    Action.STEP_UP: "It would wait until the requester has signed in once more.",
    Action.APPROVAL_NEEDED: "It would wait for approval.",
}

_DEFAULTS: Final = {Cause.CONNECTOR_DEFAULT: "connector", Cause.TENANT_DEFAULT: "tenant"}


class NotAMoment(Refusal):
    """“{text}” is not a date and time. Write it like 2027-01-31T14:30:00Z."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who asks for what, through what and when."""

    requester: Person
    tool: ToolId
    arguments: JsonObject
    agent: str
    surface: str
    at: str | None = None
    """The moment as text; None for now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSeat:
    """One seat of the decision, and who would fill it."""

    seat: Seat
    filled_by: tuple[GrantId, ...] = ()
    manager: ManagerAnswer | None = None
    """Who is asked for the manager's seat; None for another seat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The decision, and who would be asked."""

    decision: Decision
    seats: tuple[AskedSeat, ...] = ()

    @property
    def default(self) -> str | None:
        """Whose default decided: `connector` or `tenant`; None where a policy or something else did."""
        return _DEFAULTS.get(self.decision.cause)

    @property
    def outcome(self) -> str:
        """What would become of the call, in one sentence."""
        return "It would run." if self.decision.runs else STOPS[self.decision.action]


class Explain:
    """Answers questions from the state of one moment."""

    def __init__(
        self, *, store: Store, tenant: TenantId, directory: Directory, clock: Clock, bench: Bench
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._directory = directory
        self._clock = clock
        self._bench = bench

    @classmethod
    async def of(cls, *, store: Store, tenant: TenantId, directory: Directory, clock: Clock) -> "Explain":
        """Gives the answers of now."""
        async with store.view(tenant) as view:
            bench = await bench_of(view)
        return cls(store=store, tenant=tenant, directory=directory, clock=clock, bench=bench)

    @property
    def bench(self) -> Bench:
        """What the answers are made from."""
        return self._bench

    async def __call__(self, question: Question) -> Explained:
        """Gives the decision that the call would get.

        Raises:
            NotAMoment: the time is none.
            DirectoryUnreachable: who would be asked cannot be looked up.
            Refusal: the arguments are too large to be decided.
        """
        bounded(question.arguments)
        call = ToolCall(tool=question.tool, arguments=question.arguments)
        zone = self._bench.tenant.zone
        requester = await vouched(self._directory, question.requester, self._bench.policy_set.groups)
        situation = Situation(
            call=call,
            digest=call.digest,
            tool=self._bench.catalog.get(question.tool),
            requester=requester,
            agent=question.agent,
            surface=question.surface,
            now=self._clock.now() if question.at is None else read_time(question.at, zone),
            zone=zone,
        )
        decision = decide(self._bench.policy_set, situation)
        if decision.action is not Action.APPROVAL_NEEDED:
            return Explained(decision=decision)
        seats = [await self._seat(seat, decision, question.requester) for seat in decision.seats]
        return Explained(decision=decision, seats=tuple(seats))

    async def _seat(self, seat: Seat, decision: Decision, requester: Person) -> AskedSeat:
        filled_by = decision.filled_seats.get(seat, ())
        if seat.kind is SeatKind.TECHNICIAN:
            return AskedSeat(seat=seat, filled_by=filled_by)
        async with self._store.view(self._tenant) as view:
            used = await grants_of(view, [decision])
        taken = frozenset({requester.id, *(grant.giver for grant in used)})
        manager = await find_manager(self._directory, requester, taken=taken)
        return AskedSeat(seat=seat, filled_by=filled_by, manager=manager)


def read_time(text: str, zone: tzinfo) -> datetime:
    """Gives the moment; one without a zone is meant in the tenant's.

    Raises:
        NotAMoment: the text is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotAMoment(text=shortened(text)) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
