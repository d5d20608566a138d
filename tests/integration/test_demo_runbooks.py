"""Every demo runbook, planned against the demo's own tool server, driven with the SDK's client."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from jsonschema_rs import validator_for
from mcp import Client, StdioServerParameters
from mcp_types import TextContent
from ruamel.yaml import YAML
from typing_extensions import override

from bot.agent.runbook import Runbooks
from bot.agent.runbook_file import load_runbooks
from bot.agent.runbooks import RunbookPlanner
from bot.demo import seed
from bot.domain.canonical import JsonObject, canonical, parse
from bot.domain.people import Person, PersonId
from bot.domain.plans import Answer, Plan, Proposal, Question, ToolCall
from bot.domain.requests import CallResult
from bot.domain.tools import CatalogTool, ToolDefinition, ToolId
from bot.ports.outside import Briefing, Reader
from tests.builders import a_tool

RUNBOOKS = seed.PEOPLE_FILE.with_name("runbooks.yaml")
READS = frozenset(
    {
        "get_user",
        "search_users",
        "list_groups",
        "list_apps",
        "list_app_access",
        "list_licences",
        "list_devices",
    }
)


class McpReader(Reader):
    """Calls the server, and only tools that read."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @override
    async def __call__(self, call: ToolCall) -> CallResult:
        assert call.tool.name in READS, f"{call.tool} is called while diagnosing"
        result = await self._client.call_tool(call.tool.name, dict(call.arguments))
        text = "".join(block.text for block in result.content if isinstance(block, TextContent))
        content = parse(canonical(result.structured_content)) if result.structured_content else None
        return CallResult(ok=not result.is_error, text=text, content=content, duration_s=0.0)


class Acme(NamedTuple):
    planner: RunbookPlanner
    read: Reader
    tools: Mapping[ToolId, CatalogTool]
    people: Mapping[str, Person]

    async def propose(self, *messages: str, who: str = "alice") -> Proposal:
        briefing = Briefing(requester=self.people[who], messages=messages, tools=self.tools)
        return await self.planner.propose(briefing, self.read)

    async def calls(self, *messages: str, who: str = "alice") -> list[tuple[str, JsonObject]]:
        """Gives the plan's calls, each checked against its tool's schema."""
        proposal = await self.propose(*messages, who=who)
        assert isinstance(proposal, Plan), proposal
        for call in proposal.calls:
            validator_for(dict(self.tools[call.tool].definition.input_schema)).validate(dict(call.arguments))
        return [(call.tool.name, call.arguments) for call in proposal.calls]


@pytest.fixture(scope="session")
def runbooks() -> Runbooks:
    return load_runbooks(RUNBOOKS)


async def serve(
    database: Path, planner: RunbookPlanner, ready: asyncio.Future[Acme], done: asyncio.Event
) -> None:
    """Runs the server and a client from beginning to end in one task, as anyio's scopes need it."""
    arguments = ["-m", "bot.demo.server", "--database", str(database)]
    child = StdioServerParameters(command=sys.executable, args=arguments, cwd=Path.cwd())
    async with Client(child) as client:
        tools = {}
        for listed in (await client.list_tools()).tools:
            tool = ToolId("acme-it", listed.name)
            definition = ToolDefinition(id=tool, title=listed.title or "", input_schema=listed.input_schema)
            tools[tool] = a_tool(tool, definition=definition)
        ready.set_result(Acme(planner, McpReader(client), tools, everyone()))
        await done.wait()


def everyone() -> Mapping[str, Person]:
    """Gives Acme's people by the first part of their address."""
    listed = YAML(typ="safe").load(seed.PEOPLE_FILE.read_text(encoding="utf-8"))["people"]
    return {
        each["email"].partition("@")[0]: Person(
            id=PersonId(each["id"]),
            name=each["name"],
            email=each["email"],
            department=each["department"],
            groups=frozenset(each["groups"]),
        )
        for each in listed
    }


@pytest.fixture
async def acme(tmp_path: Path, runbooks: Runbooks) -> AsyncIterator[Acme]:
    ready = asyncio.get_running_loop().create_future()
    done = asyncio.Event()
    serving = asyncio.create_task(serve(tmp_path / "acme.db", RunbookPlanner(runbooks), ready, done))
    serving.add_done_callback(lambda _: ready.done() or ready.cancel())
    yield await ready
    done.set()
    await serving


