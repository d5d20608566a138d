"""What people write, and which runbook it is; with runbooks of a company that is not the demo's."""

from collections.abc import Mapping

import pytest

from bot.agent.recognition import Candidate, Recogniser
from bot.agent.runbook_file import parse_runbooks
from bot.agent.runbooks import RunbookPlanner
from bot.agent.tokens import read_message
from bot.agent.verdicts import Verdict

FILE = """
version: 1
synonyms: {password: [pw, passwd]}
runbooks:
  - name: access
    title: Access to an app
    phrases:
      - access to {app}
      - (need|want|get|give me|request) access to {app}
      - (give|grant) {user} access to {app}
      - "{user} needs access to {app}"
      - "{app} access"
      - (need|want) access
      - need {app}
    slots:
      app: {kind: text, ask: Which app?}
      user:
        kind: person
        ask: For whom?
        default: "{requester.email}"
        phrases: ["for {user}"]
      level:
        kind: choice
        ask: Which level?
        default: editor
        options: {viewer: [read only, read-only], editor: [normal], owner: [full, admin]}
        phrases: ["as [an] {level}", "with {level} rights"]
    plan: [{tool: "it:grant", arguments: {user: "{user}", app: "{app}", level: "{level}"}}]
    diagnosis: d
  - name: check
    title: See an access
    wins_over: [access]
    phrases: ["do i have access to {app}"]
    slots: {app: {kind: text, ask: Which app?}}
    diagnosis: d
    answer: a
  - name: reset
    title: Reset a password
    phrases:
      - reset my password
      - reset [the] password (of|for) {user}
      - reset {user} password
      - (forgot|lost) [my] password
      - password reset
    slots: {user: {kind: person, ask: Whose?, default: "{requester.email}"}}
    plan: [{tool: "it:reset", arguments: {user: "{user}"}}]
    diagnosis: d
  - name: stolen
    title: Report a theft
    phrases: ["my {thing} (was|got) stolen"]
    slots: {thing: {kind: text, ask: What?}}
    plan: [{tool: "it:lock", arguments: {thing: "{thing}"}}]
    diagnosis: d
  - name: team
    title: Join a team
    phrases: ["add {user} to {team}", "add {user} to the {team} team"]
    slots:
      user: {kind: person, ask: Whom?}
      team: {kind: text, ask: Which team?}
    plan: [{tool: "it:join", arguments: {user: "{user}", team: "{team}"}}]
    diagnosis: d
"""
RUNBOOKS = parse_runbooks(FILE)
RECOGNISER = Recogniser(RUNBOOKS)
PLANNER = RunbookPlanner(RUNBOOKS)


def candidates(text: str) -> list[Candidate]:
    return RECOGNISER.candidates(read_message(text))


def sure(text: str) -> tuple[str, Mapping[str, str]]:
    (found,) = [each for each in candidates(text) if each.verdict is Verdict.SURE]
    return found.runbook.name, {name: said.text for name, said in found.facts.said.items()}


@pytest.mark.parametrize(
    ("text", "runbook", "values"),
    [
        ("I need access to Jira", "access", {"app": "Jira"}),
        ("hi, pls can I get acess to Zendesk?? thx", "access", {"app": "Zendesk"}),
        ("HELLO!!! GIVE ME ACCESS TO JIRA NOW", "access", {"app": "JIRA"}),
        ("Hi Bob, could you give me access to the Data Hub? Thanks, Alice", "access", {"app": "Data Hub"}),
        ("I’d like jira access please", "access", {"app": "jira"}),
        ("jira access", "access", {"app": "jira"}),
        ("I need access to “Data Hub”, it is urgent", "access", {"app": "Data Hub"}),
        ("need access to Data Hub 2.0 because of the audit", "access", {"app": "Data Hub 2.0"}),
        ("Would it be possible to get access to Jira by Monday?", "access", {"app": "Jira"}),
        ("I was wondering if I could get access to C++ Builder", "access", {"app": "C++ Builder"}),
        ("grant Bob.B+x@A.test access to Node.js", "access", {"user": "Bob.B+x@A.test", "app": "Node.js"}),
        ("Bob needs access to Jira", "access", {"user": "Bob", "app": "Jira"}),
        ("need access to jira for bob@acme.test", "access", {"app": "jira", "user": "bob@acme.test"}),
        ("do I have access to Jira?", "check", {"app": "Jira"}),
        ("reset my pasword", "reset", {}),
        ("reset pw for bob@acme.test", "reset", {"user": "bob@acme.test"}),
        ("can you reset Bob's password?", "reset", {"user": "Bob"}),
        ("I forgot my passwd, sorry!", "reset", {}),
        ("Password reset please", "reset", {}),
        ("My laptop was stolen on the train", "stolen", {"thing": "laptop"}),
        ("add me to vpn-users", "team", {"user": "me", "team": "vpn-users"}),
        ("add Jane (j@a.test) to the R&D team", "team", {"user": "Jane (j@a.test", "team": "R&D"}),
        ("add <mailto:j@acme.test|j@acme.test> to IT", "team", {"user": "j@acme.test", "team": "IT"}),
    ],
)  # fmt: skip
def test_a_request_is_recognised_with_its_values(text: str, runbook: str, values: dict[str, str]) -> None:
    assert sure(text) == (runbook, values)


