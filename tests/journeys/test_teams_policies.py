"""Policies in Teams: set by form or in a selector, seen before they are saved, approved by a second admin."""

import asyncio

import pytest

from bot.cards.answer import Answer, AnswerRow, AnswerSelect
from bot.cards.model import Option
from bot.chat.teams.kit.actions import Do, carried
from bot.chat.teams.shown.answer import answer_cards
from bot.demo.company import CONNECTOR
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from tests.journeys.arranging import entries
from tests.journeys.stage import TENANT
from tests.journeys.teams_decisions import cards_of, denies, field, noted, old_client
from tests.journeys.teams_stage import TeamsStage
from tests.journeys.test_teams_commands import ONLY_ADMINS, replied
from tests.servers.teams_things import Client, Message
from tests.servers.teams_words import Button, buttons, titles, words

TOOL = f"{CONNECTOR}:reset_password"
DESTROYS = f"{CONNECTOR}:delete_user"
RESET = "I forgot my password"


async def changes(stage: TeamsStage) -> int:
    """Gives how many changes there have been."""
    async with stage.stage.store.view(TENANT) as view:
        total, _ = await view.changes.page(offset=0, limit=1)
    return total


async def policy_of(stage: TeamsStage, tool: str) -> Action | None:
    """Gives what the tool's own policy says; None without one."""
    async with stage.stage.store.view(TENANT) as view:
        return next((one.action for one in await view.policies.all() if one.name == tool), None)


async def opener(stage: TeamsStage, who: str, line: str = "policy set") -> Message:
    """Has a person write a command that opens a form; gives the card with its button."""
    return await replied(stage, who, line, "Open the form")


@pytest.mark.promise("CMD-02", "CMD-06")
async def test_a_policy_is_set_with_a_form_that_finds_the_tool_and_shows_what_saving_means(
    teams_stage: TeamsStage,
) -> None:
    stage, ada = teams_stage, teams_stage.user("ada")
    await stage.presses("ada", await opener(stage, "ada"), "Open the form")
    found = await stage.acme.types(ada, stage.dialog("ada"), "Tool", "reset")
    assert found[0] == (f"{TOOL} · Reset a password", TOOL)
    nothing = await stage.acme.types(ada, stage.dialog("ada"), "Tool", "no such thing at all")
    assert nothing == []
    await stage.acme.types(ada, stage.dialog("ada"), "Tool", "password")
    await stage.acme.submits(ada, {"Tool": TOOL}, "Next")
    assert "Now: approval_needed." in words(stage.dialog("ada"))
    wrong: JsonObject = {
        "What a call of it does": "disabled",
        "Ask the requester’s manager too": True,
        "Reason": "An audit.",
    }
    await stage.acme.submits(ada, wrong, "Next")
    assert "A manager is asked only where approval is needed." in words(stage.dialog("ada"))
    assert field(stage, "ada", "Reason").value == "An audit."
    assert field(stage, "ada", "What a call of it does").value == "disabled"
    await stage.acme.submits(ada, {"Ask the requester’s manager too": False}, "Next")
    assert stage.dialog("ada").title == "Look before you save"
    assert f"{TOOL}" in words(stage.dialog("ada"))
    before = await changes(stage)
    assert await policy_of(stage, TOOL) is Action.APPROVAL_NEEDED
    saved = await stage.acme.submits(ada, None, "Save")
    assert saved.dialog is not None
    assert f"Saved as change {before + 1}" in words(saved.dialog)
    sent = stage.acme.deliveries.all[-1]
    await asyncio.gather(*(stage.acme.deliveries.resends(sent) for _ in range(3)))
    assert await changes(stage) == before + 1
    await stage.says("alice", RESET)
    await stage.told("alice", "is not something I may do for you here")
    assert cards_of(stage, "bob") == []


