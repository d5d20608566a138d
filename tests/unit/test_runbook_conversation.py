"""Several messages as one conversation."""

import pytest

from bot.agent.runbook_file import parse_runbooks
from bot.agent.runbooks import RunbookPlanner
from bot.domain.plans import Answer, Plan, Proposal, Question, ToolCall, Unplaced
from bot.domain.tools import ToolId
from bot.ports.outside import Briefing
from tests.builders import a_person, a_tool
from tests.fakes.reader import FakeReader, answered

FILE = """
version: 1
runbooks:
  - name: access
    title: Access to an app
    phrases: ["access to {app}", need access, "{user} needs access to {app}"]
    slots:
      app:
        kind: found
        ask: Which app?
        find: {among: reads.apps.apps, by: [name], value: name}
      user: {kind: person, ask: For whom?, default: "{requester.email}", phrases: ["for {user}"]}
      level:
        kind: choice
        ask: Which level?
        options: {viewer: [read only], owner: [admin]}
        phrases: ["as [an] {level}"]
    reads: [{name: apps, tool: "it:list_apps", arguments: {}}]
    plan: [{tool: "it:grant", arguments: {user: "{user}", app: "{app}", level: "{level}"}}]
    diagnosis: d
  - name: reset
    title: Reset a password
    phrases: [reset my password, "reset [the] password of {user}", "reset [the] password"]
    slots: {user: {kind: person, ask: Whose?, default: "{requester.email}"}}
    plan: [{tool: "it:reset", arguments: {user: "{user}"}}]
    diagnosis: d
  - name: hire
    title: Set up a new colleague
    phrases: [new starter]
    slots:
      name: {kind: text, ask: Name?, phrases: ["name: {name}"]}
      email: {kind: email, ask: Address?}
      seats: {kind: number, ask: How many screens?}
    plan: [{tool: "it:create", arguments: {name: "{name}", email: "{email}", screens: "{seats}"}}]
    diagnosis: d
  - name: lock
    title: Lock a laptop
    phrases: [lock my screen]
    plan: [{tool: "it:lock", arguments: {}}]
    diagnosis: d
  - name: block
    title: Block a laptop
    phrases: [lock my screen]
    plan: [{tool: "it:block", arguments: {}}]
    diagnosis: d
"""
PLANNER = RunbookPlanner(parse_runbooks(FILE))
NAMES = ("list_apps", "grant", "reset", "create", "lock", "block")
TOOLS = {ToolId("it", name): a_tool(ToolId("it", name)) for name in NAMES}
APPS = {
    ToolId("it", "list_apps"): answered(
        {"apps": [{"name": "Jira"}, {"name": "Figma"}, {"name": "Jira Admin"}]}
    )
}


async def propose(*messages: str, read: FakeReader | None = None) -> Proposal:
    briefing = Briefing(requester=a_person("alice"), messages=messages, tools=TOOLS)
    return await PLANNER.propose(briefing, read or FakeReader(APPS))


async def planned(*messages: str) -> ToolCall:
    proposal = await propose(*messages)
    assert isinstance(proposal, Plan), proposal
    (call,) = proposal.calls
    return call


async def asked(*messages: str) -> Question:
    proposal = await propose(*messages)
    assert isinstance(proposal, Question), proposal
    return proposal


async def test_missing_facts_are_asked_one_by_one() -> None:
    assert (await asked("I need access")).text == "Which app?"
    assert (await asked("I need access", "Figma please")) == Question(
        text="Which level?", choices=("viewer", "owner")
    )
    call = await planned("I need access", "Figma please", "read only")
    assert call.arguments == {"user": "alice@acme.test", "app": "Figma", "level": "viewer"}


@pytest.mark.parametrize(
    "answer", ["owner", "Owner.", "the second one", "2", "admin", "ownr", "as an admin please"]
)
async def test_a_choice_is_taken_by_its_name_its_number_or_other_words_for_it(answer: str) -> None:
    assert (await planned("I need access to Figma", answer)).arguments["level"] == "owner"


async def test_an_answer_that_is_none_is_asked_again() -> None:
    first = await asked("I need access to Figma")
    assert await asked("I need access to Figma", "why?") == first
    assert (await asked("new starter", "Jane", "I don't know")).text == "That is no e-mail address. Address?"
    assert (await asked("new starter", "Jane", "j@acme.test", "some")).text == "How many screens?"


