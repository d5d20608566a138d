"""Loosening a tool that destroys something needs a second admin."""

import asyncio

import pytest
from sqlmodel import col, select

from bot.domain.actions import Action
from bot.domain.proposals import ProposalStatus
from bot.storage.tables.changes import ProposalRow
from tests.commanding import answer
from tests.journeys.arranging import change_person, entries, set_tool
from tests.journeys.stage import TENANT, Json, Stage, action_ids, facts

DELETE = "acme-it:delete_user"
LOOSEN = f"policy set {DELETE} approval_needed we trust ourselves"
WEEK = 7 * 24


async def proposed(stage: Stage) -> str:
    """Has Ada ask for it that accounts can be deleted, and gives the card's id."""
    [ask] = (await answer(stage, "ada", LOOSEN)).buttons
    assert ask.label == "Ask a second admin"
    assert (await answer(stage, "ada", ask.value)).title == "Another admin has to approve this change"
    return str((await card_of(stage, "ahmed"))["card"])


async def card_of(stage: Stage, who: str, **shown: str) -> Json:
    """Waits until the person has a card of a change with these facts, and gives it."""

    async def look() -> Json | None:
        found = [one for one in await stage.cards(who) if str(one["card"]).startswith("change-")]
        fits = [one for one in found if all(facts(one).get(name) == value for name, value in shown.items())]
        return fits[-1] if fits else None

    return await stage.eventually(look, f"{who}'s card of a change with {shown}")


async def action_now(stage: Stage) -> Action:
    """Gives what the tool's own policy says."""
    async with stage.store.view(TENANT) as view:
        [policy] = [one for one in await view.policies.all() if one.name == DELETE]
    return policy.action


async def statuses(stage: Stage) -> list[str]:
    """Gives how proposals came to their ends, by the audit log."""
    ends = {f"change.{status.value}": status.value for status in ProposalStatus}
    return [ends[one.kind] for one in await entries(stage) if one.kind in ends]


async def refused(stage: Stage) -> list[str]:
    """Gives why clicks were refused, by the audit log."""
    return [one.status for one in await entries(stage, "action.refused")]


@pytest.mark.promise("POL-14")
async def test_another_admin_approves_on_their_card_and_then_it_holds(stage: Stage) -> None:
    card = await proposed(stage)
    shown = await card_of(stage, "ahmed")
    assert action_ids(shown) == ["approve", "deny"]
    assert facts(shown)["Reason"] == "we trust ourselves"
    assert facts(shown)["Lets these do more"] == DELETE
    assert action_ids(await card_of(stage, "ada")) == ["withdraw"]
    assert await action_now(stage) is Action.DISABLED
    own = await stage.presses("ada", card, "approve")
    assert "You made this change yourself" in own.error
    assert (await stage.presses("bob", card, "approve")).status == 404
    done = await stage.presses("ahmed", card, "approve")
    assert done.status == 200
    assert await action_now(stage) is Action.APPROVAL_NEEDED
    for who in ("ada", "ahmed"):
        over = await card_of(stage, who, Now="Approved by Ahmed Aziz. It holds now, as change 2.")
        assert action_ids(over) == []
    async with stage.store.view(TENANT) as view:
        change = await view.changes.get(2)
    assert change is not None
    assert (change.actor, change.approved_by) == ("p-ada", "p-ahmed")


@pytest.mark.promise("POL-14")
async def test_a_denial_says_why_and_changes_nothing(stage: Stage) -> None:
    card = await proposed(stage)
    assert (await stage.presses("ahmed", card, "deny", reason="Not this week.")).status == 200
    denied = await card_of(stage, "ada", Now="Denied by Ahmed Aziz. Nothing was changed.")
    assert facts(denied)["Reason of the denial"] == "Not this week."
    assert "is not open any more" in (await stage.presses("ahmed", card, "approve")).error
    assert await action_now(stage) is Action.DISABLED


@pytest.mark.promise("POL-14")
async def test_only_its_author_withdraws_a_change(stage: Stage) -> None:
    card = await proposed(stage)
    assert (await stage.presses("ahmed", card, "withdraw")).status == 403
    assert (await stage.presses("ada", card, "withdraw")).status == 200
    assert action_ids(await card_of(stage, "ahmed", Now="Withdrawn. Nothing was changed.")) == []
    assert await action_now(stage) is Action.DISABLED


@pytest.mark.promise("POL-14")
async def test_what_nobody_decides_in_seven_days_expires(stage: Stage) -> None:
    card = await proposed(stage)
    await stage.hours_pass(WEEK - 1)
    assert action_ids(await card_of(stage, "ahmed")) == ["approve", "deny"]
    await stage.hours_pass(1)
    over = await card_of(stage, "ahmed", Now="No other admin decided in time. Nothing was changed.")
    assert action_ids(over) == []
    assert (await stage.presses("ahmed", card, "approve")).status == 409
    assert await statuses(stage) == ["expired"]
    assert await action_now(stage) is Action.DISABLED


@pytest.mark.promise("POL-14")
async def test_a_change_that_another_one_overtook_cannot_be_approved(stage: Stage) -> None:
    card = await proposed(stage)
    await set_tool(stage, "delete_user", Action.STEP_UP)
    said = await stage.presses("ahmed", card, "approve")
    assert said.status == 409
    assert "changed meanwhile" in said.error
    assert await action_now(stage) is Action.STEP_UP
    assert await statuses(stage) == ["overtaken"]
    assert await refused(stage) == ["ChangeDecided"]


@pytest.mark.promise("POL-14")
async def test_a_change_of_somebody_who_is_no_admin_any_more_cannot_be_approved(stage: Stage) -> None:
    card = await proposed(stage)
    change_person(stage, "ada", groups=["all-staff"])
    said = await stage.presses("ahmed", card, "approve")
    assert said.status == 409
    assert "is no admin any more" in said.error
    assert await refused(stage) == ["ChangeDecided"]
    over = await card_of(stage, "ahmed", Now="Withdrawn. Nothing was changed.")
    assert "is no admin any more" in facts(over)["Why"]
    assert await statuses(stage) == ["withdrawn"]
    assert await action_now(stage) is Action.DISABLED


@pytest.mark.promise("POL-14")
async def test_of_two_admins_who_approve_at_the_same_time_one_does(any_stage: Stage) -> None:
    change_person(any_stage, "dan", groups=["admins"])
    card = await proposed(any_stage)
    said = await asyncio.gather(*(any_stage.presses(who, card, "approve") for who in ("ahmed", "dan")))
    assert sorted(one.status for one in said) == [200, 409]
    assert await statuses(any_stage) == ["approved"]
    assert await action_now(any_stage) is Action.APPROVAL_NEEDED
    async with any_stage.store.view(TENANT) as view:
        assert await view.changes.newest() == 2


@pytest.mark.promise("POL-14")
async def test_a_preview_that_nobody_saves_is_forgotten_after_a_day(stage: Stage) -> None:
    await answer(stage, "ada", LOOSEN)
    async with stage.store.view(TENANT) as view:
        assert await view.changes.pending_proposals() == ()
    [kept] = await drafts(stage)
    await stage.hours_pass(23)
    assert await drafts(stage) == [kept]
    await stage.hours_pass(2)
    assert await drafts(stage) == []


async def drafts(stage: Stage) -> list[str]:
    """Gives the ids of the previews that are kept."""
    async with stage.store._engine.read() as session:
        rows = await session.exec(select(ProposalRow).where(col(ProposalRow.status) == ProposalStatus.DRAFT))
        return [row.id for row in rows]
