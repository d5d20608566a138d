"""A card as an Adaptive Card, and the dialog that shows all of it."""

import re
from dataclasses import replace

import pytest

from bot.cards.approval import approval_card, approval_card_for_others
from bot.cards.masking import MASK
from bot.cards.model import Card, CardAction, CardCall, Dialog, Fact, Quote, Style
from bot.cards.status import attention_card, status_card
from bot.chat.teams.kit import limits
from bot.chat.teams.kit.elements import card as adaptive_card
from bot.chat.teams.kit.texts import letters, wire_bytes
from bot.chat.teams.shown.card import render
from bot.chat.teams.shown.whole import whole_view, whole_views
from bot.domain.actions import Effect
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.requests import ApprovalStatus, CallStatus, RequestStatus
from tests.builders import a_tool
from tests.records import a_record, a_request, an_approval
from tests.slack_cards import objects_in
from tests.stories import a_story, an_asking_record
from tests.teams_cards import body_of, buttons_of, contents, kept_in, lines, read, runs_of

LONG = "All work and no play. " * 1000


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


def text_of(card: Card) -> str:
    return read(render(card).card)


def test_an_approval_is_one_card_with_everything_on_it() -> None:
    card = asked({"user": "alice@acme.test", "password": "hunter2", "force": False})
    rendered = render(card)
    assert rendered.whole
    text = read(rendered.card)
    for fact in card.facts:
        assert f"{fact.label}{fact.value}" in text
    assert f"useralice@acme.testpassword{MASK}forcefalse" in text
    assert "acme-it:reset_password · Changes data · Needs approval" in text
    assert "In Alice’s words (not checked)I forgot my password." in text
    assert list(buttons_of(rendered.card)) == ["act:approve", "ask:deny"]


def test_the_order_is_title_status_warnings_facts_calls_words() -> None:
    card = asked({"mailbox": "old\u202e"}, effect=Effect.DESTROY)
    text = text_of(card)
    marks = [card.title, "○ Pending", *card.warnings, "Requester", "mailbox", "not checked"]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


def test_warnings_and_words_of_others_stand_in_boxes_of_their_own() -> None:
    card = asked({"mailbox": "old"}, effect=Effect.DESTROY)
    boxes = {one["style"]: read(one) for one in body_of(render(card).card) if "style" in one}
    assert boxes == {
        "warning": f"⚠ {card.warnings[0]}",
        "emphasis": "In Alice’s words (not checked)I forgot my password.",
    }


def test_a_button_carries_the_card_and_says_whether_something_is_asked_first() -> None:
    found = buttons_of(render(asked({}, dialog=Dialog(title="Always allow", submit="Save"))).card)
    assert list(found) == ["act:approve", "ask:deny", "ask:always_allow"]
    approve, deny, always = found.values()
    assert {kept_in(one)["card"] for one in found.values()} == {"approval-1"}
    assert (approve["type"], deny["type"], always["type"]) == ("Action.Execute", *["Action.Submit"] * 2)
    assert (approve["style"], deny["style"]) == ("positive", "destructive")
    assert "style" not in always
    assert [one["title"] for one in found.values()] == ["Approve", "Deny…", "Always allow…"]


def test_approving_what_destroys_asks_once_more() -> None:
    rendered = render(asked({}, effect=Effect.DESTROY))
    assert list(buttons_of(rendered.card)) == ["ask:approve", "ask:deny"]
    assert buttons_of(rendered.card)["ask:approve"]["title"] == "Approve"
    shown = whole_view(asked({}, effect=Effect.DESTROY), 1)
    assert list(buttons_of(shown)) == ["ask:approve", "ask:deny"]


def test_what_does_not_fit_offers_nothing_that_runs() -> None:
    card = asked({"body": LONG, "user": "alice"}, dialog=Dialog(title="Always allow", submit="Save"))
    rendered = render(card)
    assert not rendered.whole
    assert list(buttons_of(rendered.card)) == ["view:1", "ask:deny"]
    view = buttons_of(rendered.card)["view:1"]
    assert view["title"] == "View all"
    assert kept_in(view) == {"do": "view", "card": card.id, "page": "1"}