async def test_a_form_in_one_message_needs_no_question_for_what_it_says() -> None:
    call = await planned(
        "New starter\nName: Jane van der Doe\nEmail: Jane.Doe+x@acme.test", "two", "2 screens"
    )
    assert call.arguments == {"name": "Jane van der Doe", "email": "Jane.Doe+x@acme.test", "screens": 2}


async def test_a_new_request_in_place_of_an_answer_is_taken_up() -> None:
    assert (await planned("I need access", "reset my password")).tool.name == "reset"


async def test_more_about_the_same_request_is_joined_to_it() -> None:
    call = await planned("I need access for bob@acme.test", "access to Figma please", "viewer")
    assert call.arguments == {"user": "bob@acme.test", "app": "Figma", "level": "viewer"}


@pytest.mark.parametrize("answer", ["never mind", "forget it", "cancel", "no", "nvm, found it"])
async def test_a_question_can_be_left_unanswered(answer: str) -> None:
    proposal = await propose("I need access", answer)
    assert isinstance(proposal, Answer)
    assert "not changed anything" in proposal.text


async def test_a_plan_can_be_taken_back_and_corrected_in_words() -> None:
    assert isinstance(await propose("admin access to Figma", "never mind"), Answer)
    assert (await planned("admin access to Figma", "sorry, I meant Jira")).arguments["app"] == "Jira"
    assert (await planned("admin access to Figma", "no wait, figma as viewer")).arguments["app"] == "Figma"
    assert (await planned("admin access to Figma", "as viewer please")).arguments["level"] == "viewer"
    assert (await planned("admin access to Figma", "sorry, it is urgent")).arguments["app"] == "Figma"


async def test_small_talk_after_a_plan_leaves_it() -> None:
    for talk in ("thanks!", "it's urgent", "my admin said ok", "approve", "?"):
        assert (await planned("read only access to Figma", talk)).arguments["level"] == "viewer"


async def test_two_requests_are_offered_one_at_a_time() -> None:
    first = "read only access to Figma and reset my password"
    question = await asked(first)
    assert question.choices == ("Access to an app: Figma", "Reset a password", "Something else")
    assert (await planned(first, "Reset a password")).tool.name == "reset"
    assert (await planned(first, "1")).tool.name == "grant"
    assert isinstance(await propose(first, "something else"), Unplaced)


async def test_two_runbooks_that_fit_equally_well_are_both_offered() -> None:
    question = await asked("please lock my screen")
    assert question.choices == ("Lock a laptop", "Block a laptop", "Something else")
    assert (await planned("please lock my screen", "block a laptop")).tool.name == "block"


async def test_a_question_how_to_do_it_is_answered_with_an_offer() -> None:
    question = await asked("how do I reset my password?")
    assert question.text == "I can do this for you: Reset a password. Shall I?"
    assert (await planned("how do I reset my password?", "yes please")).tool.name == "reset"
    assert isinstance(await propose("how do I reset my password?", "no thanks"), Unplaced)


async def test_somebody_elses_words_are_confirmed_before_they_count() -> None:
    await asked("Bob says reset my password")
    assert (await planned("Bob says reset my password", "yes")).tool.name == "reset"
    await asked("Bob says reset my password", "perhaps")


async def test_nobody_is_taken_for_the_requester_who_is_somebody_else() -> None:
    for said in ("access to Figma for Bob as viewer", "read only access to Figma for my colleague"):
        assert (await asked(said)).text == "I need that person's e-mail address. For whom?"
    assert (await planned("access to Figma for Bob as viewer", "bob@acme.test")).arguments[
        "user"
    ] == "bob@acme.test"


async def test_an_address_with_no_word_for_what_it_is_makes_the_agent_ask_whose() -> None:
    question = await asked("reset password, write to private@home.test")
    assert question.choices == ("alice@acme.test", "private@home.test")
    assert (await planned("reset my password, write to private@home.test")).arguments[
        "user"
    ] == "alice@acme.test"


async def test_two_persons_are_one_too_many() -> None:
    question = await asked("bob@acme.test and eve@acme.test needs access to Figma as viewer")
    assert question.choices == ("bob@acme.test", "eve@acme.test")


async def test_a_word_of_a_name_is_no_level() -> None:
    assert (await asked("access to Jira Admin")).text == "Which level?"


async def test_a_system_is_read_once_for_the_whole_conversation() -> None:
    read = FakeReader(APPS)
    await propose("access to Figma", "viewer", "thanks", "as admin", read=read)
    assert len(read.calls) == 1
