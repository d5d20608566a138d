"""Admins and technicians look at policies, connectors and switches, and change them from what they see."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.chat.commands import parse_command
from bot.demo.company import CONNECTOR
from bot.domain.actions import Action, Effect
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.commands.policy_set import PolicySetCommand
from bot.flow.commands.policy_switch import SwitchCommand
from bot.flow.commands.refusals import NoSuchThing, OnlyAdmins, OnlyTechnicians
from tests.builders import a_definition, a_policy, a_tool, chosen, tools_named
from tests.commanding import answer, facts, labels, refusal, saved
from tests.journeys.arranging import (
    change_tool,
    entries,
    list_tools,
    put_policy,
    remove_policies,
    set_tool,
    switch_connector,
    switch_tool,
    tamper,
    with_another_description,
)
from tests.journeys.stage import TENANT, Stage
from tests.records import a_connector

RESET = ToolId(CONNECTOR, "reset_password")
SHOW = f"policy connector {CONNECTOR}"
COPIES = """
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
    INSERT INTO policies (tenant, id, name, connector, source, version, document)
    SELECT tenant, id || n, name || ' ' || n, connector, source, version,
           json_set(document, '$.id', id || n, '$.name', name || ' ' || n)
    FROM policies, numbers WHERE name = 'Seed of many'
"""
"""Ten thousand more of one policy; writing them one by one would take a minute."""


async def row_of(stage: Stage, tool: str, *, who: str = "ada") -> AnswerRow:
    """Gives the tool's row, looked for by its name."""
    found = await answer(stage, who, f"{SHOW} --search {tool}")
    return next(row for row in found.lines if row.label == tool)


def more_of(row: AnswerRow) -> dict[str, str]:
    """Gives the commands of the row's further buttons by their labels."""
    return {button.label: button.value for button in row.more}


def buttons_of(found: Answer) -> list[AnswerButton]:
    """Gives every button of an answer."""
    shown = [row.button for row in found.lines if row.button]
    return [*found.buttons, *shown, *(button for row in found.lines for button in row.more)]


async def test_the_policies_that_changed_last_come_first(stage: Stage) -> None:
    stage.clock.advance(timedelta(minutes=1))
    await set_tool(stage, "reset_password", Action.AUTO)
    stage.clock.advance(timedelta(minutes=1))
    await saved(stage, "ada", f"policy set {CONNECTOR}:get_user disabled")
    found = await answer(stage, "bob", "policy list --sort changed")
    assert labels(found)[:2] == [f"{CONNECTOR}:get_user", str(RESET)]
    assert labels(found)[2:] == sorted(labels(found)[2:])
    assert labels(await answer(stage, "bob", "policy list --sort newest")) == labels(found)
    assert found.command_for_next == "policy list --sort changed --page 2"
    assert "name, action, changed" in (await refusal(stage, "bob", "policy list --sort size")).sentence


async def test_a_row_of_the_list_stays_short_however_much_a_policy_names(stage: Stage) -> None:
    names = [f"tool_number_{number}" for number in range(300)]
    await put_policy(stage, a_policy(name="Wide", connector=CONNECTOR, tools=tools_named(*names)))
    [row] = (await answer(stage, "bob", "policy list --search wide")).lines
    assert all(len(fact.value) <= 160 for fact in row.facts)


async def test_every_tool_of_a_connector_is_on_one_of_its_pages(stage: Stage) -> None:
    async with stage.store.view(TENANT) as view:
        names = [tool.name for tool in await view.connections.catalog()]
    page = await answer(stage, "ada", SHOW)
    assert page.title.startswith(f"{len(names)} tools of {CONNECTOR}: ")
    seen = labels(page)
    while page.command_for_next:
        assert len(page.lines) == 8
        page = await answer(stage, "ada", page.command_for_next)
        seen += labels(page)
    assert seen == sorted(names)


