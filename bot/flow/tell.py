"""Enqueues what people are to see after a change, in the transaction of the change."""

from collections.abc import Iterable

from bot.cards.status import attention_card_id, status_card_id
from bot.domain.events import Notice, NoticeKind
from bot.domain.people import PersonId
from bot.domain.requests import ApprovalId, Request
from bot.ports.store import Unit


async def refresh(unit: Unit, request: Request) -> None:
    """Has every copy of every card of the request drawn anew, and of those that share its approvals."""
    asking = (request, *await unit.requests.joined_to(request.id))
    notices = [_card(one, status_card_id(one.id), one.requester) for one in asking]
    cards: list[str] = [approval.id for approval in await unit.approvals.of(request.joined_to or request.id)]
    cards.append(attention_card_id(request.id))
    notices.extend(_card(request, card, person) for card, person in await unit.outbox.viewers(cards))
    await unit.outbox.add(*notices)


async def send_status(unit: Unit, request: Request) -> None:
    """Sends the requester their card."""
    await unit.outbox.add(_card(request, status_card_id(request.id), request.requester))


async def send_approval(
    unit: Unit, request: Request, approval: ApprovalId, persons: Iterable[PersonId]
) -> None:
    """Sends the approval's card to these persons."""
    await unit.outbox.add(*(_card(request, approval, person) for person in persons))


async def send_attention(unit: Unit, request: Request, persons: Iterable[PersonId]) -> None:
    """Sends the card about an unknown outcome to these persons."""
    await unit.outbox.add(*(_card(request, attention_card_id(request.id), person) for person in persons))


async def say(unit: Unit, request: Request, person: PersonId, text: str) -> None:
    """Says one text to one person about the request."""
    await unit.outbox.add(Notice(kind=NoticeKind.SAY, request=request.id, person=person, text=text))


async def note(unit: Unit, request: Request) -> None:
    """Posts the request's internal note."""
    await unit.outbox.add(Notice(kind=NoticeKind.NOTE, request=request.id))


def _card(request: Request, card: str, person: PersonId) -> Notice:
    return Notice(kind=NoticeKind.CARD, request=request.id, card=card, person=person)
