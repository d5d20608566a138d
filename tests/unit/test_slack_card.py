"""A card as a Slack message, and the modal that shows all of it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards.approval import approval_card, approval_card_for_others
from bot.cards.masking import MASK
from bot.cards.model import Card, CardAction, CardCall, Dialog, Fact, Quote, Style
from bot.cards.status import attention_card, status_card
from bot.chat import card_words as words
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import cut, plain
from bot.chat.slack.kit.texts import inert, pieces, units
from bot.chat.slack.shown.card import Rendered, render
from bot.chat.slack.shown.whole import NEXT, PREVIOUS, pages, turned_to, whole_view
from bot.domain.actions import Action, Effect
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.requests import ApprovalStatus, CallStatus, RequestStatus
from tests.builders import a_tool
from tests.records import a_record, a_request, an_approval
from tests.slack_cards import blocks_of, buttons_of, objects_in, read
from tests.stories import a_story, an_asking_record

LONG = "All work and no play. " * 1000
PAGE = Path(words.__file__).parent / "web" / "page" / "status.js"


def asked(arguments: JsonObject, *, effect: Effect = Effect.WRITE, dialog: Dialog | None = None) -> Card:
    story = a_story(steps=[replace(an_asking_record(arguments), effect=effect)], tools=[a_tool()])
    return approval_card(story, story.approvals[0], offered=True, always_allow=dialog)


def calling(*calls: CardCall, **changes: object) -> Card:
    card = Card(id="card-1", request="request-1", title="A title", status="pending", calls=calls)
    return replace(card, **changes)  # type: ignore[arg-type]  # fields of a card


def a_call_of(name: str = "note", value: JsonValue = "yes") -> CardCall:
    return CardCall(
        tool="acme-it:keep", title="Keep a note", arguments={name: value}, effect="write", decision="auto"
    )


def text_of(rendered: Rendered) -> str:
    return read(rendered.blocks)


def test_an_approval_is_one_message_with_everything_on_it() -> None:
    card = asked({"user": "alice@acme.test", "password": "hunter2", "force": False})
    rendered = render(card)
    assert rendered.whole
    text = text_of(rendered)
    for fact in card.facts:
        assert f"{fact.label}: {fact.value}" in text
    assert f"user: alice@acme.test\npassword: {MASK}\nforce: false" in text
    assert "acme-it:reset_password\u00a0· Changes data\u00a0· Needs approval" in text
    assert "In Alice’s words (not checked)I forgot my password." in text
    assert list(buttons_of(rendered.blocks)) == ["act:approve", "act:deny"]


def test_the_order_is_title_status_warnings_facts_calls_words_buttons() -> None:
    card = asked({"mailbox": "old\u202e"}, effect=Effect.DESTROY)
    text = text_of(render(card))
    marks = [card.title, "○ Pending", *card.warnings, "Requester", "mailbox", "not checked", "Approve"]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


def test_a_button_carries_the_cards_id_and_says_whether_something_is_asked_first() -> None:
    rendered = render(asked({}, dialog=Dialog(title="Always allow", submit="Save")))
    approve, deny, always = buttons_of(rendered.blocks).values()
    assert {approve["value"], deny["value"], always["value"]} == {"approval-1"}
    assert (approve["style"], deny["style"]) == ("primary", "danger")
    assert "style" not in always
    assert [read([one]) for one in (approve, deny, always)] == ["Approve", "Deny…", "Always allow…"]
    assert rendered.blocks[-1]["block_id"] != render(asked({"a": 1})).blocks[-1]["block_id"]


def test_approving_what_destroys_asks_once_more() -> None:
    approve, deny = buttons_of(render(asked({}, effect=Effect.DESTROY)).blocks).values()
    assert "This destroys something" in read([approve])
    assert "confirm" not in deny
    assert all("confirm" not in one for one in buttons_of(render(asked({})).blocks).values())


def test_what_does_not_fit_offers_nothing_that_runs() -> None:
    card = asked({"body": LONG, "user": "alice"}, dialog=Dialog(title="Always allow", submit="Save"))
    rendered = render(card)
    assert not rendered.whole
    assert list(buttons_of(rendered.blocks)) == ["view:all", "act:deny"]
    assert buttons_of(rendered.blocks)["view:all"]["value"] == card.id


def test_what_does_not_fit_says_how_much_is_missing_and_where() -> None:
    text = text_of(render(asked({"body": LONG, "user": "alice"})))
    assert "body: not shown here, 22,000 characters" in text
    assert "user: alice" in text
    assert "Not everything fits here. Shown: 1 of 2 arguments. “View all” shows the rest" in text
    assert "there you can approve" in text
    for fact in asked({}).facts:
        assert f"{fact.label}: {fact.value}" in text


def test_the_facts_that_matter_come_before_the_others() -> None:
    facts = [Fact(f"Detail {number}", "x" * 400) for number in range(60)]
    last = (Fact("Requester", "Alice"), Fact("Decision", "denied by Bob"), Fact("Open until", "noon"))
    rendered = render(calling(facts=(*facts, *last)))
    assert not rendered.whole
    text = text_of(rendered)
    assert "Requester: Alice" in text
    assert "Decision: denied by Bob" in text
    assert "Open until: noon" in text
    assert re.search(r"Shown: \d+ of 63 facts\.", text)


def test_a_card_without_approve_does_not_speak_of_approving() -> None:
    text = text_of(render(calling(a_call_of(value=LONG))))
    assert "“View all” shows the rest." in text


@pytest.mark.parametrize("action", ["it_ran", "approve", "always_allow", "something_new"])
def test_only_harmless_actions_stay_below_a_part(action: str) -> None:
    actions = (CardAction(id=action, label="Go"), CardAction(id="it_did_not_run", label="Not done"))
    rendered = render(calling(a_call_of(value=LONG), actions=actions))
    assert list(buttons_of(rendered.blocks)) == ["view:all", "act:it_did_not_run"]


def test_many_steps_are_numbered_with_their_reasons() -> None:
    steps = [replace(an_asking_record({"n": n}), position=n) for n in range(3)]
    story = a_story(steps=steps)
    text = text_of(render(approval_card(story, story.approvals[0], offered=True, always_allow=None)))
    for number, step in enumerate(steps):
        title = f"{number + 1}. Reset password"
        assert f"{title}\nacme-it:reset_password" in text
        assert f"Needs approval\n{step.reason}\nn: {number}" in text


def test_so_many_steps_that_they_do_not_fit_are_counted() -> None:
    text = text_of(render(calling(*(a_call_of() for _ in range(60)))))
    assert re.search(r"Shown: \d+ of 60 steps, \d+ of 60 arguments\.", text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (42, "note: 42"),
        ("42", "note: 42 (text)"),
        ("true", "note: true (text)"),
        (True, "note: true"),
        (None, "note: null"),
        ("", "note: (empty)"),
        (" root", "note:  root (space around it)"),
        ([], "note: []"),
        ({"a": [1, "b"]}, 'note: {"a": [1, "b"]}'),
        ("first\nsecond", "note:first\nsecond"),
    ],
)
def test_a_value_cannot_be_taken_for_another(value: JsonValue, shown: str) -> None:
    rendered = render(calling(a_call_of(value=value)))
    assert text_of(rendered).endswith(shown)


def test_a_nested_value_is_laid_out_in_lines() -> None:
    people: JsonValue = [{"name": "Alice", "city": "Graz"}, {"name": "Bob", "city": "Linz"}]
    value: JsonValue = {"people": people, "n": 2}
    text = text_of(render(calling(a_call_of(value=value))))
    assert text.endswith(
        '{\n  "people": [\n    {"name": "Alice", "city": "Graz"},\n    {"name": "Bob", "city": "Linz"}\n  ],'
        '\n  "n": 2\n}'
    )


def test_a_name_cannot_begin_a_line_of_its_own() -> None:
    card = calling(a_call_of("a\nDecision", "approved"), facts=(Fact("Note", "x\nDecision: approved"),))
    text = text_of(render(card))
    assert '"a\\nDecision": approved' in text
    assert "Note: x Decision: approved" in text
    assert "\nDecision" not in text


def test_a_call_without_arguments_says_so() -> None:
    assert "No arguments." in text_of(render(asked({})))


def test_what_a_call_answered_and_how_it_stands_is_shown() -> None:
    call = replace(a_call_of(), status="failed", result="No such user.", reason="Because.")
    text = text_of(render(calling(call)))
    assert "Runs without asking\u00a0· Failed\nBecause." in text
    assert "Answer of the systemNo such user." in text


def test_a_long_value_is_divided_and_each_part_says_what_it_is() -> None:
    text = text_of(render(calling(a_call_of(value=LONG[:7000]))))
    assert "note, part 2 of 3:" in text
    assert "note, part 3 of 3:" in text


def test_a_long_title_is_whole_below_the_heading() -> None:
    title = "Very long " * 30
    blocks = render(calling(title=title)).blocks
    assert read(blocks[:1]).endswith("…")
    assert read(blocks[1:2]) == title.strip()


def test_a_title_without_end_is_cut_and_said_to_be() -> None:
    rendered = render(calling(title="Very long " * 3000))
    assert not rendered.whole
    assert "The title is cut." in text_of(rendered)


def test_nothing_empty_becomes_an_empty_text() -> None:
    call = CardCall(tool="", title="", arguments={"": ""}, effect="", decision="")
    actions = (CardAction(id="deny", label=""),)
    card = calling(call, facts=(Fact("", ""),), quotes=(Quote("", "x"), Quote("Unsaid", "")), actions=actions)
    rendered = render(replace(card, title="", warnings=("",), status=""))
    texts = [one["text"] for one in objects_in(rendered.blocks) if isinstance(one.get("text"), str)]
    assert texts
    assert all(texts)
    assert "Unsaid" not in text_of(rendered)
    assert rendered.text


@pytest.mark.parametrize("status", [*RequestStatus, *ApprovalStatus, *CallStatus])
def test_every_status_has_a_word_and_a_mark(status: str) -> None:
    assert words.marked_status(status) == (
        status.capitalize() if status == "proposed" else " ".join(words.STATUSES[status])
    )


def test_the_words_are_those_of_the_page() -> None:
    page = PAGE.read_text()
    effects = dict(re.findall(r'^  (\w+): \["([^"]+)", "\w+", "\w+"\],$', page, re.MULTILINE))
    assert {name: word for name, (_, word) in words.STATUSES.items()} | words.EFFECTS == effects
    assert dict(re.findall(r'^  (\w+): "([^"]+)",$', page, re.MULTILINE)) == words.DECISIONS
    assert set(words.DECISIONS) == set(Action)
    assert set(words.EFFECTS) == set(Effect)


def test_the_notification_says_status_and_title_and_nothing_in_it_is_markup() -> None:
    assert render(asked({})).text == "Pending. Alice asks: Reset password"
    sly = calling(title="<!here> *IT* _has_ `approved` ~no~ :tada: R&D\n> <http://x|y>")
    text = render(sly).text
    assert not set(text) & set("*_~`<>\n")
    assert "&lt;!here&gt;" in text
    assert "R&amp;D" in text
    assert ":tada" not in text
    assert "http:" not in text


def test_a_very_long_title_makes_no_long_notification() -> None:
    assert units(render(calling(title="<" * 10_000)).text) < limits.FALLBACK_TEXT


def test_the_requesters_card_and_the_others_render_too() -> None:
    story = a_story(request=a_request(status=RequestStatus.WAITING))
    assert list(buttons_of(render(status_card(story)).blocks)) == [
        "act:nudge",
        "act:add_details",
        "act:withdraw",
    ]
    lost = a_story(
        request=a_request(status=RequestStatus.ATTENTION), steps=[a_record(status=CallStatus.UNKNOWN)]
    )
    attention = render(attention_card(lost, offered=True))
    assert list(buttons_of(attention.blocks)) == ["act:it_ran", "act:it_did_not_run"]
    gone = render(approval_card_for_others(an_approval(status=ApprovalStatus.VOID)))
    assert text_of(gone) == "This is not asked of you any more– No longer valid"
    assert gone.whole


def test_the_whole_view_of_a_card_on_one_page_has_its_buttons() -> None:
    card = asked({"body": LONG})
    view = whole_view(card, 1, metadata="kept")
    blocks = blocks_of(view)
    assert pages(card) == 1
    assert view["private_metadata"] == "kept"
    assert list(buttons_of(blocks)) == ["act:approve", "act:deny"]
    assert LONG.replace(" ", "") in re.sub(r"body, part \d of \d:|\s", "", read(blocks))


def test_what_needs_several_pages_is_decided_on_the_last() -> None:
    card = asked({f"body {number}": LONG * 3 for number in range(8)})
    total = pages(card)
    assert total > 2
    for page in range(1, total):
        blocks = blocks_of(whole_view(card, page))
        assert f"Page {page} of {total}. You can decide on the last page." in read(blocks)
        turning = [PREVIOUS, NEXT] if page > 1 else [NEXT]
        assert list(buttons_of(blocks)) == turning
        assert turned_to(str(buttons_of(blocks)[NEXT]["value"])) == (card.id, page + 1)
    last = blocks_of(whole_view(card, total))
    assert list(buttons_of(last)) == [PREVIOUS, "act:approve", "act:deny"]
    assert turned_to(str(buttons_of(last)[PREVIOUS]["value"])) == (card.id, total - 1)
    assert f"Page {total} of {total}." in read(last)


@pytest.mark.parametrize(("page", "nearest"), [(0, 1), (-5, 1), (99, 3)])
def test_a_page_that_is_not_there_gives_the_nearest(page: int, nearest: int) -> None:
    card = asked({f"body {number}": LONG * 3 for number in range(8)})
    assert pages(card) == 3
    assert whole_view(card, page) == whole_view(card, nearest)


@pytest.mark.parametrize("value", ["", "x:card-1", "-1:card-1", ":card-1"])
def test_a_value_that_names_no_page_opens_the_first(value: str) -> None:
    assert turned_to(value)[1] == 1


def test_texts_are_measured_as_slack_may_find_them() -> None:
    assert units("a😀&<") == 1 + 2 + 5 + 4
    assert cut("😀" * 10, 10) == "😀" * 4 + "…"
    assert plain(" ")["text"] == "–"
    assert "".join(pieces("ab cd\nef" * 50, 20)) == "ab cd\nef" * 50
    assert all(units(piece) <= 20 for piece in pieces("<a>" * 50, 20))
    assert inert("9:30: done") == "9\uff1a30: done"


def test_styles_follow_the_action() -> None:
    actions = tuple(CardAction(id=style.value, label=style.value, style=style) for style in Style)
    found = buttons_of(render(calling(actions=actions)).blocks)
    assert [one.get("style") for one in found.values()] == ["primary", "danger", None]
