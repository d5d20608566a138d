"""What `policy test` asks and answers; nothing is called and nothing is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from difflib import get_close_matches
from typing import Final

from bot.app import Deployment
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, JsonValue, bounded, parse
from bot.domain.decide import decide
from bot.domain.decisions import Cause, Decision, Situation
from bot.domain.errors import Refusal
from bot.domain.grants import Seat, SeatKind
from bot.domain.people import Person
from bot.domain.plans import ToolCall
from bot.domain.tools import ToolId, shortened
from bot.flow.judge import Bench, bench_of, grants_of
from bot.flow.refusals import UnknownPerson
from bot.flow.seams import AGENT
from bot.flow.seats import ManagerAnswer, find_manager

SURFACE: Final = "web"

_KEYS: Final = ("as", "tool", "args", "agent", "surface", "at")

_DEFAULTS: Final = {Cause.CONNECTOR_DEFAULT: "connector", Cause.TENANT_DEFAULT: "tenant"}


class BadQuestion(Refusal):
    """{why}. A question is JSON like {example}."""

    def __init__(self, *, why: str) -> None:
        """Says what is wrong, with an example of what is right."""
        example = '{"as": "alice@acme.test", "tool": "acme-it:get_user", "args": {"user": "alice@acme.test"}}'
        super().__init__(why=why, example=example)


class NotAMoment(Refusal):
    """“{text}” is not a date and time. Write it like 2027-01-31T14:30:00Z."""


class NotAnObject(Refusal):
    """The arguments must be a JSON object, like {{"user": "alice@acme.test"}}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who asks for what, through what and when."""

    email: str
    tool: str
    arguments: JsonObject
    agent: str = AGENT
    surface: str = SURFACE
    at: str | None = None


def read_arguments(text: str) -> JsonObject:
    """Gives the arguments that the text spells.

    Raises:
        NotJson: it is no JSON.
        NotAnObject: it is something else.
    """
    value = parse(text, what="The arguments")
    if not isinstance(value, Mapping):
        raise NotAnObject
    return value


def read_question(line: str) -> Question:
    """Gives the question of one line of a batch.

    Raises:
        NotJson: it is no JSON.
        BadQuestion: it is something else than an object with the known keys.
    """
    value = parse(line, what="This line")
    if not isinstance(value, Mapping):
        raise BadQuestion(why="This line is no JSON object")
    for key in value:
        if key not in _KEYS:
            close = get_close_matches(key, _KEYS, n=1)
            hint = f", but “{close[0]}” is" if close else ""
            raise BadQuestion(why=f"“{shortened(key)}” is not a key{hint}")
    arguments = value.get("args")
    if arguments is not None and not isinstance(arguments, Mapping):
        raise BadQuestion(why="“args” must be an object")
    at = value.get("at")
    return Question(
        email=_text(value, "as") or "",
        tool=_text(value, "tool") or "",
        arguments=arguments or {},
        agent=_text(value, "agent", needed=False) or AGENT,
        surface=_text(value, "surface", needed=False) or SURFACE,
        at=_text(value, "at", needed=False) if at is not None else None,
    )


def _text(value: JsonObject, key: str, *, needed: bool = True) -> str | None:
    found = value.get(key)
    if isinstance(found, str) and found:
        return found
    if found is None and not needed:
        return None
    raise BadQuestion(why=f"“{key}” is missing" if found is None else f"“{key}” must be a text")


class Answers:
    """Answers questions from the state of one moment."""

    def __init__(self, deployment: Deployment, bench: Bench) -> None:
        self._deployment = deployment
        self._bench = bench

    @classmethod
    async def of(cls, deployment: Deployment) -> "Answers":
        """Gives the answers of now."""
        async with deployment.store.view(deployment.tenant) as view:
            return cls(deployment, await bench_of(view))

    async def __call__(self, question: Question) -> dict[str, JsonValue]:
        """Gives the answer, as the command prints it.

        Raises:
            UnknownPerson: nobody has the address.
            NotATool: the tool's name is none.
            NotAMoment: the time is none.
            Refusal: the arguments are too large to be decided.
        """
        requester = await self._deployment.directory.by_email(question.email)
        if requester is None:
            raise UnknownPerson(email=shortened(question.email))
        tool = ToolId.parse(question.tool)
        bounded(question.arguments)
        call = ToolCall(tool=tool, arguments=question.arguments)
        situation = Situation(
            call=call,
            digest=call.digest,
            tool=self._bench.catalog.get(tool),
            requester=requester,
            agent=question.agent,
            surface=question.surface,
            now=self._moment(question.at),
            zone=self._bench.tenant.zone,
        )
        decision = decide(self._bench.policy_set, situation)
        return {
            "action": decision.action.value,
            "seats": await self._seats(decision, requester),
            "runs": decision.runs,
            "reason": decision.reason,
            "policies": [
                {
                    "name": spoke.policy.name,
                    "version": spoke.policy.version,
                    "said": spoke.said.value,
                    "won": spoke.won,
                }
                for spoke in decision.spoke
            ],
            "default": _DEFAULTS.get(decision.cause),
        }

    def _moment(self, text: str | None) -> datetime:
        if text is None:
            return self._deployment.clock.now()
        return read_time(text, self._bench.tenant.zone)

    async def _seats(self, decision: Decision, requester: Person) -> list[JsonValue]:
        if decision.action is not Action.APPROVAL_NEEDED:
            return []
        return [await self._seat(seat, decision, requester) for seat in decision.seats]

    async def _seat(self, seat: Seat, decision: Decision, requester: Person) -> JsonValue:
        filled_by = ", ".join(decision.filled_seats.get(seat, ())) or None
        if seat.kind is SeatKind.TECHNICIAN:
            return {
                "seat": "technician",
                "group": seat.group,
                "quorum": seat.quorum,
                "filled_by": filled_by,
            }
        async with self._deployment.store.view(self._deployment.tenant) as view:
            used = await grants_of(view, [decision])
        taken = frozenset({requester.id, *(grant.giver for grant in used)})
        answer = await find_manager(self._deployment.directory, requester, taken=taken)
        return {"seat": "manager", **_asked(answer), "filled_by": filled_by}


def _asked(answer: ManagerAnswer) -> dict[str, JsonValue]:
    asked: dict[str, JsonValue] = {"person": answer.person.email if answer.person else None}
    if answer.person is None:
        asked["group"] = answer.group
    if answer.explanation:
        asked["explanation"] = answer.explanation
    return asked


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


_STOPS: Final = {
    Action.DISABLED: "It would be refused.",
    Action.STEP_UP: "It would wait until the requester has signed in once more.",
    Action.APPROVAL_NEEDED: "It would wait for approval.",
}


def told(answer: Mapping[str, JsonValue]) -> str:
    """Gives the answer as text for people."""
    lines = [f"{answer['action']}: {answer['reason']}"]
    seats, policies = answer["seats"], answer["policies"]
    for seat in seats if isinstance(seats, list) else []:
        who = seat.get("person") or f"{seat.get('quorum', 1)} of {seat.get('group')}"
        state = f"filled by standing approval {seat['filled_by']}" if seat["filled_by"] else "open"
        lines.append(f"  {seat['seat']} seat: {who}, {state}")
        if seat.get("explanation"):
            lines.append(f"    {seat['explanation']}")
    for policy in policies if isinstance(policies, list) else []:
        won = ", and won" if policy["won"] else ""
        lines.append(f"  policy “{policy['name']}” version {policy['version']} said {policy['said']}{won}")
    if answer["default"]:
        lines.append(f"  no policy spoke; the {answer['default']}'s default decided")
    lines.append("It would run." if answer["runs"] else _STOPS[Action(str(answer["action"]))])
    return "\n".join(lines)
