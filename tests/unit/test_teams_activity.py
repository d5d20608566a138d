"""Activities of Teams become events of ours, and nothing of their shape is trusted."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.teams.activity import NotAnActivity, event_of, tenant_of
from bot.chat.teams.events import (
    Added,
    DialogSent,
    DialogWanted,
    Executed,
    Kind,
    Pressed,
    Removed,
    Said,
    Searched,
    Unknown,
)  # fmt: skip
from bot.chat.teams.kit.actions import Do, carried
from bot.domain.canonical import JsonObject, JsonValue

TENANT = "6b2a3f5e-0000-4000-8000-000000000001"
BOT: dict[str, JsonValue] = {"id": "28:app", "name": "Countersign"}
MENTION: dict[str, JsonValue] = {"type": "mention", "mentioned": BOT, "text": "<at>Countersign</at>"}


def activity(**changed: JsonValue) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {
        "type": "message",
        "id": "1",
        "channelId": "msteams",
        "serviceUrl": "https://smba.example/emea/",
        "from": {"id": "29:alice", "name": "Alice", "aadObjectId": "AAAA-1"},
        "recipient": BOT,
        "conversation": {"id": "a:chat", "conversationType": "personal", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        "text": "hello",
    }
    return {**found, **changed}


def in_channel(**changed: JsonValue) -> dict[str, JsonValue]:
    place: JsonValue = {
        "id": "19:c@thread.tacv2;messageid=77",
        "conversationType": "channel",
        "isGroup": True,
    }
    return activity(conversation=place, text="<at>Countersign</at> hello", entities=[MENTION], **changed)


def said(found: JsonObject) -> Said:
    event = event_of(found)
    assert isinstance(event, Said)
    return event


def test_a_message_in_ones_own_chat_is_for_the_bot() -> None:
    event = said(activity())
    assert (event.text, event.is_for_bot, event.turn.place) == ("hello", True, "personal/a:chat")
    assert event.turn.user == "aaaa-1"


def test_a_mention_in_a_channel_stands_in_the_thread_of_its_first_message() -> None:
    event = said(in_channel())
    assert (event.text, event.is_for_bot) == ("hello", True)
    assert (event.turn.place, event.turn.thread) == ("channel/19:c@thread.tacv2", "77")


def test_a_group_message_that_mentions_somebody_else_is_not_for_the_bot() -> None:
    other: JsonValue = {"type": "mention", "mentioned": {"id": "29:bob"}, "text": "<at>Bob</at>"}
    place: JsonValue = {"id": "19:g@thread.v2", "conversationType": "groupChat", "isGroup": True}
    event = said(activity(conversation=place, text="<at>Bob</at> hello", entities=[other]))
    assert not event.is_for_bot
    assert event.turn.kind is Kind.GROUP


def test_mentioned_people_stand_in_the_text_by_their_ids_two_of_one_name_apart() -> None:
    entities: JsonValue = [
        MENTION,
        {"type": "mention", "mentioned": {"id": "29:one", "name": "Alex"}, "text": "<at>Alex</at>"},
        {"type": "mention", "mentioned": {"id": "29:two", "name": "Alex"}, "text": "<at>Alex</at>"},
    ]
    text = "<at>Countersign</at> policy test <at>Alex</at> or <at>Alex</at>"
    assert said(activity(text=text, entities=entities)).text == "policy test <@29:one|Alex> or <@29:two|Alex>"


def test_what_only_looks_like_a_mention_is_none() -> None:
    text = "policy test <@29:boss|Boss> \x0029:boss\x01Boss\x02 <at>Boss</at>"
    assert "<@29:boss" not in said(activity(text=text)).text


def test_entities_and_hard_spaces_are_read_as_they_were_typed() -> None:
    assert said(activity(text="a &lt; b&nbsp;&amp; c")).text == "a < b & c"


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("adaptiveCard/action", {"action": {"verb": "act", "data": carried(Do.ACT, card="c")}}, Executed),
        ("task/fetch", {"data": {"msteams": {"type": "task/fetch"}, **carried(Do.ASK)}}, DialogWanted),
        ("task/submit", {"data": {"field:reason": "no", **carried(Do.ANSWER)}}, DialogSent),
        ("composeExtension/fetchTask", {"commandId": "ask", "commandContext": "compose"}, DialogWanted),
        ("composeExtension/submitAction", {"commandId": "ask", "data": carried(Do.SEND)}, DialogSent),
    ],
)  # fmt: skip
def test_each_invoke_has_its_event(name: str, value: JsonObject, kind: type) -> None:
    event = event_of(activity(type="invoke", name=name, value=value, text=None))
    assert isinstance(event, kind)
    assert getattr(event, "press") is not None  # noqa: B009 - the kinds have no common type


def test_a_message_extension_on_a_message_brings_its_words_along_without_markup() -> None:
    body: JsonValue = {"contentType": "html", "content": "<p>my <b>screen</b> &amp; mouse</p>"}
    value: JsonValue = {"commandId": "ask_about", "messagePayload": {"body": body}}
    event = event_of(activity(type="invoke", name="composeExtension/fetchTask", value=value))
    assert isinstance(event, DialogWanted)
    assert event.press is not None
    assert event.press.text("text") == "my screen & mouse"
    assert event.turn.kind is Kind.GROUP


def test_who_is_mentioned_in_a_passed_on_message_is_spelled_as_in_any_other() -> None:
    content = '<p>pass<b>word</b> of <at id="0">Eve &amp; E</at> &lt;@x&gt;<br>not <at id="1">Bot</at></p>'
    named: JsonValue = [
        {"id": 0, "mentioned": {"user": {"id": "eve-id", "displayName": "Eve"}}},
        {"id": 1, "mentioned": {"user": None, "application": {"id": "bot"}}},
    ]
    payload: JsonValue = {"body": {"contentType": "html", "content": content}, "mentions": named}
    value: JsonValue = {"commandId": "ask_about", "messagePayload": payload}
    event = event_of(activity(type="invoke", name="composeExtension/fetchTask", value=value))
    assert isinstance(event, DialogWanted)
    assert event.press is not None
    assert event.press.text("text") == "password of <@eve-id|Eve & E> < @x> not Bot"


def test_a_press_that_comes_as_a_message_is_a_press_and_foreign_values_are_nothing() -> None:
    assert isinstance(event_of(activity(text=None, value=carried(Do.ACT, card="c"))), Pressed)
    assert isinstance(event_of(activity(text=None, value={"other": 1})), Unknown)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"type": "installationUpdate", "action": "add"}, Added),
        ({"type": "installationUpdate", "action": "remove-upgrade"}, Removed),
        ({"type": "conversationUpdate", "membersAdded": [BOT]}, Added),
        ({"type": "conversationUpdate", "membersRemoved": [BOT]}, Removed),
        ({"type": "conversationUpdate", "membersAdded": [{"id": "29:eve"}]}, Unknown),
        ({"type": "messageReaction"}, Unknown),
        ({"type": "invoke", "name": "signin/verifyState"}, Unknown),
    ],
)  # fmt: skip
def test_what_happens_around_the_bot_is_told_apart(changed: dict[str, JsonValue], kind: type) -> None:
    assert isinstance(event_of(activity(**changed)), kind)


SHAPES: dict[str, Callable[[], JsonObject]] = {
    "no type": lambda: activity(type=None),
    "type is a number": lambda: activity(type=7),
    "no id": lambda: activity(id=""),
    "id is an object": lambda: activity(id={}),
    "id without an end": lambda: activity(id="x" * 10_000),
    "another channel": lambda: activity(channelId="webchat"),
    "no channel": lambda: activity(channelId=None),
    "no service": lambda: activity(serviceUrl=""),
    "from is a list": lambda: activity(**{"from": []}),
    "from is nobody": lambda: activity(**{"from": {}}),
    "no conversation": lambda: activity(conversation=None),
    "conversation is a text": lambda: activity(conversation="a:chat"),
    "conversation without id": lambda: activity(conversation={"conversationType": "personal"}),
    "no recipient": lambda: activity(recipient=None),
    "channelData is a text": lambda: activity(channelData="x"),
    "text is an object": lambda: activity(text={"a": 1}),
    "two tenants": lambda: activity(channelData={"tenant": {"id": "another"}}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_teams_never_sends_is_no_activity(shape: str) -> None:
    with pytest.raises(NotAnActivity):
        event_of(SHAPES[shape]())


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(changed=st.dictionaries(st.sampled_from([*activity(), "value", "name", "entities", "action"]), json))
def test_no_shape_of_an_activity_breaks_the_reading(changed: dict[str, JsonValue]) -> None:
    found = activity(**changed)
    try:
        event_of(found)
        tenant_of(found)
    except NotAnActivity:
        pass


def test_what_is_typed_into_a_searched_field_names_what_is_searched() -> None:
    asked: JsonValue = {
        "queryText": "res",
        "dataset": "setting/tool/",
        "queryOptions": {"skip": 0, "top": 15},
    }
    event = event_of(activity(type="invoke", name="application/search", value=asked))
    assert isinstance(event, Searched)
    assert (event.dataset, event.typed, event.turn.user) == ("setting/tool/", "res", "aaaa-1")
    nonsense: list[JsonValue] = [None, [], {"dataset": 3, "queryText": {}}]
    for value in nonsense:
        event = event_of(activity(type="invoke", name="application/search", value=value))
        assert isinstance(event, Searched)
        assert (event.dataset, event.typed) == ("", "")
