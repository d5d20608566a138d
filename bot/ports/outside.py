"""Seams to the world: time, people, planners, tool servers, and the surfaces people use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.cards.model import Card
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.domain.plans import Proposal, ToolCall
from bot.domain.requests import CallResult, RequestId
from bot.domain.tools import CatalogTool, ToolId


class NotSent(Refusal):
    """{connector} cannot be reached at the moment: {why} Nothing was changed."""

    kind = "unavailable"


class OutcomeUnknown(Refusal):
    """{connector} did not answer whether it worked. Check there before anyone tries again."""

    kind = "unavailable"


class ReadRefused(Refusal):
    """The agent may not read {tool}: {reason}."""

    kind = "forbidden"


class Unreachable(Refusal):
    """{name} cannot be reached on {surface}: {why}."""

    kind = "unavailable"


class Gone(Unreachable):
    """{name} cannot be reached on {surface}: {why}."""


class Busy(Unreachable):
    """{surface} takes nothing more for {name} at the moment: {why}."""

    @property
    def after(self) -> timedelta:
        """How long to wait before the next try."""
        found = self.facts.get("after")
        return found if isinstance(found, timedelta) else timedelta(seconds=1)


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Gives the present moment, aware, in UTC."""
        ...


class Ids(Protocol):
    """Fresh names for things."""

    def new(self) -> str:
        """Gives 128 random bits as 32 hexadecimal digits; never the same twice."""
        ...


class Bell(Protocol):
    """Tells this process's workers that there is something to do; others find it at their next tick."""

    def ring(self) -> None:
        """Wakes them; ringing twice wakes them once."""
        ...


class Reader(Protocol):
    """The agent's only way to the outside while it diagnoses."""

    async def __call__(self, call: ToolCall) -> CallResult:
        """Gives what the tool answers, if policy lets it run unasked and it only reads.

        Raises:
            ReadRefused: the policy says otherwise, or the tool is no read.
            NotSent: the connector cannot be reached.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What a planner is told about a request."""

    requester: Person
    messages: tuple[str, ...]
    """The requester's own words, oldest first; outside text."""
    tools: Mapping[ToolId, CatalogTool]
    """The tools that are not disabled for this requester."""


class Planner(Protocol):
    """The agent. It proposes; it never executes."""

    async def places(self, text: str) -> bool:
        """Whether the text by itself reads as a request that this planner knows, without any read."""
        ...

    async def propose(self, briefing: Briefing, read: Reader) -> Proposal:
        """Gives what answers the request. The same briefing and reads give the same proposal or a better one.

        Raises:
            NotSent: a system that it had to read is away; the request is tried again later.
        """
        ...

    async def suggestions(self) -> tuple[str, ...]:
        """Gives a few example sentences that it would recognise."""
        ...


class Connectors(Protocol):
    """The tool servers."""

    async def call(self, call: ToolCall) -> CallResult:
        """Gives the server's answer. The call leaves at most once; it is never repeated in here.

        Raises:
            NotSent: it certainly did not leave; trying again is safe.
            OutcomeUnknown: it left, and no answer came.
        """
        ...


class Schemas(Protocol):
    """JSON Schema validation."""

    def problems(self, schema: JsonObject, arguments: JsonObject) -> Mapping[str, str]:
        """Gives a sentence per wrong argument, by dotted path (`""` for the whole); empty when all is well.

        Never fetches anything and takes time linear in the input; a schema that is none is a problem at `""`.
        """
        ...


class Surface(Protocol):
    """A place where people and the bot meet.

    Every method may raise `Unreachable`; the caller then tries again. `Gone` says that trying again is of no
    use, so that somebody else is asked; `Busy` says when to try again.
    """

    @property
    def name(self) -> str:
        """The surface's name as policies and the audit log write it: web, slack or teams."""
        ...

    async def reach(self, person: Person) -> str | None:
        """Gives the person's private place here; None when they are not on this surface."""
        ...

    def is_private(self, place: str) -> bool:
        """Whether nobody but one person reads what stands in the place."""
        ...

    async def send(self, place: str, card: Card, *, key: str, thread: str = "") -> str:
        """Posts the card and gives the reference by which this copy is updated.

        The same key a second time posts nothing new, also where it is not known whether the first try worked.

        Args:
            place: where, as `reach` or a message gave it.
            card: what.
            key: our own name for this copy.
            thread: the place's thread that it belongs in; empty for none.
        """
        ...

    async def update(self, place: str, reference: str, card: Card) -> None:
        """Replaces the copy in place; doing it twice leaves the same.

        Raises:
            Gone: the copy is not there any more.
        """
        ...

    async def say(self, place: str, text: str, *, key: str, thread: str = "") -> None:
        """Posts plain text; nothing in it is markup. The same key a second time posts nothing."""
        ...

    async def note(
        self, request: RequestId, text: str, *, readers: Sequence[Person], hidden_from: Sequence[Person]
    ) -> None:
        """Posts a request's internal note where the readers see it and those who asked do not.

        The same text for the same request a second time posts nothing.
        """
        ...

    async def changed(self, persons: Sequence[Person]) -> None:
        """Draws anew the lists that these persons have here of what is theirs; no promise is made when."""
        ...
