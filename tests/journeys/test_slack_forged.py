"""Forged and tampered interactions, rules without the right to them, and what must never reach Slack."""

import json
from collections.abc import Mapping

import pytest

from bot.cards.masking import MASK
from bot.chat.slack.listeners.submissions import NOT_SEEN
from bot.chat.slack.modals.allow import ALLOW
from bot.chat.slack.modals.dialog import DIALOG
from bot.chat.slack.shown.buttons import ACT, VIEW_ALL
from bot.chat.slack.shown.whole import NEXT
from bot.domain.canonical import JsonObject, JsonValue
from tests.journeys.arranging import entries, grants
from tests.journeys.slack_acts import (
    allows,
    asks_password,
    card_id,
    changes_terms,
    comes_to,
    commands,
    everything,
    fills,
    forges,
    opens,
    replied,
    still_waits,
    takes_texts,
    told_alone,
    values,
)
from tests.journeys.slack_stage import SlackStage, title
from tests.servers.slack_sight import words
from tests.servers.slack_views import View

FOREIGN = "There is no such card for you. Open the newest one in your chat."
HOLDER = {"everyone": "Everyone", "group": "Everyone in a group"}


def chosen(value: str) -> JsonObject:
    """Gives the state of radio buttons in which this is picked, whether it was offered or not."""
    text: JsonObject = {"type": "plain_text", "text": HOLDER.get(value, "Any arguments"), "emoji": False}
    return {"type": "radio_buttons", "selected_option": {"text": text, "value": value}}


async def tampered(
    stage: SlackStage,
    who: str,
    view: View,
    fields: Mapping[str, JsonValue] | None = None,
    *,
    callback: str = "",
    **kept: str,
) -> str:
    """Submits a modal with other metadata than the bot gave it; gives what the bot answers, as text."""
    metadata = {**json.loads(str(view.content["private_metadata"])), **kept}
    view.content = {
        **view.content,
        "private_metadata": json.dumps(metadata),
        "callback_id": callback or str(view.content["callback_id"]),
    }
    answer = await stage.acme.submits(stage.user(who), view, values(**(fields or {})), forged=True)
    return json.dumps(answer, ensure_ascii=False)


async def is_answered(stage: SlackStage, who: str, before: tuple[View | None, int]) -> None:
    """Waits until a click was answered, in a modal or with a message."""

    def look() -> bool | None:
        found = stage.acme.modal(stage.user(who))
        return found is not before[0] or len(told_alone(stage, who)) > before[1] or None

    await stage.acme.eventually(look, f"{who} to be answered")


