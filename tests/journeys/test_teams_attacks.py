"""What attackers do through Teams: refused or inert, told in a sentence, and nothing happens twice."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import PersonId
from bot.domain.tools import CatalogTool
from tests.journeys.arranging import change_person, change_tool, entries, grants
from tests.journeys.slack_acts import takes_texts
from tests.journeys.teams_decisions import (
    FOREIGN,
    LATE,
    approval_id,
    asks_password,
    cards_of,
    comes_to,
    denies,
    fills,
    new_card,
    opens,
    still_waits,
)
from tests.journeys.teams_stage import TECHNICIANS, TeamsStage, teams_staged
from tests.journeys.teams_trials import OWN, forges, given, quiet, rows
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.teams_answers import Pressed
from tests.servers.teams_things import Message
from tests.servers.teams_words import marked_texts, titles, words

DECIDING = (("act", "approve"), ("ask", "deny"), ("answer", "deny"), ("ask", "always_allow"), ("allow", ""))
"""Presses that would decide, or begin to."""
WAITS = "You cannot decide this: it is asked of Technician (technicians)."


async def more_than(stage: TeamsStage, who: str, count: int) -> None:
    """Waits until the bot wrote a person more messages than these."""
    await stage.acme.eventually(lambda: len(stage.texts(who)) > count or None, f"an answer for {who}")


async def all_refused(stage: TeamsStage, who: str, seen: Message, approval: str, why: str) -> None:
    """Has a person try every way to decide; each must be answered with this."""
    for do, action in DECIDING:
        pressed = await forges(stage, who, seen, do, how="task/submit", card=approval, action=action)
        assert why in pressed.text, (who, do, action, pressed)
    assert why in (await forges(stage, who, seen, "act", card=approval, action="approve")).text, who


async def refusals(stage: TeamsStage) -> set[str]:
    """Gives how the refused presses in the audit log were refused."""
    return {entry.status for entry in await entries(stage.stage, "action.refused")}


@pytest.mark.promise("APR-04")
async def test_confused_deputy_the_presser_is_authorised_not_who_got_the_message(
    teams_stage: TeamsStage,
) -> None:
    """Attack 4."""
    stage = teams_stage
    await stage.asks("alice", "I need access to Zendesk")
    technicians, managers = await stage.card("bob"), await stage.card("megan")
    for who, seen in (("eve", technicians), ("megan", technicians), ("bob", managers), ("grace", managers)):
        await all_refused(stage, who, seen, approval_id(seen), FOREIGN)
    assert await still_waits(stage, approval_id(technicians))
    assert await refusals(stage) == {"UnknownCard"}
    channel = stage.acme.adds_channel("help", stage.user("alice"), stage.user("eve"))
    await stage.acme.mentions(stage.user("alice"), channel, "I need access to Figma")
    status = await stage.status_card("alice", place=channel)
    await stage.acme.eventually(lambda: "Nudge" in titles(status) or None, "the card to be whole")
    for button in ("Withdraw", "Nudge"):
        assert (await stage.presses("eve", status, button)).text == FOREIGN
    assert (
        await forges(stage, "eve", status, "answer", how="task/submit", action="add_details")
    ).text == FOREIGN
    await stage.shows("alice", status, "Waiting")


@pytest.mark.promise("APR-04")
async def test_self_approval_is_refused_to_a_technician_and_to_the_admin_who_asked_for_another(
    acme_database: str, tmp_path: Path
) -> None:
    """Attack 5, also for what was asked on another surface."""
    async with teams_staged(acme_database, tmp_path, has_page=True) as stage:
        for who in ("dan", "ada"):
            card = await asks_password(stage, who, "eve" if who == "ada" else who)
            assert cards_of(stage, who) == []
            await all_refused(stage, who, card, approval_id(card), OWN)
            assert await still_waits(stage, approval_id(card))
            await denies(stage, "bob", card)
            await comes_to(stage, approval_id(card), "denied")
        known = {one.id for one in cards_of(stage, "bob")}
        await stage.stage.says("dan", "I need access to Zendesk")
        card = await new_card(stage, "bob", known)
        await all_refused(stage, "dan", card, approval_id(card), OWN)
        assert await refusals(stage) == {"OwnRequest"}
        assert stage.stage.changes() == []


@pytest.mark.promise("APR-04", "APR-05")
async def test_whoever_lost_role_account_or_reports_decides_nothing_on_an_old_card(
    teams_stage: TeamsStage,
) -> None:
    """Attack 7."""
    stage = teams_stage
    await stage.asks("alice", "I need access to Zendesk")
    cards = {who: await stage.card(who) for who in ("bob", "carol", "dan", "megan")}
    technicians, manager = approval_id(cards["bob"]), approval_id(cards["megan"])
    await opens(stage, "bob", cards["bob"], "Deny…")
    await quiet(stage)
    change_person(stage.stage, "bob", groups=["all-staff"])
    change_person(stage.stage, "carol", enabled=False)
    change_person(stage.stage, "alice", manager="p-grace")
    assert WAITS in (await stage.acme.submits(stage.user("bob"), {"Reason": "No."}, "Deny")).text
    await all_refused(stage, "bob", cards["bob"], technicians, WAITS)
    await all_refused(stage, "carol", cards["carol"], technicians, "Carol Castillo’s account is disabled")
    await all_refused(stage, "megan", cards["megan"], manager, WAITS.partition(":")[0])
    assert await still_waits(stage, technicians)
    assert await refusals(stage) == {"NotYourSeat", "DisabledPerson"}
    await stage.presses("dan", cards["dan"], "Approve")
    await stage.acme.eventually(lambda: not titles(cards["megan"]) or None, "the old card to have no buttons")
    await stage.approves("grace")
    await stage.told("alice", "now has member access to Zendesk")


@pytest.mark.promise("APR-11", "EXE-01")
@pytest.mark.parametrize("second", ["approve", "deny"])
async def test_two_who_decide_at_the_same_moment_one_wins_and_the_other_is_told_who(
    database: str, tmp_path: Path, second: str
) -> None:
    """Attack 10, on both databases."""
    async with teams_staged(database, tmp_path) as stage:
        request = await stage.asks("alice", "I forgot my password")
        cards = {who: await stage.card(who) for who in ("bob", "carol")}
        await opens(stage, "carol", cards["carol"], "Deny…")

        async def carols() -> Pressed:
            if second == "approve":
                return await stage.presses("carol", cards["carol"], "Approve")
            return await stage.acme.submits(stage.user("carol"), {"Reason": "No."}, "Deny")

        answers = await asyncio.gather(stage.presses("bob", cards["bob"], "Approve"), carols())
        [reviewed] = [
            *await entries(stage.stage, "approval.approved"),
            *await entries(stage.stage, "approval.denied"),
        ]
        assert reviewed.actor in {PersonId("p-bob"), PersonId("p-carol")}
        by_bob = reviewed.actor == "p-bob"
        verb = "denied" if reviewed.kind == "approval.denied" else "approved"
        by = f"{verb} by {'Bob Brennan' if by_bob else 'Carol Castillo'}, 16 November 2026, 09:00 UTC"
        assert answers[by_bob].text.startswith(f"{LATE}Technician (technicians): {by}")
        assert not answers[not by_bob].text.startswith(LATE)
        await stage.stage.comes_to(request, "denied" if verb == "denied" else "done")
        for card in cards.values():
            await stage.shows("bob", card, by)
        assert len(stage.stage.changes()) == (verb == "approved")


MARKUP = (
    "<at>Bob</at> **bold** _low_ [IT](http://evil.example) ![x](http://evil.example/x) `code` ~~no~~ "
    "{{DATE(2026-11-20T08:00:00Z,SHORT)}} <b>hi</b> <script>alert(1)</script> &amp; # one\n# two\n- three"
)
SIGNS = ("<at>", "**bold**", "](http", "`code`", "{{DATE(", "<b>", "<script>", "\n# two")
"""Of these, none may stand where Teams or a notification takes signs for markup."""
NAME = "**bold** [IT](http://evil.example)"
"""The name of an argument."""


async def test_card_injection_is_inert_everywhere_summaries_included(teams_stage: TeamsStage) -> None:
    """Attack 20."""
    stage = teams_stage
    await takes_texts(stage.stage, "unlock_account", "comment", NAME)
    await change_tool(stage.stage, "unlock_account", with_markup)
    line = MARKUP.replace("\n", " ")
    change_person(stage.stage, "alice", name=f"Alice {line}", department=line)
    for typed in (f"I forgot my password {MARKUP}", MARKUP, f"I need access to {MARKUP}"):
        await stage.says("alice", typed)
    for user in ("alice", "eve"):
        await fills(stage, "alice", "unlock_account", MARKUP, user=f"{user}@acme.test", comment=MARKUP)
    await stage.stage.fills("megan", "unlock_account", MARKUP, **{"user": "megan@acme.test", NAME: MARKUP})
    await stage.acme.eventually(lambda: len(cards_of(stage, "bob")) == 3 or None, "three cards for bob")
    first, second, third = cards_of(stage, "bob")
    await denies(stage, "bob", first, MARKUP)
    await opens(stage, "bob", second, "Always allow…")
    await stage.acme.submits(stage.user("bob"), {"Reason": MARKUP}, "Approve and save")
    await forges(stage, "bob", third, "view", how="task/fetch")
    await forges(stage, "bob", third, "act", action=MARKUP)
    for line in (
        "grants list",
        f"policy show {MARKUP}",
        f"policy {MARKUP}",
        f"policy list --search {MARKUP}",
    ):
        before = len(stage.texts("ada"))
        await stage.says("ada", line)
        await more_than(stage, "ada", before)
    await stage.acme.composes(stage.user("alice"), "ask", message=await stage.says("alice", MARKUP))
    await stage.acme.eventually(lambda: "did not approve" in given(stage) or None, "the denial to be told")
    await quiet(stage)
    assert given(stage).count("evil.example") > 20
    for one in objects_in(list(stage.teams.given())):
        check_inert(one)
    for account in stage.cast.people.values():
        for message in stage.acme.answers(account):
            assert "(a date)" not in words(message)
            assert not [text for text in marked_texts(message) for sign in SIGNS if sign in text]


def with_markup(known: CatalogTool) -> CatalogTool:
    """Gives a tool whose server says markup of it."""
    definition = replace(known.definition, title=MARKUP, description=MARKUP)
    mark = definition.fingerprint
    return replace(known, definition=definition, fingerprint=mark, accepted=mark)


def check_inert(one: JsonObject) -> None:
    """Fails where Teams would find markup in what it was given."""
    kind = one.get("type")
    assert kind not in {"Image", "Media", "Action.OpenUrl", "FactSet", "mention"}
    assert not {"fallbackText", "speak", "iconUrl", "backgroundImage", "selectAction"} & one.keys()
    read = {
        "TextBlock": ["text"],
        "Input.Toggle": ["title"],
        "Input.ChoiceSet": ["choices"],
    }.get(str(kind), [])
    for name in read:
        for sign in SIGNS:
            assert sign not in json.dumps(one.get(name, ""), ensure_ascii=False)
    if kind == "TextRun":
        assert "{{DATE(" not in str(one["text"])
    if kind == "message":
        assert not [sign for sign in SIGNS if sign in str(one.get("summary")) and sign != "{{DATE("]
        assert "text" not in one or one["textFormat"] == "plain"


def objects_in(value: JsonValue) -> Iterator[JsonObject]:
    """Gives every object in a value."""
    if is_object(value):
        yield value
        for inner in value.values():
            yield from objects_in(inner)
    elif is_list(value):
        for inner in value:
            yield from objects_in(inner)


@pytest.mark.promise("APR-07", "EXE-02")
async def test_hidden_unicode_is_made_visible_with_a_warning_and_runs_unchanged(
    teams_stage: TeamsStage,
) -> None:
    """Attack 21."""
    stage = teams_stage
    message = "Call \u202e321\u202c now\u200b or\U000e0041 \ufe0f" + " " * 40 + "pay\u0430l"
    await fills(stage, "alice", "lock_device", "\u2066note", device="ACME-LT-1001", message=message)
    card = await stage.card("bob")
    approval = approval_id(card)
    whole = await forges(stage, "bob", card, "view", how="task/fetch")
    assert whole.dialog is not None
    for seen in (words(card), words(whole.dialog)):
        for hidden in "\u202e\u202c\u200b\U000e0041\ufe0f\u2066":
            assert f"⟨U+{ord(hidden):04X}⟩" in seen
        assert "⟨40 spaces⟩" in seen
        assert "There are hidden characters in it." in seen
        assert "has letters that look like others" in seen
    await stage.presses("bob", card, "Approve")
    await comes_to(stage, approval, "done")
    await quiet(stage)
    for hidden in "\u202e\u202c\u200b\U000e0041\ufe0f\u2066":
        assert hidden not in given(stage)
    assert stage.stage.connectors.called("lock_device")[0]["message"] == message


@pytest.mark.promise("APR-07")
async def test_truncation_never_hides_what_can_be_approved(teams_stage: TeamsStage) -> None:
    """Attack 22."""
    stage = teams_stage
    texts = {f"part_{number}": f"{'a' * 2900} END-{number}" for number in range(1, 7)}
    await takes_texts(stage.stage, "unlock_account", *texts)
    await stage.stage.fills("alice", "unlock_account", user="eve@acme.test", **texts)
    for who in TECHNICIANS:
        card = await stage.card(who, "Deny…")
        assert titles(card, stage.user(who)) == ["View all", "Deny…"]
        shown = await opens(stage, who, card, "View all")
        seen = words(shown)
        while "Next" in titles(shown):
            assert not {"Approve", "Always allow…"} & set(titles(shown))
            shown = await opens(stage, who, shown, "Next")
            seen += words(shown)
        assert {"Approve", "Always allow…"} <= set(titles(shown))
        assert all(f"END-{number}" in seen for number in range(1, 7))
    for call in stage.teams.calls_of("post", "update"):
        said = json.dumps(call.body)
        assert '"approve"' not in said
        assert '"always_allow"' not in said


@pytest.mark.promise("PLN-08")
async def test_oversized_and_deep_payloads_are_refused_with_the_reason(teams_stage: TeamsStage) -> None:
    """Attack 23, as far as it is not refused at the door already."""
    stage = teams_stage
    await stage.says("alice", "a" * 4001)
    await stage.told("alice", "Your message is longer than 4000 characters.")
    texts = {f"part_{number}": "a" * 3000 for number in range(1, 24)}
    await takes_texts(stage.stage, "unlock_account", *texts)
    await fills(stage, "alice", "unlock_account", user="eve@acme.test", **texts)
    assert "The arguments have more than 64000 characters" in stage.acme.notices(stage.user("alice"))[-1]
    deep: JsonObject = {"type": "array", "title": "Lists", "items": {"type": "array"}}
    await change_tool(stage.stage, "lock_device", lambda known: taking(known, "lists", deep))
    for value, why in (
        ("[" * 40 + "]" * 40, "nested deeper than 32 levels"),
        ("[" * 100_000 + "]" * 100_000, "nested deeper than 32 levels"),
        ("[NaN]", "is not valid JSON"),
    ):
        with pytest.raises(AssertionError, match=why):
            await fills(stage, "alice", "lock_device", device="ACME-LT-1001", message="x", lists=value)
    many = "".join(f"<at>p{number}</at>" for number in range(800))
    mentions: list[JsonValue] = [
        {
            "type": "mention",
            "text": f"<at>p{number}</at>",
            "mentioned": {"id": f"29:{number}", "name": "somebody"},
        }
        for number in range(800)
    ]
    draft = {**stage.acme.drafts(stage.user("alice"), many), "entities": mentions}
    assert (await stage.acme.sends(draft)).status == 200
    await stage.told("alice", "Your message is longer than 4000 characters.", since=1)
    assert await rows(stage.stage, "SELECT id FROM requests") == []
    for who in TECHNICIANS:
        assert cards_of(stage, who) == []


def taking(known: CatalogTool, name: str, schema: JsonObject) -> CatalogTool:
    """Gives a tool that takes one more argument."""
    taken = known.definition.input_schema["properties"]
    assert is_object(taken)
    changed = {**known.definition.input_schema, "properties": {**taken, name: schema}}
    definition = replace(known.definition, input_schema=changed)
    mark = definition.fingerprint
    return replace(known, definition=definition, fingerprint=mark, accepted=mark)


@pytest.mark.promise("APR-11", "APR-12")
async def test_what_is_expired_withdrawn_or_void_cannot_be_decided_from_any_copy(
    teams_stage: TeamsStage,
) -> None:
    """Attack 26."""
    stage = teams_stage
    for end in ("expired", "withdrawn", "void"):
        known = frozenset(one.id for one in stage.acme.answers(stage.user("alice")))
        cards = {one.id for one in cards_of(stage, "bob")}
        await stage.says("alice", "I need access to Zendesk")
        card = await new_card(stage, "bob", cards)
        approval = approval_id(card)
        if end == "expired":
            await stage.stage.hours_pass(24.5)
        elif end == "withdrawn":
            await stage.presses("alice", await stage.status_card("alice", known=known), "Withdraw")
        else:
            await denies(stage, "megan", await stage.card("megan", "Deny…"))
        await comes_to(stage, approval, "denied" if end == "void" else end)
        for do, action in (*DECIDING, ("act", "approve"), ("preview", "")):
            pressed = await forges(stage, "bob", card, do, how="task/submit", card=approval, action=action)
            assert pressed.text == f"{LATE}Technician (technicians): {end}.", (do, action)
    assert stage.stage.changes() == []
    assert await grants(stage.stage) == ()
