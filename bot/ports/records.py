"""The seams to what happens and is stored, one per kind of thing; all within one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry, DecisionRecord, Notice, SealedEntry
from bot.domain.people import PersonId
from bot.domain.reach import Reach
from bot.domain.requests import Approval, ApprovalId, CallId, CallRecord, Request, RequestId, Review
from bot.domain.tools import ToolId


class Overtaken(Refusal):
    """Somebody else was faster. Look again at what it says now."""

    kind = "conflict"


class Requests(Protocol):
    """Requests, the messages they came from, and their calls."""

    async def add(self, request: Request) -> None:
        """Stores a new request."""
        ...

    async def get(self, request: RequestId) -> Request | None:
        """Gives the request of this tenant, locked until the transaction ends; None when there is none."""
        ...

    async def swap(self, was: Request, becomes: Request) -> Request:
        """Writes the change if status and version are still as they were; gives it with its new version.

        Raises:
            Overtaken: the stored request is another one by now.
        """
        ...

    async def open_of(self, requester: PersonId) -> tuple[Request, ...]:
        """Gives the requester's requests that are under way, newest first."""
        ...

    async def newest_of(self, requester: PersonId, surface: str, place: str) -> Request | None:
        """Gives the requester's newest request in this place, whatever its status."""
        ...

    async def in_thread(self, requester: PersonId, surface: str, place: str, thread: str) -> Request | None:
        """Gives the requester's newest request in this thread of the place, whatever its status."""
        ...

    async def newest(self, requester: PersonId, *, limit: int) -> tuple[Request, ...]:
        """Gives the requester's newest requests, newest first, whatever their status and place."""
        ...

    async def starting(self, start: str, *, limit: int) -> tuple[Request, ...]:
        """Gives anybody's requests whose id begins so, newest first; with an empty text the newest of all."""
        ...

    async def waiting(self) -> tuple[Request, ...]:
        """Gives every request that waits for approvals, oldest first."""
        ...

    async def joined_to(self, request: RequestId) -> tuple[Request, ...]:
        """Gives the requests that share this one's approvals and are still waiting, oldest first."""
        ...

    async def seen(self, surface: str, message: str) -> RequestId | None:
        """Gives the request that this message of the surface opened or continued; None when it is new."""
        ...

    async def remember(self, surface: str, message: str, request: RequestId) -> None:
        """Ties the surface's message to a request.

        Raises:
            Overtaken: the message is tied already.
        """
        ...

    async def add_calls(self, calls: Sequence[CallRecord]) -> None:
        """Stores calls."""
        ...

    async def remove_calls(self, request: RequestId) -> None:
        """Forgets the request's proposed steps and reads, before it is planned anew; calls that ran stay."""
        ...

    async def calls(self, request: RequestId) -> tuple[CallRecord, ...]:
        """Gives the request's calls by position, reads first."""
        ...

    async def swap_call(self, was: CallRecord, becomes: CallRecord) -> None:
        """Writes the change if the status is still as it was.

        Raises:
            Overtaken: the stored call is another one by now.
        """
        ...

    async def recent_calls(self, tool: ToolId, *, limit: int) -> tuple[tuple[CallRecord, Request], ...]:
        """Gives the newest steps (no reads) of the tool with their requests, newest first."""
        ...


class Approvals(Protocol):
    """One per seat of a request, and the verdicts on it."""

    async def add(self, approval: Approval) -> None:
        """Stores a pending approval."""
        ...

    async def get(self, approval: ApprovalId) -> Approval | None:
        """Gives the approval with its reviews, locked until the transaction ends; None when there is none."""
        ...

    async def of(self, request: RequestId) -> tuple[Approval, ...]:
        """Gives the request's approvals with their reviews, oldest first, the manager's last."""
        ...

    async def pending(self) -> tuple[Approval, ...]:
        """Gives every pending approval of the tenant, oldest first."""
        ...

    async def due(self, now: datetime, *, limit: int) -> tuple[Approval, ...]:
        """Gives pending approvals whose time is over, oldest first."""
        ...

    async def swap(self, was: Approval, becomes: Approval) -> None:
        """Writes the change if the status is still as it was; reviews are not part of it.

        Raises:
            Overtaken: the stored approval is another one by now.
        """
        ...

    async def add_review(self, review: Review) -> None:
        """Stores a verdict.

        Raises:
            Overtaken: this person's verdict on this approval is stored already.
        """
        ...


class Audit(Protocol):
    """The hash-chained log."""

    async def append(self, entry: AuditEntry) -> None:
        """Adds the entry to the tenant's chain, in the same transaction as the change it tells of."""
        ...

    async def read(self, *, after: int = 0, limit: int = 1000) -> tuple[SealedEntry, ...]:
        """Gives entries in order, after the given sequence number."""
        ...

    async def record(self, decision: DecisionRecord) -> None:
        """Keeps a decision with what it was made from."""
        ...

    async def decisions_on(self, calls: Sequence[CallId]) -> tuple[DecisionRecord, ...]:
        """Gives every decision on these calls, oldest first."""
        ...

    async def decisions(self, since: datetime) -> tuple[DecisionRecord, ...]:
        """Gives the decisions of this time, oldest first; the newest per call only."""
        ...

    async def last_decisions(self, since: datetime, *, of: Reach, limit: int) -> tuple[DecisionRecord, ...]:
        """Gives the decisions of this time about these tools, oldest first; the newest per call only.

        Of more than `limit`, the last ones.
        """
        ...

    async def decisions_for(
        self, requests: Sequence[RequestId], since: datetime, *, of: Reach
    ) -> tuple[DecisionRecord, ...]:
        """Gives those of them that were made for calls of these requests."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCopy:
    """One copy of a card: for whom, on which surface, and how to update it there."""

    card: str
    person: PersonId
    surface: str
    place: str
    reference: str


class Outbox(Protocol):
    """What people are still to be told, and the copies of cards that they have."""

    async def add(self, *notices: Notice) -> None:
        """Stores notices with the change that caused them; the same card for the same person waits once."""
        ...

    async def copies(self, card: str) -> tuple[CardCopy, ...]:
        """Gives the copies of a card."""
        ...

    async def copy_at(self, surface: str, place: str, reference: str) -> CardCopy | None:
        """Gives the copy that stands in this message of the surface; None when no card does."""
        ...

    async def viewers(self, cards: Sequence[str]) -> tuple[tuple[str, PersonId], ...]:
        """Gives who has a copy of which of these cards, or is just about to get one, in order."""
        ...

    async def finish(self, worker: str, *notices: int) -> None:
        """Removes delivered notices that the worker has leased, together with what else is written."""
        ...

    async def add_copy(self, copy: CardCopy) -> None:
        """Stores a copy; the same card, person and surface replaces the earlier one.

        That the card could not be brought to the person is forgotten.
        """
        ...

    async def miss(self, card: str, person: PersonId, *, at: datetime, why: str) -> None:
        """Stores that this card could not be brought to the person on any surface; again replaces it."""
        ...

    async def open_misses(self) -> Mapping[str, frozenset[PersonId]]:
        """Gives to whom the cards of pending approvals could not be brought, by card; only cards with any."""
        ...

    async def missed(self, card: str) -> frozenset[PersonId]:
        """Gives to whom the card could not be brought."""
        ...