async def test_whatever_can_be_pressed_or_chosen_is_a_command_that_reads_back(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.APPROVAL_NEEDED, manager=True)
    found = [await answer(stage, "ada", text) for text in (SHOW, f"{SHOW} --page 2", "policy connector")]
    pressed = [button for one in found for button in buttons_of(one)]
    assert {button.press for button in pressed} == {Press.RUN}
    options = [option for one in found for row in one.lines if row.select for option in row.select.options]
    for text in [*(button.value for button in pressed), *(option.value for option in options)]:
        assert parse_command(text).text == text


async def test_an_admin_sets_a_tool_from_its_row(stage: Stage) -> None:
    row = await row_of(stage, "reset_password")
    assert row.badge == "approval_needed"
    assert row.select is not None
    assert row.select.chosen == "approval_needed"
    values = {option.label: option.value for option in row.select.options}
    assert list(values) == ["auto", "step_up", "approval_needed", "disabled", "default"]
    assert parse_command(values["step_up"]) == PolicySetCommand(target=str(RESET), action="step_up")
    await saved(stage, "ada", values["auto"])
    after = await row_of(stage, "reset_password")
    assert (after.badge, after.select and after.select.chosen) == ("auto", "auto")
    await saved(stage, "ada", values["default"])
    free = await row_of(stage, "reset_password")
    assert (free.badge, free.select and free.select.chosen) == ("approval_needed", "default")
    assert facts(free)["Why"].startswith(f"No policy covers {RESET}")


async def test_the_manager_is_asked_and_not_asked_from_the_row(stage: Stage) -> None:
    asking = more_of(await row_of(stage, "reset_password"))
    await saved(stage, "ada", asking["Ask the manager too"])
    asked = more_of(await row_of(stage, "reset_password"))
    wanted = PolicySetCommand(target=str(RESET), action="approval_needed", manager=False)
    assert parse_command(asked["Do not ask the manager"]) == wanted
    await saved(stage, "ada", asked["Do not ask the manager"])
    assert "Ask the manager too" in more_of(await row_of(stage, "reset_password"))
    await set_tool(stage, "reset_password", Action.DISABLED)
    assert list(more_of(await row_of(stage, "reset_password"))) == ["Switch off"]


async def test_a_technician_sees_the_same_and_can_press_nothing_that_changes(stage: Stage) -> None:
    mine, theirs = await answer(stage, "ada", SHOW), await answer(stage, "bob", SHOW)
    assert [(row.label, row.badge, row.facts) for row in theirs.lines] == [
        (row.label, row.badge, row.facts) for row in mine.lines
    ]
    assert not any(row.select or row.more for row in theirs.lines)
    assert not any(parse_command(button.value).changes for button in buttons_of(theirs))
    assert "policy set" in mine.note
    assert "policy set" not in theirs.note
    assert isinstance(await refusal(stage, "alice", SHOW), OnlyTechnicians)


async def test_a_row_says_what_is_unusual_about_its_tool(stage: Stage) -> None:
    await list_tools(stage, with_another_description("reset_password"))
    row = await row_of(stage, "reset_password")
    assert facts(row)["Description"] == "Now also forwards everything to a stranger."
    assert facts(row)["State"].startswith("changed since it was accepted")
    await change_tool(stage, "reset_password", lambda tool: replace(tool, present=False))
    await switch_tool(stage, "reset_password", on=False)
    row = await row_of(stage, "reset_password")
    assert "does not offer it any more; switched off" in facts(row)["State"]
    assert row.badge == "disabled"
    assert "is not a tool that is known here" in facts(row)["Why"]
    assert more_of(row)["Switch on"] == f"policy switch {RESET} on"


async def test_a_row_counts_and_names_the_other_policies(stage: Stage) -> None:
    for number in range(5):
        policy = a_policy(
            Action.DISABLED,
            name=f"Never {number}",
            connector=CONNECTOR,
            tools=tools_named("reset_password"),
            subjects=chosen(groups=["contractors"]),
        )
        await put_policy(stage, policy)
    said = facts(await row_of(stage, "reset_password"))["Other policies"]
    assert said == "5: “Never 0” (disabled), “Never 1” (disabled), “Never 2” (disabled) and 2 more"
    assert "Other policies" not in facts(await row_of(stage, "get_user"))


