"""Policies in Slack: an admin looks at what a change means, saves it, and asks a second one where needed."""

from dataclasses import replace

import pytest

from bot.cards.answer import Answer, AnswerButton, AnswerRow, AnswerSelect, Press
from bot.cards.model import Option
from bot.chat.slack.modals.dialog import block_id
from bot.chat.slack.modals.inputs import code
from bot.chat.slack.shown.answer import answer_words
from bot.chat.slack.shown.buttons import ACT, VIEW_ALL
from bot.demo.company import CONNECTOR
from bot.domain.actions import Action
from bot.domain.canonical import JsonValue
from bot.domain.tools import ToolId
from tests.journeys.arranging import change_person, entries
from tests.journeys.slack_acts import (
    TECHNICIANS,
    asks_password,
    cards_of,
    commands,
    ephemeral,
    fills,
    forges,
    labels,
    opens,
    presses_label,
    replied,
    told_for,
    values,
)
from tests.journeys.slack_stage import SlackStage, carried, has_button, title
from tests.journeys.stage import TENANT
from tests.servers.slack_elements import actionable
from tests.servers.slack_sight import words
from tests.servers.slack_views import View
from tests.servers.slack_world import Message

ONLY_ADMINS = "Only admins can change policies, and you are none. Ask an admin to do it."
NO_CARD = "There is no such card for you."
RESET = "acme-it:reset_password"
WIPE = "acme-it:wipe_device"


def action_id(form: View, name: str) -> str:
    """Gives the action of the input of this name."""
    return next(action for block, action in form.elements() if block == block_id(name))


async def puts_in(stage: SlackStage, who: str, form: View, **put_in: JsonValue) -> None:
    """Has a person put something into inputs, by their names."""
    for name, entry in put_in.items():
        await stage.acme.chooses(stage.user(who), form, action_id(form, name), entry, block_id(name))


async def finds(stage: SlackStage, who: str, form: View, name: str, typed: str) -> list[str]:
    """Has a person type into a search; gives the values that are found."""
    found = await stage.acme.types(stage.user(who), form, action_id(form, name), typed, block_id(name))
    return [str(one["value"]) for one in found]


async def opens_form(stage: SlackStage, who: str, tool: str) -> View:
    """Has a person open the form for a tool."""
    await commands(stage, who, "/policy", f"set {tool}")
    return await stage.modal(who, showing="What a call of it does")


def an_answer_about(tool: str, *, chosen: str = "") -> Answer:
    """Gives an answer with a selector beside a tool, as answers about many tools have it."""
    options = tuple(Option(f"policy set {tool} {action}", action.value) for action in Action)
    form = AnswerButton(label="Open the form", press=Press.RUN, value=f"policy set {tool}")
    select = AnswerSelect(label=f"What {tool} does", options=options, chosen=chosen)
    return Answer(title="Tools", lines=(AnswerRow(label=tool, more=(form,), select=select),))


async def shows_answer(stage: SlackStage, who: str, answer: Answer) -> Message:
    """Has the bot show a person an answer, as it shows what commands give."""
    [shown] = answer_words(answer)
    found = await stage.outward.workspaces.own()
    assert found is not None
    channel = stage.acme.dm(stage.user(who)).id
    await found.client.chat_postMessage(channel=channel, text=shown.text, blocks=list(shown.blocks))
    return stage.acme.answers(stage.user(who))[-1]


async def chooses(stage: SlackStage, who: str, seen: Message, command: str, part: str) -> Message:
    """Has a person choose in the selector of an answer; gives the answer to that, once it says this."""
    before = len(stage.acme.ephemerals(stage.user(who)))
    [select] = [one for _, one in actionable(seen.blocks) if one["type"] == "static_select"]
    await stage.acme.chooses(stage.user(who), seen, str(select["action_id"]), command)
    return await ephemeral(stage, who, part, since=before)


async def asked_second(stage: SlackStage) -> tuple[Message, Message]:
    """Has Ada want to loosen a tool that destroys; gives Ahmed's card and hers."""
    preview = await replied(stage, "ada", f"/policy set {WIPE} auto", "another admin has to")
    await presses_label(stage, "ada", preview, "Ask a second admin")
    return await stage.card("ahmed"), await stage.card("ada", "withdraw")


async def forges_modal(
    stage: SlackStage, who: str, seen: Message, action: str, change: str, part: str
) -> None:
    """Sends a click that no client would; waits for the new modal that says this."""
    before = stage.acme.modal(stage.user(who))
    await stage.acme.presses(stage.user(who), seen, action, change, forged=True)

    def look() -> bool | None:
        modal = stage.acme.modal(stage.user(who))
        return modal is not None and modal is not before and part in words(modal)

    await stage.acme.eventually(look, f"a modal for {who} that says “{part}”")


