"""What people are to be told, and the copies of their cards, in SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import and_, col, delete, select

from bot.domain.events import Notice, NoticeKind
from bot.domain.people import PersonId
from bot.domain.requests import ApprovalStatus
from bot.ports.records import CardCopy
from bot.storage import leases
from bot.storage.mapping import columns_of, thing_of
from bot.storage.tables.approvals import ApprovalRow
from bot.storage.tables.outbox import WAITING_CARD, CardCopyRow, CardMissRow, NoticeRow
from bot.storage.work import Work


class SqlOutbox:
    """The port `Outbox`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, *notices: Notice) -> None:
        """Stores notices with the change that caused them; the same card for the same person waits once.

        A card that waits already is locked until the transaction ends: nobody can take it up and deliver it
        as it was before. One that is being delivered does not wait, so the card is delivered again.
        """
        for notice in notices:
            statement = self._work.insert(NoticeRow).values(self._work.own(columns_of(notice)))
            if notice.kind is NoticeKind.CARD:
                statement = statement.on_conflict_do_update(
                    index_elements=("tenant", "card", "person"),
                    index_where=WAITING_CARD,
                    set_={"request": notice.request, "text": notice.text},
                )
            await self._work.session.exec(statement)

    async def copies(self, card: str) -> tuple[CardCopy, ...]:
        """Gives the copies of a card, by person and surface."""
        statement = select(CardCopyRow).where(
            col(CardCopyRow.tenant) == self._work.tenant, col(CardCopyRow.card) == card
        )
        found = [thing_of(CardCopy, row) for row in await self._work.session.exec(statement)]
        return tuple(sorted(found, key=lambda copy: (copy.person, copy.surface)))

    async def copy_at(self, surface: str, place: str, reference: str) -> CardCopy | None:
        """Gives the copy that stands in this message of the surface; None when no card does."""
        statement = (
            select(CardCopyRow)
            .where(
                col(CardCopyRow.tenant) == self._work.tenant,
                col(CardCopyRow.surface) == surface,
                col(CardCopyRow.place) == place,
                col(CardCopyRow.reference) == reference,
            )
            .order_by(col(CardCopyRow.card), col(CardCopyRow.person))
            .limit(1)
        )
        row = (await self._work.session.exec(statement)).one_or_none()
        return None if row is None else thing_of(CardCopy, row)

    async def viewers(self, cards: Sequence[str]) -> tuple[tuple[str, PersonId], ...]:
        """Gives who has a copy of which of these cards, or is just about to get one, in order.

        Whoever is being sent a card has no copy yet. Both are read at one moment, so that nobody is missed.
        """
        waiting, there = (
            select(kind.card, kind.person).where(
                col(kind.tenant) == self._work.tenant,
                col(kind.card).in_(cards),
                col(kind.person).is_not(None),
            )
            for kind in (NoticeRow, CardCopyRow)
        )
        rows = await (await self._work.session.connection()).execute(waiting.union(there))
        return tuple(sorted((str(card), PersonId(person)) for card, person in rows))

    async def finish(self, worker: str, *notices: int) -> None:
        """Removes delivered notices that the worker has leased, together with what else is written."""
        await leases.finish_notices(self._work.session, worker, notices)

    async def add_copy(self, copy: CardCopy) -> None:
        """Stores a copy; the same card, person and surface replaces the earlier one.

        That the card could not be brought to the person is forgotten.
        """
        await self._work.put(CardCopyRow, columns_of(copy), key=("card", "person", "surface"))
        await self._work.session.exec(
            delete(CardMissRow).where(
                col(CardMissRow.tenant) == self._work.tenant,
                col(CardMissRow.card) == copy.card,
                col(CardMissRow.person) == copy.person,
            )
        )

    async def miss(self, card: str, person: PersonId, *, at: datetime, why: str) -> None:
        """Stores that this card could not be brought to the person on any surface; again replaces it."""
        row = {"card": card, "person": person, "at": at, "why": why}
        await self._work.put(CardMissRow, row, key=("card", "person"))

    async def open_misses(self) -> Mapping[str, frozenset[PersonId]]:
        """Gives to whom the cards of pending approvals could not be brought, by card; only cards with any."""
        statement = (
            select(CardMissRow.card, CardMissRow.person)
            .join(
                ApprovalRow,
                and_(
                    col(ApprovalRow.tenant) == col(CardMissRow.tenant),
                    col(ApprovalRow.id) == col(CardMissRow.card),
                ),
            )
            .where(
                col(CardMissRow.tenant) == self._work.tenant,
                col(ApprovalRow.status) == ApprovalStatus.PENDING,
            )
        )
        found: dict[str, set[PersonId]] = {}
        for card, person in await self._work.session.exec(statement):
            found.setdefault(card, set()).add(PersonId(person))
        return {card: frozenset(persons) for card, persons in found.items()}

    async def missed(self, card: str) -> frozenset[PersonId]:
        """Gives to whom the card could not be brought."""
        statement = select(CardMissRow.person).where(
            col(CardMissRow.tenant) == self._work.tenant, col(CardMissRow.card) == card
        )
        return frozenset(PersonId(person) for person in await self._work.session.exec(statement))
