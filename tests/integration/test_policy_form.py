"""The form of a scoped policy, page by page on a real store, as every surface sends it."""

import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cards.answer import Answer
from bot.cards.form import FormPage
from bot.cards.model import Field, FieldKind
from bot.chat.commands import parse_command
from bot.demo.company import CONNECTOR
from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.connectors import Connector, OverStdio
from bot.domain.people import Person, PersonId
from bot.domain.policies import (
    EVERYONE,
    AllTools,
    NamedTools,
    Policy,
    PolicySource,
    Requirement,
    Skip,
    Standing,
)
from bot.domain.tools import ToolId
from bot.flow.change_rules import ChangedMeanwhile, NothingToSave
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.form import Asker
from bot.flow.commands.refusals import NoSuchThing, OnlyAdmins
from bot.flow.drafts.scoped import NameTaken
from bot.flow.forms.kept_policy import FormTooOld
from bot.flow.question import Explain, Explained, Question
from tests.builders import a_condition, a_policy, a_tool, chosen, tools_named
from tests.journeys.arranging import put_policy
from tests.journeys.stage import TENANT, Stage, email, staged

DELETE = ToolId(CONNECTOR, "delete_user")
LIST = ToolId(CONNECTOR, "list_app_access")
UNKNOWN = "x" * 32


