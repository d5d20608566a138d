"""A small made-up company and how its requests go: what the playground's fake API tells."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, TypedDict

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

ALICE: Final = "alice@acme.example"
BEN: Final = "ben@acme.example"
MIA: Final = "mia@acme.example"
TOM: Final = "tom@acme.example"
PRIYA: Final = "priya@acme.example"
ADA: Final = "ada@acme.example"

PEOPLE: Final[list[dict[str, Json]]] = [
    {
        "id": "1",
        "name": "Alice Liddell",
        "email": ALICE,
        "roles": ["employee"],
        "title": "Support agent",
        "manager": "Mia Torres",
    },
    {
        "id": "2",
        "name": "Ben Okafor",
        "email": BEN,
        "roles": ["employee"],
        "title": "Account executive",
        "manager": "Mia Torres",
    },
    {"id": "3", "name": "Mia Torres", "email": MIA, "roles": ["employee"], "title": "Head of Customer Care"},
    {
        "id": "4",
        "name": "Tom Becker",
        "email": TOM,
        "roles": ["employee", "technician"],
        "title": "IT support",
    },
    {
        "id": "5",
        "name": "Priya Nair",
        "email": PRIYA,
        "roles": ["employee", "technician"],
        "title": "IT support",
    },
    {
        "id": "6",
        "name": "Ada Lindqvist",
        "email": ADA,
        "roles": ["employee", "technician", "admin"],
        "title": "IT lead",
    },
]
NAMES: Final = {str(one["email"]): str(one["name"]) for one in PEOPLE}
TECHNICIANS: Final = (TOM, PRIYA)

SUGGESTIONS: Final = [
    "I need access to Zendesk",
    "When does my VPN certificate expire?",
    "My laptop was stolen, please wipe it",
    "What is the meaning of life?",
]


class Tool(TypedDict):
    """One row of `/api/tools`."""

    tool: str
    title: str
    description: str
    connector: str
    effect: str
    decision: str
    schema: dict[str, Json]


TOOLS: Final[list[Tool]] = [
    {
        "tool": "zendesk:add_user_to_group",
        "title": "Add a person to a Zendesk group",
        "connector": "Zendesk",
        "description": "Gives a seat and the rights of the group.",
        "effect": "write",
        "decision": "approval_needed",
        "schema": {
            "type": "object",
            "required": ["email", "group"],
            "properties": {
                "email": {"type": "string", "format": "email", "title": "Person"},
                "group": {"type": "string", "enum": ["Support agents", "Light agents", "Billing"]},
            },
        },
    },
    {
        "tool": "directory:get_certificate",
        "title": "Look up a VPN certificate",
        "connector": "Directory",
        "description": "Says until when a person's certificate is good.",
        "effect": "read",
        "decision": "auto",
        "schema": {
            "type": "object",
            "required": ["email"],
            "properties": {"email": {"type": "string", "format": "email"}},
        },
    },
    {
        "tool": "devices:wipe_laptop",
        "title": "Wipe a laptop",
        "connector": "Devices",
        "description": "Erases everything on the machine. It cannot be undone.",
        "effect": "destroy",
        "decision": "approval_needed",
        "schema": {"type": "object", "required": ["serial"], "properties": {"serial": {"type": "string"}}},
    },
    {
        "tool": "events:book_equipment",
        "title": "Book equipment for an event",
        "connector": "Facilities",
        "description": "Reserves machines and rooms for some days.",
        "effect": "write",
        "decision": "approval_needed",
        "schema": {
            "type": "object",
            "required": ["event", "laptops", "starts", "kind"],
            "properties": {
                "event": {"type": "string", "description": "As it stands in the calendar."},
                "laptops": {"type": "integer", "minimum": 1, "maximum": 40},
                "budget": {"anyOf": [{"type": "number"}, {"type": "null"}], "default": None},
                "starts": {"type": "string", "format": "date"},
                "kind": {"$ref": "#/$defs/Kind"},
                "contact": {"type": "string", "format": "email"},
                "overnight": {"type": "boolean", "title": "Stays overnight", "default": False},
                "rooms": {"type": "array", "items": {"type": "string"}},
                "options": {"type": "object", "description": "Anything the venue should know."},
            },
            "$defs": {"Kind": {"enum": ["workshop", "fair", "interview"], "type": "string"}},
        },
    },
]
TOOL: Final = {one["tool"]: one for one in TOOLS}


@dataclass(slots=True)
class Seat:
    """Who must approve, and what they said."""

    name: str
    approvers: tuple[str, ...]
    status: str = "pending"
    by: str = ""
    reason: str = ""


@dataclass(slots=True)
class Request:
    """One thing somebody asked for."""

    id: str
    requester: str
    words: str
    title: str
    tool: str
    arguments: dict[str, Json]
    seats: list[Seat]
    at: datetime
    status: str = "waiting"
    warnings: list[str] = field(default_factory=list)
    result: Json = None

    @property
    def is_open(self) -> bool:
        """Whether somebody can still decide."""
        return self.status == "waiting"


@dataclass(frozen=True, slots=True)
class Line:
    """One text in a chat."""

    sender: str
    text: str
    at: datetime
    note: bool = False


@dataclass(frozen=True, slots=True)
class CardPlace:
    """Where a request's card stands: `seat` is None on the requester's own status card."""

    card: str
    request: Request
    seat: Seat | None


class Story:
    """The company's chats, requests and changes; every method says whose chats changed by `touched`."""

    def __init__(self, start: datetime | None = None) -> None:
        self._numbers: Iterator[int] = itertools.count(1)
        self._offset = timedelta()
        self._start = start or datetime.now(UTC)  # noqa: TID251 - a story told to people needs the real time of day
        self.requests: dict[str, Request] = {}
        self.cards: dict[str, CardPlace] = {}
        self.chats: dict[str, list[Line | CardPlace]] = {email: [] for email in NAMES}
        self.changes: list[dict[str, Json]] = []
        self.rules: list[tuple[str, dict[str, Json]]] = []
        self.touched: set[str] = set()

    def now(self) -> datetime:
        """The real time, less what `long_ago` set."""
        return datetime.now(UTC) - self._offset  # noqa: TID251 - see __init__

    def long_ago(self, offset: timedelta) -> None:
        """Lets what follows have happened this long ago."""
        self._offset = offset

    def line(self, email: str, sender: str, text: str, *, note: bool = False) -> None:
        """Writes a text into a person's chat."""
        self.chats[email].append(Line(sender, text, self.now(), note=note))
        self.touched.add(email)

    def hear(self, email: str, text: str) -> str:
        """Takes a message as the bot would: answers, asks for approval, or says that it cannot place it."""
        self.line(email, email, text)
        words = text.lower()
        if "zendesk" in words:
            return self.ask(
                email, "zendesk:add_user_to_group", {"email": email, "group": "Support agents"}, text
            )
        if "vpn" in words or "certificate" in words:
            return self.ask(email, "directory:get_certificate", {"email": email}, text)
        if "wipe" in words or "stolen" in words:
            arguments: dict[str, Json] = {
                "serial": "C02XK1YZJG5J",
                "confirm": True,
                "message_on_screen": "This computer belongs to Acme. " * 14,
                "contact": {"name": "IT support", "phone": "+1 555 0100"},
            }
            return self.ask(email, "devices:wipe_laptop", arguments, text)
        self.line(email, "countersign", "I can’t place this. Say it in other words, or use the form below.")
        return f"r{next(self._numbers)}"

    def ask(self, email: str, tool: str, arguments: dict[str, Json], words: str) -> str:
        """Opens a request for one call, and gives its id."""
        definition = TOOL[tool]
        request = Request(
            id=f"r{next(self._numbers)}",
            requester=email,
            words=words,
            title=definition["title"],
            tool=tool,
            arguments=arguments,
            seats=[],
            at=self.now(),
        )
        self.requests[request.id] = request
        if definition["effect"] == "destroy":
            request.warnings.append("This cannot be undone: everything on the machine is erased.")
        if definition["decision"] == "auto" or (tool, arguments) in self.rules:
            self._place(request, None, email)
            self.run(request)
            return request.id
        technicians = tuple(one for one in TECHNICIANS if one != email) or (ADA,)
        request.seats.append(Seat("technician", technicians))
        if tool.startswith(("zendesk", "devices")) and email != MIA:
            request.seats.append(Seat("manager", (MIA,)))
        self._place(request, None, email)
        for seat in request.seats:
            for approver in seat.approvers:
                if seat.name == "technician":
                    note = f"{NAMES[email]} asks for: {request.title}. One call, nothing else is needed."
                    self.line(approver, "countersign", note, note=True)
                self._place(request, seat, approver)
        return request.id

    def _place(self, request: Request, seat: Seat | None, email: str) -> None:
        card = f"{request.id}-{seat.name if seat else 'status'}"
        place = CardPlace(card, request, seat)
        self.cards[card] = place
        self.chats[email].append(place)
        self.touched.add(email)

    def touch(self, request: Request) -> None:
        """Marks everybody who has a card of the request."""
        self.touched.add(request.requester)
        self.touched.update(one for seat in request.seats for one in seat.approvers)

    def run(self, request: Request) -> None:
        """Makes the call and tells the requester."""
        who = NAMES[request.requester]
        if TOOL[request.tool]["effect"] == "read":
            request.status, request.result = (
                "answered",
                {"valid_until": "2031-03-09", "issuer": "Acme VPN CA"},
            )
            self.line(request.requester, "countersign", "Your VPN certificate is good until 9 March 2031.")
        else:
            request.status, request.result = "done", {"ok": True}
            change = (
                f"{request.title}: {who}, {', '.join(str(value) for value in request.arguments.values())}"
            )
            self.changes.insert(0, {"at": self.now().isoformat(), "text": change[:120]})
            self.line(
                request.requester,
                "countersign",
                f"Done: {request.title.lower()}. It may take a minute to show.",
            )
        self.touch(request)

    def decide(self, place: CardPlace, email: str, *, approved: bool, reason: str) -> str:
        """Fills the card's seat and gives the sentence for whoever decided."""
        request, seat = place.request, place.seat
        assert seat is not None
        seat.status, seat.by, seat.reason = "approved" if approved else "denied", email, reason
        self.touch(request)
        if not approved:
            request.status = "denied"
            for other in request.seats:
                if other.status == "pending":
                    other.status = "void"
            said = f" They say: “{reason}”" if reason else ""
            self.line(request.requester, "countersign", f"{NAMES[email]} denied this.{said}")
            return "Denied. The requester was told why."
        waiting = [other.name for other in request.seats if other.status == "pending"]
        if waiting:
            return f"Approved. Still waiting for the {' and the '.join(waiting)}."
        self.run(request)
        return "Approved, and done."

    def matching(self, place: CardPlace, values: Mapping[str, Json]) -> list[Request]:
        """The other open requests that a rule from this card would settle."""
        if values.get("holder") == "person":
            return []
        return [
            other
            for other in self.requests.values()
            if other.is_open and other is not place.request and other.tool == place.request.tool
        ]