@pytest.mark.promise("CMD-02")
async def test_without_dialogs_the_form_stands_in_the_chat_and_what_would_be_found_is_written(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    old_client(stage, "ada")
    await stage.presses("ada", await opener(stage, "ada"), "Open the form")
    form = await stage.card("ada", "Next")
    await stage.presses("ada", form, "Next", Tool="reset_pasword")
    await stage.acme.shows(form, "“reset_pasword” is nothing that I can find.")
    assert stage.acme.inputs(form, stage.user("ada"))[0].value == "reset_pasword"
    await stage.presses("ada", form, "Next", Tool=f" {TOOL.upper()} ")
    await stage.acme.shows(form, "Now: approval_needed.")
    await stage.presses("ada", form, "Next", **{"What a call of it does": "auto"})
    await stage.acme.shows(form, "Save")
    await stage.presses("ada", form, "Save")
    await stage.acme.shows(form, "Saved as change")
    assert await policy_of(stage, TOOL) is Action.AUTO
    await stage.says("megan", RESET)
    await stage.told("megan", "was sent a one-time link")


def a_selector(*tools: str) -> Answer:
    """Gives an answer with a selector beside each tool."""
    labels = [*(action.value for action in Action), "default"]
    rows = [
        AnswerRow(
            label=tool,
            select=AnswerSelect(
                label=f"What {tool} does",
                options=tuple(Option(f"policy set {tool} {one}", one) for one in labels),
                chosen="approval_needed",
            ),
        )
        for tool in tools
    ]
    return Answer(title="What the tools do", lines=tuple(rows))


async def selectors(stage: TeamsStage, who: str, *tools: str) -> Message:
    """Shows a person an answer with a selector beside each tool."""
    await replied(stage, who, "help", "What you can write")
    place = f"personal/{stage.acme.chat(stage.user(who)).id}"
    [card] = answer_cards(a_selector(*tools))
    await stage.outward.surface.show(place, card, summary="Tools", key=f"selectors/{who}")
    return await stage.card(who, "Set")


@pytest.mark.promise("CMD-03", "CMD-06")
@pytest.mark.parametrize(
    "client", [Client(), Client(executes=False, opens_dialogs=False)], ids=["new", "old"]
)
async def test_what_is_chosen_beside_a_tool_is_previewed_saved_and_holds_for_the_next_request(
    teams_stage: TeamsStage, client: Client
) -> None:
    stage = teams_stage
    stage.user("ada").client = client
    card = await selectors(stage, "ada", f"{CONNECTOR}:unlock_account", TOOL)
    second = stage.acme.inputs(card, stage.user("ada"))[1]
    assert (second.label, second.value) == (f"What {TOOL} does", "approval_needed")
    stage.acme.fills(stage.user("ada"), card, {f"What {TOOL} does": "auto"})
    button = next(one for one in _sets(stage, card) if TOOL in str(one.data))
    await stage.acme.presses(stage.user("ada"), card, button)
    await stage.acme.shows(card, f"Set {TOOL} to auto?", stage.user("ada"))
    assert await policy_of(stage, TOOL) is Action.APPROVAL_NEEDED
    await stage.presses("ada", card, "Save")
    await stage.acme.shows(card, "Saved as change", stage.user("ada"))
    await stage.says("megan", RESET)
    await stage.told("megan", "was sent a one-time link")
    assert cards_of(stage, "bob") == []


@pytest.mark.promise("CMD-04")
async def test_whoever_is_no_admin_gets_nothing_from_forms_selectors_and_searches(
    teams_stage: TeamsStage,
) -> None:
    stage, bob = teams_stage, teams_stage.user("bob")
    await replied(stage, "bob", "policy set", ONLY_ADMINS)
    card = await selectors(stage, "bob", TOOL)
    refused = await stage.presses("bob", card, "Set", **{f"What {TOOL} does": "auto"})
    assert refused.text == ONLY_ADMINS
    for data in (
        {**carried(Do.PAGE, form="setting", state="", fields="tool:lookup"), "field:tool": TOOL},
        {
            **carried(Do.PAGE, form="setting", state=TOOL, fields="action:choice"),
            "field:action": "auto",
        },
        carried(Do.PAGE, form="setting", state="save 0123"),
        {**carried(Do.CHOOSE, line="policy set ", input="x"), "x": f"{TOOL} auto"},
    ):
        told = await stage.acme.forges(bob, card, data, how="task/submit")
        assert (told.kind, told.text) == ("closed", ONLY_ADMINS)
    await stage.presses("ada", await opener(stage, "ada"), "Open the form")
    before = stage.dialog("ada")
    stage.teams.world.dialogs[bob.id] = before
    assert await stage.acme.types(bob, before, "Tool", "reset") == []
    nonsense = {**carried(Do.PAGE, form="no such form", state="x", fields="a:b c:lookup"), "lines:c": "x"}
    told = await stage.acme.forges(stage.user("ada"), card, nonsense, how="task/submit")
    assert told.text == "This form is not known any more. Close it and open it again."
    assert await policy_of(stage, TOOL) is Action.APPROVAL_NEEDED
    assert {one.status for one in await entries(stage.stage, "command.refused")} >= {"OnlyAdmins"}


async def proposed(stage: TeamsStage) -> tuple[Message, Message]:
    """Has Ada ask for a change that loosens what destroys; gives her card and Ahmed's."""
    preview = await replied(
        stage, "ada", f"policy set {DESTROYS} approval_needed", "another admin has to approve"
    )
    await stage.presses("ada", preview, "Ask a second admin")
    await stage.acme.shows(preview, "Ahmed", stage.user("ada"))
    own, other = await stage.card("ada", "Withdraw"), await stage.card("ahmed", "Deny…")
    return await noted(stage, own), await noted(stage, other)


@pytest.mark.promise("POL-14")
async def test_what_loosens_a_tool_that_destroys_is_approved_by_a_second_admin_and_never_by_its_author(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    own, other = await proposed(stage)
    assert titles(own, stage.user("ada")) == ["Withdraw"]
    assert titles(other, stage.user("ahmed")) == ["Approve", "Deny…"]
    assert await policy_of(stage, DESTROYS) is Action.DISABLED
    assert cards_of(stage, "bob") == []
    approve = next(one.data for one in _buttons(stage, other, "ahmed") if one.title == "Approve")
    forged = await stage.acme.forges(stage.user("ada"), own, approve)
    assert forged.text == "You made this change yourself, so another admin has to decide it."
    stranger = await stage.acme.forges(stage.user("bob"), own, approve)
    assert "no such card" in stranger.text
    assert await policy_of(stage, DESTROYS) is Action.DISABLED
    await stage.presses("ahmed", other, "Approve")
    assert await policy_of(stage, DESTROYS) is Action.APPROVAL_NEEDED
    for who, card in (("ada", own), ("ahmed", other)):
        await stage.shows(who, card, "Approved by Ahmed")
        assert titles(card) == []


@pytest.mark.promise("POL-14")
async def test_a_second_admin_denies_with_a_reason_that_the_author_reads(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    own, other = await proposed(stage)
    deny = next(one.data for one in _buttons(stage, other, "ahmed") if one.title == "Deny…")
    await denies(stage, "ahmed", other, "Accounts are closed by people.")
    for who, card in (("ada", own), ("ahmed", other)):
        await stage.shows(who, card, "Accounts are closed by people.")
    late = await stage.acme.forges(stage.user("ahmed"), other, deny, how="task/fetch")
    assert "not open any more" in late.text
    assert await policy_of(stage, DESTROYS) is Action.DISABLED


def _buttons(stage: TeamsStage, card: Message, who: str) -> list[Button]:
    return buttons(card, stage.user(who))


def _sets(stage: TeamsStage, card: Message) -> list[Button]:
    return [one for one in _buttons(stage, card, "ada") if one.title == "Set"]
