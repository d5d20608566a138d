"""What admins see, test, change and undo, with the same words in Slack, in Teams and in the terminal."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.actions import Action
from bot.domain.grants import HolderPerson
from bot.domain.people import PersonId
from bot.domain.policies import Skip, Standing
from bot.domain.tools import ToolId
from tests.builders import a_condition, a_grant, a_policy, chosen, tools_named
from tests.journeys.arranging import list_tools, put_policy, with_another_description
from tests.journeys.desks import Desk, desk_at
from tests.journeys.stage import TENANT

RESET = "acme-it:reset_password"


@pytest.fixture(params=["slack", "teams", "terminal"])
async def desk(request: pytest.FixtureRequest, acme_database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """Gives an admin's desk, once per place."""
    async with desk_at(request.param, acme_database, tmp_path) as found:
        yield found


def asking(who: str, **arguments: str) -> str:
    """Gives the command that tests a call of the tool."""
    return f"policy test {who}@acme.test {RESET} {json.dumps(arguments)}"


async def give(desk: Desk, grant: str) -> None:
    """Stores Bob's standing approval for Alice's own password."""
    async with desk.stage.store.unit(TENANT) as unit:
        tool = (await unit.connections.catalog())[ToolId.parse(RESET)]
        holder = HolderPerson(PersonId("p-alice"))
        given = a_grant(grant, tool=tool.id, holder=holder, fingerprint=tool.accepted, giver="p-bob")
        await unit.grants.add(replace(given, ends=desk.stage.clock.now() + timedelta(days=30)))


@pytest.mark.promise("CMD-01", "CMD-02", "CMD-03")
async def test_policies_are_listed_and_a_connector_shows_every_tool_with_what_it_does(desk: Desk) -> None:
    await desk.runs("ada", "policy list acme-it --search reset --sort changed", RESET, "approval_needed")
    await desk.runs("ada", "policy connector acme-it --search password", "reset_password", "write")
    await desk.runs("ada", f"policy show {RESET}", "Effect")
    await desk.runs("ada", "policy lsit", "policy list")


@pytest.mark.promise("POL-02", "POL-08", "POL-09", "POL-12", "CMD-01", "CMD-05")
async def test_what_is_set_holds_at_once_and_is_explained(desk: Desk) -> None:
    asks = asking("alice", user="alice@acme.test")
    await desk.runs("ada", asks, "approval_needed", "won")
    await desk.saves("ada", f"policy set {RESET} disabled")
    await desk.runs("ada", asks, "disabled", "won")
    await desk.saves("ada", f"policy set {RESET} default")
    await desk.saves("ada", "policy set acme-it:* auto")
    await desk.runs("ada", asks, "default")
    await desk.saves("ada", "policy set acme-it:* default")
    await desk.saves("ada", "policy set * disabled")
    await desk.runs("ada", asks, "disabled", "default")


@pytest.mark.promise("POL-04", "POL-06", "POL-07", "CMD-05")
async def test_a_policy_for_a_group_with_a_condition_on_an_argument_is_shown_and_asking(desk: Desk) -> None:
    scoped = a_policy(
        Action.DISABLED,
        name="Contractors reset only their own",
        tools=tools_named("reset_password"),
        subjects=chosen(groups=["contractors"]),
        conditions=[a_condition("args.user", "is_not", "eve@acme.test")],
        otherwise=Skip.SKIP,
    )
    await put_policy(desk.stage, scoped)
    await desk.runs("ada", 'policy show "Contractors reset only their own"', "args.user is_not")
    await desk.runs("ada", asking("eve", user="alice@acme.test"), "Contractors reset only their own")
    await desk.runs("ada", asking("eve", user="eve@acme.test"), "approval_needed")
    await desk.saves("ada", 'policy disable "Contractors reset only their own"')
    await desk.runs("ada", asking("eve", user="alice@acme.test"), "approval_needed")