@pytest.fixture
async def stage(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """Gives Acme at work on a fresh SQLite database."""
    file = tmp_path / "countersign.db"
    shutil.copy(sqlite_template, file)
    async with staged(f"sqlite:///{file}", tmp_path) as found:
        yield found


async def person(stage: Stage, who: str) -> Person:
    found = await stage.seams.directory.person(PersonId(f"p-{who}"))
    assert found is not None
    return found


async def asker(stage: Stage, who: str) -> Asker:
    return Asker(person=await person(stage, who), surface="slack")


async def opened(stage: Stage, text: str, by: str = "ada") -> FormPage:
    found = await Dispatch(stage.seams)(parse_command(text), await asker(stage, by))
    assert isinstance(found, FormPage), found
    assert not found.problems
    return found


async def sent(
    stage: Stage, page: FormPage, *rows: JsonObject, by: str = "ada", **values: JsonValue
) -> FormPage | Answer:
    """Sends the page as a surface does: with what stands in its fields, unless it is filled in otherwise."""
    assert len(page.state) <= 1_000
    given = _joined(rows, values)
    fields = {field.name for field in page.dialog.fields}
    assert fields >= given.keys(), "this is not on the page"
    standing = {field.name: _standing(field) for field in page.dialog.fields}
    filled: JsonObject = {**standing, **given}
    return await Dispatch(stage.seams).submit(page.form, page.state, filled, await asker(stage, by))


def _joined(rows: Sequence[JsonObject], values: JsonObject) -> dict[str, JsonValue]:
    return {name: value for part in (*rows, values) for name, value in part.items()}


def _standing(field: Field) -> JsonValue:
    if field.kind is FieldKind.CHECKBOX:
        return field.value is True
    return field.value if field.value is not None else ""


async def onward(
    stage: Stage, page: FormPage, *rows: JsonObject, by: str = "ada", **values: JsonValue
) -> FormPage:
    found = await sent(stage, page, *rows, by=by, **values)
    assert isinstance(found, FormPage), found
    assert not found.problems, found.problems
    return found


async def problems(stage: Stage, page: FormPage, *rows: JsonObject, **values: JsonValue) -> dict[str, str]:
    """Gives the page's problems; it is the same page, and what was filled in still stands there."""
    found = await sent(stage, page, _joined(rows, values))
    assert isinstance(found, FormPage), found
    assert found.dialog.title == page.dialog.title
    assert found.problems.keys() <= {field.name for field in found.dialog.fields}
    for name, value in _joined(rows, values).items():
        assert at(found, name) == value
    return dict(found.problems)


def at(page: FormPage, name: str) -> JsonValue:
    return next(field.value for field in page.dialog.fields if field.name == name)


def condition(number: int, attribute: str, operator: str, value: str) -> dict[str, JsonValue]:
    return {f"attribute_{number}": attribute, f"operator_{number}": operator, f"value_{number}": value}


async def saved(
    stage: Stage, page: FormPage, *rows: JsonObject, by: str = "ada", **values: JsonValue
) -> Answer:
    """Sends the third page and saves the preview."""
    last = await onward(stage, page, *rows, by=by, **values)
    assert last.state.startswith("save ")
    answer = await sent(stage, last, by=by)
    assert isinstance(answer, Answer)
    return answer


async def calls_page(stage: Stage, name: str, **values: JsonValue) -> FormPage:
    """Sends the first page of a new policy for all tools, unless told otherwise."""
    given: JsonObject = {"name": name, "scope": "all", **values}
    return await onward(stage, await opened(stage, f"policy new {CONNECTOR}"), given)


async def stored(stage: Stage, name: str) -> Policy | None:
    async with stage.store.view(TENANT) as view:
        return next((policy for policy in await view.policies.all() if policy.name == name), None)


async def the(stage: Stage, name: str) -> Policy:
    found = await stored(stage, name)
    assert found is not None
    return found


async def decided(stage: Stage, who: str, tool: ToolId, agent: str = "countersign") -> Explained:
    seams = stage.seams
    explain = await Explain.of(store=stage.store, tenant=TENANT, directory=seams.directory, clock=seams.clock)
    question = Question(
        requester=await person(stage, who), tool=tool, arguments={}, agent=agent, surface="slack"
    )
    return await explain(question)


async def with_github(stage: Stage, tools: int = 2) -> None:
    """Has a second connector whose tools have no policy of their own."""
    async with stage.store.unit(TENANT) as unit:
        await unit.connections.put(
            Connector(id="github", name="github", transport=OverStdio(command="true"), manifest={})
        )
        for number in range(tools):
            await unit.connections.put_tool(a_tool(ToolId("github", f"tool_{number}"), effect=Effect.WRITE))


async def test_all_tools_of_a_connector_are_allowed_to_all(stage: Stage) -> None:
    await with_github(stage)
    first = await opened(stage, "policy new github")
    whose = await onward(stage, first, name="Allow github to all users", scope="all")
    outcome = await onward(stage, whose)
    assert not await stored(stage, "Allow github to all users")
    answer = await saved(stage, outcome, action="auto", reason="The team asked for it.")
    async with stage.store.view(TENANT) as view:
        number = await view.changes.newest()
        change = await view.changes.get(number)
    assert change is not None
    assert change.reason == "The team asked for it."
    assert answer.title == f"Saved as change {number}: Allow github to all users"
    policy = await the(stage, "Allow github to all users")
    assert (policy.tools, policy.subjects, policy.action) == (AllTools(), EVERYONE, Action.AUTO)
    assert (policy.enabled, policy.source, policy.owner) == (True, PolicySource.ADMIN, "p-ada")
    assert (await decided(stage, "alice", ToolId("github", "tool_1"))).outcome == "It would run."


async def test_deleting_requires_a_step_up_and_a_group_is_denied(stage: Stage) -> None:
    whose = await calls_page(stage, "Delete in HS requires step up", scope="named", tools=[str(DELETE)])
    await saved(stage, await onward(stage, whose), action="step_up")
    policy = await the(stage, "Delete in HS requires step up")
    assert policy.tools == NamedTools(frozenset({"delete_user"}))
    whose = await calls_page(stage, "Contractors never", scope="except", tools=[str(DELETE)])
    outcome = await onward(stage, whose, who="chosen", groups=["contractors"], persons=["p-alice"])
    await saved(stage, outcome, action="disabled")
    policy = await the(stage, "Contractors never")
    assert policy.tools == AllTools(frozenset({"delete_user"}))
    assert policy.subjects == chosen(persons=["p-alice"], groups=["contractors"])
    assert (await decided(stage, "eve", LIST)).decision.action is Action.DISABLED
    assert (await decided(stage, "megan", LIST)).decision.action is Action.AUTO
    asked = await Dispatch(stage.seams)(
        parse_command(f"policy test {email('alice')} {LIST} {{}}"), await asker(stage, "ada")
    )
    assert isinstance(asked, Answer)
    assert "Contractors never" in [line.label for line in asked.lines]


async def test_one_agent_is_targeted_and_others_are_denied(stage: Stage) -> None:
    await with_github(stage)
    first = await opened(stage, "policy new github")
    whose = await onward(stage, first, name="Only through ChatGPT", scope="all")
    outcome = await onward(stage, whose, condition(1, "agent", "is", "chatgpt"))
    assert at(outcome, "otherwise") == "disabled"
    await saved(stage, outcome, action="auto")
    tool = ToolId("github", "tool_0")
    assert (await decided(stage, "alice", tool, "chatgpt")).decision.action is Action.AUTO
    assert (await decided(stage, "alice", tool, "claude")).decision.action is Action.DISABLED


async def test_everything_that_is_said_is_stored_and_stands_there_when_it_is_edited(stage: Stage) -> None:
    await stage.tenant(zone=ZoneInfo("America/New_York"))
    whose = await calls_page(
        stage, "Everything", description="All of it.", scope="named", tools=[str(DELETE), str(LIST)]
    )
    rows = (
        condition(1, "time.weekday", "not_in", "sat, sunday"),
        condition(3, "args.ticket", "is", '"42"'),
    )
    further = await onward(stage, whose, *rows, more=True)
    assert (whose.dialog.title, at(further, "more")) == (further.dialog.title, False)
    assert at(further, "value_1") == "[6,7]"
    assert at(further, "attribute_5") is None
    more = (condition(4, "args.amount", ">", "500"), condition(5, "agent", "in", "chatgpt, claude"))
    outcome = await onward(stage, further, *more)
    await saved(
        stage, outcome, action="approval_needed", otherwise="skip", manager=True, group="it", quorum="2",
        standing="forbidden", ends="2027-01-31", enabled=False,
    )  # fmt: skip
    policy = await the(stage, "Everything")
    wanted = replace(
        policy,
        description="All of it.",
        tools=tools_named("delete_user", "list_app_access"),
        conditions=(
            a_condition("time.weekday", "not_in", [6, 7]),
            a_condition("args.ticket", "is", "42"),
            a_condition("args.amount", ">", 500),
            a_condition("agent", "in", ["chatgpt", "claude"]),
        ),
        action=Action.APPROVAL_NEEDED,
        otherwise=Skip.SKIP,
        requirement=Requirement(groups={"it": 2}, manager=True),
        standing=Standing.FORBIDDEN,
        ends=datetime(2027, 2, 1, 5, tzinfo=UTC),
        enabled=False,
    )
    assert policy == wanted
    page = await opened(stage, "policy edit Everything")
    again = await sent(stage, await onward(stage, await onward(stage, page)))
    assert isinstance(again, Answer)
    assert again.title == "Nothing would change"


async def test_an_edit_changes_what_it_says_and_keeps_the_rest(stage: Stage) -> None:
    seed = replace(
        a_policy(
            name="Ask first", connector=CONNECTOR, tools=tools_named("gone", LIST.name),
            subjects=chosen(persons=["p-gone"], groups=["no such group"]), source=PolicySource.SEED,
            requirement=Requirement(groups={"it": 2, "technicians": 1}),
        ),
        ends=datetime(2027, 1, 1, 12, tzinfo=UTC),
    )  # fmt: skip
    await put_policy(stage, seed)
    before = await the(stage, "Ask first")
    first = await opened(stage, "policy edit Ask first")
    labels = {option.value: option.label for field in first.dialog.fields for option in field.options}
    assert labels[f"{CONNECTOR}:gone"] == f"{CONNECTOR}:gone (not offered)"
    whose = await onward(stage, first, name="Ask second")
    [persons] = [field.options for field in whose.dialog.fields if field.name == "persons"]
    assert [option.label for option in persons] == ["p-gone (not in the directory)"]
    outcome = await onward(stage, whose, groups=[])
    assert not {"group", "quorum", "otherwise"} & {field.name for field in outcome.dialog.fields}
    assert "2 of it, 1 of technicians" in outcome.dialog.summary
    await saved(stage, outcome, action="disabled", reason="An audit.")
    after = await the(stage, "Ask second")
    assert after == replace(
        before,
        name="Ask second",
        subjects=chosen(persons=["p-gone"]),
        action=Action.DISABLED,
        source=PolicySource.ADMIN,
        owner="p-ada",
        version=after.version,
        updated=stage.clock.now(),
    )
    assert not await stored(stage, "Ask first")


async def test_what_is_wrong_with_the_first_page_stands_at_its_field(stage: Stage) -> None:
    await with_github(stage)
    await put_policy(stage, a_policy(name="Taken", connector=CONNECTOR))
    first = await opened(stage, "policy new")
    found = await problems(stage, first, name=" ", description="d" * 161, connector="gitlab", scope="all")
    assert found.keys() == {"name", "description", "connector"}
    first = await opened(stage, f"policy new {CONNECTOR}")
    found = await problems(stage, first, name="Taken", scope="named")
    assert "policy edit Taken" in found["name"]
    assert found["tools"] == "Choose at least one tool, or choose all tools above."
    for name in (str(LIST), f"{CONNECTOR}:*", "*", "elsewhere:tool"):
        assert "policy set" in (await problems(stage, first, name=name, scope="all"))["name"]
    found = await problems(stage, first, name="a\nb", scope="all", tools=[str(LIST)])
    assert found.keys() == {"name", "scope"}
    found = await problems(stage, first, name="n" * 201, scope="except", tools=["github:tool_1"])
    assert found["name"].startswith("It has 201 characters; 200 is the most.")
    assert found["tools"].startswith(f"{CONNECTOR} has no tool “github:tool_1”.")


async def test_what_is_wrong_with_the_second_page_stands_at_its_field(stage: Stage) -> None:
    whose = await calls_page(stage, "Wrong")
    found = await problems(stage, whose, who="chosen")
    assert found == {"persons": "Choose a person or a group, or choose everyone above."}
    found = await problems(stage, whose, who="everyone", persons=["p-nobody"], groups=["nowhere"])
    assert found.keys() == {"who", "persons", "groups"}
    found = await problems(
        stage,
        whose,
        condition(1, "requester.shoe_size", "is", "43"),
        condition(2, "time.hour", "matches", "1*"),
        condition(3, "effect", "is", "wriet"),
    )
    assert found.keys() == {"attribute_1", "operator_2", "value_3"}
    assert found["attribute_1"].startswith("“requester.shoe_size” is not an attribute. Use one of agent,")
    assert found["value_3"] == "“effect is” needs one of read, write, destroy. Change the value."
    found = await problems(
        stage,
        whose,
        condition(1, "", "is", "chatgpt"),
        condition(2, "agent", "is", ""),
        condition(3, "args.user", "same_as", "requester.mail"),
    )
    assert found.keys() == {"attribute_1", "value_2", "value_3"}


async def test_what_is_wrong_with_the_third_page_stands_at_its_field(stage: Stage) -> None:
    outcome = await onward(stage, await calls_page(stage, "Wrong"))
    yesterday = (stage.clock.now() - timedelta(days=1)).date().isoformat()
    found = await problems(stage, outcome, group="nobody here", quorum=0, ends=yesterday)
    assert found.keys() == {"action", "group", "quorum", "ends"}
    found = await problems(stage, outcome, action="auto", manager=True, quorum="many", ends="9999-12-31")
    assert found.keys() == {"manager", "quorum", "ends"}
    today = stage.clock.now().date().isoformat()
    await saved(stage, outcome, action="disabled", ends=today)
    ends = (await the(stage, "Wrong")).ends
    assert ends is not None
    assert ends.date() == stage.clock.now().date() + timedelta(days=1)


async def test_an_unfinished_policy_cannot_be_saved_and_nobody_else_goes_on_with_it(stage: Stage) -> None:
    whose = await calls_page(stage, "Unfinished")
    for page in (whose, await onward(stage, whose), await opened(stage, f"policy edit {LIST}")):
        draft = page.state.split()[1]
        for way in (draft, f" {draft}"):
            with pytest.raises(NothingToSave):
                await Dispatch(stage.seams).submit(
                    page.form, f"save {way.strip()}", {}, await asker(stage, "ada")
                )
        with pytest.raises(FormTooOld):
            await sent(stage, page, by="ahmed")
    assert not await stored(stage, "Unfinished")
    with pytest.raises(OnlyAdmins):
        await sent(stage, whose, by="bob")
    for state in ("", "whose - - 3", f"whose {UNKNOWN} {CONNECTOR} 3", "elsewhere", "calls \x00 - 0"):
        with pytest.raises(FormTooOld):
            await sent(stage, replace(whose, state=state))
    last = await onward(stage, await onward(stage, whose), action="auto")
    preview = last.state.split()[1]
    with pytest.raises(FormTooOld):
        await sent(stage, replace(whose, state=f"outcome {preview} {CONNECTOR} 0"))
    stage.clock.advance(timedelta(hours=1))
    with pytest.raises(FormTooOld):
        await sent(stage, whose)


async def test_a_change_of_another_while_the_form_is_open_is_told_and_nothing_is_saved(stage: Stage) -> None:
    await put_policy(stage, a_policy(Action.AUTO, name="Shared", connector=CONNECTOR))
    mine, theirs = (
        await opened(stage, "policy edit Shared"),
        await opened(stage, "policy edit Shared", "ahmed"),
    )
    outcome = await onward(stage, await onward(stage, mine))
    other = await onward(stage, await onward(stage, theirs, by="ahmed"), by="ahmed")
    last = await onward(stage, outcome, action="disabled")
    await saved(stage, other, by="ahmed", action="step_up")
    with pytest.raises(ChangedMeanwhile) as caught:
        await sent(stage, last)
    assert "Shared: action: auto → step_up (change " in caught.value.sentence
    assert (await the(stage, "Shared")).action is Action.STEP_UP
    outcome = await onward(stage, await calls_page(stage, "Raced"))
    await put_policy(stage, a_policy(name="Raced", connector=CONNECTOR))
    with pytest.raises(NameTaken):
        await sent(stage, outcome, action="auto")


async def test_500_tools_are_chosen(stage: Stage) -> None:
    await with_github(stage, tools=600)
    names = [f"github:tool_{number}" for number in range(500)]
    first = await opened(stage, "policy new github")
    whose = await onward(stage, first, name="Many", scope="named", tools=names)
    await saved(stage, await onward(stage, whose), action="disabled")
    policy = await the(stage, "Many")
    assert isinstance(policy.tools, NamedTools)
    assert len(policy.tools.names) == 500
    page = await opened(stage, "policy edit Many")
    assert at(page, "tools") == []
    assert at(page, "keep_tools") is True
    outcome = await onward(stage, await onward(stage, page, tools=["github:tool_599"]))
    await saved(stage, outcome)
    policy = await the(stage, "Many")
    assert policy.tools == tools_named("tool_599", *(f"tool_{number}" for number in range(500)))
    page = await opened(stage, "policy edit Many")
    assert "tools" in await problems(stage, page, keep_tools=False)
    whose = await onward(stage, page, keep_tools=False, tools=["github:tool_1"])
    await saved(stage, await onward(stage, whose))
    assert (await the(stage, "Many")).tools == tools_named("tool_1")


async def test_more_conditions_than_the_form_has_rows_for_stay(stage: Stage) -> None:
    rules = tuple(a_condition("args.name", "is_not", f"number {number}") for number in range(12))
    long = a_condition("args.name", "in", ["x" * 900 for _ in range(4)])
    await with_github(stage)
    await put_policy(stage, a_policy(name="Long", connector="github", conditions=(long, *rules)))
    whose = await onward(stage, await opened(stage, "policy edit Long"))
    assert "3 further conditions" in whose.dialog.summary
    assert at(whose, "value_10") == "number 9"
    outcome = await onward(stage, whose, attribute_2="", value_2="")
    await saved(stage, outcome)
    kept = (await the(stage, "Long")).conditions
    assert sorted(map(repr, kept)) == sorted(map(repr, (long, rules[0], *rules[2:])))


async def test_a_tools_own_policy_covers_just_this_tool(stage: Stage) -> None:
    first = await opened(stage, f"policy edit {LIST}")
    assert "own policy" in (await problems(stage, first, scope="all", tools=[]))["tools"]
    outcome = await onward(stage, await onward(stage, first))
    await saved(stage, outcome, action="disabled")
    assert (await decided(stage, "alice", LIST)).decision.action is Action.DISABLED


async def test_letting_a_tool_that_destroys_do_more_takes_a_second_admin(stage: Stage) -> None:
    first = await opened(stage, f"policy edit {DELETE}")
    outcome = await onward(stage, await onward(stage, first))
    last = await onward(stage, outcome, action="auto")
    assert last.dialog.submit == "Ask a second admin"
    await sent(stage, last)
    assert (await the(stage, str(DELETE))).action is Action.DISABLED
    async with stage.store.view(TENANT) as view:
        [waiting] = await view.changes.pending_proposals()
    assert waiting.tools == (DELETE,)


async def test_names_are_found_or_the_nearest_is_proposed(stage: Stage) -> None:
    await put_policy(stage, a_policy(name="Contractors never", connector=CONNECTOR))
    with pytest.raises(NoSuchThing, match="Did you mean “Contractors never”"):
        await opened(stage, "policy edit Contractor never")
    with pytest.raises(NoSuchThing, match=f"Did you mean “{CONNECTOR}”"):
        await opened(stage, "policy new acme-itt")
    with pytest.raises(OnlyAdmins):
        await opened(stage, "policy edit Contractors never", "bob")


async def test_the_fields_look_things_up(stage: Stage) -> None:
    await with_github(stage)
    dispatch, ada = Dispatch(stage.seams), await asker(stage, "ada")

    async def values(page: FormPage, field: str, typed: str) -> list[str]:
        found = await dispatch.look_up(page.form, page.state, field, typed, ada)
        return [option.value for option in found]

    anew = await opened(stage, "policy new")
    assert await values(anew, "connector", "hub") == ["github"]
    assert "github:tool_1" in await values(anew, "tools", "tool_1")
    page = await opened(stage, f"policy new {CONNECTOR}")
    assert (await values(page, "tools", "delete_user"))[0] == str(DELETE)
    assert "github:tool_1" not in await values(page, "tools", "tool_1")
    assert await values(page, "persons", "megan") == ["p-megan"]
    assert (await values(page, "groups", "contr"))[0] == "contractors"
    assert (await values(page, "group", "tech")).count("technicians") == 1
    assert not await values(page, "name", "x")
    wrong = await sent(stage, anew, connector="github", scope="named")
    assert isinstance(wrong, FormPage)
    assert await values(wrong, "tools", "delete_user") == []
