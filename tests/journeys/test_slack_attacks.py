"""What attackers send through Slack: refused or inert, told in a sentence, and nothing happens twice."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.chat.slack.shown.buttons import ACT, VIEW_ALL
from bot.chat.slack.shown.whole import NEXT
from bot.domain.canonical import JsonObject
from tests.fakes.clock import MovedClock
from tests.journeys.arranging import change_person, entries, grants
from tests.journeys.slack_acts import (
    TECHNICIANS,
    allows,
    asked,
    asks_password,
    card_id,
    cards_of,
    comes_to,
    delivered,
    ephemeral,
    everything,
    fills,
    forges,
    labels,
    objects_in,
    opens,
    replied,
    sent_to_slack,
    still_waits,
    takes_texts,
    told_alone,
    told_for,
    values,
)
from tests.journeys.slack_looks import all_requests
from tests.journeys.slack_stage import SlackStage, slack_staged
from tests.servers.slack import RealClock
from tests.servers.slack_sight import words
from tests.servers.slack_world import Message

FOREIGN = "There is no such card for you. Open the newest one in your chat."
WORDS = "Only the buttons of the card decide; what is written below it changes nothing."
LATE = "Too late, and nothing changed by your click: "
MARKUP = "<!channel> <!here> <@U00000001> <http://evil.example|IT> `run` *bold* _it_ ~no~ :tada: & <script>"


async def sent_again(stage: SlackStage, kind: str) -> JsonObject:
    """Sends once more what a person did last of this kind; gives what the bot answers."""
    return (await stage.acme.deliveries.ask(delivered(stage, kind)[-1].envelope)).payload


@pytest.mark.promise("APR-11")
async def test_replay_of_a_captured_signed_click_decides_nothing_twice(
    acme_database: str, tmp_path: Path
) -> None:
    async with slack_staged(acme_database, tmp_path, way="http") as stage:
        # With a clock that stands, what is sent again has the very bytes and the very signature.
        stage.slack.signing_clock = MovedClock(RealClock().now())
        await stage.says("alice", "I need access to Zendesk")
        card = await stage.card("bob")
        await told_for(stage, "bob", card, "approve", "Still waiting for: Manager: Megan Moreau.")
        for _ in range(2):
            before = len(stage.acme.ephemerals(stage.user("bob")))
            await sent_again(stage, "block_actions")
            await ephemeral(stage, "bob", f"{LATE}Technician (technicians): approved by Bob", since=before)
        assert len(await entries(stage.stage, "approval.approved")) == 1
        assert await still_waits(stage, card)


@pytest.mark.promise("APR-11", "STD-01")
async def test_replay_of_submissions_answers_with_the_state_and_does_nothing_twice(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await allows(stage, "bob", await asks_password(stage))
    again = await sent_again(stage, "view_submission")
    assert "approved by Bob Brennan, 16 November 2026, 09:00 UTC" in json.dumps(again)
    assert len(await grants(stage.stage)) == 1
    second = await asks_password(stage, "alice", "eve")
    opened = len(await all_requests(stage))
    assert await sent_again(stage, "view_submission") == {"response_action": "clear"}
    assert len(await all_requests(stage)) == opened
    form = await opens(stage, "bob", second, "deny", showing="Reason")
    await stage.acme.submits(stage.user("bob"), form, values(reason="No."))
    again = await sent_again(stage, "view_submission")
    assert "denied by Bob Brennan, 16 November 2026, 09:00 UTC: “No.”" in json.dumps(
        again, ensure_ascii=False
    )
    assert len(await entries(stage.stage, "approval.denied")) == 1
    assert len(stage.stage.changes()) == 1


@pytest.mark.promise("APR-11", "EXE-01")
@pytest.mark.parametrize("second", ["approve", "deny"])
async def test_two_who_decide_at_the_same_moment_one_wins_and_the_other_is_told_who(
    database: str, tmp_path: Path, second: str
) -> None:
    async with slack_staged(database, tmp_path) as stage:
        await stage.says("alice", "I forgot my password")
        cards = {who: await stage.card(who) for who in ("bob", "carol")}
        form = await opens(stage, "carol", cards["carol"], "deny", showing="Reason")

        async def carols() -> None:
            if second == "approve":
                await stage.presses("carol", cards["carol"], "approve")
            else:
                await stage.acme.submits(stage.user("carol"), form, values(reason="No."))

        await asyncio.gather(stage.presses("bob", cards["bob"], "approve"), carols())
        found = await stage.stage.ends(str((await all_requests(stage))[0].id))
        [reviewed] = [
            *await entries(stage.stage, "approval.approved"),
            *await entries(stage.stage, "approval.denied"),
        ]
        winner, loser = ("bob", "carol") if reviewed.actor == "p-bob" else ("carol", "bob")
        verb = "denied" if found["status"] == "denied" else "approved"
        by = (
            f"{verb} by {'Bob Brennan' if winner == 'bob' else 'Carol Castillo'}, 16 November 2026, 09:00 UTC"
        )
        if (loser, second) == ("carol", "deny"):
            await stage.modal("carol", showing=by)
        else:
            await ephemeral(stage, loser, f"{LATE}Technician (technicians): {by}")
        assert len(stage.stage.changes()) == (verb == "approved")


async def test_card_injection_is_inert_everywhere_fallback_text_included(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await takes_texts(stage.stage, "unlock_account", "comment", MARKUP)
    change_person(stage.stage, "alice", name=f"Alice {MARKUP}", department=MARKUP)
    for typed in (f"I forgot my password {MARKUP}", MARKUP, f"I need access to {MARKUP}"):
        await stage.says("alice", typed)
    for who in ("alice", "megan"):
        await fills(stage, who, "unlock_account", MARKUP, user=f"{who}@acme.test", comment=MARKUP)
    await stage.acme.eventually(lambda: len(cards_of(stage, "bob")) == 2 or None, "two cards for bob")
    first, second = cards_of(stage, "bob")
    form = await opens(stage, "bob", first, "deny", showing="Reason")
    await stage.acme.submits(stage.user("bob"), form, values(reason=MARKUP))
    await stage.acme.presses(stage.user("ada"), await stage.card("ada"), f"{ACT}approve", MARKUP, forged=True)
    await stage.acme.presses(stage.user("bob"), second, VIEW_ALL, await card_id(stage, second), forged=True)
    await stage.modal("bob", showing="<!channel>")
    await allows(stage, "bob", second, reason=MARKUP)
    for line in (
        "/grants list",
        f"/policy show {MARKUP}",
        f"/policy {MARKUP}",
        f"/policy list --search {MARKUP}",
    ):
        await replied(stage, "bob", line, "")
    await stage.acme.opens_home(stage.user("alice"))
    await stage.acme.eventually(lambda: stage.acme.home(stage.user("alice")), "the home of alice")
    shown = everything(stage)
    assert shown.count("<!channel>") > 20
    for one in sent_to_slack(stage):
        check_inert(one)


def check_inert(one: JsonObject) -> None:
    """Fails where Slack would find markup in what it was given."""
    for found in objects_in(one):
        kind = found.get("type")
        assert kind not in {"mrkdwn", "link", "user", "usergroup", "broadcast", "channel", "image", "color"}
        if kind == "plain_text":
            assert found["emoji"] is False
        if kind == "emoji":
            assert found["name"] == "warning"
    fallback = one.get("text")
    if isinstance(fallback, str):
        for sign in "<>`*_~":
            assert sign not in fallback
        assert ":tada:" not in fallback
        assert "&" not in fallback.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")


@pytest.mark.promise("APR-07", "EXE-02")
async def test_hidden_unicode_is_made_visible_with_a_warning_and_runs_unchanged(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    message = "Call \u202e321\u202c now\u200b or\U000e0041 \ufe0f" + " " * 40 + "pay\u0430l"
    await fills(stage, "alice", "lock_device", "\u2066note", device="ACME-LT-1001", message=message)
    card = await stage.card("bob")
    seen = words(card)
    for hidden in "\u202e\u202c\u200b\U000e0041\ufe0f\u2066":
        assert hidden not in everything(stage)
        assert f"⟨U+{ord(hidden):04X}⟩" in seen
    assert "⟨40 spaces⟩" in seen
    assert "There are hidden characters in it." in seen
    assert "has letters that look like others" in seen
    await stage.presses("bob", card, "approve")
    await comes_to(stage, card, "done")
    assert stage.stage.connectors.called("lock_device")[0]["message"] == message


@pytest.mark.promise("APR-07")
async def test_truncation_never_hides_what_can_be_approved(slack_stage: SlackStage) -> None:
    stage = slack_stage
    texts = {f"part_{number}": f"{'a' * 2900} END-{number}" for number in range(1, 7)}
    await takes_texts(stage.stage, "unlock_account", *texts)
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **texts)
    cards = {who: await stage.card(who, "deny") for who in TECHNICIANS}
    for who, card in cards.items():
        assert labels(card) == ["View all", "Deny…"]
        await stage.acme.opens_home(stage.user(who))
        await stage.acme.presses(stage.user(who), card, VIEW_ALL)
        assert "Approve" in labels(await stage.modal(who, showing="END-6"))
    offered = 0
    for one in sent_to_slack(stage):
        ids = [found.get("action_id") for found in objects_in(one)]
        if any(name in ids for name in (f"{ACT}approve", f"{ACT}always_allow")):
            offered += 1
            assert all(f"END-{number}" in json.dumps(one) for number in range(1, 7))
    assert offered >= len(TECHNICIANS)


@pytest.mark.promise("PLN-08")
async def test_oversized_payloads_are_refused_with_the_reason(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await stage.says("alice", "a" * 4001)
    await stage.told("alice", "Your message is longer than 4000 characters.")
    texts = {f"part_{number}": "é" * 3000 for number in range(1, 24)}
    await takes_texts(stage.stage, "unlock_account", *texts)
    with pytest.raises(AssertionError, match="The arguments have more than 64000 characters"):
        await fills(stage, "alice", "unlock_account", user="eve@acme.test", **texts)
    assert await all_requests(stage) == []
    for who in TECHNICIANS:
        assert cards_of(stage, who) == []


async def test_free_text_approve_never_decides(slack_stage: SlackStage) -> None:
    stage = slack_stage
    ts = await stage.says("alice", "I need access to Zendesk")
    card, managers = await stage.card("bob"), await stage.card("megan")
    assert await card_id(stage, card)
    assert await card_id(stage, managers)
    for who, seen in (("bob", card), ("megan", managers)):
        for text in ("approve", "Yes, go ahead", "Approved ✅"):
            await stage.says(who, text, thread=seen.ts)
        await all_answered(stage, who, seen, 3)
        await stage.says(who, "approve")
        await stage.says(who, f"approve {await card_id(stage, seen)}")
    await stage.says("alice", "IT already approved this.", thread=ts)
    await replied(stage, "bob", f"/approvals approve {await card_id(stage, card)}", "approvals")
    assert await still_waits(stage, card)
    assert await entries(stage.stage, "approval.approved") == []


async def all_answered(stage: SlackStage, who: str, seen: Message, count: int) -> None:
    """Waits until so many replies to a card were told that words do not decide."""

    def look() -> bool | None:
        thread = stage.acme.thread(stage.user(who), seen.ts)
        return len([one for one in thread if WORDS in words(one)]) == count or None

    await stage.acme.eventually(look, "every reply to be answered")


@pytest.mark.promise("APR-11", "APR-12")
async def test_what_is_expired_withdrawn_or_void_cannot_be_approved(slack_stage: SlackStage) -> None:
    stage = slack_stage
    for end in ("expired", "withdrawn", "denied"):
        ts = await stage.says("alice", "I need access to Zendesk")
        card = await stage.card("bob")
        approval = await card_id(stage, card)
        if end == "expired":
            await stage.stage.hours_pass(24.5)
        elif end == "withdrawn":
            await stage.presses("alice", await stage.status_card("alice", ts), "withdraw")
        else:
            form = await opens(stage, "megan", await stage.card("megan"), "deny", showing="Reason")
            await stage.acme.submits(stage.user("megan"), form)
        await stage.stage.comes_to(await asked(stage, "alice", ts), end)
        await has_no_buttons(stage, card)
        told = f"{LATE}Technician (technicians): {'void' if end == 'denied' else end}."
        await forges(stage, "bob", card, f"{ACT}approve", approval, told)
        await stage.acme.presses(stage.user("bob"), card, f"{ACT}always_allow", approval, forged=True)
        await stage.modal("bob", showing=told)
    assert stage.stage.changes() == []
    assert await grants(stage.stage) == ()


async def has_no_buttons(stage: SlackStage, card: Message) -> None:
    """Waits until nothing can be pressed on a card any more."""
    await stage.acme.eventually(lambda: not labels(card) or None, "the buttons to be gone")


async def test_guessed_and_foreign_approval_ids_look_the_same(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    real = await card_id(stage, card)
    for value in (real, "0" * 32, real[:-1], real.upper()):
        await forges(stage, "eve", card, f"{ACT}approve", value, FOREIGN)
        for action_id in (f"{ACT}deny", f"{ACT}always_allow", VIEW_ALL, NEXT):
            seen = f"2:{value}" if action_id == NEXT else value
            await stage.acme.presses(stage.user("eve"), card, action_id, seen, forged=True)
            found = await stage.modal("eve", showing=FOREIGN)
            assert words(found) == f"Not possible\nClose\n{FOREIGN}"
            await stage.acme.closes(found)
    for value in (f"status-{await request_id(stage)}", f"status-{'0' * 32}"):
        for action in ("withdraw", "nudge"):
            await forges(stage, "eve", card, f"{ACT}{action}", value, FOREIGN)
        await stage.acme.presses(stage.user("eve"), card, VIEW_ALL, value, forged=True)
        found = await stage.modal("eve", showing=FOREIGN)
        await stage.acme.closes(found)
    assert await still_waits(stage, card)
    assert "reset_password" not in "\n".join(words(one) for one in told_alone(stage, "eve"))


async def request_id(stage: SlackStage) -> str:
    """Gives the only request there is."""
    [found] = await all_requests(stage)
    return found.id
