"""The queue in Teams: “approvals” lists what waits for me and what I wait for, and all of it opens there."""

import pytest

from tests.journeys.teams_decisions import (
    EVERY_BUTTON,
    FOREIGN,
    approval_id,
    asks_password,
    comes_to,
    next_card,
    old_client,
    opens,
    shown_to,
)
from tests.journeys.teams_stage import TeamsStage
from tests.servers.teams_things import Message
from tests.servers.teams_words import buttons, titles, words

NOTHING = "Nothing waits for you, and you wait for nothing."
BY_BOB = "approved by Bob Brennan, 16 November 2026, 09:00 UTC"


async def listed(stage: TeamsStage, who: str, part: str) -> Message:
    """Has a person ask for their queue; gives the answer once it says this."""
    since = len(shown_to(stage, who))
    await stage.says(who, "approvals")

    def look() -> Message | None:
        return next((one for one in shown_to(stage, who)[since:] if part in words(one)), None)

    return await stage.acme.eventually(look, f"{who} to be told “{part}”")


@pytest.mark.promise("APR-16", "APR-11")
async def test_what_waits_for_me_is_listed_and_opened_and_decided_there(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    cards = [await asks_password(stage, "alice"), await asks_password(stage, "eve", "eve")]
    approvals = [approval_id(one) for one in cards]
    queue = await listed(stage, "bob", "2 approvals wait for you; 0 requests of yours under way")
    assert titles(queue) == ["Open", "Open"]
    for part in (
        "Reset a password\u00a0· waits for you",
        "Alice Archer asks. You are asked as Technician (technicians).",
        "Eve Ericsson asks. You are asked as Technician (technicians).",
        "Open until\n17 November 2026, 09:00 UTC",
    ):
        assert part in words(queue)
    first, second = buttons(queue)
    opened = (await stage.acme.presses(stage.user("bob"), queue, first)).dialog
    assert opened is not None
    assert opened.title == "The whole request"
    assert "user\nalice@acme.test" in words(opened)
    assert titles(opened) == EVERY_BUTTON
    pressed = await stage.presses("bob", opened, "Approve")
    assert (pressed.kind, pressed.text) == ("closed", "Approved. It is checked once more, then it runs.")
    await comes_to(stage, approvals[0], "done")
    await stage.shows("bob", cards[0], BY_BOB)
    other = (await stage.acme.presses(stage.user("bob"), queue, second)).dialog
    assert other is not None
    await opens(stage, "bob", other, "Deny…")
    denied = await stage.acme.submits(stage.user("bob"), {"Reason": "Not today."}, "Deny")
    assert denied.text == "Denied. Nothing runs, and the person who asked is told."
    await comes_to(stage, approvals[1], "denied")
    await stage.told("eve", "The reason: “Not today.”")
    late = (await stage.acme.presses(stage.user("bob"), queue, first)).dialog
    assert late is not None
    assert BY_BOB in words(late)
    assert titles(late) == []
    await listed(stage, "bob", NOTHING)


@pytest.mark.promise("APR-16")
async def test_my_own_requests_are_listed_and_nobody_opens_what_is_not_theirs(
    teams_stage: TeamsStage,
) -> None:
    """Ids of others' cards, attack 27."""
    stage = teams_stage
    card = await asks_password(stage)
    queue = await listed(stage, "alice", "0 approvals wait for you; 1 request of yours under way")
    assert "Reset a password\u00a0· your request" in words(queue)
    assert "Waits for: Technician (technicians)." in words(queue)
    bobs = await listed(stage, "bob", "1 approval waits for you")
    empty = await listed(stage, "eve", NOTHING)
    for seen in (queue, bobs):
        [data] = [one.data for one in buttons(seen)]
        foreign = await stage.acme.forges(stage.user("eve"), empty, data, how="task/fetch")
        assert (foreign.kind, foreign.text) == ("closed", FOREIGN)
    own = await opens(stage, "alice", queue, "Open")
    assert "Your request: Reset a password" in words(own)
    assert "Withdraw" in titles(own)
    pressed = await stage.presses("alice", own, "Withdraw")
    assert pressed.kind == "closed"
    await stage.shows("bob", card, "Withdrawn")
    assert titles(card) == []
    assert stage.stage.changes() == []


@pytest.mark.promise("APR-16", "APR-11")
async def test_a_client_without_dialogs_opens_what_waits_in_the_chat_and_decides_there(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    old_client(stage, "bob")
    card = await asks_password(stage)
    approval = approval_id(card)
    queue = await listed(stage, "bob", "1 approval waits for you")
    since = len(shown_to(stage, "bob"))
    await stage.presses("bob", queue, "Open")
    whole = await next_card(stage, "bob", "Approve", since=since)
    assert titles(whole) == EVERY_BUTTON
    await stage.presses("bob", whole, "Approve")
    await stage.shows("bob", whole, "Approved. It is checked once more, then it runs.")
    assert titles(whole) == []
    await stage.shows("bob", card, BY_BOB)
    await comes_to(stage, approval, "done")