@pytest.mark.promise("APR-04")
async def test_a_tampered_button_value_or_action_is_refused(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    real = await card_id(stage, card)
    for action in ("it_ran", "withdraw", "APPROVE", "approve ", "", "approve:approve"):
        before = stage.acme.modal(stage.user("bob")), len(told_alone(stage, "bob"))
        await stage.acme.presses(stage.user("bob"), card, f"{ACT}{action}", real, forged=True)
        await is_answered(stage, "bob", before)
    odd = (
        "",
        "nothing",
        "status-",
        "attention-",
        "-",
        "attention-x",
        "x" * 2000,
        "\x00",
        "\ud800",
        "../" + real,
    )
    for value in odd:
        await forges(stage, "bob", card, f"{ACT}approve", value, ".")
        for action_id in (f"{ACT}deny", VIEW_ALL, NEXT):
            await stage.acme.presses(stage.user("bob"), card, action_id, value, forged=True)
            found = await stage.modal("bob")
            assert title(found) == "Not possible"
            await stage.acme.closes(found)
    for page in ("99:", "-1:", "0:", "x:", "²:", f"{'9' * 400}:"):
        await stage.acme.presses(stage.user("bob"), card, NEXT, f"{page}{real}", forged=True)
        await stage.modal("bob", showing="acme-it:reset_password")
    await forges(stage, "bob", card, "approve", real, "This button is not in use any more.")
    assert await still_waits(stage, card)
    assert {entry.status for entry in await entries(stage.stage, "action.refused")} == {
        "NotOffered",
        "UnknownCard",
    }


@pytest.mark.promise("APR-04")
async def test_a_submission_for_another_card_or_action_is_refused(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await stage.says("alice", "I need access to Zendesk")
    technicians, managers = await stage.card("bob"), await stage.card("megan")
    mine, foreign = await card_id(stage, technicians), await card_id(stage, managers)
    for kept, said in (
        ({"card": foreign}, FOREIGN),
        ({"card": "0" * 32}, FOREIGN),
        ({"card": ""}, FOREIGN),
        ({"action": "approve"}, "“approve” is not offered on this card."),
        ({"action": "it_ran"}, "“it_ran” is not offered on this card."),
        ({"action": ""}, "“” is not offered on this card."),
    ):
        form = await opens(stage, "bob", technicians, "deny", showing="Reason")
        assert said in await tampered(stage, "bob", form, {"reason": "No."}, **{"card": mine, **kept})
    for who, words_for in (("eve", FOREIGN), ("megan", FOREIGN), ("alice", "You asked for this yourself")):
        form = await opens(stage, "bob", technicians, "deny", showing="Reason")
        assert words_for in await tampered(stage, who, form, {"reason": "No."})
    form = await opens(stage, "bob", technicians, "deny", showing="Reason")
    form.content = {**form.content, "private_metadata": "[" * 5000}
    answer = await stage.acme.submits(stage.user("bob"), form, forged=True)
    assert FOREIGN in json.dumps(answer)
    assert await still_waits(stage, technicians)


@pytest.mark.promise("STD-02", "STD-08")
async def test_always_allow_without_the_right_to_it_stores_nothing(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    mine = await card_id(stage, card)
    for fields in ({"holder": chosen("everyone")}, {"holder": chosen("group")}, {"arguments": chosen("any")}):
        form = await opens(stage, "bob", card, "always_allow", showing="without asking")
        for _ in range(3):
            await tampered(stage, "bob", form, fields)
            assert await grants(stage.stage) == ()
    for who in ("eve", "megan", "alice"):
        for callback in (ALLOW, DIALOG):
            form = await opens(stage, "bob", card, "always_allow", showing="without asking")
            await tampered(stage, who, form, callback=callback, card=mine)
            await stage.acme.presses(stage.user(who), card, f"{ACT}always_allow", mine, forged=True)
            found = await stage.modal(who)
            assert title(found) == "Not possible"
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, card)


@pytest.mark.promise("STD-02")
async def test_always_allow_of_what_was_not_seen_stores_nothing(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    adas = await stage.card("ada")
    wide: JsonObject = {"holder": chosen("everyone"), "arguments": chosen("any")}
    form = await opens(stage, "ada", adas, "always_allow", showing="without asking")
    assert NOT_SEEN in await tampered(stage, "ada", form, wide)
    form = await opens(stage, "ada", adas, "always_allow", showing="without asking")
    assert NOT_SEEN in await tampered(stage, "ada", form, shown="")
    for callback, action in ((DIALOG, "always_allow"), (ALLOW, "deny"), (ALLOW, "approve")):
        form = await opens(stage, "ada", adas, "always_allow", showing="without asking")
        await tampered(stage, "ada", form, wide, callback=callback, action=action)
        assert await grants(stage.stage) == ()
    form = await opens(stage, "ada", adas, "deny", showing="Reason")
    await tampered(stage, "ada", form, callback=ALLOW, action="always_allow")
    await tampered(stage, "ada", form, callback=DIALOG, action="always_allow")
    assert await grants(stage.stage) == ()
    assert await still_waits(stage, card)


@pytest.mark.promise("APR-07", "STD-02")
async def test_secrets_reach_slack_nowhere_notifications_and_home_included(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await takes_texts(stage.stage, "unlock_account", "password", "api_key")
    secrets = {"password": "hunter2-hunter2", "api_key": "sk-AAAABBBBCCCC"}
    for number in range(2):
        await fills(stage, "alice", "unlock_account", f"Note {number}", user="eve@acme.test", **secrets)
    for who in ("bob", "alice"):
        await stage.acme.opens_home(stage.user(who))
    await stage.acme.eventually(lambda: stage.acme.home(stage.user("bob")), "the home of bob")
    card = await stage.card("ada")
    await stage.acme.presses(stage.user("ada"), card, VIEW_ALL, await card_id(stage, card), forged=True)
    await stage.modal("ada", showing=MASK)
    form = await opens(stage, "ada", card, "always_allow", showing="without asking")
    await changes_terms(stage, "ada", form, arguments="pinned", pinned=["password"])
    assert MASK in words(form)
    await allows(stage, "ada", card)
    await comes_to(stage, card, "failed")
    await replied(stage, "bob", "/grants list", MASK)
    await replied(stage, "bob", "/approvals", "approval")
    test = f"/policy test alice@acme.test acme-it:unlock_account {json.dumps({'user': 'x', **secrets})}"
    await replied(stage, "bob", test, "Nothing was called.")
    assert stage.stage.connectors.called("unlock_account")[0] == {"user": "eve@acme.test", **secrets}
    shown = everything(stage)
    assert shown.count(MASK) > 10
    for secret in secrets.values():
        assert secret not in shown


async def test_a_response_url_is_stored_nowhere(slack_either_way: SlackStage) -> None:
    stage = slack_either_way
    card = await asks_password(stage)
    await allows(stage, "bob", card)
    for line in ("/grants list", "/approvals", "/policy list", "/policy show acme-it:reset_password"):
        await replied(stage, "bob", line, "")
    await commands(stage, "alice", "/request", "I need access to Zendesk")
    await stage.card("megan")
    await stage.says("alice", "I forgot my password")
    handed_out = stage.acme.place.response_urls
    assert len(handed_out) >= 6
    folder = stage.stage.company.data
    stored = b"".join(file.read_bytes() for file in sorted(folder.glob("countersign.db*")))
    assert b"reset_password" in stored
    assert b"response_url" not in stored
    assert b"/response/" not in stored
    for name in handed_out:
        assert name.encode() not in stored