def test_what_does_not_fit_says_how_much_is_missing_and_where() -> None:
    text = text_of(asked({"body": LONG, "user": "alice"}))
    assert "bodynot shown here, 22,000 characters" in text
    assert "useralice" in text
    assert "Not everything fits here. Shown: 1 of 2 arguments. “View all” shows the rest" in text
    assert "there you can approve" in text
    for fact in asked({}).facts:
        assert f"{fact.label}{fact.value}" in text


def test_what_would_fill_many_screens_of_a_chat_is_read_in_a_dialog() -> None:
    fits = "x" * (limits.READ_TEXT - 1000)
    assert render(calling(a_call_of(value=fits))).whole
    assert not render(calling(a_call_of(value=f"{fits}{'x' * 1000}"))).whole


def test_the_facts_that_matter_come_before_the_others() -> None:
    facts = [Fact(f"Detail {number}", "x" * 400) for number in range(60)]
    last = (Fact("Requester", "Alice"), Fact("Decision", "denied by Bob"), Fact("Open until", "noon"))
    text = text_of(calling(facts=(*facts, *last)))
    assert "RequesterAlice" in text
    assert "Decisiondenied by Bob" in text
    assert "Open untilnoon" in text
    assert re.search(r"Shown: \d+ of 63 facts\.", text)


@pytest.mark.parametrize("action", ["it_ran", "approve", "always_allow", "something_new"])
def test_only_harmless_actions_stay_below_a_part(action: str) -> None:
    actions = (CardAction(id=action, label="Go"), CardAction(id="it_did_not_run", label="Not done"))
    rendered = render(calling(a_call_of(value=LONG), actions=actions))
    assert list(buttons_of(rendered.card)) == ["view:1", "act:it_did_not_run"]


def test_many_steps_are_numbered_with_their_reasons() -> None:
    steps = [replace(an_asking_record({"n": n}), position=n) for n in range(3)]
    story = a_story(steps=steps)
    text = text_of(approval_card(story, story.approvals[0], offered=True, always_allow=None))
    for number, step in enumerate(steps):
        assert f"{number + 1}. Reset passwordacme-it:reset_password" in text
        assert f"Needs approval{step.reason}n{number}" in text


def test_so_many_steps_that_they_do_not_fit_are_counted() -> None:
    text = text_of(calling(*(a_call_of() for _ in range(60))))
    assert re.search(r"Shown: \d+ of 60 steps, \d+ of 60 arguments\.", text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (42, ["note", "42"]),
        ("42", ["note", "42 (text)"]),
        ("true", ["note", "true (text)"]),
        (True, ["note", "true"]),
        (None, ["note", "null"]),
        ("", ["note", "(empty)"]),
        (" root", ["note", " root (space around it)"]),
        ([], ["note", "[]"]),
        ({"a": [1, "b"]}, ["note", '{"a": [1, "b"]}']),
        ("first\nsecond", ["note", "first\nsecond"]),
        ("-\n-", ["note", "-\n-"]),
    ],
)
def test_a_value_cannot_be_taken_for_another(value: JsonValue, shown: list[str]) -> None:
    assert lines(render(calling(a_call_of(value=value))).card)[-2:] == shown


def test_spaces_that_a_card_would_fold_are_kept() -> None:
    value = "two  spaces\n  indented\tby a tab"
    *_, shown = runs_of(render(calling(a_call_of(value=value))).card)
    assert shown["text"] == "two \u00a0spaces\n\u00a0\u00a0indented \u00a0\u00a0\u00a0by a tab"
    assert shown["fontType"] == "Monospace"


