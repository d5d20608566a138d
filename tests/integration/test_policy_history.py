"""Changes are numbered, compared, taken back and explained; nobody's change is written over."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.actions import Action
from bot.domain.tools import ToolId
from bot.flow.change_rules import ChangedMeanwhile, NothingToSave
from bot.flow.commands.changes import NoSuchChange
from bot.flow.commands.policy_why import NoSuchRequest
from bot.flow.commands.refusals import NoSuchThing, OnlyAdmins
from bot.flow.drafts.existing import ChangedSince
from tests.builders import a_policy, chosen, tools_named
from tests.commanding import answer, facts, refusal, saved, told
from tests.journeys.arranging import put_policy, set_tool
from tests.journeys.stage import Stage, staged

RESET = ToolId("acme-it", "reset_password")


@pytest.fixture
async def stage(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """Gives Acme at work on a fresh SQLite database."""
    file = tmp_path / "countersign.db"
    shutil.copy(sqlite_template, file)
    async with staged(f"sqlite:///{file}", tmp_path) as found:
        yield found


async def action_of(stage: Stage, name: str) -> Action | None:
    async with stage.store.view(stage.seams.tenant) as view:
        return next((one.action for one in await view.policies.all() if one.name == name), None)


async def test_nothing_is_saved_until_the_preview_is(stage: Stage) -> None:
    before = await action_of(stage, str(RESET))
    shown = await answer(stage, "ada", f"policy set {RESET} disabled while we look into it")
    assert shown.buttons[0].label == "Save"
    assert "In the last 30 days: no calls that this touches were decided." in told(shown)
    assert await action_of(stage, str(RESET)) is before
    saved = await answer(stage, "ada", shown.buttons[0].value)
    assert saved.title.startswith("Saved as change ")
    assert await action_of(stage, str(RESET)) is Action.DISABLED


async def test_only_the_author_saves_a_preview_and_only_once(stage: Stage) -> None:
    shown = await answer(stage, "ada", f"policy set {RESET} disabled")
    save = shown.buttons[0].value
    assert isinstance(await refusal(stage, "ahmed", save), NothingToSave)
    assert isinstance(await refusal(stage, "bob", save), OnlyAdmins)
    await answer(stage, "ada", save)
    assert isinstance(await refusal(stage, "ada", save), NothingToSave)
    old = (await answer(stage, "ada", f"policy set {RESET} auto")).buttons[0].value
    stage.clock.advance(timedelta(hours=2))
    assert isinstance(await refusal(stage, "ada", old), NothingToSave)


async def test_the_second_of_two_admins_is_told_what_the_first_changed(stage: Stage) -> None:
    hers = await answer(stage, "ada", f"policy set {RESET} disabled")
    his = await answer(stage, "ahmed", f"policy set {RESET} auto")
    await answer(stage, "ada", hers.buttons[0].value)
    found = await refusal(stage, "ahmed", his.buttons[0].value)
    assert isinstance(found, ChangedMeanwhile)
    assert f"{RESET}: action: approval_needed → disabled" in found.sentence
    assert await action_of(stage, str(RESET)) is Action.DISABLED


async def test_of_two_saves_at_the_same_moment_one_is_written(stage: Stage) -> None:
    hers = await answer(stage, "ada", "policy set acme-it:* disabled")
    his = await answer(stage, "ahmed", "policy set acme-it:* step_up")
    results = await asyncio.gather(
        answer(stage, "ada", hers.buttons[0].value),
        answer(stage, "ahmed", his.buttons[0].value),
        return_exceptions=True,
    )
    assert len([one for one in results if isinstance(one, ChangedMeanwhile)]) == 1


async def test_the_history_says_who_changed_what_when_and_why_and_undo_takes_one_back(stage: Stage) -> None:
    await saved(stage, "ada", f"policy set {RESET} disabled while we look into it")
    shown = await answer(stage, "bob", f"policy history {RESET}")
    newest = shown.lines[0]
    assert newest.button is None
    says = told(shown)
    assert "approval_needed → disabled" in says
    assert "Ada" in says
    assert "Reason: while we look into it" in says
    undo = (await answer(stage, "ada", f"policy history {RESET}")).lines[0].button
    assert undo is not None
    await saved(stage, "ada", undo.value)
    assert await action_of(stage, str(RESET)) is Action.APPROVAL_NEEDED
    again = told(await answer(stage, "ada", f"policy history {RESET}"))
    assert f"Takes back: {newest.label.lower()}" in again


async def test_what_was_changed_afterwards_is_not_undone_with_an_older_change(stage: Stage) -> None:
    first = await saved(stage, "ada", f"policy set {RESET} disabled")
    await saved(stage, "ahmed", f"policy set {RESET} step_up")
    found = await refusal(stage, "ada", first.buttons[0].value)
    assert isinstance(found, ChangedSince)
    assert "step_up" in found.sentence


async def test_a_difference_joins_what_happened_in_between(stage: Stage) -> None:
    shown = await answer(stage, "ada", "policy history")
    start = shown.lines[0].label.removeprefix("Change ")
    await saved(stage, "ada", f"policy set {RESET} disabled")
    await saved(stage, "ada", f"policy set {RESET} auto")
    await saved(stage, "ada", "policy set acme-it:* disabled")
    await saved(stage, "ada", "policy set acme-it:* default")
    found = await answer(stage, "bob", f"policy diff {start}")
    assert [row.label for row in found.lines] == [str(RESET)]
    assert "approval_needed → auto" in told(found)
    back = await answer(stage, "bob", f"policy diff {int(start) + 2} {start}")
    assert "auto → approval_needed" in told(back)
    assert isinstance(await refusal(stage, "bob", "policy diff 0 99999"), NoSuchChange)
    assert isinstance(await refusal(stage, "bob", "policy undo 1"), OnlyAdmins)
    for number in (0, 99999):
        missing = (await refusal(stage, "ada", f"policy undo {number}")).sentence
        assert missing.startswith(f"There is no change {number}. ")
    assert "is not the number of a change" in (await refusal(stage, "ada", "policy undo yesterday")).sentence


async def test_a_policy_is_switched_off_and_on_deleted_and_brought_back(stage: Stage) -> None:
    scoped = a_policy(
        Action.DISABLED,
        name="Contractors never reset",
        tools=tools_named("reset_password"),
        subjects=chosen(groups=["contractors"]),
    )
    await put_policy(stage, scoped)
    await saved(stage, "ada", 'policy disable "contractors never reset" --reason "they may again"')
    assert "State: switched off" in told(await answer(stage, "bob", "policy show Contractors never reset"))
    await saved(stage, "ada", "policy enable Contractors never reset")
    gone = await saved(stage, "ada", "policy delete Contractors never reset")
    found = await refusal(stage, "ada", "policy delete Contractors newer reset")
    assert isinstance(found, NoSuchThing)
    await saved(stage, "ada", gone.buttons[0].value)
    assert await action_of(stage, "Contractors never reset") is Action.DISABLED


async def test_a_request_is_explained_with_what_spoke_and_what_won(stage: Stage) -> None:
    await stage.comes_to(await stage.says("alice", "reset my password"), "waiting")
    listed = await answer(stage, "bob", "policy why")
    button = listed.lines[0].button
    assert button is not None
    says = told(await answer(stage, "bob", button.value))
    assert "Asked by: Alice Archer" in says
    assert f"{RESET} [approval_needed]" in says
    assert "Why “reset my password” was decided so" in says
    assert f"Because: Policy “{RESET}” (version 1) says approval_needed." in says
    assert isinstance(await refusal(stage, "bob", "policy why zzzz"), NoSuchRequest)


async def test_what_a_change_would_have_meant_is_foreseen_from_what_was_decided(stage: Stage) -> None:
    await set_tool(stage, RESET.name, Action.APPROVAL_NEEDED)
    await stage.comes_to(await stage.says("alice", "reset my password"), "waiting")
    shown = await answer(stage, "ada", f"policy set {RESET} disabled")
    assert facts(shown)["What it changes"].startswith(
        "In the last 30 days: 1 call that asked would have been refused; 1 pending request changes."
    )
