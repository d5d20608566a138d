"""Standing approvals are looked after: listed, revoked, warned of, proposed for removal, and suggested."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.cards.answer import Answer, Press
from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject
from bot.domain.granting import NeedsAdmin
from bot.domain.grants import ExactArguments, HolderPerson, PinnedArguments
from bot.domain.people import PersonId
from bot.domain.policies import Standing
from bot.flow.commands.refusals import NotYoursToRevoke, OnlyTechnicians
from bot.flow.grant_upkeep import GrantUpkeep
from bot.flow.suggestions import NotSuggested
from bot.storage.engine import open_engine
from bot.storage.postings import SqlPostings
from tests.commanding import answer, facts, refusal, told
from tests.journeys.arranging import (
    change_person,
    change_tool,
    entries,
    grants,
    list_tools,
    set_tool,
    tried_in_vain,
    with_another_description,
)
from tests.journeys.stage import Stage

DAY = timedelta(days=1)
RESET = "acme-it:reset_password"


@dataclass(frozen=True, slots=True)
class Acme:
    """Acme, and what looks after its standing approvals."""

    stage: Stage
    upkeep: GrantUpkeep

    async def days_pass(self, days: float) -> None:
        """Moves the clock and has everything looked after."""
        self.stage.clock.advance(days * DAY)
        await self.upkeep()
        await self.stage.worker.settle(None)

    async def heard(self, who: str, words: str) -> list[str]:
        """Gives what somebody was told that has these words."""
        return [text for text in await self.stage.texts(who) if words in text]

    async def allowed(self, who: str = "bob", **values: int) -> str:
        """Has somebody allow a new password for Alice always, and gives the standing approval's id."""
        request = await asks(self.stage)
        card = await self.stage.card(who, request)
        assert (await self.stage.presses(who, card, "always_allow", **values)).status == 200
        await self.stage.ends(request)
        return (await grants(self.stage))[0].id

    async def approved(
        self, times: int = 5, *, by: str = "bob", who: str = "alice", **arguments: str
    ) -> None:
        """Has somebody ask for the same, and somebody approve it, again and again."""
        for _ in range(times):
            request = await asks(self.stage, who, **arguments)
            await self.stage.approves(by, request)
            await self.stage.ends(request)

    async def suggested(self, who: str = "bob") -> Answer:
        """Gives what somebody is answered about suggestions."""
        return await answer(self.stage, who, "grants suggestions")


async def asks(stage: Stage, who: str = "alice", **arguments: str) -> str:
    """Asks for a new password by form."""
    return await stage.fills(who, "reset_password", **({"user": "alice@acme.test"} | arguments))


@pytest.fixture
async def acme(stage: Stage, acme_database: str) -> AsyncIterator[Acme]:
    engine = open_engine(acme_database)
    yield Acme(stage, GrantUpkeep(stage.seams, SqlPostings(engine)))
    await engine.close()


def ids(found: Answer) -> list[str]:
    return [fact.value for row in found.lines for fact in row.facts if fact.label == "Id"]


@pytest.mark.promise("STD-03")
async def test_the_giver_is_warned_before_the_end_and_can_end_it_at_once(acme: Acme) -> None:
    grant = await acme.allowed(ends_in_days=20)
    await acme.days_pass(16.9)
    assert await acme.heard("bob", "ends on") == []
    await acme.days_pass(0.1)
    await acme.days_pass(1)
    [text] = await acme.heard("bob", "ends on")
    assert "ends on 6 December 2026, 09:00 UTC. It was never used. After that, people are asked" in text
    written = text.rpartition("To end it now: ")[2].removesuffix(".")
    assert (await answer(acme.stage, "bob", written)).title == "Revoked"
    assert (await grants(acme.stage))[0].id == grant
    assert (await grants(acme.stage))[0].revoked


@pytest.mark.promise("STD-06")
async def test_standing_approvals_are_listed_filtered_and_shown_in_chat(acme: Acme) -> None:
    stage = acme.stage
    old = await acme.allowed(uses=9, ends_in_days=200)
    await acme.days_pass(30)
    request = await stage.fills("eve", "unlock_account", user="eve@acme.test")
    await stage.presses("carol", await stage.card("carol", request), "always_allow")
    await stage.ends(request)
    new = (await grants(stage))[0].id
    assert ids(await answer(stage, "dan", "grants list")) == [new[:8], old[:8]]
    for filters, found in {
        "--unused": [old[:8]],
        "--holder alice@acme.test": [old[:8]],
        "--holder alice@acme.test --unused --tool acme-it:unlock_account": [],
        f"--tool {RESET} --unused": [old[:8]],
        "--holder everyone": [],
    }.items():
        assert ids(await answer(stage, "dan", f"grants list {filters}")) == found, filters
    shown = await answer(stage, "bob", f"grants show {old[:8]}")
    assert shown.title.startswith("Alice Archer may use acme-it:reset_password with exactly user = ")
    said = facts(shown)
    assert (said["Given by"], said["For"]) == ("Bob Brennan", "Alice Archer (alice@acme.test)")
    assert (said["Stands for"], said["Limits"], said["Used"]) == ("a technician", "9 in all", "never")
    assert (said["State"], said["Ends"]) == ("in force", "4 June 2027, 09:00 UTC")
    assert [button.label for button in shown.buttons] == ["Revoke"]
    assert shown.buttons[0].confirm
    assert (await answer(stage, "dan", f"grants show {old}")).buttons == ()


