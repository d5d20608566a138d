"""Commands on a real store: from the line somebody wrote to the answer, and what stays of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.answer import AsMessage, FormName, OpenForm, Press
from bot.cards.form import FormPage
from bot.demo.company import CONNECTOR
from bot.domain.actions import Action
from bot.domain.errors import Refusal
from bot.domain.grants import MANAGER_SEAT, ExactArguments, HolderGroup, HolderPerson
from bot.domain.people import PersonId
from bot.domain.policies import FreezeScope, Requirement
from bot.domain.requests import RequestStatus
from bot.domain.tools import ToolId
from bot.flow.commands.refusals import NoSuchGrant, NotYoursToRevoke, OnlyAdmins, OnlyTechnicians
from bot.flow.queue import LIMIT, MOST, MyQueue
from tests.builders import a_condition, a_grant, a_policy, chosen, tools_named
from tests.commanding import answer, done, facts, labels, person, refusal, saved
from tests.journeys.arranging import (
    change_person,
    entries,
    freeze,
    grants,
    list_tools,
    put_policy,
    set_tool,
    switch_connector,
    with_another_description,
)
from tests.journeys.stage import TENANT, Stage
from tests.records import a_record, a_request, an_approval

RESET = ToolId(CONNECTOR, "reset_password")


async def test_the_list_has_pages_that_lead_to_one_another_and_lose_nothing(stage: Stage) -> None:
    async with stage.store.view(TENANT) as view:
        names = [policy.name for policy in await view.policies.all()]
    page = await answer(stage, "bob", f"policy list {CONNECTOR}")
    assert page.title.startswith(f"{len(names)} policies: ")
    seen = labels(page)
    assert len(seen) == 15
    while page.command_for_next:
        page = await answer(stage, "bob", page.command_for_next)
        seen += labels(page)
    assert page.page == page.pages
    assert seen == names
    back = await answer(stage, "bob", page.command_for_previous)
    assert back.page == page.page - 1


async def test_the_list_is_filtered_and_sorted_and_names_the_defaults(stage: Stage) -> None:
    stage.clock.advance(timedelta(minutes=1))
    await set_tool(stage, "reset_password", Action.DISABLED)
    strict = await answer(stage, "bob", "policy list --action block --search password")
    assert labels(strict) == [str(RESET)]
    assert facts(strict)["Default of *"] == "approval_needed"
    newest = await answer(stage, "bob", "policy list --sort changed")
    assert labels(newest)[0] == str(RESET)
    assert labels(await answer(stage, "bob", "policy list --sort newest")) == labels(newest)
    first = await answer(stage, "bob", "policy list --sort action --search PASSWORD")
    assert first.lines[0].badge == "disabled"
    assert all("password" in label.casefold() for label in labels(first))
    nothing = await answer(stage, "bob", "policy list --search nothing-is-called-so")
    assert nothing.title == "0 policies"
    assert nothing.note


async def test_an_unknown_connector_is_answered_with_the_nearest(stage: Stage) -> None:
    found = await refusal(stage, "bob", "policy list acme-itt")
    assert f"Did you mean “{CONNECTOR}”?" in found.sentence


async def test_a_tool_is_shown_with_every_policy_that_covers_it_and_what_is_usual(stage: Stage) -> None:
    policy = replace(
        a_policy(
            Action.DISABLED,
            name="Contractors never",
            connector=CONNECTOR,
            tools=tools_named("reset_password"),
            subjects=chosen(persons=["p-eve"], groups=["contractors"]),
            conditions=[a_condition("agent", "is", "chatgpt")],
        ),
        description="Until the audit is over.",
        owner="p-ada",
    )
    await put_policy(stage, policy)
    found = await answer(stage, "bob", f"policy show {RESET}")
    assert labels(found) == [str(RESET), "Contractors never"]
    assert facts(found)["An employee’s call"].startswith("approval_needed. ")
    said = {fact.label: fact.value for fact in found.lines[1].facts}
    assert said["For"] == "eve@acme.test, group contractors"
    assert said["Only when"] == 'agent is "chatgpt"'
    assert said["Description"] == "Until the audit is over."
    assert "Ada Adeyemi" in said["Version"]
    assert "policy test" in found.note
    by_name = await answer(stage, "bob", "policy show contractors NEVER")
    assert facts(by_name)["Action"] == "disabled"
    assert facts(by_name)["Covers"].startswith("1 tool ")


async def test_a_default_is_shown_with_how_much_it_decides(stage: Stage) -> None:
    found = await answer(stage, "bob", "policy show *")
    assert facts(found)["Action"] == "approval_needed"
    own = await answer(stage, "bob", f"policy show {CONNECTOR}:*")
    assert facts(own)["Action"].startswith("none of its own")
    misspelt = await refusal(stage, "bob", f"policy show {CONNECTOR}:reset_pasword")
    assert f"Did you mean “{RESET}”?" in misspelt.sentence


async def test_an_admin_looks_at_what_a_policy_would_change_before_it_is_saved(stage: Stage) -> None:
    found = await answer(stage, "ada", f"policy set {RESET} request approval --manager it is risky")
    assert found.title == f"Set {RESET} to approval_needed, and ask the manager too?"
    assert facts(found)["What it changes"].startswith("In the last 30 days: ")
    [row] = found.lines
    assert (row.label, row.badge) == (str(RESET), "changed")
    assert {fact.label: fact.value for fact in row.facts}["Asks the manager too"] == "no → yes"
    assert not await entries(stage, "policy.changed")
    [save] = found.buttons
    assert (save.label, save.press) == ("Save", Press.RUN)
    done_so = await answer(stage, "ada", save.value)
    assert done_so.title.startswith("Saved as change ")
    shown = await answer(stage, "bob", f"policy show {RESET}")
    assert facts(shown.lines[0])["Asks"] == "technicians and the requester’s manager"
    [entry] = await entries(stage, "policy.changed")
    assert (entry.actor, entry.details["reason"]) == ("p-ada", "it is risky")


async def test_a_policy_of_its_own_and_a_default_are_set_and_removed(stage: Stage) -> None:
    assert "manager" not in str((await saved(stage, "ada", f"policy set {RESET} allow")).lines)
    gone = await saved(stage, "ada", f"policy set {RESET} default")
    assert gone.lines[0].badge == "removed"
    made = await saved(stage, "ada", f"policy set {CONNECTOR}:* deny until the audit is over")
    assert made.lines[0].facts[0].value == "none of its own → disabled"
    same = await answer(stage, "ada", f"policy set {CONNECTOR}:* disabled")
    assert same.note.startswith("Nothing would change.")
    assert not same.buttons
    kinds = [entry.kind for entry in await entries(stage)]
    assert kinds.count("policy.changed") == kinds.count("policy.removed") == 1
    assert kinds.count("default.changed") == 1


async def test_the_reason_is_the_description_of_the_policy(stage: Stage) -> None:
    await saved(stage, "ada", f"policy set {RESET} auto “we trust it”")
    async with stage.store.view(TENANT) as view:
        stored = next(policy for policy in await view.policies.all() if policy.name == str(RESET))
    assert stored.description == "we trust it"
    assert stored.owner == "p-ada"


async def test_what_stays_stricter_is_named_when_a_tool_is_loosened(stage: Stage) -> None:
    policy = a_policy(
        Action.DISABLED,
        name="Contractors never",
        connector=CONNECTOR,
        subjects=chosen(groups=["contractors"]),
    )
    await put_policy(stage, policy)
    found = await answer(stage, "ada", f"policy set {RESET} auto")
    assert found.note.endswith("These stay stricter for some calls: “Contractors never” (disabled).")


async def test_a_misspelt_tool_changes_nothing(stage: Stage) -> None:
    found = await refusal(stage, "ada", f"policy set {CONNECTOR}:reset_pasword auto")
    assert f"Did you mean “{RESET}”?" in found.sentence
    assert not await entries(stage, "policy.changed")


async def test_setting_without_an_action_opens_the_form_for_admins_only(stage: Stage) -> None:
    first = await done(stage, "ada", "policy set")
    assert isinstance(first, FormPage)
    assert [field.name for field in first.dialog.fields] == ["tool"]
    second = await done(stage, "ada", f"policy set {RESET}")
    assert isinstance(second, FormPage)
    assert (second.form, second.state) == (first.form, str(RESET))
    assert "action" in [field.name for field in second.dialog.fields]
    assert isinstance(await refusal(stage, "bob", "policy set"), OnlyAdmins)


@pytest.mark.parametrize(
    ("who", "text", "kind", "words"),
    [
        ("bob", f"policy set {RESET} auto", OnlyAdmins, "Only admins can change policies"),
        ("alice", f"policy set {RESET} auto", OnlyAdmins, "Only admins can change policies"),
        ("alice", "policy list", OnlyTechnicians, "can see policies"),
        ("alice", f"policy show {RESET}", OnlyTechnicians, "can see policies"),
        ("alice", f"policy test alice@acme.test {RESET}", OnlyTechnicians, "can test policies"),
    ],
)
async def test_who_may_not_is_told_so_and_it_stands_in_the_log(
    stage: Stage, who: str, text: str, kind: type[Refusal], words: str
) -> None:
    found = await refusal(stage, who, text)
    assert isinstance(found, kind)
    assert words in found.sentence
    [entry] = await entries(stage, "command.refused")
    assert entry.actor == f"p-{who}"
    assert entry.status == kind.__name__
    assert entry.details["command"] == " ".join(text.split()[:2])
    assert entry.details["surface"] == "slack"


async def test_a_disabled_account_commands_nothing(stage: Stage) -> None:
    change_person(stage, "ada", enabled=False)
    assert "disabled" in (await refusal(stage, "ada", f"policy set {RESET} auto")).sentence


async def test_a_test_explains_the_decision_without_making_a_call(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.APPROVAL_NEEDED, manager=True)
    asked = f"policy test <@U1|Alice> {RESET} {{“user”: “alice@acme.test”}} --at 2027-01-29T10:00"
    found = await answer(stage, "bob", asked, U1="alice")
    said = facts(found)
    assert said["Decision"].startswith("approval_needed. Policy “")
    assert said["Then"] == "It would wait for approval."
    assert said["Technician’s seat"] == "1 of technicians, open"
    assert said["Manager’s seat"].startswith("Megan Moreau (megan@acme.test), open")
    assert said["Through"] == "countersign, slack"
    assert found.lines[0].facts[0].value.startswith("approval_needed, and won")
    assert not stage.connectors.calls
    assert not await entries(stage, "call.decided")


async def test_a_test_of_somebody_unknown_is_refused(stage: Stage) -> None:
    assert "mallory" in (await refusal(stage, "bob", f"policy test mallory@acme.test {RESET}")).sentence
    assert "mention" in (await refusal(stage, "bob", f"policy test <@U9> {RESET}")).sentence


async def give(stage: Stage, grant: str, **more: object) -> None:
    async with stage.store.unit(TENANT) as unit:
        tool = (await unit.connections.catalog())[RESET]
        made = a_grant(
            grant,
            tool=RESET,
            holder=HolderPerson(PersonId("p-alice")),
            arguments=ExactArguments({"user": "alice@acme.test", "token": "hunter2"}),
            giver="p-bob",
            fingerprint=tool.fingerprint,
            ends=stage.clock.now() + timedelta(days=30),
        )
        await unit.grants.add(replace(made, **more))  # type: ignore[arg-type]  # any field of a grant


async def test_standing_approvals_are_listed_for_those_whom_they_are_about(stage: Stage) -> None:
    await give(stage, "aa11", created=stage.clock.now() - timedelta(days=30))
    await give(stage, "bb22", holder=HolderGroup("contractors"), giver=PersonId("p-ada"))
    await give(stage, "cc33", revoked=stage.clock.now())
    assert (await answer(stage, "bob", "grants")).title == "2 standing approvals"
    mine = await answer(stage, "alice", "grants list")
    assert mine.title == "1 standing approval"
    assert "Alice Archer may use" in mine.lines[0].label
    assert "hunter2" not in mine.lines[0].label
    assert mine.lines[0].button is None
    assert "about you" in mine.note
    assert "contractors" in labels(await answer(stage, "eve", "grants"))[0]
    assert (await answer(stage, "dan", "grants --holder alice@acme.test --unused")).title.startswith("1 ")
    assert (await answer(stage, "dan", "grants --holder contractors")).title.startswith("1 ")
    assert (await answer(stage, "dan", f"grants --tool {CONNECTOR}:get_user")).title.startswith("0 ")


async def test_a_standing_approval_is_shown_by_the_beginning_of_its_id(stage: Stage) -> None:
    await give(stage, "aa11")
    await give(stage, "aa22")
    shown = await answer(stage, "bob", "grants show aa1")
    assert facts(shown)["Given by"] == "Bob Brennan"
    assert facts(shown)["State"] == "in force"
    assert "several" in (await refusal(stage, "bob", "grants show aa")).sentence
    assert isinstance(await refusal(stage, "eve", "grants show aa11"), NoSuchGrant)


async def test_a_giver_and_an_admin_revoke_and_nobody_else_does(stage: Stage) -> None:
    await give(stage, "aa11")
    await give(stage, "bb22")
    assert isinstance(await refusal(stage, "dan", "grants revoke aa11"), NotYoursToRevoke)
    assert isinstance(await refusal(stage, "alice", "grants revoke aa11"), NotYoursToRevoke)
    assert isinstance(await refusal(stage, "eve", "grants revoke aa11"), NoSuchGrant)
    listed = await answer(stage, "bob", "grants")
    button = next(line.button for line in listed.lines if facts(line)["Id"] == "aa11")
    assert button is not None
    assert button.press is Press.RUN
    assert button.confirm
    assert (await answer(stage, "bob", button.value)).title == "Revoked"
    assert (await answer(stage, "ada", "grants revoke bb")).title == "Revoked"
    assert all(grant.revoked for grant in await grants(stage))
    assert "already" in (await refusal(stage, "bob", "grants revoke aa11")).sentence
    assert [entry.actor for entry in await entries(stage, "grant.revoked")] == ["p-bob", "p-ada"]
    assert len(await entries(stage, "command.refused")) == 4


async def test_words_of_a_request_and_the_wish_for_its_form_go_back_to_the_surface(stage: Stage) -> None:
    assert await done(stage, "alice", "request my “VPN” is slow") == AsMessage("my “VPN” is slow")
    assert await done(stage, "alice", "request") == OpenForm(form=FormName.REQUEST)


async def test_help_lists_what_one_may_use_and_no_more(stage: Stage) -> None:
    mine = labels(await answer(stage, "alice", "help"))
    assert "request [WORDS]" in mine
    assert not any(form.startswith("policy") for form in mine)
    about = labels(await answer(stage, "ada", "policy"))
    assert all(form.startswith("policy ") for form in about)
    assert {form.split()[1] for form in about} >= {"list", "connector", "show", "set", "save", "test"}
    assert any(
        form.startswith("policy switch TARGET on|off") for form in labels(await answer(stage, "ada", "help"))
    )
    assert any(form.startswith("grants revoke") for form in labels(await answer(stage, "bob", "help")))


async def test_the_queue_has_what_one_may_decide_now_and_nothing_else(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.APPROVAL_NEEDED, manager=True)
    first = await stage.fills("alice", "reset_password", user="alice@acme.test")
    stage.clock.advance(timedelta(minutes=1))
    second = await stage.fills("bob", "reset_password", user="bob@acme.test")
    for request in (first, second):
        await stage.comes_to(request, "waiting")
    queue = MyQueue(stage.seams)
    bob, megan, alice = [await queue(await person(stage, who)) for who in ("bob", "megan", "alice")]
    assert [item.request for item in bob.approvals] == [first]
    assert [item.request for item in bob.requests] == [second]
    assert "Manager: Grace Goldberg" in bob.requests[0].why
    assert [item.request for item in megan.approvals] == [first]
    assert megan.approvals[0].why.startswith("Alice Archer asks. You are asked as Manager: ")
    assert alice.approvals == ()
    assert [item.card for item in alice.requests] == [f"status-{first}"]
    carol = await queue(await person(stage, "carol"))
    assert [item.request for item in carol.approvals] == [first, second]
    assert carol.glance is None
    assert carol.approvals[0].until == carol.approvals[0].since + timedelta(hours=24)
    assert (await stage.presses("carol", carol.approvals[0].card, "approve")).status == 200
    assert [one.request for one in (await queue(await person(stage, "carol"))).approvals] == [second]


async def test_what_waits_is_answered_with_a_button_that_opens_its_card(stage: Stage) -> None:
    request = await stage.fills("alice", "reset_password", user="alice@acme.test")
    await stage.comes_to(request, "waiting")
    found = await answer(stage, "bob", "approvals")
    assert found.title == "1 approval waits for you; 0 requests of yours under way"
    button = found.lines[0].button
    assert button is not None
    assert button.press is Press.OPEN
    assert (await stage.presses("bob", button.value, "approve")).status == 200
    await stage.ends(request)
    assert (await answer(stage, "bob", "approvals")).note.startswith("Nothing waits")


async def test_whose_standing_approval_fills_one_seat_has_no_other_of_that_request_in_their_queue(
    stage: Stage,
) -> None:
    everybody = Requirement(groups={"technicians": 1, "people-leads": 1})
    policy = a_policy(
        name="Both", connector=CONNECTOR, tools=tools_named("reset_password"), requirement=everybody
    )
    await put_policy(stage, policy)
    await give(stage, "aa11", arguments=ExactArguments({"user": "alice@acme.test"}))
    request = await stage.fills("alice", "reset_password", user="alice@acme.test")
    await stage.comes_to(request, "waiting")
    queue = MyQueue(stage.seams)
    assert (await queue(await person(stage, "bob"))).approvals == ()
    assert len((await queue(await person(stage, "grace"))).approvals) == 1


async def test_admins_see_what_is_frozen_broken_and_changed(stage: Stage) -> None:
    await freeze(stage, FreezeScope.PERSON, "p-eve")
    await switch_connector(stage, on=False)
    await list_tools(stage, with_another_description("reset_password"))
    glance = (await MyQueue(stage.seams)(await person(stage, "ada"))).glance
    assert glance is not None
    assert glance.frozen == ("What Eve Ericsson asks for is frozen: An incident is under way.",)
    assert [(one.name, one.on) for one in glance.connectors] == [(CONNECTOR, False)]
    assert glance.drifted == (RESET,)


async def test_a_thousand_pending_approvals_are_counted_and_the_oldest_are_given(stage: Stage) -> None:
    async with stage.store.unit(TENANT) as unit:
        for number in range(1_000):
            request = a_request(
                f"request-{number}",
                requester="p-alice",
                status=RequestStatus.WAITING,
                created=stage.clock.now() + timedelta(seconds=number),
            )
            await unit.requests.add(request)
            await unit.requests.add_calls([a_record(f"call-{number}", request=request.id, tool=RESET)])
            approval = an_approval(f"approval-{number}", request=request.id, created=request.created)
            if number % 2:
                asked = PersonId("p-megan")
                approval = replace(approval, seat=MANAGER_SEAT, approver=asked, asked_group=None)
            await unit.approvals.add(approval)
    queue = await MyQueue(stage.seams)(await person(stage, "bob"))
    assert [item.card for item in queue.approvals] == [f"approval-{2 * number}" for number in range(LIMIT)]
    assert queue.approvals_left == 500 - LIMIT
    second = await answer(stage, "bob", "approvals --page 2")
    assert (second.page, second.pages) == (2, MOST // 15)
    opened = [line.button.value for line in second.lines if line.button]
    assert opened == [f"approval-{2 * number}" for number in range(15, 30)]
