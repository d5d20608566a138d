"""Nothing waits for ever without a word, and no word says more or less than what happened."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing

import pytest
from aiohttp import ClientSession
from typing_extensions import override

from bot.chat.web.body import sentences
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.plans import Plan, Proposal, ToolCall
from bot.domain.policies import Requirement
from bot.domain.tools import ToolId
from bot.ports.outside import Briefing, Reader
from bot.web import health_routes, listening
from tests.builders import a_policy, tools_named
from tests.fakes.planner import FakePlanner
from tests.journeys.arranging import break_directory, change_person, put_policy, set_tool
from tests.journeys.stage import Json, Stage, rows
from tests.journeys.test_decided_again import A_MOMENT, approves_newest
from tests.journeys.test_joined_ends import TWO_STEPS, plans
from tests.journeys.test_standing import asks

LOOK = ToolCall(tool=ToolId("acme-it", "get_user"), arguments={"user": "alice@acme.test"})


class CannotCount(Refusal):
    """I cannot count to three. Ask IT to teach me."""


class ConfusedPlanner(FakePlanner):
    """Plans nothing, and says why."""

    def __init__(self) -> None:
        super().__init__({})

    @override
    async def propose(self, briefing: Briefing, read: Reader) -> Proposal:
        self.briefings.append(briefing)
        raise CannotCount


def a_planner(arguments: JsonObject, *, reads: Sequence[ToolCall] = ()) -> FakePlanner:
    """Gives a planner that answers “Help me” with a reset of this password."""
    call = ToolCall(tool=ToolId("acme-it", "reset_password"), arguments=arguments)
    return FakePlanner({"Help me": Plan(diagnosis="This helps.", calls=(call,))}, reads=reads)


async def let_go(stage: Stage, request: str) -> None:
    """Waits until a request that cannot go on is put aside, to be tried again later."""

    def is_put_aside() -> bool:
        path = stage.company.data / "countersign.db"
        statement = (
            "select count(*) from requests where id = ? and lease_owner is null and retry_at is not null"
        )
        with closing(sqlite3.connect(path, timeout=20)) as connection:
            return bool(connection.execute(statement, (request,)).fetchone()[0])

    async def look() -> Json | None:
        return {"aside": True} if await asyncio.to_thread(is_put_aside) else None

    await stage.eventually(look, "the request to be put aside")


@pytest.mark.promise("PLN-08", "RPY-01")
@pytest.mark.parametrize(
    ("planner", "sentence"),
    [
        (a_planner({"user": "x" * 300_000}), ""),
        (ConfusedPlanner(), "I cannot count to three. Ask IT to teach me."),
    ],
    ids=["a plan that is too large", "a planner that refuses"],
)
async def test_a_plan_that_cannot_be_made_ends_with_a_sentence_and_is_not_tried_again(
    stage: Stage, planner: FakePlanner, sentence: str
) -> None:
    plans(stage, planner)
    request = await stage.says("alice", "Help me")
    found = await stage.ends(request)
    assert found["status"] == "failed"
    last = (await stage.texts("alice"))[-1]
    assert last == found["outcome"]
    assert sentence in last
    assert last.endswith(" Nothing was done.")
    assert len(last) > len(" Nothing was done.")
    await stage.hours_pass(1)
    assert (await stage.request(request))["status"] == "failed"
    assert len(planner.briefings) == 1
    assert stage.connectors.calls == []


@pytest.mark.promise("PLN-01")
@pytest.mark.parametrize("back", [True, False], ids=["it comes back", "it stays away"])
async def test_a_diagnosis_without_its_connector_is_tried_again_until_the_request_s_time_is_over(
    stage: Stage,
    back: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    planner = a_planner({"user": "alice@acme.test"}, reads=[LOOK])
    plans(stage, planner)
    stage.connectors.away = True
    request = await stage.says("alice", "Help me")
    await let_go(stage, request)
    await stage.hours_pass(A_MOMENT)

    async def tried_twice() -> Json | None:
        return {"tries": 2} if len(planner.briefings) == 2 else None

    await stage.eventually(tried_twice, "a second try")
    await let_go(stage, request)
    assert (await stage.request(request))["status"] == "planning"
    stage.connectors.away = not back
    await stage.hours_pass(A_MOMENT if back else 25)
    found = await stage.comes_to(request, "waiting", "failed")
    if back:
        assert found["status"] == "waiting"
        return
    assert found["status"] == "failed"
    last = (await stage.texts("alice"))[-1]
    assert "acme-it" in last
    assert last.endswith(" Nothing was done.")


@pytest.mark.promise("INT-06", "APR-05")
async def test_a_seat_that_nobody_can_fill_is_told_to_the_requester_and_the_admins(stage: Stage) -> None:
    await put_policy(
        stage,
        a_policy(
            name="Nobody’s",
            connector="acme-it",
            tools=tools_named("reset_password"),
            requirement=Requirement(groups={"nobody-here": 1}),
        ),
    )
    request = await asks(stage)
    await stage.comes_to(request, "waiting")
    why = "The group nobody-here has not enough people"
    told = [text for text in await stage.texts("alice") if why in text]
    assert len(told) == 1
    assert "An admin has to add somebody" in told[0]
    for admin in ("ada", "ahmed"):
        assert any(why in text for text in await stage.texts(admin))
    assert not any(why in text for text in await stage.texts("eve"))
    nudged = await stage.presses("alice", f"status-{request}", "nudge")
    assert nudged.status == 200
    assert why in str(nudged.json["message"])


@pytest.mark.promise("INT-06")
async def test_a_nudge_with_nobody_to_remind_says_who_is_missing(stage: Stage) -> None:
    for who in ("bob", "carol", "dan", "ada", "ahmed"):
        change_person(stage, who, groups=["all-staff"])
    request = await asks(stage)
    await stage.comes_to(request, "waiting")
    nudged = await stage.presses("alice", f"status-{request}", "nudge")
    assert nudged.status == 409
    assert "The group technicians has not enough people" in nudged.error


async def after_one_step(stage: Stage) -> tuple[str, asyncio.Event]:
    """Gives a request whose first of two steps is under way, and what lets it finish."""
    for call in TWO_STEPS.calls:
        await set_tool(stage, call.tool.name, Action.AUTO)
    plans(stage, FakePlanner({"Both, please": TWO_STEPS}))
    held = stage.connectors.held["reset_password"] = asyncio.Event()
    request = await stage.says("alice", "Both, please")
    await stage.connectors.started.wait()
    return request, held


@pytest.mark.promise("EXE-03", "RPY-01", "RPY-02")
@pytest.mark.parametrize("end", ["withdrawn", "denied", "failed", "refused"])
async def test_after_a_first_step_no_end_says_that_nothing_was_done(stage: Stage, end: str) -> None:
    request, held = await after_one_step(stage)
    said = ""
    if end == "failed":
        change_person(stage, "alice", enabled=False)
        held.set()
    elif end == "refused":
        await set_tool(stage, "add_user_to_group", Action.DISABLED)
        held.set()
    else:
        await set_tool(stage, "add_user_to_group", Action.APPROVAL_NEEDED)
        held.set()
        await stage.comes_to(request, "waiting")
        who, card, action = ("alice", f"status-{request}", "withdraw")
        if end == "denied":
            who, card, action = ("bob", str((await stage.card("bob", request))["card"]), "deny")
        answer = await stage.presses(who, card, action)
        assert answer.status == 200, answer.body
        said = str(answer.json["message"])
    found = await stage.ends(request)
    assert found["status"] == ("denied" if end == "refused" else end)
    assert [one["status"] for one in rows(found["calls"])] in (
        ["succeeded", "skipped"],
        ["succeeded", "refused"],
    )
    last = (await stage.texts("alice"))[-1]
    assert last == found["outcome"]
    assert "what was done stays done" in last
    assert "othing was done" not in last + said
    assert "Nothing runs" not in said  # something did
    assert len(stage.connectors.called("reset_password")) == 1
    assert stage.connectors.called("add_user_to_group") == []


@pytest.mark.promise("EXE-01")
async def test_an_unknown_outcome_is_put_to_technicians_once_the_directory_is_back(stage: Stage) -> None:
    stage.connectors.silent.add("reset_password")
    held = stage.connectors.held["reset_password"] = asyncio.Event()
    request = await asks(stage)
    await approves_newest(stage, "bob", request)
    await stage.connectors.started.wait()
    back = break_directory(stage)
    held.set()
    await let_go(stage, request)
    back()
    await stage.hours_pass(A_MOMENT)
    await stage.comes_to(request, "attention")
    for who in ("bob", "carol", "dan"):
        card = await stage.card(who, request)
        assert (card["card"], card["status"]) == (f"attention-{request}", "attention")
    assert "a technician is looking" in (await stage.texts("alice"))[-1]
    assert (await stage.presses("carol", f"attention-{request}", "it_ran")).status == 200
    assert (await stage.ends(request))["status"] == "done"
    assert len(stage.connectors.called("reset_password")) == 1


@asynccontextmanager
async def a_server_with_health() -> AsyncIterator[str]:
    """Listens as a deployment does, and gives the address."""

    async def ready() -> str:
        return ""

    async with listening("127.0.0.1", 0, health_routes(ready), [sentences]) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("host", ["10.0.0.5:8080", "countersign.acme.test"])
async def test_health_is_answered_under_any_name_and_the_playground_only_under_this_machine_s(
    stage: Stage, host: str
) -> None:
    headers = {"Host": host}
    async with a_server_with_health() as url, ClientSession() as session:
        for path in ("/healthz", "/readyz"):
            async with session.get(url + path, headers=headers) as response:
                assert response.status == 200
    for path in ("/api/people", "/api/estate", "/api/chats/alice@acme.test"):
        refused = await stage.raw("GET", path, b"", headers=headers)
        assert refused.status == 403
        assert "pages that it served itself" in refused.error
