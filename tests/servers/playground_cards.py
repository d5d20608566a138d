"""How the fake playground API shows a request: the cards, with their facts and buttons."""

from datetime import timedelta
from typing import Final

from tests.servers.playground_story import NAMES, TOOL, CardPlace, Json, Line, Request, Story

GROUPS: Final[list[Json]] = [
    {"value": "support", "label": "Support (12 people)"},
    {"value": "sales", "label": "Sales (8 people)"},
]


def item(story: Story, entry: Line | CardPlace) -> dict[str, Json]:
    """One item of `/api/chats/{email}`."""
    if isinstance(entry, CardPlace):
        return card(story, entry)
    shown: dict[str, Json] = {
        "kind": "text",
        "from": entry.sender,
        "text": entry.text,
        "at": entry.at.isoformat(),
    }
    return {**shown, "note": True} if entry.note else shown


def card(story: Story, place: CardPlace) -> dict[str, Json]:
    """A status card (no seat) or an approval card."""
    request, seat = place.request, place.seat
    tool = TOOL[request.tool]
    call: dict[str, Json] = {
        "tool": request.tool,
        "title": request.title,
        "arguments": request.arguments,
        "effect": tool["effect"],
        "decision": tool["decision"],
    }
    status = request.status
    if seat is not None:
        settled = {"waiting": seat.status, "done": "approved"}
        status = settled.get(request.status, seat.status if seat.status != "pending" else "void")
    quotes: list[Json] = (
        [{"label": f"{NAMES[request.requester]}’s words", "text": request.words}] if seat else []
    )
    return {
        "kind": "card",
        "card": place.card,
        "request": request.id,
        "title": request.title,
        "status": status,
        "facts": _facts(story, place),
        "calls": [call],
        "warnings": [*request.warnings] if request.is_open else [],
        "quotes": quotes,
        "actions": _actions(place),
        "at": request.at.isoformat(),
    }


def _asked(request: Request) -> str:
    words = {"approved": "approved", "denied": "denied", "pending": "not yet", "void": "not needed any more"}
    return ", ".join(
        f"{seat.name} ({words[seat.status]}{f' by {NAMES[seat.by]}' if seat.by else ''})"
        for seat in request.seats
    )


def _facts(story: Story, place: CardPlace) -> list[Json]:
    request, seat = place.request, place.seat
    facts: list[tuple[str, str]] = []
    if seat is not None:
        facts.append(("For", f"{NAMES[request.requester]} (manager: Mia Torres)"))
        facts.append(("Why asked", "Policy “Changes need a technician”"))
    if request.seats:
        facts.append(("Asked", _asked(request)))
    if request.is_open:
        facts.append(("Open until", (request.at + timedelta(hours=24)).isoformat()))
    reasons = [one.reason for one in request.seats if one.reason]
    if reasons:
        facts.append(("Reason", reasons[0]))
    if (request.tool, request.arguments) in story.rules:
        facts.append(("Allowed by", "A standing approval"))
    return [{"label": label, "value": value} for label, value in facts]


def _actions(place: CardPlace) -> list[Json]:
    request, seat = place.request, place.seat
    if not request.is_open:
        return []
    if seat is None:
        return [
            {"id": "nudge", "label": "Nudge", "style": "plain", "dialog": None},
            {"id": "withdraw", "label": "Withdraw", "style": "danger", "dialog": None},
        ]
    if seat.status != "pending":
        return []
    buttons: list[Json] = [
        {"id": "approve", "label": "Approve", "style": "primary", "dialog": None},
        {
            "id": "deny",
            "label": "Deny",
            "style": "danger",
            "dialog": {
                "title": "Deny this request",
                "summary": f"{NAMES[request.requester]} is told the reason.",
                "fields": [
                    {
                        "name": "reason",
                        "label": "Reason",
                        "kind": "paragraph",
                        "required": True,
                        "value": "",
                        "options": [],
                    }
                ],
            },
        },
    ]
    if TOOL[request.tool]["effect"] != "destroy" and seat.name == "technician":
        buttons.append(
            {
                "id": "always_allow",
                "label": "Always allow",
                "style": "plain",
                "dialog": _always_allow(request),
            }
        )
    return buttons


def _always_allow(request: Request) -> dict[str, Json]:
    holders: list[Json] = [
        {"value": "person", "label": f"Only {NAMES[request.requester]}"},
        {"value": "group", "label": "A group"},
        {"value": "everyone", "label": "Everyone"},
    ]
    scopes: list[Json] = [
        {"value": "exact", "label": "Exactly these arguments"},
        {"value": "pinned", "label": "Some arguments fixed"},
        {"value": "any", "label": "Any arguments"},
    ]
    paths: list[Json] = [
        {"value": name, "label": f"{name} = {value}"} for name, value in request.arguments.items()
    ]
    return {
        "title": "Always allow",
        "submit": "Approve and save",
        "summary": request.title,
        "fields": [
            {
                "name": "holder",
                "label": "For whom",
                "kind": "choice",
                "required": True,
                "value": "person",
                "options": holders,
            },
            {
                "name": "group",
                "label": "Group",
                "kind": "choice",
                "required": True,
                "value": None,
                "options": GROUPS,
            },
            {
                "name": "arguments",
                "label": "For what",
                "kind": "choice",
                "required": True,
                "value": "exact",
                "options": scopes,
            },
            {
                "name": "pinned",
                "label": "Fixed arguments",
                "kind": "choices",
                "required": True,
                "value": [],
                "options": paths,
            },
            {
                "name": "ends_in_days",
                "label": "Ends in days",
                "kind": "number",
                "required": True,
                "value": 30,
                "options": [],
            },
            {
                "name": "uses",
                "label": "How often at most",
                "kind": "number",
                "required": False,
                "value": None,
                "options": [],
                "help": "Leave empty for no limit.",
            },
            {
                "name": "reason",
                "label": "Reason",
                "kind": "text",
                "required": True,
                "value": "",
                "options": [],
            },
        ],
    }


def sentence(place: CardPlace, values: dict[str, Json]) -> str:
    """The rule of an Always allow dialog in words."""
    request = place.request
    holder = {"person": NAMES[request.requester], "group": f"the group {values.get('group', '…')}"}.get(
        str(values["holder"]), "everyone"
    )
    given = ", ".join(f"{name} = {value}" for name, value in request.arguments.items())
    pinned = values.get("pinned")
    fixed = ", ".join(str(one) for one in pinned) if isinstance(pinned, list) else "nothing"
    scopes = {"exact": f"with exactly {given}", "pinned": f"with {fixed} fixed"}
    scope = scopes.get(str(values["arguments"]), "with any arguments")
    days = values.get("ends_in_days", "…")
    return f"“{request.title}” runs without asking for {holder}, {scope}, for {days} days."
