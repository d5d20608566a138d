"""The seams to what chat surfaces remember: who is who, where the bot is, what came, what was posted."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.canonical import JsonObject
from bot.domain.people import PersonId, TenantId


class Proof(StrEnum):
    """What ties a chat user to a person."""

    EMAIL = "email"
    """A confirmed address of an allowed domain that exactly one person of the directory has."""
    OPERATOR = "operator"
    """The operator of the deployment named both."""
    SIGN_IN = "sign_in"
    """The person signed in at the provider, and the account wrote the code that this browser showed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatUser:
    """A user as a chat platform knows them."""

    surface: str
    team: str
    """The organisation on the platform within which the user's id is unique."""
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The proven tie between a chat user and a person."""

    user: ChatUser
    person: PersonId
    proof: Proof
    at: datetime


class Links(Protocol):
    """Who is who; a part of a unit, so that a link is stored together with its audit entry."""

    async def of_user(self, user: ChatUser) -> Link | None:
        """Gives the user's link; None while they are nobody known."""
        ...

    async def of_person(self, person: PersonId, surface: str) -> tuple[Link, ...]:
        """Gives the person's links on the surface, newest first."""
        ...

    async def all(self) -> tuple[Link, ...]:
        """Gives every link of the tenant, by surface, team and user."""
        ...

    async def add(self, link: Link) -> None:
        """Stores a link.

        Raises:
            Overtaken: the user is linked already, or the person has another user in the same team.
        """
        ...

    async def remove(self, user: ChatUser) -> bool:
        """Removes the user's link; False when there was none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The bot in one workspace; `content` holds its tokens and is stored sealed."""

    surface: str
    team: str
    enterprise: str
    """The organisation above the workspace; empty where there is none."""
    name: str
    content: JsonObject = field(repr=False)
    at: datetime


class Installations(Protocol):
    """Where the bot is installed; one workspace, and all of one organisation, belongs to one tenant."""

    async def find(self, surface: str, *, team: str, enterprise: str) -> tuple[TenantId, Installation] | None:
        """Gives the workspace's installation, else the one of the whole organisation (its team is empty).

        A workspace that moved into another organisation is the same one.
        """
        ...

    async def all(self, tenant: TenantId, surface: str) -> tuple[Installation, ...]:
        """Gives the tenant's installations, oldest first."""
        ...

    async def put(self, tenant: TenantId, installation: Installation) -> None:
        """Stores the installation; an earlier one of the same workspace is replaced.

        Raises:
            Overtaken: the workspace, or something of its organisation, belongs to another tenant.
        """
        ...

    async def remove(self, surface: str, *, team: str, enterprise: str) -> bool:
        """Removes exactly this installation; False when there was none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One conversation with the bot, on a platform that gives no way to look it up."""

    surface: str
    place: str
    """What the surface calls it."""
    team: str
    """The organisation on the platform."""
    user: str
    """Whose private conversation it is; empty where several people read it."""
    reference: JsonObject = field(repr=False)
    """What the platform wants to know to send something there."""
    at: datetime
    """When it was heard of last."""


class Conversations(Protocol):
    """Where the bot can write, as the platform told it."""

    async def put(self, tenant: TenantId, conversation: Conversation) -> None:
        """Stores the conversation; what was stored of the same place is replaced."""
        ...

    async def get(self, tenant: TenantId, surface: str, place: str) -> Conversation | None:
        """Gives what is stored of the place."""
        ...

    async def of_user(
        self, tenant: TenantId, surface: str, *, team: str, user: str
    ) -> tuple[Conversation, ...]:
        """Gives the user's private conversations, the one heard of last first."""
        ...

    async def newest(self, tenant: TenantId, surface: str, *, team: str) -> Conversation | None:
        """Gives the organisation's conversation that was heard of last; None while there is none."""
        ...

    async def remove(self, tenant: TenantId, surface: str, place: str) -> bool:
        """Forgets the place; False when nothing was stored of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One thing that is posted once, however often it is tried."""

    place: str
    reference: str
    """What the platform calls it; empty while it is not known whether it was posted."""
    begun: datetime
    is_new: bool
    """Whether this call stored it; otherwise an earlier try began it, and may have posted it."""


class Postings(Protocol):
    """What a surface posted, by our own key: a crash between posting and noting it doubles nothing."""

    async def begin(self, tenant: TenantId, surface: str, key: str, *, place: str, now: datetime) -> Posting:
        """Stores that this is about to be posted, or gives what is stored under the key already."""
        ...

    async def get(self, tenant: TenantId, surface: str, key: str) -> Posting | None:
        """Gives what is stored under the key; `is_new` is False."""
        ...

    async def done(self, tenant: TenantId, surface: str, key: str, *, reference: str) -> None:
        """Stores what the platform calls it."""
        ...

    async def forget(self, tenant: TenantId, surface: str, key: str) -> None:
        """Removes the key: the platform said that nothing was posted, or it is there no more."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Removes what was begun before the moment, and gives how many that were."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One thing that came in and is not taken up yet."""

    id: int
    tenant: TenantId
    content: JsonObject
    attempts: int


class Inbox(Protocol):
    """What came in: stored before it is acknowledged, taken up once, kept until it is."""

    async def add(
        self, tenant: TenantId, surface: str, key: str, content: JsonObject, *, now: datetime
    ) -> bool:
        """Stores it; False when the key came before, be it taken up already or not."""
        ...

    async def claim(
        self, tenant: TenantId, surface: str, worker: str, *, now: datetime, until: datetime, limit: int
    ) -> tuple[Arrival, ...]:
        """Leases what is due for the tenant and nobody holds, oldest first."""
        ...

    async def finish(self, worker: str, arrival: int) -> None:
        """Notes that it is taken up; its content is removed, its key stays."""
        ...

    async def retry(self, worker: str, arrival: int, *, at: datetime) -> None:
        """Puts it back, due at `at`, with one more attempt counted."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Removes the keys of what came before the moment and was taken up; gives how many that were."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A person's own page on a surface, when they opened it last, and a mark of what it showed last."""

    user: ChatUser
    person: PersonId
    opened: datetime
    drawn: str = ""


class Homes(Protocol):
    """Whose own pages may be open, and have to be drawn anew when something changes."""

    async def opened(self, tenant: TenantId, user: ChatUser, person: PersonId, *, now: datetime) -> None:
        """Stores that the user opened their page now; what it showed last is kept."""
        ...

    async def since(self, tenant: TenantId, surface: str, moment: datetime) -> tuple[Home, ...]:
        """Gives the pages that were opened at or after the moment, by user."""
        ...

    async def drawn(self, tenant: TenantId, user: ChatUser, *, mark: str) -> None:
        """Stores the mark of what the page shows now."""
        ...


class Codes(Protocol):
    """Codes that are good once and for a while; only their hashes are stored."""

    async def issue(self, tenant: TenantId, purpose: str, *, now: datetime, until: datetime) -> str:
        """Gives a fresh code of 256 random bits in URL-safe letters; codes that are too old by now go."""
        ...

    async def check(self, purpose: str, code: str, *, now: datetime) -> TenantId | None:
        """Gives whose code it is; None when it is unknown, used, or too old. It stays good."""
        ...

    async def use(self, purpose: str, code: str, *, now: datetime) -> TenantId | None:
        """Gives whose code it was and makes it worthless; of many at once, one gets it."""
        ...