async def test_outside_text_is_short_and_hides_nothing(stage: Stage) -> None:
    def hostile(tool: CatalogTool) -> CatalogTool:
        said = "Harmless\u202e\n\n\n\n\n*really* <!channel> " + "x" * 400
        return replace(tool, definition=replace(tool.definition, title="A\u200bB", description=said))

    await change_tool(stage, "reset_password", hostile)
    said = facts(await row_of(stage, "reset_password"))
    assert said["Called"] == "A⟨U+200B⟩B"
    assert said["Description"].startswith("Harmless⟨U+202E⟩ *really* <!channel> xxx")
    assert len(said["Description"]) <= 200


async def test_tools_are_found_by_name_title_and_description_and_by_what_holds(stage: Stage) -> None:
    await set_tool(stage, "reset_password", Action.DISABLED)
    assert labels(await answer(stage, "bob", f"{SHOW} --action deny")) == ["delete_user", "reset_password"]
    by_title = await answer(stage, "bob", f"{SHOW} --search “RESET a password”")
    assert labels(by_title) == ["reset_password"]
    assert "reset_password" in labels(await answer(stage, "bob", f"{SHOW} --search one-time"))
    nothing = await answer(stage, "bob", f"{SHOW} --action deny --search user_of_nothing")
    assert (nothing.title, nothing.lines) == (f"0 tools of {CONNECTOR}", ())
    assert nothing.note.startswith("Nothing fits.")


async def test_the_connectors_are_listed_with_a_way_to_each(stage: Stage) -> None:
    async with stage.store.unit(TENANT) as unit:
        await unit.connections.put(replace(a_connector("zendesk"), health="It does not answer."))
    found = await answer(stage, "bob", "policy connector")
    assert [(row.label, row.badge) for row in found.lines] == [(CONNECTOR, "on"), ("zendesk", "on")]
    assert facts(found.lines[1])["Connector"] == "on. It does not answer."
    assert [row.button.value for row in found.lines if row.button] == [SHOW, "policy connector zendesk"]
    assert (await answer(stage, "bob", "policy connector zendesk")).note.startswith("Its server has not")
    assert labels(await answer(stage, "bob", "policy connector --search ZEN")) == ["zendesk"]
    assert "Name the connector" in (await refusal(stage, "bob", "policy connector --action auto")).sentence
    unknown = await refusal(stage, "bob", "policy connector acme-itt")
    assert isinstance(unknown, NoSuchThing)
    assert f"Did you mean “{CONNECTOR}”?" in unknown.sentence


async def test_the_defaults_and_the_connector_stand_above_its_tools(stage: Stage) -> None:
    await saved(stage, "ada", f"policy set {CONNECTOR}:* auto")
    await remove_policies(stage, "reset_password")
    found = await answer(stage, "ada", SHOW)
    assert facts(found)[f"Default of {CONNECTOR}:*"] == "auto"
    assert facts(found)["Default of *"] == "approval_needed"
    assert facts(found)["Connector"].startswith("on")
    assert (await row_of(stage, "reset_password")).badge == "auto"


async def test_a_connector_is_switched_off_in_two_presses(stage: Stage) -> None:
    [off] = (await answer(stage, "ada", SHOW)).buttons
    preview = await answer(stage, "ada", off.value)
    assert preview.title == f"Switch {CONNECTOR} off?"
    assert "every call of its tools is refused" in preview.note
    assert not await entries(stage, "connector.switched_off")
    await answer(stage, "ada", preview.buttons[0].value)
    found = await answer(stage, "ada", SHOW)
    assert {row.badge for row in found.lines} == {"disabled"}
    assert facts(found)["Connector"].startswith("switched off")
    again = await answer(stage, "ada", off.value)
    assert (again.buttons, again.note) == ((), "Nothing would change. It is off already.")
    assert found.buttons[0].value == f"policy switch {CONNECTOR} on"


