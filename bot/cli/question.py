"""What `policy test` reads and prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from bot.app import Deployment
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject, JsonValue, parse
from bot.domain.errors import Refusal
from bot.domain.grants import SeatKind
from bot.domain.tools import ToolId, shortened
from bot.flow.question import STOPS, AskedSeat, Explain, Explained, Question
from bot.flow.refusals import UnknownPerson
from bot.flow.seams import AGENT
from bot.flow.seats import ManagerAnswer

__all__ = ["Answers", "Asked", "read_arguments", "read_question", "told"]

SURFACE: Final = "web"

_KEYS: Final = ("as", "tool", "args", "agent", "surface", "at")


class BadQuestion(Refusal):
    """{why}. A question is JSON like {example}."""

    def __init__(self, *, why: str) -> None:
        """Says what is wrong, with an example of what is right."""
        example = '{"as": "alice@acme.test", "tool": "acme-it:get_user", "args": {"user": "alice@acme.test"}}'
        super().__init__(why=why, example=example)


class NotAnObject(Refusal):
    """The arguments must be a JSON object, like {{"user": "alice@acme.test"}}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it was written: nobody is looked up yet."""

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


def read_question(line: str) -> Asked:
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
    return Asked(
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

    def __init__(self, deployment: Deployment, explain: Explain) -> None:
        self._deployment = deployment
        self._explain = explain

    @classmethod
    async def of(cls, deployment: Deployment) -> "Answers":
        """Gives the answers of now."""
        explain = await Explain.of(
            store=deployment.store,
            tenant=deployment.tenant,
            directory=deployment.directory,
            clock=deployment.clock,
        )
        return cls(deployment, explain)

    async def __call__(self, asked: Asked) -> dict[str, JsonValue]:
        """Gives the answer, as the command prints it.

        Raises:
            UnknownPerson: nobody has the address.
            NotATool: the tool's name is none.
            NotAMoment: the time is none.
            Refusal: the arguments are too large to be decided.
        """
        requester = await self._deployment.directory.by_email(asked.email)
        if requester is None:
            raise UnknownPerson(email=shortened(asked.email))
        explained = await self._explain(
            Question(
                requester=requester,
                tool=ToolId.parse(asked.tool),
                arguments=asked.arguments,
                agent=asked.agent,
                surface=asked.surface,
                at=asked.at,
            )
        )
        return _document(explained)


def _document(explained: Explained) -> dict[str, JsonValue]:
    decision = explained.decision
    return {
        "action": decision.action.value,
        "seats": [_seat(asked) for asked in explained.seats],
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
        "default": explained.default,
    }


def _seat(asked: AskedSeat) -> JsonValue:
    seat = asked.seat
    filled_by = ", ".join(asked.filled_by) or None
    if seat.kind is SeatKind.TECHNICIAN:
        return {"seat": "technician", "group": seat.group, "quorum": seat.quorum, "filled_by": filled_by}
    return {"seat": "manager", **_manager(asked.manager or ManagerAnswer()), "filled_by": filled_by}


def _manager(answer: ManagerAnswer) -> dict[str, JsonValue]:
    asked: dict[str, JsonValue] = {"person": answer.person.email if answer.person else None}
    if answer.person is None:
        asked["group"] = answer.group
    if answer.explanation:
        asked["explanation"] = answer.explanation
    return asked


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
    lines.append("It would run." if answer["runs"] else STOPS[Action(str(answer["action"]))])
    return "\n".join(lines)