@pytest.mark.parametrize(
    "text",
    [
        "I do NOT need access to Jira",
        "I don’t want access to Jira",
        "I don't think I need access to Jira",
        "please dont reset my password",
        "Nobody needs access to Jira",
        "I never asked for access to Jira",
        "access to Jira is not needed anymore",
        "never mind",
        "I need access to Jira. Never mind!",
        "I need access to Jira, nvm",
        "Reset my password? No, don't.",
        "forget it, I don't need access to Jira",
        "> I need access to Jira",
        "My laptop is slow",
        "the access road is closed",
        "approve",
        "",
        "?!",
    ],
)
async def test_what_is_refused_or_something_else_is_no_candidate(text: str) -> None:
    assert [each.runbook.name for each in candidates(text)] == []
    assert not await PLANNER.places(text)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("why was my access to Jira denied?", Verdict.ABOUT),
        ("who has access to Jira?", Verdict.ABOUT),
        ("when do I get access to Jira?", Verdict.ABOUT),
        ("did you reset my password?", Verdict.ABOUT),
        ("do I need access to Jira?", Verdict.ABOUT),
        ("I already have access to Jira", Verdict.ABOUT),
        ("thanks for giving me access to Jira", Verdict.ABOUT),
        ("how do I reset my password?", Verdict.OFFER),
        ("can you tell me how to get access to Jira", Verdict.OFFER),
        ("Bob said I should reset my password", Verdict.UNSURE),
        ('The mail says "reset my password", is it real?', Verdict.UNSURE),
        ("I need to reset my password policy document", Verdict.UNSURE),
        ("I have access to Jira", Verdict.UNSURE),
        ("you reset my password", Verdict.UNSURE),
        ("if I get access to Jira I can start", Verdict.UNSURE),
        ("I need access to Jira, sorry, I meant Figma", Verdict.UNSURE),
        ("access to Jira was denied", Verdict.UNSURE),
    ],
)
async def test_talk_about_a_thing_is_not_taken_for_a_request(text: str, verdict: Verdict) -> None:
    assert {each.verdict for each in candidates(text)} == {verdict}
    assert await PLANNER.places(text) is (verdict is Verdict.OFFER)


@pytest.mark.parametrize(
    "text",
    [
        "reset my passport",
        "rent my password",
        "reset my forward",
        "resetting the clock",
        "I changed my password",
    ],
)
def test_another_word_is_no_typing_mistake(text: str) -> None:
    assert candidates(text) == []


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("I need admin access to Jira", ("owner",)),
        ("I need access to Jira as an admin", ("owner",)),
        ("read-only access to Jira", ("viewer",)),
        ("I need access to Jira, read only please", ("viewer",)),
        ("grant bob@acme.test full access to Jira", ("owner",)),
        ("I need access to Jira with full rights", ("owner",)),
        ("my admin wants me to get access to Jira", ()),
        ("I need access to Jira for the admin team", ()),
        ("I need access to Jira, our admin is away", ()),
    ],
)
def test_a_level_is_taken_from_the_words_around_the_request_only(text: str, options: tuple[str, ...]) -> None:
    (found,) = [each for each in candidates(text) if each.runbook.name == "access"]
    assert found.facts.options.get("level", ()) == options
    assert found.facts.said["app"].text == "Jira"


def test_two_requests_in_one_message_stay_two() -> None:
    found = candidates("I need access to Jira and please reset my password")
    assert [each.runbook.name for each in found] == ["access", "reset"]
    found = candidates("I need access to Jira. I need access to Figma.")
    assert [each.label for each in found] == ["Access to an app: Jira", "Access to an app: Figma"]


def test_one_request_said_twice_is_one() -> None:
    (found,) = candidates("I forgot my password. Please reset my password")
    assert found.runbook.name == "reset"


def test_a_refusal_of_one_thing_leaves_the_other() -> None:
    assert sure("Don't reset my password, just give me access to Jira")[0] == "access"
    assert sure("Never mind the old request, I need access to Jira")[0] == "access"


async def test_a_phrase_that_says_too_little_places_nothing() -> None:
    assert not await PLANNER.places("need jira")
    assert not await PLANNER.places("add milk to the shopping list")
    assert await PLANNER.places("add me to marketing")
