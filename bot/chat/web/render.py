"""Renders cards and stories as the web surface's JSON."""

from collections.abc import Mapping, Sequence

from bot.cards.model import Card, CardAction, CardCall, Dialog, Field
from bot.cards.story import Story
from bot.cards.words import shown_call
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import Person
from bot.domain.requests import Approval, CallRecord
from bot.domain.tools import CatalogTool


def card_json(card: Card) -> JsonObject:
    """Gives the card as one item of a chat, without its time."""
    return {
        "kind": "card",
        "card": card.id,
        "request": card.request,
        "title": card.title,
        "status": card.status,
        "facts": [{"label": fact.label, "value": fact.value} for fact in card.facts],
        "calls": [_card_call(call) for call in card.calls],
        "quotes": [{"label": quote.label, "text": quote.text} for quote in card.quotes],
        "warnings": list(card.warnings),
        "actions": [_action(action) for action in card.actions],
    }


def person_json(person: Person, manager: str | None) -> JsonObject:
    """Gives one person of the directory; `manager` is a name."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "roles": sorted(role.value for role in person.roles),
        "title": person.title,
        "manager": manager,
    }


def story_json(story: Story) -> JsonObject:
    """Gives a request with its calls and approvals."""
    requester = story.requester
    return {
        "id": story.request.id,
        "status": story.request.status.value,
        "requester": requester.email if requester else story.request.requester,
        "text": story.request.text,
        "outcome": story.request.outcome,
        "joined": story.request.joined_to,
        "calls": [_call(story, call) for call in story.steps],
        "reads": [_call(story, call) for call in story.reads],
        "approvals": [_approval(story, approval) for approval in story.approvals],
    }


def tool_json(tool: CatalogTool, decision: str) -> JsonObject:
    """Gives one tool for the request form."""
    return {
        "tool": str(tool.id),
        "title": tool.definition.plain_title,
        "description": tool.definition.description,
        "connector": tool.id.connector,
        "effect": tool.effect.value,
        "decision": decision,
        "schema": tool.definition.input_schema,
    }


def _card_call(call: CardCall) -> JsonObject:
    return {
        "tool": call.tool,
        "title": call.title,
        "arguments": call.arguments,
        "effect": call.effect,
        "decision": call.decision,
        "reason": call.reason,
        "status": call.status,
        "result": call.result,
    }


def _action(action: CardAction) -> JsonObject:
    return {
        "id": action.id,
        "label": action.label,
        "style": action.style.value,
        "dialog": _dialog(action.dialog) if action.dialog else None,
    }


def _dialog(dialog: Dialog) -> JsonObject:
    return {
        "title": dialog.title,
        "submit": dialog.submit,
        "summary": dialog.summary,
        "fields": [_field(field) for field in dialog.fields],
    }


def _field(field: Field) -> JsonObject:
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind.value,
        "required": field.required,
        "value": field.value,
        "options": [{"value": option.value, "label": option.label} for option in field.options],
        "help": field.help,
    }


def _call(story: Story, call: CallRecord) -> JsonObject:
    shown = shown_call(story, call, set(), with_result=True)
    found: dict[str, JsonValue] = {
        **_card_call(shown),
        "policies": list(call.policies),
        "grants": [str(grant) for grant in call.grants],
    }
    return found


def _approval(story: Story, approval: Approval) -> JsonObject:
    reviews = approval.reviews
    return {
        "id": approval.id,
        "seat": approval.seat.kind.value,
        "group": approval.asked_group,
        "quorum": approval.seat.quorum,
        "asked": _address(story, approval),
        "status": approval.status.value,
        "by": ", ".join(_email(story, review.reviewer) for review in reviews) or None,
        "reason": "; ".join(review.reason for review in reviews if review.reason) or None,
        "grant": next((review.grant for review in reviews if review.grant), None),
        "explanation": approval.explanation,
        "expires": approval.expires.isoformat(),
    }


def _address(story: Story, approval: Approval) -> str | None:
    return _email(story, approval.approver) if approval.approver else None


def _email(story: Story, person: str) -> str:
    by_id: Mapping[str, Person] = {str(key): found for key, found in story.people.items()}
    found = by_id.get(person)
    return found.email if found else person


def problems_json(error: str, fields: Mapping[str, str] | None = None) -> dict[str, object]:
    """Gives the body of a refusal: one sentence, and one per field where fields are wrong."""
    return {"error": error} if fields is None else {"error": error, "fields": dict(fields)}


def chat_json(items: Sequence[tuple[JsonObject, str]]) -> JsonObject:
    """Gives a chat: every item with its time."""
    return {"items": [{**content, "at": at} for content, at in items]}