def test_a_nested_value_is_laid_out_in_lines() -> None:
    people: JsonValue = [{"name": "Alice", "city": "Graz"}, {"name": "Bob", "city": "Linz"}]
    value: JsonValue = {"people": people, "n": 2}
    text = text_of(calling(a_call_of(value=value)))
    assert text.endswith(
        '{\n  "people": [\n    {"name": "Alice", "city": "Graz"},\n    {"name": "Bob", "city": "Linz"}\n  ],'
        '\n  "n": 2\n}'
    )


def test_a_name_cannot_begin_a_line_of_its_own() -> None:
    card = calling(a_call_of("a\nDecision", "approved"), facts=(Fact("Note", "x\nDecision: approved"),))
    found = lines(render(card).card)
    assert '"a\\nDecision"' in found
    assert "x Decision: approved" in found


def test_what_looks_like_a_date_to_a_card_stays_what_it_is() -> None:
    sly = "{{DATE(2026-11-20T08:00:00Z,SHORT)}} {{ time(2026-11-20T08:00:00Z)}} {{other}}"
    card = render(calling(a_call_of(value=sly))).card
    assert lines(card)[-1] == sly
    dates = re.compile(r"\{\{\s*(date|time)", re.IGNORECASE)
    assert not any(dates.search(str(one["text"])) for one in runs_of(card))


def test_a_call_without_arguments_says_so() -> None:
    assert "No arguments." in text_of(asked({}))


def test_what_a_call_answered_and_how_it_stands_is_shown() -> None:
    call = replace(a_call_of(), status="failed", result="No such user.", reason="Because.")
    text = text_of(calling(call))
    assert "Runs without asking · FailedBecause." in text
    assert "Answer of the systemNo such user." in text


def test_a_long_title_is_whole_below_the_heading() -> None:
    title = "Very long " * 30
    heading, _, whole = lines(render(calling(title=title)).card)
    assert heading.endswith("…")
    assert whole == title.strip()


def test_a_title_without_end_is_cut_and_said_to_be() -> None:
    rendered = render(calling(title="Very long " * 3000))
    assert not rendered.whole
    assert "The title is cut." in read(rendered.card)


def test_nothing_empty_becomes_an_empty_text() -> None:
    call = CardCall(tool="", title="", arguments={"": ""}, effect="", decision="")
    card = calling(call, facts=(Fact("", ""),), quotes=(Quote("", "x"), Quote("Unsaid", "")))
    rendered = render(replace(card, title="", warnings=("",), status=""))
    texts = [str(one["text"]) for one in runs_of(rendered.card)]
    assert texts
    assert all(texts)
    assert "Unsaid" not in read(rendered.card)
    assert rendered.summary


def test_the_notification_says_status_and_title_and_nothing_in_it_is_markup() -> None:
    assert render(asked({})).summary == "Pending. Alice asks: Reset password"
    sly = calling(title="<at>Bob</at> *IT* _has_ `approved` [this](http://x)\n> ~no~")
    assert not set(render(sly).summary) & set("<>*_~`[]\n")
    assert len(render(calling(title="<" * 10_000)).summary) <= limits.SUMMARY_TEXT


def test_the_requesters_card_and_the_others_render_too() -> None:
    story = a_story(request=a_request(status=RequestStatus.WAITING))
    own = buttons_of(render(status_card(story)).card)
    assert list(own) == ["act:nudge", "ask:add_details", "act:withdraw"]
    lost = a_story(
        request=a_request(status=RequestStatus.ATTENTION), steps=[a_record(status=CallStatus.UNKNOWN)]
    )
    attention = buttons_of(render(attention_card(lost, offered=True)).card)
    assert list(attention) == ["act:it_ran", "act:it_did_not_run"]
    gone = render(approval_card_for_others(an_approval(status=ApprovalStatus.VOID)))
    assert read(gone.card) == "This is not asked of you any more– No longer valid"
    assert gone.whole