@pytest.mark.promise("STD-06")
async def test_revoking_from_chat_holds_at_once_also_for_what_waits_to_be_carried_out(acme: Acme) -> None:
    stage = acme.stage
    grant = await acme.allowed()
    stage.connectors.away = True
    queued = await asks(stage)
    await tried_in_vain(stage, queued)
    assert isinstance(await refusal(stage, "carol", f"grants revoke {grant}"), NotYoursToRevoke)
    [button] = (await answer(stage, "ada", f"grants show {grant}")).buttons
    assert (await answer(stage, "ada", button.value)).title == "Revoked"
    stage.connectors.away = False
    await stage.hours_pass(0.01)
    assert (await stage.comes_to(queued, "waiting", "done"))["status"] == "waiting"
    assert facts(await answer(stage, "bob", f"grants show {grant}"))["State"] == "revoked"
    assert [entry.actor for entry in await entries(stage, "grant.revoked")] == ["p-ada"]


@pytest.mark.promise("STD-09")
async def test_removing_what_nobody_used_for_a_month_is_proposed_and_nothing_more(acme: Acme) -> None:
    grant = await acme.allowed(ends_in_days=200)
    await acme.days_pass(29.9)
    assert await acme.heard("bob", "Nobody used") == []
    await acme.days_pass(0.1)
    await acme.days_pass(1)
    [text] = await acme.heard("bob", "Nobody used 1 standing approval of yours for 30 days")
    assert f"To end it: grants revoke {grant[:8]}" in text
    assert not (await grants(acme.stage))[0].revoked
    request = await asks(acme.stage)
    await acme.stage.ends(request)
    await acme.days_pass(8)
    assert len(await acme.heard("bob", "Nobody used")) == 1


@pytest.mark.promise("STD-09", "STD-05")
async def test_what_was_approved_five_times_is_suggested_and_given_by_who_accepts_it(acme: Acme) -> None:
    stage = acme.stage
    await acme.approved(4)
    await acme.upkeep()
    assert (await acme.suggested()).title == "0 suggestions"
    await acme.approved(1, by="carol")
    await acme.days_pass(0.1)
    [text] = await acme.heard("bob", "could answer it")
    assert text.startswith(
        "“Reset a password” for alice@acme.test was approved 5 times in 30 days, 4 times by you"
    )
    assert "“Alice Archer may use acme-it:reset_password with exactly user = alice@acme.test" in text
    assert text.endswith("Look at it: grants suggestions")
    await acme.days_pass(1)
    assert len(await acme.heard("bob", "could answer it")) == 1
    for who in ("ada", "carol", "alice"):
        assert await acme.heard(who, "could answer it") == []
    assert await grants(stage) == ()

    listed = await acme.suggested("dan")
    assert "Approved: 5 times, last on 16 November 2026" in told(listed)
    assert "By: Bob Brennan (4), Carol Castillo (1)" in told(listed)
    [button] = [row.button for row in listed.lines]
    assert button is not None
    assert (button.label, button.press) == ("Give it", Press.RUN)
    assert button.confirm
    assert isinstance(await refusal(stage, "alice", button.value), OnlyTechnicians)

    waiting = await asks(stage)
    await stage.comes_to(waiting, "waiting")
    given = await answer(stage, "dan", button.value)
    assert facts(given)["It also settles"] == "Alice Archer: a request by form"
    assert (await stage.ends(waiting))["status"] == "done"
    [grant] = await grants(stage)
    assert (grant.holder, grant.giver) == (HolderPerson(PersonId("p-alice")), PersonId("p-dan"))
    assert grant.arguments == ExactArguments({"user": "alice@acme.test"})
    assert grant.ends == stage.clock.now() + 30 * DAY
    assert (await stage.ends(await asks(stage)))["status"] == "done"
    assert isinstance(await refusal(stage, "bob", button.value), NotSuggested)
    assert (await acme.suggested()).title == "0 suggestions"