async def test_a_connector_without_tools_is_switched_too(stage: Stage) -> None:
    async with stage.store.unit(TENANT) as unit:
        await unit.connections.put(a_connector("zendesk"))
    await saved(stage, "ada", "policy switch zendesk off")
    found = await answer(stage, "bob", "policy connector --search zendesk")
    assert found.lines[0].badge == "off"


async def test_a_tool_is_switched_with_a_reason_that_stays_in_the_log(stage: Stage) -> None:
    await saved(stage, "ada", f"policy switch {RESET} OFF it resets the wrong ones")
    [entry] = await entries(stage, "tool.switched_off")
    assert (entry.actor, entry.tool) == ("p-ada", str(RESET))
    assert entry.details["reason"] == "it resets the wrong ones"
    assert (await row_of(stage, "reset_password")).badge == "disabled"
    await saved(stage, "ada", more_of(await row_of(stage, "reset_password"))["Switch on"])
    assert (await row_of(stage, "reset_password")).badge == "approval_needed"


async def test_switching_on_what_destroys_asks_a_second_admin(stage: Stage) -> None:
    await change_tool(stage, "reset_password", lambda tool: replace(tool, effect=Effect.DESTROY))
    await switch_tool(stage, "reset_password", on=False)
    await switch_connector(stage, on=False)
    for target in (str(RESET), CONNECTOR):
        preview = await answer(stage, "ada", f"policy switch {target} on")
        assert [button.label for button in preview.buttons] == ["Ask a second admin"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("acme-itt", f"There is no connector “acme-itt”. Did you mean “{CONNECTOR}”?"),
        (f"{CONNECTOR}:reset_pasword", f"“{CONNECTOR}:reset_pasword”. Did you mean “{RESET}”?"),
        (f"{CONNECTOR}:", f"There is no connector “{CONNECTOR}:”. Did you mean “{CONNECTOR}”?"),
        (f"{CONNECTOR}:*", f"There is no tool “{CONNECTOR}:*”."),
    ],
)
async def test_what_there_is_not_is_not_switched(stage: Stage, target: str, words: str) -> None:
    assert words in (await refusal(stage, "ada", f"policy switch {target} off")).sentence
    assert isinstance(await refusal(stage, "bob", f"policy switch {target} off"), OnlyAdmins)


def test_a_switch_is_on_or_off() -> None:
    assert parse_command(f"policy switch {RESET} Off") == SwitchCommand(target=str(RESET), is_on=False)
    with pytest.raises(Exception, match="neither on nor off"):
        parse_command(f"policy switch {RESET} maybe")


async def test_ten_thousand_policies_and_three_hundred_tools_look_like_few(stage: Stage) -> None:
    few = await answer(stage, "ada", "policy list")
    await put_policy(stage, a_policy(name="Seed of many", connector="big", tools=tools_named("tool_1")))
    await tamper(stage, COPIES)
    async with stage.store.unit(TENANT) as unit:
        await unit.connections.put(a_connector("big"))
        for number in range(300):
            tool = ToolId("big", f"tool_{number}")
            await unit.connections.put_tool(a_tool(tool, definition=a_definition(tool, title="Does it")))
    for sort in ("name", "action", "changed"):
        many = await answer(stage, "ada", f"policy list --sort {sort} --page 400")
        assert int(many.title.split()[0]) > 10_000
        assert (len(many.lines), many.page) == (15, 400)
        assert [fact.label for fact in many.facts] == [fact.label for fact in few.facts]
        assert all(len(row.facts) <= 6 for row in many.lines)
    found = await answer(stage, "ada", "policy connector big")
    assert (len(found.lines), found.pages) == (8, 38)
    assert all(row.select and len(row.select.options) == 5 and len(row.more) <= 3 for row in found.lines)
    crowded = next(row for row in found.lines if row.label == "tool_1")
    assert facts(crowded)["Other policies"].startswith("10001: “")
    assert facts(crowded)["Other policies"].endswith(" and 9998 more")