@pytest.mark.parametrize(
    ("status", "mark", "word"),
    [("attention", "! ", "Needs attention"), ("approved", "✓ ", "Approved"), ("made_up", "", "Made up")],
)
def test_the_status_is_a_mark_and_a_word(status: str, mark: str, word: str) -> None:
    runs = list(runs_of(body_of(render(calling(status=status)).card)[1]))
    assert [one["text"] for one in runs] == [*([mark] if mark else []), word]


def test_a_card_is_as_wide_as_the_chat_and_of_a_version_that_teams_takes() -> None:
    card = render(asked({})).card
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.5")
    assert card["msteams"] == {"width": "Full"}


def test_more_buttons_than_a_row_shows_stand_in_several_rows() -> None:
    actions = tuple(CardAction(id=f"a{number}", label=f"Do {number}") for number in range(8))
    card = render(calling(actions=actions)).card
    assert "actions" not in card
    rows = [one["actions"] for one in objects_in(card) if one.get("type") == "ActionSet"]
    assert [len(row) for row in rows if isinstance(row, list)] == [6, 2]
    assert list(buttons_of(card)) == [f"act:a{number}" for number in range(8)]


def test_styles_follow_the_action() -> None:
    actions = tuple(CardAction(id=style.value, label=style.value, style=style) for style in Style)
    found = buttons_of(render(calling(actions=actions)).card)
    assert [one.get("style") for one in found.values()] == ["positive", "destructive", None]


def test_the_whole_card_on_one_page_has_its_buttons_and_each_submits() -> None:
    card = asked({"body": LONG[:9000]})
    assert len(whole_views(card)) == 1
    view = whole_view(card, 1)
    assert list(buttons_of(view)) == ["act:approve", "ask:deny"]
    assert {one["type"] for one in buttons_of(view).values()} == {"Action.Submit"}
    assert "task/fetch" not in str(view)
    assert LONG[:9000].replace(" ", "") in contents(view).replace(" ", "")
    assert "Page" not in read(view)


def test_what_needs_several_pages_is_decided_on_the_last() -> None:
    card = asked({f"body {number}": LONG for number in range(4)})
    total = len(whole_views(card))
    assert total > 2
    for page in range(1, total):
        view = whole_view(card, page)
        assert f"Page {page} of {total}. You can decide on the last page." in read(view)
        turning = [f"view:{page - 1}", f"view:{page + 1}"] if page > 1 else ["view:2"]
        assert list(buttons_of(view)) == turning
        assert kept_in(buttons_of(view)[f"view:{page + 1}"])["card"] == card.id
    last = whole_view(card, total)
    assert list(buttons_of(last)) == [f"view:{total - 1}", "act:approve", "ask:deny"]
    assert f"Page {total} of {total}." in read(last)


def test_a_value_longer_than_a_page_goes_on_on_the_next_one_under_its_name() -> None:
    card = asked({"body": LONG * 3})
    views = whole_views(card)
    for view in views[1:]:
        assert re.search(r"body, part \d+ of \d+:", read(body_of(view)[2]))
    shown = "".join(contents(view) for view in views)
    assert (LONG * 3).replace(" ", "") in shown.replace(" ", "")


@pytest.mark.parametrize(("page", "nearest"), [(0, 1), (-5, 1), (99, 5)])
def test_a_page_that_is_not_there_gives_the_nearest(page: int, nearest: int) -> None:
    card = asked({f"body {number}": LONG for number in range(4)})
    assert len(whole_views(card)) == 5
    assert whole_view(card, page) == whole_view(card, nearest)


def test_a_size_is_that_of_the_wire_and_a_length_that_of_the_words() -> None:
    card = adaptive_card([])
    assert wire_bytes(card) == len(str(card).replace("'", '"'))
    assert wire_bytes("é😀") == len('"\\u00e9\\ud83d\\ude00"')
    assert letters([{"text": "four"}, {"items": [{"text": "five "}]}, "label"]) == len("fourfive ")