@pytest.mark.promise("CMD-06")
async def test_the_form_finds_a_tool_shows_what_a_change_means_and_saves_it(
    slack_either_way: SlackStage,
) -> None:
    stage, ada = slack_either_way, slack_either_way.user("ada")
    await commands(stage, "ada", "/policy", "set")
    form = await stage.modal("ada", showing="Type to search")
    assert title(form) == "Set a policy"
    assert RESET in await finds(stage, "ada", form, "tool", "")
    assert await finds(stage, "ada", form, "tool", "reset_pass") == [RESET]
    await puts_in(stage, "ada", form, tool=RESET)
    assert (await stage.acme.submits(ada, form))["response_action"] == "update"
    assert "Now: approval_needed." in words(form)
    await puts_in(stage, "ada", form, action="disabled", manager=["true"], reason="An audit.")
    await stage.acme.submits(ada, form)
    assert form.errors == {block_id("manager"): "A manager is asked only where approval is needed."}
    await puts_in(stage, "ada", form, manager=[])
    await stage.acme.submits(ada, form)
    assert title(form) == "Look before you save"
    assert RESET in words(form)
    await replied(stage, "bob", f"/policy show {RESET}", "approval_needed")
    await stage.acme.submits(ada, form)
    assert title(form) == "What came of it"
    assert f"Saved as change 2: {RESET}." in words(form)
    assert "It holds from the next decision on." in words(form)
    await stage.told("ada", f"Saved as change 2: {RESET}")
    kept = stage.acme.answers(ada)[-1]
    assert labels(kept) == ["Undo"]
    await replied(stage, "bob", f"/policy show {RESET}", "disabled")
    await stage.says("alice", "I forgot my password")
    await stage.told("alice", "is not something I may do for you here")
    assert cards_of(stage, "bob") == []
    assert stage.stage.changes() == []


