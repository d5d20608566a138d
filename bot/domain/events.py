"""What happened, for the audit log, and what people are to be told, for the outbox."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.people import Person, PersonId
from bot.domain.plans import ToolCall
from bot.domain.requests import CallId, RequestId
from bot.domain.tools import ToolId


class AuditDecision(StrEnum):
    """How a call was decided, in the audit log's words."""

    ALLOW = "allow"
    APPROVED_BY_USER = "approved_by_user"
    DENIED_BY_USER = "denied_by_user"
    BLOCK = "block"
    REVIEW = "review"
    REVIEW_TIMEOUT = "review_timeout"
    STEP_UP = "step_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One fact of the audit log; the log adds the sequence number and the hash chain."""

    at: datetime
    kind: str
    """What happened, as thing.verb: call.decided, call.started, call.returned, approval.approved …"""
    actor: PersonId | None = None
    agent: str = ""
    connector_id: str = ""
    connector: str = ""
    method: str = ""
    path: str = ""
    tool: str = ""
    digest: str = ""
    """Of the call or the plan; arguments themselves are never in the log."""
    decision: AuditDecision | None = None
    policies: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    status: str = ""
    duration_s: float | None = None
    request: RequestId | None = None
    details: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEntry:
    """An audit entry in its place in the chain."""

    sequence: int
    entry: AuditEntry
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision with all that it was made from, so that it can be made again."""

    at: datetime
    request: RequestId | None
    call_id: CallId | None
    call: ToolCall
    requester: Person
    agent: str
    surface: str
    action: Action
    runs: bool
    reason: str
    policies: tuple[tuple[str, int], ...] = ()
    """Name and version of every policy that spoke, winners first."""
    won: tuple[str, ...] = ()
    """The names of those that won; none where nothing spoke, or something beat all of them."""
    grants: tuple[str, ...] = ()


class NoticeKind(StrEnum):
    """What the outbox has to bring to people."""

    CARD = "card"
    """Send the card to one person, or update their copy."""
    SAY = "say"
    """Say one text to one person."""
    NOTE = "note"
    """Post the internal note of a request where technicians see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to bring to people, stored with the change that caused it."""

    kind: NoticeKind
    request: RequestId | None = None
    card: str = ""
    person: PersonId | None = None
    """None for a note; else every admin there is when it is delivered."""
    text: str = ""

    @property
    def is_for_admins(self) -> bool:
        """Whether it is for every admin, whoever that is by then."""
        return self.person is None and self.kind is not NoticeKind.NOTE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedNotice:
    """A notice that this worker is delivering."""

    id: int
    notice: Notice
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A tool that is new or changed since it was accepted."""

    tool: ToolId
    is_new: bool
    reason: str
