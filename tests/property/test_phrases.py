"""Any text may be said: nothing raises, and what is captured stands in the text."""

import sys
from types import FrameType
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.agent.paths import Missing
from bot.agent.recognition import Recogniser
from bot.agent.runbook_file import parse_runbooks
from bot.agent.runbooks import RunbookPlanner
from bot.agent.templates import BadTemplate, Template
from bot.agent.tokens import MESSAGE_LIMIT, cleaned, read_message, words_of
from bot.agent.verdicts import Verdict
from bot.domain.canonical import canonical
from bot.domain.plans import Plan, Question
from bot.domain.tools import ToolId
from bot.ports.outside import Briefing
from tests.builders import a_person, a_tool
from tests.fakes.reader import FakeReader

FILE = """
version: 1
synonyms: {password: [pw]}
runbooks:
  - name: access
    title: Access to an app
    phrases: ["access to {app}", "{app} access", "(give|grant) {user} access to {app}", "need {app}"]
    slots:
      app: {kind: text, ask: Which app?}
      user: {kind: person, ask: For whom?, default: "{requester.email}", phrases: ["for {user}"]}
      level: {kind: choice, ask: Which?, default: low, options: {low: [], high: [admin]}}
    plan: [{tool: "it:grant", arguments: {user: "{user}", app: "{app}", level: "{level}"}}]
    diagnosis: "{app}"
  - name: reset
    title: Reset a password
    phrases: [reset my password, "reset {user} password"]
    slots: {user: {kind: person, ask: Whose?, default: "{requester.email}"}}
    plan: [{tool: "it:reset", arguments: {user: "{user}"}}]
    diagnosis: d
  - name: hire
    title: New colleague
    phrases: ["new starter: {name}, {email}, {team}"]
    slots:
      name: {kind: text, ask: Name?}
      email: {kind: email, ask: Address?}
      team: {kind: text, ask: Team?}
    plan: [{tool: "it:create", arguments: {name: "{name}", email: "{email}", team: "{team}"}}]
    diagnosis: d
"""
RUNBOOKS = parse_runbooks(FILE)
RECOGNISER = Recogniser(RUNBOOKS)
PLANNER = RunbookPlanner(RUNBOOKS)
TOOLS = {ToolId("it", name): a_tool(ToolId("it", name)) for name in ("grant", "reset", "create")}

SAID: Final = """
access to give grant need my password reset new starter me for bob@acme.test Jira and not never mind how do
i please admin can you , : . ? ! ’s don't ( ) " the pw {app} pasword acess why because yes no 1
"""
WORDS: Final = (*SAID.split(), "\n")
odd = st.text(max_size=400)
wordy = st.lists(st.sampled_from(WORDS), max_size=80).map(" ".join)
texts = st.one_of(odd, wordy, st.builds(lambda one, two: one + two, wordy, odd))
names = st.from_regex(r"[A-Z][a-z]{4,9}( [A-Z][a-z]{4,9})?", fullmatch=True)
greetings = st.sampled_from(["", "Hi, ", "hello team, ", "Dear all!\n", "hey!! ", "Good morning. "])
wishes = st.sampled_from(
    [
        "I need ",
        "can I please get ",
        "Could you give me ",
        "I would like to have ",
        "i’d like ",
        "Pls get me ",
    ]
)
goodbyes = st.sampled_from(["", ".", "!!", " please", ", thanks", " pls thx", "\nCheers, Jo", " asap", "?"])
refusals = st.sampled_from(
    [
        "I don't need ",
        "I do not want ",
        "please do not give me ",
        "I never wanted ",
        "No, I don’t need ",
        "stop ",
    ]
)


@given(st.lists(texts, max_size=4))
@settings(deadline=None)
async def test_no_conversation_raises_or_plans_what_is_not_json(messages: list[str]) -> None:
    briefing = Briefing(requester=a_person("alice"), messages=tuple(messages), tools=TOOLS)
    proposal = await PLANNER.propose(briefing, FakeReader())
    assert proposal == await PLANNER.propose(briefing, FakeReader())
    if isinstance(proposal, Plan):
        assert proposal.calls
        assert all(call.tool in TOOLS and canonical(call.arguments) for call in proposal.calls)
    if isinstance(proposal, Question):
        assert proposal.text


@given(texts)
def test_what_is_captured_stands_in_the_text_as_it_was_written(text: str) -> None:
    line = " ".join(cleaned(text).split())
    for candidate in RECOGNISER.candidates(read_message(text)):
        for said in candidate.facts.said.values():
            assert said.text in line


@given(texts)
def test_every_word_stands_where_it_says(text: str) -> None:
    message = read_message(text)
    assert len(message.text) <= MESSAGE_LIMIT
    for sentence in message.sentences:
        assert sentence.tokens
        for token in sentence.tokens:
            assert 0 <= token.start <= token.end <= len(message.text)


@given(greetings, wishes, names, goodbyes)
def test_a_wish_is_recognised_whatever_is_around_it(
    greeting: str, wish: str, name: str, goodbye: str
) -> None:
    (found,) = RECOGNISER.candidates(read_message(f"{greeting}{wish}access to {name}{goodbye}"))
    assert found.verdict is Verdict.SURE
    assert found.facts.said["app"].text == name


@given(greetings, refusals, names, goodbyes)
async def test_a_refusal_is_never_taken_for_a_wish(
    greeting: str, refusal: str, name: str, goodbye: str
) -> None:
    text = f"{greeting}{refusal}access to {name}{goodbye}"
    assert RECOGNISER.candidates(read_message(text)) == []


@given(st.sampled_from(["reset", "password"]), st.data())
def test_one_slip_of_the_finger_is_forgiven(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(word) - 2))
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    dropped = word[:place] + word[place + 1 :]
    doubled = word[:place] + word[place] + word[place:]
    for slip in (swapped, dropped, doubled):
        (found,) = RECOGNISER.candidates(read_message("please reset my password".replace(word, slip)))
        assert (found.runbook.name, found.verdict) == ("reset", Verdict.SURE)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_template_inserts_data_and_reads_none_of_it(text: str, value: str) -> None:
    try:
        template = Template.parse(text)
    except BadTemplate:
        return
    names_in = [path for path in template.paths if len(path.steps) == 1]
    try:
        filled = template.text({path.steps[0]: value for path in names_in})
    except Missing:
        return
    plain = "".join(part if isinstance(part, str) else value for part in template.parts)
    assert filled == plain or any(path.steps == ("*",) or len(path.steps) > 1 for path in template.paths)


@given(st.text(max_size=80))
def test_words_are_compared_without_case_and_accents(text: str) -> None:
    assert words_of(text.casefold()) == words_of(text.casefold().casefold())
    for word in words_of(text):
        assert word == word.casefold()


def steps(text: str) -> int:
    """Gives how many calls of functions the recognition of a text takes."""
    count = 0

    def step(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        RECOGNISER.candidates(read_message(text))
    finally:
        sys.setprofile(before)
    return count


HOSTILE = (
    "access to ", "give me access ", "new starter : , ", "a", "@a", "my password ", "(", "need ", "\n", "'s ",
    "give give access access ", "acess pasword ", "access to Jira\n", "reset a@b.cc password ", "x" * 400,
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_recognition_takes_steps_about_in_proportion_to_the_text(piece: str) -> None:
    short, long = ((piece * size)[:size] for size in (MESSAGE_LIMIT // 4, MESSAGE_LIMIT))
    assert steps(long) <= 6 * steps(short) + 2_000
