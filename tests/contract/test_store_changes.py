"""What the ports promise of the history, of proposals and of announcements, on each kind of database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.actions import Action
from bot.domain.announcements import Announcement, AnnouncementId, AnnouncementStatus
from bot.domain.grants import PinnedArguments
from bot.domain.people import PersonId
from bot.domain.policies import Requirement, Skip, Standing
from bot.domain.proposals import Proposal, ProposalId, ProposalStatus
from bot.domain.rule_changes import DefaultEdit, Edit, GrantEdit, PolicyEdit, RuleChange, SwitchEdit
from bot.domain.tools import ToolId
from bot.ports.records import Overtaken
from bot.storage.store import SqlStore
from tests.builders import NOW, RESET, a_condition, a_definition, a_grant, a_policy, chosen, tools_named
from tests.records import ACME, GLOBEX, HOSTILE, a_tenant

POLICY = replace(
    a_policy(
        Action.APPROVAL_NEEDED,
        name=f"a {HOSTILE}",
        tools=tools_named("reset_password", "delete_user"),
        subjects=chosen(persons=["alice"], groups=["contractors"]),
        conditions=[a_condition("args.amount", "in", [1, 1.0, True, None, {"a": 10**30}])],
        requirement=Requirement(groups={"technicians": 2}, manager=True),
        otherwise=Skip.SKIP,
        standing=Standing.FORBIDDEN,
        ends=NOW,
    ),
    description=HOSTILE,
)
EDITS: tuple[Edit, ...] = (
    PolicyEdit(before=None, after=POLICY),
    PolicyEdit(before=POLICY, after=replace(POLICY, action=Action.AUTO, version=2)),
    DefaultEdit(connector="acme-it", before=None, after=Action.DISABLED),
    DefaultEdit(connector="", before=Action.AUTO, after=None),
    SwitchEdit(connector="acme-it", tool="delete_user", before=True, after=False),
    SwitchEdit(connector="acme-it", before=False, after=True),
    GrantEdit(before=None, after=a_grant("new", arguments=PinnedArguments({HOSTILE: [1, 1.0]}), ends=None)),
    GrantEdit(before=replace(a_grant("old", used_on=NOW.date()), last_used=NOW), after=None),
)


def a_change(*edits: Edit, reason: str = "") -> RuleChange:
    return RuleChange(at=NOW, by="ada", actor=PersonId("ada"), reason=reason, edits=edits)


def a_proposal(proposal: str = "one", **changes: object) -> Proposal:
    made = Proposal(
        id=ProposalId(proposal),
        at=NOW,
        by=PersonId("ada"),
        reason=HOSTILE,
        edits=EDITS,
        tools=(RESET, ToolId("acme-it", "delete_user")),
        effect="Nothing.",
        undoes=3,
        expires=NOW + timedelta(days=7),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of a proposal


def an_announcement(announcement: str = "one", tool: ToolId = RESET, **changes: object) -> Announcement:
    made = Announcement(
        id=AnnouncementId(announcement),
        tool=tool,
        before=a_definition(tool),
        after=replace(a_definition(tool), description=HOSTILE),
        at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of an announcement


@pytest.fixture(autouse=True)
async def _tenants(store: SqlStore) -> None:
    for tenant in (ACME, GLOBEX):
        async with store.unit(tenant) as unit:
            await unit.put_tenant(a_tenant(tenant))


async def test_changes_are_numbered_per_tenant_and_come_back_as_they_were_made(store: SqlStore) -> None:
    whole = replace(a_change(*EDITS, reason=HOSTILE), approved_by=PersonId("bob"), undoes=7)
    async with store.unit(ACME) as unit:
        assert await unit.changes.newest() == 0
        assert await unit.changes.add(whole) == replace(whole, number=1)
        assert (await unit.changes.add(a_change(EDITS[2]))).number == 2
    async with store.unit(GLOBEX) as unit:
        assert (await unit.changes.add(a_change(EDITS[3]))).number == 1
    async with store.view(ACME) as unit:
        assert await unit.changes.newest() == 2
        assert await unit.changes.get(1) == replace(whole, number=1)
        assert await unit.changes.get(3) is None


async def test_changes_are_found_by_number_by_page_and_by_what_they_touch(store: SqlStore) -> None:
    async with store.unit(ACME) as unit:
        for edits in ((EDITS[0], EDITS[1]), (EDITS[2],), (EDITS[3],), (EDITS[4],), (EDITS[5], EDITS[2])):
            await unit.changes.add(a_change(*edits))
    async with store.view(ACME) as unit:
        changes = unit.changes
        assert [one.number for one in await changes.after(2)] == [3, 4, 5]
        assert [one.number for one in await changes.after(1, upto=3)] == [2, 3]
        assert await changes.after(5) == ()
        count, page = await changes.page(offset=1, limit=2)
        assert (count, [one.number for one in page]) == (5, [4, 3])
        for about, numbers in (
            (POLICY.name, [1]),
            ("acme-it:*", [5, 2]),
            ("*", [3]),
            ("acme-it:delete_user", [4]),
            ("acme-it", [5]),
            ("acme-it:reset_password", []),
        ):
            count, page = await changes.page(about=about, offset=0, limit=10)
            assert (count, [one.number for one in page]) == (len(numbers), numbers)
    async with store.view(GLOBEX) as unit:
        assert await unit.changes.page(offset=0, limit=10) == (0, ())


async def test_a_change_that_is_rolled_back_leaves_its_number_free(store: SqlStore) -> None:
    async def change_and_fail() -> None:
        async with store.unit(ACME) as unit:
            await unit.changes.add(a_change(EDITS[2]))
            raise KeyError

    with pytest.raises(KeyError):
        await change_and_fail()
    async with store.unit(ACME) as unit:
        assert (await unit.changes.add(a_change(EDITS[3]))).number == 1


async def test_proposals_come_back_and_are_swapped_once(store: SqlStore) -> None:
    made = a_proposal()
    async with store.unit(ACME) as unit:
        await unit.changes.propose(made)
    with pytest.raises(Overtaken):
        async with store.unit(ACME) as unit:
            await unit.changes.propose(made)
    denied = replace(
        made, status=ProposalStatus.DENIED, decided_by=PersonId("bob"), decided=NOW, note=HOSTILE, number=4
    )
    async with store.unit(ACME) as unit:
        assert await unit.changes.proposal(made.id) == made
        await unit.changes.swap_proposal(made, denied)
    with pytest.raises(Overtaken):
        async with store.unit(ACME) as unit:
            await unit.changes.swap_proposal(made, replace(made, status=ProposalStatus.APPROVED))
    async with store.view(ACME) as unit:
        assert await unit.changes.proposal(made.id) == denied
    async with store.view(GLOBEX) as unit:
        assert await unit.changes.proposal(made.id) is None


async def test_only_pending_proposals_wait_and_only_old_drafts_are_forgotten(store: SqlStore) -> None:
    old, new = NOW - timedelta(days=2), NOW
    async with store.unit(ACME) as unit:
        for proposal in (
            a_proposal("late", at=new),
            a_proposal("early", at=old),
            a_proposal("old draft", at=old, status=ProposalStatus.DRAFT),
            a_proposal("new draft", at=new, status=ProposalStatus.DRAFT),
            a_proposal("approved", at=old, status=ProposalStatus.APPROVED),
        ):
            await unit.changes.propose(proposal)
    async with store.unit(GLOBEX) as unit:
        await unit.changes.propose(a_proposal("theirs", at=old, status=ProposalStatus.DRAFT))
    async with store.unit(ACME) as unit:
        assert [one.id for one in await unit.changes.pending_proposals()] == ["early", "late"]
        assert await unit.changes.forget_drafts(NOW - timedelta(days=1)) == 1
        assert await unit.changes.forget_drafts(NOW - timedelta(days=1)) == 0
        assert await unit.changes.proposal(ProposalId("old draft")) is None
        for kept in ("late", "early", "new draft", "approved"):
            assert await unit.changes.proposal(ProposalId(kept)) is not None
    async with store.view(GLOBEX) as unit:
        assert await unit.changes.proposal(ProposalId("theirs")) is not None


async def test_announcements_are_open_until_somebody_deals_with_them(store: SqlStore) -> None:
    first = an_announcement("first", before=None)
    second = an_announcement("second", at=NOW + timedelta(hours=1))
    other = an_announcement("other", ToolId("crm", "get_user"), at=NOW + timedelta(hours=2))
    async with store.unit(ACME) as unit:
        for one in (second, other, first):
            await unit.announcements.add(one)
    async with store.view(ACME) as unit:
        assert await unit.announcements.open() == (first, second, other)
        assert await unit.announcements.open_of(RESET) == second
        assert await unit.announcements.get(first.id) == first
    done = replace(second, status=AnnouncementStatus.ACCEPTED, by=PersonId("ada"), decided=NOW)
    async with store.unit(ACME) as unit:
        await unit.announcements.swap(second, done)
    with pytest.raises(Overtaken):
        async with store.unit(ACME) as unit:
            await unit.announcements.swap(second, done)
    async with store.view(ACME) as unit:
        assert await unit.announcements.open_of(RESET) == first
        assert await unit.announcements.newest_of(RESET) == done
        assert await unit.announcements.open() == (first, other)
    async with store.view(GLOBEX) as unit:
        assert await unit.announcements.open() == ()
        assert await unit.announcements.get(first.id) is None
