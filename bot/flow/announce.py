"""Announces new and changed tools to the admins, and ends what is announced."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.cards.tool_change import tool_change_card_id
from bot.domain.announcements import Announcement, AnnouncementId, AnnouncementStatus
from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.domain.people import PersonId
from bot.domain.tools import CatalogTool, ToolDefinition
from bot.flow.listing_changes import Changes
from bot.flow.listing_report import ListingReport
from bot.ports.outside import Ids
from bot.ports.store import Unit

CARDS: Final = 5
"""Cards that one listing brings; where there would be more, new tools are told of in one text."""
_ANSWERED: Final = frozenset({AnnouncementStatus.KEPT, AnnouncementStatus.DISABLED})


async def announce(unit: Unit, changes: Changes, *, ids: Ids, now: datetime) -> tuple[Announcement, ...]:
    """Gives what is to be looked at now, stored as open; what is not as it was announced is closed.

    Every announcement of a changed tool has the accepted definition as `before`, however often the tool has
    changed since.
    """
    opened = [_opened(tool, None, ids, now) for tool, _ in changes.new]
    for tool in changes.vanished:
        await _overtake(unit, tool, now=now)
    for before, after, _ in changes.altered:
        newest = await unit.announcements.newest_of(after.id)
        is_other = before.fingerprint != after.fingerprint
        if is_other or not after.drifted:
            await _overtake(unit, after, now=now)
        is_back = not before.present and not _is_answered(newest, after)
        if after.drifted and (is_other or is_back):
            opened.append(_opened(after, _accepted(before, newest), ids, now))
    for announcement in opened:
        await unit.announcements.add(announcement)
    return tuple(opened)


def notices_of(
    opened: Sequence[Announcement], report: ListingReport, admins: Iterable[PersonId | None]
) -> list[Notice]:
    """Gives what the admins are told: a card each, or where there are many, a text and a few cards.

    None among the admins stands for all there are, for as long as nobody knows who that is.
    """
    shown, text = list(opened), report.farewell
    if len(shown) > CARDS:
        shown = [one for one in opened if one.before is not None][:CARDS]
        text = report.announcement
    notices = []
    for admin in admins:
        if text:
            notices.append(Notice(kind=NoticeKind.SAY, person=admin, text=text))
        notices += [
            Notice(kind=NoticeKind.CARD, card=tool_change_card_id(one.id), person=admin) for one in shown
        ]
    return notices


async def close_announcement(
    unit: Unit, found: Announcement, status: AnnouncementStatus, *, by: PersonId | None, now: datetime
) -> Announcement:
    """Gives the announcement as it is closed; every copy of its card is drawn anew.

    `by` is None for the operator.

    Raises:
        Overtaken: somebody else was faster.
    """
    closed = replace(found, status=status, by=by, decided=now)
    await unit.announcements.swap(found, closed)
    card = tool_change_card_id(found.id)
    seen = sorted({person for _, person in await unit.outbox.viewers([card])})
    await unit.outbox.add(*(Notice(kind=NoticeKind.CARD, card=card, person=person) for person in seen))
    if status is not AnnouncementStatus.OVERTAKEN:
        entry = AuditEntry(
            at=now,
            kind=f"announcement.{status.value}",
            actor=by,
            connector=found.tool.connector,
            tool=str(found.tool),
            details={"announcement": found.id, "fingerprint": found.after.fingerprint},
        )
        await unit.audit.append(entry)
    return closed


def _opened(tool: CatalogTool, before: ToolDefinition | None, ids: Ids, now: datetime) -> Announcement:
    return Announcement(
        id=AnnouncementId(ids.new()), tool=tool.id, before=before, after=tool.definition, at=now
    )


async def _overtake(unit: Unit, tool: CatalogTool, *, now: datetime) -> None:
    found = await unit.announcements.open_of(tool.id)
    if found is not None:
        await close_announcement(unit, found, AnnouncementStatus.OVERTAKEN, by=None, now=now)


def _is_answered(newest: Announcement | None, tool: CatalogTool) -> bool:
    """Whether an admin has answered what the tool is now already."""
    if newest is None or newest.status not in _ANSWERED:
        return False
    return newest.after.fingerprint == tool.fingerprint


def _accepted(before: CatalogTool, newest: Announcement | None) -> ToolDefinition:
    """Gives the definition that was accepted; the last one that is known where that one is not."""
    known = [before.definition, *((newest.before, newest.after) if newest else ())]
    return next(
        (one for one in known if one is not None and one.fingerprint == before.accepted), before.definition
    )