async def test_every_example_is_recognised_and_leads_to_a_plan_an_answer_or_a_question(
    acme: Acme, runbooks: Runbooks
) -> None:
    assert len(runbooks.runbooks) >= 8
    for runbook in runbooks.runbooks.values():
        assert runbook.examples, runbook.name
        for example in runbook.examples:
            assert await acme.planner.places(example), example
            proposal = await acme.propose(example)
            assert isinstance(proposal, Plan | Answer | Question), example
            if isinstance(proposal, Plan | Answer):
                assert proposal.runbook == runbook.name, example
            if isinstance(proposal, Plan):
                await acme.calls(example)


def test_every_tool_of_the_runbooks_is_one_of_the_demo_server(runbooks: Runbooks) -> None:
    reads = {read.tool.name for runbook in runbooks.runbooks.values() for read in runbook.reads}
    assert reads <= READS


async def test_access_is_planned_with_the_tools_own_spelling(acme: Acme) -> None:
    assert await acme.calls("hi, pls can I get acess to Zendesk?? thx") == [
        ("grant_app_access", {"user": "alice@acme.test", "app": "Zendesk", "level": "member"})
    ]


async def test_the_last_licence_being_taken_plans_a_new_one_first(acme: Acme) -> None:
    names = [name for name, _ in await acme.calls("I need access to Tableau")]
    assert names == ["add_licences", "grant_app_access"]


async def test_access_that_is_there_already_is_answered(acme: Acme) -> None:
    proposal = await acme.propose("I need access to Zoom")
    assert isinstance(proposal, Answer)
    assert proposal.text == "Alice Archer already has member access to Zoom, so there is nothing to do."


async def test_an_unknown_app_is_asked_for_with_names_to_choose_from(acme: Acme) -> None:
    proposal = await acme.propose("I need access to Photoshop")
    assert isinstance(proposal, Question)
    assert "Photoshop" in proposal.text
    assert "Zendesk" in proposal.choices


async def test_the_answer_to_the_question_makes_the_plan(acme: Acme) -> None:
    assert isinstance(await acme.propose("I need access"), Question)
    assert await acme.calls("I need access", "Zendesk") == await acme.calls("I need access to Zendesk")


async def test_a_locked_persons_password_reset_unlocks_the_account_too(acme: Acme) -> None:
    user = {"user": "eve@acme.test"}
    assert await acme.calls("reset eve's password", who="bob") == [
        ("unlock_account", user),
        ("reset_password", user),
    ]


async def test_somebody_nobody_knows_is_asked_about(acme: Acme) -> None:
    proposal = await acme.propose("reset the password of stranger@elsewhere.test")
    assert isinstance(proposal, Question)
    assert "stranger@elsewhere.test" in proposal.text


async def test_a_new_employee_gets_account_group_and_apps_after_one_question(acme: Acme) -> None:
    said = "new starter on Monday: Jane Doe, jane.doe+hr@acme.test, sales"
    assert isinstance(await acme.propose(said), Question)
    (create, account), *rest = await acme.calls(said, "Account Executive", who="megan")
    assert create == "create_user"
    assert account == {
        "name": "Jane Doe",
        "email": "jane.doe+hr@acme.test",
        "title": "Account Executive",
        "department": "Sales",
    }
    assert [name for name, _ in rest] == ["add_user_to_group", "grant_app_access", "grant_app_access"]


async def test_an_address_that_is_taken_is_asked_for_again(acme: Acme) -> None:
    proposal = await acme.propose("new starter: Bob Two, bob@acme.test, Clerk, Finance")
    assert isinstance(proposal, Question)
    assert "Bob Brennan" in proposal.text


async def test_a_group_is_known_by_its_name_in_words(acme: Acme) -> None:
    assert await acme.calls("please add dan@acme.test to the vpn users group") == [
        ("add_user_to_group", {"user": "dan@acme.test", "group": "vpn-users"})
    ]


async def test_what_somebody_has_is_listed_without_a_plan(acme: Acme) -> None:
    proposal = await acme.propose("what apps do I have?")
    assert isinstance(proposal, Answer)
    assert "Notion (member), Salesforce (member) and Zoom (member)" in proposal.text


async def test_a_stolen_laptop_is_locked_and_a_phone_is_not(acme: Acme) -> None:
    ((tool, arguments),) = await acme.calls("my laptop was stolen!")
    assert (tool, arguments["device"]) == ("lock_device", "ACME-LT-1001")


async def test_nobody_has_their_own_account_deleted(acme: Acme) -> None:
    assert isinstance(await acme.propose("offboard me"), Answer)
    assert await acme.calls("eve@acme.test has left the company", who="bob") == [
        ("delete_user", {"user": "eve@acme.test"})
    ]