@pytest.mark.promise("CMD-02")
async def test_a_choice_beside_a_tool_is_looked_at_then_saved_and_holds_for_the_next_request(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    shown = await shows_answer(stage, "ada", an_answer_about(RESET, chosen="approval_needed"))
    assert labels(shown) == ["Open the form"]
    preview = await chooses(stage, "ada", shown, f"policy set {RESET} auto", "approval_needed → auto")
    await replied(stage, "bob", f"/policy show {RESET}", "approval_needed")
    assert labels(preview) == ["Save"]
    before = len(stage.acme.ephemerals(stage.user("ada")))
    await presses_label(stage, "ada", preview, "Save")
    await ephemeral(stage, "ada", f"Saved as change 2: {RESET}", since=before)
    await fills(stage, "alice", "reset_password", user="alice@acme.test")
    await stage.acme.eventually(lambda: stage.stage.changes() or None, "it to run unasked")
    assert all(cards_of(stage, who) == [] for who in TECHNICIANS)


@pytest.mark.promise("CMD-06")
async def test_a_button_of_an_answer_opens_the_form_for_its_tool(slack_stage: SlackStage) -> None:
    stage = slack_stage
    shown = await shows_answer(stage, "ada", an_answer_about(RESET))
    await presses_label(stage, "ada", shown, "Open the form")
    form = await stage.modal("ada", showing="What a call of it does")
    assert RESET in words(form)


@pytest.mark.promise("CMD-04", "CMD-06")
async def test_nobody_but_admins_chooses_searches_or_sends(slack_stage: SlackStage) -> None:
    stage, ada = slack_stage, slack_stage.user("ada")
    shown = await shows_answer(stage, "bob", an_answer_about(RESET))
    await chooses(stage, "bob", shown, f"policy set {RESET} auto", ONLY_ADMINS)
    await commands(stage, "ada", "/policy", "set")
    form = await stage.modal("ada", showing="Type to search")
    assert await finds(stage, "ada", form, "tool", "reset") != []
    await puts_in(stage, "ada", form, tool=RESET)
    change_person(stage.stage, "ada", groups=["all-staff"])
    assert await finds(stage, "ada", form, "tool", "reset") == []
    await stage.acme.submits(ada, form)
    assert title(form) == "Not possible"
    assert ONLY_ADMINS in words(form)
    last = (await entries(stage.stage, "command.refused"))[-1]
    assert (last.actor, last.status) == ("p-ada", "OnlyAdmins")
    assert (await asks_password(stage)) is not None


@pytest.mark.promise("CMD-06")
async def test_nothing_is_saved_that_somebody_changed_while_it_was_looked_at(slack_stage: SlackStage) -> None:
    stage, ada = slack_stage, slack_stage.user("ada")
    form = await opens_form(stage, "ada", RESET)
    await puts_in(stage, "ada", form, action="auto")
    await stage.acme.submits(ada, form)
    assert title(form) == "Look before you save"
    preview = await replied(stage, "ahmed", f"/policy set {RESET} disabled", "→ disabled")
    await presses_label(stage, "ahmed", preview, "Save")
    await ephemeral(stage, "ahmed", "Saved as change 2")
    await stage.acme.submits(ada, form)
    assert title(form) == "Not possible"
    assert "somebody changed it while you looked at it" in words(form)
    await replied(stage, "bob", f"/policy show {RESET}", "disabled")


@pytest.mark.promise("POL-14")
async def test_loosening_what_destroys_waits_for_another_admin_who_approves_on_a_card(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    preview = await replied(stage, "ada", f"/policy set {WIPE} auto “We lost two.”", "another admin has to")
    assert labels(preview) == ["Ask a second admin"]
    await presses_label(stage, "ada", preview, "Ask a second admin")
    await ephemeral(stage, "ada", "Another admin has to approve this change")
    card = await stage.card("ahmed")
    own = await stage.card("ada", "withdraw")
    for seen in (card, own):
        assert f"Ada Adeyemi wants to change {WIPE}" in words(seen)
        assert "We lost two." in words(seen)
    assert labels(card) == ["Approve", "Deny…"]
    assert labels(own) == ["Withdraw"]
    assert cards_of(stage, "bob") == []
    await replied(stage, "bob", f"/policy show {WIPE}", "approval_needed")
    await told_for(stage, "ahmed", card, "approve", "Approved. It holds from now on, as change 2.")
    for who, seen in (("ahmed", card), ("ada", own)):
        await stage.shows(who, seen, "Approved by Ahmed Aziz. It holds now, as change 2.")
        assert labels(seen) == []
    await replied(stage, "bob", f"/policy show {WIPE}", "auto")


@pytest.mark.promise("POL-14")
async def test_nobody_approves_a_change_of_their_own_and_strangers_find_no_card(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    card, own = await asked_second(stage)
    change = next(iter(carried(card)))
    own_change = "You made this change yourself, so another admin has to decide it."
    await forges(stage, "ada", own, f"{ACT}approve", change, own_change)
    await forges_modal(stage, "ada", own, f"{ACT}deny", change, own_change)
    await forges(stage, "bob", own, f"{ACT}approve", change, NO_CARD)
    for action in (f"{ACT}deny", VIEW_ALL):
        await forges_modal(stage, "bob", own, action, change, NO_CARD)
    refused = await entries(stage.stage, "action.refused")
    assert sorted((one.actor, one.status) for one in refused) == [
        *[("p-ada", "OwnChange")] * 2,
        *[("p-bob", "UnknownCard")] * 3,
    ]
    assert has_button(card, "approve")
    await replied(stage, "bob", f"/policy show {WIPE}", "approval_needed")


@pytest.mark.promise("POL-14")
async def test_another_admin_denies_with_a_reason_that_the_author_reads(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card, own = await asked_second(stage)
    change = next(iter(carried(card)))
    form = await opens(stage, "ahmed", card, "deny", showing="Nothing is changed")
    await stage.acme.submits(stage.user("ahmed"), form, values(reason="Ask again after the audit."))
    for who, seen in (("ahmed", card), ("ada", own)):
        await stage.shows(who, seen, "Denied by Ahmed Aziz. Nothing was changed.")
        await stage.shows(who, seen, "Ask again after the audit.")
    late = "This change is not open any more: Denied by Ahmed Aziz."
    await forges_modal(stage, "ahmed", card, f"{ACT}deny", change, late)
    await replied(stage, "bob", f"/policy show {WIPE}", "approval_needed")


@pytest.mark.promise("POL-14")
async def test_a_change_is_withdrawn_by_its_author_alone(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card, own = await asked_second(stage)
    await told_for(stage, "ada", own, "withdraw", "Withdrawn. Nothing was changed.")
    await stage.shows("ahmed", card, "Withdrawn. Nothing was changed.")
    assert labels(card) == []


@pytest.mark.promise("CMD-06")
async def test_of_tools_with_endless_names_the_one_that_was_picked_is_set(slack_stage: SlackStage) -> None:
    stage, ada = slack_stage, slack_stage.user("ada")
    names = [f"{'endless_' * 28}{end}" for end in ("first", "second")]
    async with stage.stage.store.unit(TENANT) as unit:
        known = (await unit.connections.catalog())[ToolId.parse(RESET)]
        for name in names:
            tool = ToolId(CONNECTOR, name)
            definition = replace(known.definition, id=tool)
            await unit.connections.put_tool(replace(known, definition=definition))
    await commands(stage, "ada", "/policy", "set")
    form = await stage.modal("ada", showing="Type to search")
    found = await finds(stage, "ada", form, "tool", "endless")
    codes = [code(f"{CONNECTOR}:{name}") for name in names]
    assert set(codes) == set(found[:2])
    await puts_in(stage, "ada", form, tool=codes[1])
    await stage.acme.submits(ada, form)
    assert f"{CONNECTOR}:{names[1]}" in words(form)
    assert names[0] not in words(form)


@pytest.mark.promise("CMD-06")
async def test_a_page_that_takes_longer_than_slack_waits_comes_into_the_same_modal(
    slack_stage: SlackStage,
) -> None:
    stage, ada = slack_stage, slack_stage.user("ada")
    form = await opens_form(stage, "ada", RESET)
    await puts_in(stage, "ada", form, action="auto")
    held = stage.slack.faults.hangs("users.info")
    await stage.acme.submits(ada, form)
    assert title(form) == "Still at it"
    held.release()
    await stage.acme.eventually(lambda: title(form) == "Look before you save" or None, "the next page")
    await stage.acme.submits(ada, form)
    assert f"Saved as change 2: {RESET}." in words(form)
