"""Announcements of new and changed tools: what a listing opens and closes, and what the admins are sent."""

from collections.abc import AsyncIterator, Sequence

import pytest

from bot.cards.tool_change import tool_change_card_id
from bot.domain.announcements import Announcement, AnnouncementStatus
from bot.domain.events import Notice, NoticeKind
from bot.domain.tools import ToolDefinition, ToolId
from bot.flow.accept import AcceptTool
from bot.flow.announce import CARDS, close_announcement
from bot.storage.engine import open_engine
from bot.storage.store import SqlStore
from tests.builders import NOW, a_definition, a_grant
from tests.databases import KEY
from tests.hubs import StoppedClock, a_stage, put_connectors, put_tenant
from tests.records import ACME, a_connector

DESK = a_connector("desk")
TOOL = ToolId("desk", "reset_password")
OTHER = ToolId("desk", "get_user")


class Bench:
    """A connector that lists its tools, and looks into what that announces."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self._take = a_stage(store)

    async def lists(self, *definitions: ToolDefinition) -> None:
        await self._take(ACME, DESK, definitions)

    async def open(self) -> tuple[Announcement, ...]:
        async with self.store.view(ACME) as view:
            return await view.announcements.open()

    async def stored(self, announcement: Announcement) -> Announcement:
        async with self.store.view(ACME) as view:
            found = await view.announcements.get(announcement.id)
        assert found is not None
        return found

    async def answers(self, announcement: Announcement, status: AnnouncementStatus) -> None:
        async with self.store.unit(ACME) as unit:
            await close_announcement(unit, announcement, status, by=None, now=NOW)

    async def sent(self) -> list[Notice]:
        """Gives what the admin is sent, and takes it out of the outbox."""
        found = await self.store.claim_notices("test", now=NOW, until=NOW, limit=100)
        for _, claimed in found:
            await self.store.finish_notice("test", claimed.id)
        return [claimed.notice for _, claimed in found]


@pytest.fixture
async def bench(database: str) -> AsyncIterator[Bench]:
    store = SqlStore(open_engine(database), key=KEY)
    try:
        await put_tenant(store)
        await put_connectors(store, DESK)
        yield Bench(store)
    finally:
        await store.close()


def cards(notices: Sequence[Notice]) -> list[str]:
    """Gives the cards that are sent."""
    return [one.card for one in notices if one.kind is NoticeKind.CARD]


def told(notices: Sequence[Notice]) -> list[str]:
    """Gives the texts that are sent."""
    return [one.text for one in notices if one.kind is NoticeKind.SAY]


async def test_every_further_change_is_compared_with_what_was_accepted(bench: Bench) -> None:
    accepted, second, third = (a_definition(TOOL, title=title) for title in ("One", "Two", "Three"))
    await bench.lists(accepted)
    await bench.lists(second)
    [first] = await bench.open()
    assert (first.before, first.after) == (accepted, second)
    await bench.lists(third)
    [newest] = await bench.open()
    assert (newest.before, newest.after) == (accepted, third)
    assert (await bench.stored(first)).status is AnnouncementStatus.OVERTAKEN
    await bench.answers(newest, AnnouncementStatus.KEPT)
    await bench.lists(second)
    [again] = await bench.open()
    assert (again.before, again.after) == (accepted, second)


async def test_what_goes_back_to_what_it_was_or_is_gone_is_not_to_be_looked_at(bench: Bench) -> None:
    await bench.lists(a_definition(TOOL), a_definition(OTHER))
    await bench.lists(a_definition(TOOL, title="Two"), a_definition(OTHER, title="Two"))
    opened = await bench.open()
    assert {one.tool for one in opened} == {TOOL, OTHER}
    await bench.sent()
    await bench.lists(a_definition(TOOL))
    assert await bench.open() == ()
    assert {(await bench.stored(one)).status for one in opened} == {AnnouncementStatus.OVERTAKEN}
    [text] = told(await bench.sent())
    assert "Gone: get_user." in text


async def test_what_comes_back_changed_is_announced_again_unless_it_was_answered(bench: Bench) -> None:
    changed = a_definition(TOOL, title="Two")
    await bench.lists(a_definition(OTHER), a_definition(TOOL))
    await bench.lists(a_definition(OTHER), changed)
    await bench.lists(a_definition(OTHER))
    await bench.lists(a_definition(OTHER), changed)
    [announced] = await bench.open()
    assert announced.before == a_definition(TOOL)
    await bench.answers(announced, AnnouncementStatus.KEPT)
    await bench.lists(a_definition(OTHER))
    await bench.lists(a_definition(OTHER), changed)
    assert await bench.open() == ()


async def test_few_tools_are_shown_on_cards_and_of_many_only_the_changed_ones(bench: Bench) -> None:
    known = [a_definition(ToolId("desk", f"get_{number}")) for number in range(CARDS + 2)]
    await bench.lists(*known)
    assert await bench.sent() == []
    new = a_definition(ToolId("desk", "delete_user"))
    await bench.lists(*known, new)
    sent = await bench.sent()
    [only] = await bench.open()
    assert (cards(sent), told(sent)) == ([tool_change_card_id(only.id)], [])

    changed = [a_definition(one.id, title="Other") for one in known]
    many = [a_definition(ToolId("desk", f"create_{number}")) for number in range(30)]
    await bench.lists(*changed, new, *many)
    sent = await bench.sent()
    opened = await bench.open()
    assert len(opened) == 1 + len(changed) + len(many)
    drifted = {tool_change_card_id(one.id) for one in opened if one.before is not None}
    assert len(cards(sent)) == CARDS
    assert set(cards(sent)) <= drifted
    [text] = told(sent)
    assert "tools changed" in text
    assert "policy connector desk" in text


async def test_the_operator_who_accepts_closes_the_announcement_and_standing_approvals_count_again(
    bench: Bench,
) -> None:
    before, after = a_definition(TOOL), a_definition(TOOL, title="Two")
    await bench.lists(before)
    async with bench.store.unit(ACME) as unit:
        await unit.grants.add(a_grant("current", tool=TOOL, fingerprint=before.fingerprint))
        await unit.grants.add(a_grant("older", tool=TOOL, fingerprint="of something older"))
    await bench.lists(after)
    [announced] = await bench.open()
    accept = AcceptTool(store=bench.store, clock=StoppedClock())
    await accept(ACME, TOOL, by="operator")
    stored = await bench.stored(announced)
    assert (stored.status, stored.by, stored.decided) == (AnnouncementStatus.ACCEPTED, None, NOW)
    async with bench.store.view(ACME) as view:
        found = {grant.id: grant.fingerprint for grant in await view.grants.all()}
    assert found == {"current": after.fingerprint, "older": "of something older"}