@pytest.mark.promise("POL-11")
async def test_a_switch_beats_every_policy(desk: Desk) -> None:
    await desk.saves("ada", f"policy switch {RESET} off it resets the wrong ones")
    await desk.runs("ada", asking("alice", user="alice@acme.test"), "disabled", "switched off")


@pytest.mark.promise("POL-13", "CMD-01", "CMD-03")
async def test_history_difference_and_undo(desk: Desk) -> None:
    async with desk.stage.store.view(TENANT) as view:
        start = await view.changes.newest()
    await desk.saves("ada", f"policy set {RESET} disabled")
    await desk.runs("ada", f"policy history {RESET}", "approval_needed → disabled", f"Change {start + 1}")
    await desk.runs("ada", f"policy diff {start}", "approval_needed → disabled")
    await desk.saves("ada", f"policy undo {start + 1}")
    await desk.runs("ada", f"policy diff {start}", "the same")
    await desk.runs("ada", asking("alice", user="alice@acme.test"), "approval_needed")


@pytest.mark.promise("POL-13", "CMD-01", "CMD-03")
async def test_a_policy_file_is_copied_changed_and_applied_once_nothing_is_wrong_in_it(desk: Desk) -> None:
    text = await desk.exports("ada")
    head, own = text.split(f"name: {RESET}\n")
    changed = f"{head}name: {RESET}\n{own.replace('action: approval_needed', 'action: disabled', 1)}"
    number = changed[: changed.index("policies:")].count("\n") + 1
    wrong = changed.replace("policies:", "polices:")
    await desk.applies("ada", changed, wrong=wrong, mistake=f"Line {number}")
    await desk.runs("ada", asking("alice", user="alice@acme.test"), "disabled", "won")
    await desk.runs("ada", f"policy history {RESET}", "approval_needed → disabled")


@pytest.mark.promise("POL-15")
async def test_a_freeze_holds_until_somebody_else_lifts_it(desk: Desk) -> None:
    await desk.runs("ada", f"freeze tool {RESET} an incident", "an incident")
    await desk.runs("ada", asking("alice", user="alice@acme.test"), "disabled", "frozen")
    await desk.runs("ahmed", f"unfreeze tool {RESET}", RESET)
    await desk.runs("ada", asking("alice", user="alice@acme.test"), "approval_needed")


@pytest.mark.promise("STD-06", "STD-08")
async def test_a_standing_approval_is_listed_forbidden_and_revoked(desk: Desk) -> None:
    await give(desk, "aa11aa11")
    asks = asking("alice", user="alice@acme.test")
    await desk.runs("ada", f"grants list --tool {RESET}", "aa11aa11")
    await desk.runs("ada", asks, "aa11aa11")
    own = a_policy(
        name="No standing resets", tools=tools_named("reset_password"), standing=Standing.FORBIDDEN
    )
    await put_policy(desk.stage, own)
    await desk.runs("ada", asks, "No standing resets", "open")
    await desk.saves("ada", 'policy delete "No standing resets"')
    await desk.runs("ada", "grants revoke aa11aa11", "evoked")
    await desk.runs("ada", asks, "open")


@pytest.mark.promise("STD-07")
async def test_a_changed_tool_is_told_and_suspends_its_standing_approvals(desk: Desk) -> None:
    await list_tools(desk.stage, with_another_description("reset_password"))
    await desk.runs("ada", "policy drift", RESET)
    await desk.runs("ada", asking("alice", user="alice@acme.test"), "changed")
    await desk.runs("ada", f"tools ask {RESET}", "goes on being asked about")
    await desk.runs("ada", "tools changed", "kept asking")
    await desk.runs("ada", f"tools accept {RESET} --definition 000000000000", "has changed again")
    await desk.runs("ada", f"tools accept {RESET}", "counts as it is from now on")
    await desk.runs("ada", "tools changed", "No tool is new")