@pytest.mark.promise("STD-09")
async def test_arguments_that_differ_in_words_only_are_left_free(acme: Acme) -> None:
    for app in ("Zendesk", "Miro", "Figma", "Linear", "Notion"):
        arguments: JsonObject = {"user": "alice@acme.test", "app": app, "level": "member"}
        request = await acme.stage.fills("alice", "grant_app_access", "", **arguments)
        await acme.stage.approves("bob", request)
        await acme.stage.approves("megan", request)
        await acme.stage.ends(request)
    [row] = (await acme.suggested()).lines
    assert "level = member and user = alice@acme.test and any other arguments" in row.label
    assert row.button is not None
    await answer(acme.stage, "bob", row.button.value)
    [grant] = await grants(acme.stage)
    assert grant.arguments == PinnedArguments({"level": "member", "user": "alice@acme.test"})
    assert (grant.technician_groups, grant.manager) == (frozenset({"technicians"}), False)


@pytest.mark.promise("STD-09")
async def test_a_suggestion_is_told_once_while_it_stands_and_a_denial_within_the_month_stops_it(
    acme: Acme, acme_database: str
) -> None:
    await acme.approved()
    [row] = (await acme.suggested()).lines
    engine = open_engine(acme_database)
    marks = SqlPostings(engine)
    for days in (0.1, 16, 1):
        acme.stage.clock.advance(days * DAY)
        await GrantUpkeep(acme.stage.seams, marks)()
        await marks.forget_before(acme.stage.clock.now() - DAY)
    await engine.close()
    await acme.stage.worker.settle(None)
    assert len(await entries(acme.stage, "grant.suggested")) == 1
    assert len(await acme.heard("bob", "could answer it")) == 1

    request = await asks(acme.stage)
    await acme.stage.presses("carol", await acme.stage.card("carol", request), "deny", reason="Not again.")
    await acme.stage.ends(request)
    assert (await acme.suggested()).lines == ()
    assert row.button is not None
    assert isinstance(await refusal(acme.stage, "bob", row.button.value), NotSuggested)


@pytest.mark.promise("STD-09", "STD-08")
async def test_what_a_policy_forbids_runs_by_itself_or_destroys_is_never_suggested(acme: Acme) -> None:
    await acme.approved()
    assert len((await acme.suggested()).lines) == 1
    await set_tool(acme.stage, "reset_password", Action.APPROVAL_NEEDED, standing=Standing.FORBIDDEN)
    assert (await acme.suggested()).lines == ()
    await set_tool(acme.stage, "reset_password", Action.AUTO)
    assert (await acme.suggested()).lines == ()
    await set_tool(acme.stage, "reset_password", Action.APPROVAL_NEEDED, standing=Standing.ALLOWED)
    assert len((await acme.suggested()).lines) == 1
    await change_tool(acme.stage, "reset_password", lambda known: replace(known, effect=Effect.DESTROY))
    assert (await acme.suggested()).lines == ()
    await change_tool(acme.stage, "reset_password", lambda known: replace(known, effect=Effect.WRITE))
    assert len((await acme.suggested()).lines) == 1
    await list_tools(acme.stage, with_another_description("reset_password"))
    assert (await acme.suggested()).lines == ()


@pytest.mark.promise("STD-08", "STD-09")
async def test_a_group_is_suggested_for_one_and_the_same_call_and_only_an_admin_gives_it(acme: Acme) -> None:
    for who in ("alice", "megan", "alice", "megan", "alice"):
        await acme.approved(1, who=who, user="eve@acme.test")
    [row] = (await acme.suggested("bob")).lines
    assert row.label.startswith(
        "Everyone in the group sales may use acme-it:reset_password with exactly user = eve"
    )
    assert row.button is None
    assert "Only an admin" in {fact.label: fact.value for fact in row.facts}["Not yours to give"]
    [identity] = ids(await acme.suggested("bob"))
    assert isinstance(await refusal(acme.stage, "bob", f"grants give {identity}"), NeedsAdmin)
    assert (await answer(acme.stage, "ada", f"grants give {identity}")).title == "Given"


@pytest.mark.promise("STD-09")
async def test_nobody_gives_themselves_what_is_suggested_and_who_left_is_not_told(acme: Acme) -> None:
    await acme.approved(5, who="dan", by="carol", user="dan@acme.test")
    [row] = (await acme.suggested("dan")).lines
    assert row.button is None
    [identity] = ids(await acme.suggested("dan"))
    assert "yourself" in (await refusal(acme.stage, "dan", f"grants give {identity}")).sentence
    change_person(acme.stage, "carol", groups=["all-staff"])
    await acme.days_pass(0.1)
    assert await entries(acme.stage, "grant.suggested") == []
