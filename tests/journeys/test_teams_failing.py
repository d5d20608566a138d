"""What goes wrong between Teams and the bot: it is tried again, done once, and never silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.agent.runbooks import RunbookPlanner
from bot.chat.card_words import UNSHOWN
from bot.chat.teams.kit import limits
from bot.chat.teams.surface import NOT_TAKEN
from bot.domain.events import Notice, NoticeKind
from bot.domain.people import PersonId
from tests.journeys.arranging import break_directory, change_person
from tests.journeys.slack_acts import takes_texts
from tests.journeys.stage import TENANT
from tests.journeys.teams_decisions import approval_id, cards_of, comes_to, old_client, opens, still_waits
from tests.journeys.teams_stage import TECHNICIANS, TeamsStage, teams_staged
from tests.journeys.teams_trials import forges, quiet, rows
from tests.servers.teams_delivery import Unanswered
from tests.servers.teams_things import Message
from tests.servers.teams_words import titles, words

ZENDESK = "I need access to Zendesk"
RESET = "I forgot my password"
GIVEN = "now has member access to Zendesk"
LINK = "one-time link"
DATABASE_AWAY = "The database does not answer, so nothing was changed. Try again in a minute."


@asynccontextmanager
async def without_database(folder: Path) -> AsyncIterator[None]:
    """Takes the database away while the block lasts."""
    file, hidden = folder / "countersign.db", folder / "hidden.db"
    await asyncio.to_thread(file.rename, hidden)
    try:
        yield
    finally:
        await asyncio.to_thread(hidden.rename, file)


def has_read(stage: TeamsStage, who: str, part: str) -> bool:
    """Whether a person can read these words now."""
    return any(part in one for one in stage.texts(who))


def about(stage: TeamsStage, who: str, part: str) -> list[Message]:
    """Gives the cards in a person's chat that say something, status cards and notes excepted."""
    found = [one for one in stage.acme.answers(stage.user(who)) if one.card is not None]
    others = ("Your request", "Internal note")
    return [one for one in found if part in words(one) and not any(other in words(one) for other in others)]


async def test_a_message_that_cannot_be_stored_is_answered_503_and_taken_once_when_it_is_sent_again(
    teams_stage: TeamsStage, tmp_path: Path
) -> None:
    stage = teams_stage
    async with without_database(tmp_path):
        with pytest.raises(Unanswered, match="503"):
            await stage.says("alice", ZENDESK)
        assert stage.teams.calls == []
    for _ in range(2):
        assert (await stage.teams.deliveries.resends()).status == 200
    await stage.status_card("alice")
    await quiet(stage)
    assert len(await rows(stage.stage, "SELECT id FROM requests")) == 1
    assert len([one for one in stage.texts("alice") if "Your request" in one]) == 1


async def test_without_a_database_nothing_is_decided_and_whoever_presses_is_told(
    teams_stage: TeamsStage, tmp_path: Path
) -> None:
    """Attack 31 on this surface."""
    stage = teams_stage
    await stage.asks("alice", RESET)
    card, carols = await stage.card("bob"), await stage.card("carol")
    old_client(stage, "carol")
    async with without_database(tmp_path):
        assert (await stage.presses("bob", card, "Approve")).text == DATABASE_AWAY
        for button in ("Deny…", "Always allow…"):
            assert (await stage.presses("bob", card, button)).text == DATABASE_AWAY
        opened = await stage.acme.composes(stage.user("eve"), "request")
        assert opened.text == DATABASE_AWAY
        # What comes as a message is not acknowledged, so that Teams says that it did not arrive.
        with pytest.raises(Unanswered, match="503"):
            await stage.presses("carol", carols, "Approve")
        assert stage.stage.changes() == []
    assert (await stage.presses("bob", card, "Approve")).kind == "card"
    await stage.stage.in_time(lambda: has_read(stage, "alice", LINK), "the reply")
    assert len(stage.stage.changes()) == 1


@pytest.mark.parametrize("status", [412, 429, 502, 504])
async def test_what_the_connector_asks_to_be_tried_again_is_and_everything_comes_once(
    teams_stage: TeamsStage, status: int
) -> None:
    stage = teams_stage
    for operation in ("create", "post", "update"):
        stage.teams.faults.fails(operation, status, after_s=0, times=2)
    await stage.says("alice", ZENDESK)
    await stage.approves("bob")
    await stage.approves("megan")
    await stage.stage.in_time(lambda: has_read(stage, "alice", GIVEN), "the reply")
    await stage.stage.in_time(lambda: is_decided(stage), "every card to show the decision")
    assert {call.status for call in stage.teams.calls} == {200, 201, status}
    check_once(stage)


def is_decided(stage: TeamsStage) -> bool:
    """Whether nobody can decide any more, wherever they look."""
    return all(not cards_of(stage, who) for who in (*TECHNICIANS, "megan"))


def check_once(stage: TeamsStage) -> None:
    """Fails where somebody has a card or the reply twice, or something was done twice."""
    for who in (*TECHNICIANS, "megan"):
        assert len(about(stage, who, "Zendesk")) == 1, who
    assert len([one for one in stage.texts("alice") if "Your request" in one]) == 1
    assert len([one for one in stage.texts("alice") if GIVEN in one and "Your request" not in one]) == 1
    assert len(stage.stage.changes()) == 1


async def test_what_teams_takes_much_later_comes_later_in_its_order_and_nobody_else_waits(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    looking_up = stage.stage.connectors.held["list_app_access"] = asyncio.Event()
    stage.teams.faults.fails("post", 429, after_s=30)
    await stage.says("alice", ZENDESK)
    await stage.acme.eventually(lambda: stage.teams.calls_of("post"), "the first try")
    looking_up.set()
    await stage.approves("bob")
    await stage.approves("megan")
    await stage.acme.eventually(stage.stage.changes, "the access to be given")
    stage.stage.clock.advance(timedelta(seconds=29))
    await stage.stage.worker.settle(None)
    assert stage.texts("alice") == []
    counted = await rows(stage.stage, "SELECT attempts FROM notices WHERE person = 'p-alice'")
    assert {attempts for (attempts,) in counted} == {0}
    stage.stage.clock.advance(timedelta(seconds=1))
    await stage.stage.worker.settle(None)
    await stage.told("alice", GIVEN)
    status, *later = stage.texts("alice")
    assert "Your request" in status
    assert GIVEN in later[-1]
    assert await stage.audit("notice.undeliverable") == []


async def test_when_the_connector_is_in_trouble_everything_is_brought_once_it_is_well(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    for operation in ("create", "post", "update"):
        stage.teams.faults.fails(operation, 500, times=2)
        stage.teams.faults.fails(operation, 503, times=2)
        stage.teams.faults.drops(operation, after_effect=False)
    await stage.says("alice", ZENDESK)
    await stage.stage.in_time(lambda: cards_of(stage, "bob"), "bob's card")
    await stage.approves("bob")
    await stage.stage.in_time(lambda: cards_of(stage, "megan"), "megan's card")
    await stage.approves("megan")
    await stage.stage.in_time(lambda: has_read(stage, "alice", GIVEN), "the reply")
    await stage.stage.in_time(lambda: is_decided(stage), "every card to show the decision")
    assert await stage.audit("notice.undeliverable") == []
    check_once(stage)


async def test_a_card_whose_posting_was_never_answered_is_there_twice_at_most_and_one_is_kept_up_to_date(
    teams_stage: TeamsStage,
) -> None:
    """Teams does what it was asked, and the connection breaks before it says so."""
    stage = teams_stage
    stage.teams.faults.drops("post", after_effect=True, times=6)
    stage.teams.faults.drops("update", after_effect=True, times=3)
    await stage.says("alice", RESET)
    await stage.stage.in_time(lambda: is_asked(stage), "everybody to be asked")
    await stage.stage.in_time(lambda: len(doubled(stage)) >= 2 or None, "two to be asked twice")
    await quiet(stage)
    copies = {who: cards_of(stage, who) for who in TECHNICIANS}
    assert all(1 <= len(found) <= 2 for found in copies.values())
    dropped = [call for call in stage.teams.calls_of("post") if call.error == "drop"]
    assert len(dropped) == 6
    twice = next(who for who, found in copies.items() if len(found) == 2)
    lost, kept = copies[twice]
    approval = approval_id(lost)
    assert (await stage.presses(twice, lost, "Approve")).kind == "card"
    await stage.stage.in_time(lambda: not titles(kept) or None, "the known copy to show it")
    another = next(who for who, found in copies.items() if len(found) == 2 and who != twice)
    late = await forges(stage, another, copies[another][0], "act", card=approval, action="approve")
    assert "Too late, and nothing changed by your click" in late.text
    await stage.stage.in_time(lambda: has_read(stage, "alice", LINK), "the reply")
    replies = [one for one in stage.texts("alice") if LINK in one and "Your request" not in one]
    assert 1 <= len(replies) <= 2
    assert len(stage.stage.changes()) == 1


def is_asked(stage: TeamsStage) -> bool:
    """Whether every technician has a card that is known to have come, and nothing is under way."""
    return all(cards_of(stage, who) for who in TECHNICIANS)


def doubled(stage: TeamsStage) -> list[str]:
    """Gives the technicians who see their card twice."""
    return [who for who in TECHNICIANS if len(cards_of(stage, who)) == 2]


async def test_a_call_that_hangs_holds_up_neither_a_press_nor_those_who_are_asked_with_it(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage

    def asked(who: str) -> list[Message]:
        return cards_of(stage, who)

    looking_up = stage.stage.connectors.held["get_user"] = asyncio.Event()
    await stage.says("alice", RESET)
    await stage.status_card("alice")
    await quiet(stage)
    hold = stage.teams.faults.hangs("post")
    looking_up.set()
    await asyncio.wait_for(hold.arrived.wait(), 30)
    others = len(TECHNICIANS) - 1
    await stage.acme.eventually(
        lambda: sum(map(bool, map(asked, TECHNICIANS))) >= others, "the others' cards"
    )
    quick = next(who for who in TECHNICIANS if asked(who))
    assert (await stage.presses(quick, asked(quick)[0], "Approve")).kind == "card"
    assert stage.teams.traffic.under_way >= 1
    hold.release()
    await stage.stage.in_time(lambda: has_read(stage, "alice", LINK), "the reply")
    await stage.stage.in_time(lambda: is_decided(stage), "every card to show the decision")
    for who in TECHNICIANS:
        assert len(about(stage, who, "password")) == 1


async def test_while_the_connector_does_not_know_the_bot_nothing_is_lost_decided_or_asked_of_others(
    teams_stage: TeamsStage,
) -> None:
    """A token that is refused proves nothing about anybody who is asked."""
    stage = teams_stage
    stage.teams.tokens.clear()
    await stage.says("alice", ZENDESK)
    await stage.stage.in_time(lambda: refused_often(stage), "some refusals", a_look_s=5)
    await stage.says("eve", "approvals")
    assert await stage.audit("notice.undeliverable") == []
    assert await stage.audit("approval.moved") == []
    stage.teams.tokens.add(stage.teams.bot_token)
    card = await stage.stage.in_time(
        lambda: next(iter(cards_of(stage, "bob")), None), "bob's card", a_look_s=5
    )
    stage.teams.tokens.clear()
    told = (await stage.presses("bob", card, "Approve")).text
    assert told.startswith("Microsoft does not give the bot a token (Unauthorized). IT has to look at")
    assert await still_waits(stage, approval_id(card))
    stage.teams.tokens.add(stage.teams.bot_token)
    assert (await stage.presses("bob", card, "Approve")).kind == "card"
    await stage.stage.in_time(lambda: cards_of(stage, "megan"), "megan's card", a_look_s=5)
    await stage.approves("megan")
    await stage.stage.in_time(lambda: has_read(stage, "alice", GIVEN), "the reply", a_look_s=5)
    await stage.stage.in_time(lambda: is_decided(stage), "every card to show the decision", a_look_s=5)
    await stage.stage.in_time(lambda: stage.texts("eve"), "the answer to eve", a_look_s=5)
    check_once(stage)


def refused_often(stage: TeamsStage) -> bool:
    """Whether the connector refused several calls."""
    return len([call for call in stage.teams.calls if call.status == 401]) > 3


async def test_while_microsofts_keys_are_away_teams_is_told_to_come_again(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    for operation in ("metadata", "keys"):
        stage.teams.faults.is_away(operation)
        with pytest.raises(Unanswered, match="503"):
            await stage.says("alice", RESET)
        stage.teams.faults.clear()
    assert await rows(stage.stage, "SELECT key FROM arrivals") == []
    stage.stage.clock.advance(timedelta(minutes=1))
    assert (await stage.teams.deliveries.resends()).status == 200
    await stage.status_card("alice")
    # Keys that are known stay good while the rest is away, and new ones are asked for.
    stage.teams.faults.is_away("metadata")
    assert (await stage.presses("bob", await stage.card("bob"), "Approve")).kind == "card"
    stage.teams.faults.clear()
    stage.teams.identity.rotates()
    stage.stage.clock.advance(timedelta(minutes=10))
    await stage.told("alice", LINK)
    await stage.says("alice", "I need access to Figma")
    await stage.card("megan")


async def test_while_the_directory_is_away_seats_stay_open_and_everybody_is_told(
    teams_stage: TeamsStage,
) -> None:
    """Attack 30."""
    stage = teams_stage
    await stage.asks("alice", ZENDESK)
    card, approval = await stage.card("bob"), approval_id(await stage.card("bob"))
    back = break_directory(stage.stage)
    for button in ("Approve", "Deny…", "Always allow…"):
        told = (await stage.presses("bob", card, button)).text
        assert "so nobody's manager or role can be checked" in told
    await stage.says("eve", RESET)
    await stage.acme.eventually(lambda: stage.texts("eve"), "eve to be told")
    assert await still_waits(stage, approval)
    back()
    await stage.stage.in_time(lambda: has_read(stage, "eve", "Your request"), "eve's request", a_look_s=5)
    assert (await stage.presses("bob", card, "Approve")).kind == "card"
    await stage.approves("megan")
    await stage.stage.in_time(lambda: has_read(stage, "alice", GIVEN), "the reply")


async def test_a_card_that_teams_does_not_take_says_so_and_is_seen_and_decided_whole(
    teams_stage: TeamsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connector's limit is enforced; ours is taken away until the card was refused."""
    stage = teams_stage
    texts = {f"part_{number}": f"{'a' * 2900} END-{number}" for number in range(1, 12)}
    await takes_texts(stage.stage, "unlock_account", *texts)
    for who in set(TECHNICIANS) - {"bob"}:
        change_person(stage.stage, who, enabled=False)
    with monkeypatch.context() as careless, capture_logs() as logged:
        for name in ("CARD_BYTES", "READ_TEXT"):
            careless.setattr(limits, name, 100_000)
        await stage.stage.fills("alice", "unlock_account", user="eve@acme.test", **texts)
        await stage.told("bob", UNSHOWN)
        await quiet(stage)
    assert "card.unshown" in {one["event"] for one in logged}
    [card] = [one for one in stage.acme.answers(stage.user("bob")) if UNSHOWN in words(one)]
    assert titles(card, stage.user("bob")) == ["View all"]
    shown = await opens(stage, "bob", card, "View all")
    while "Next" in titles(shown):
        assert "Approve" not in titles(shown)
        shown = await opens(stage, "bob", shown, "Next")
    approval = approval_id(shown)
    assert (await stage.presses("bob", shown, "Approve")).kind == "closed"
    await comes_to(stage, approval, "failed")
    await stage.shows("bob", card, "Approved")
    await stage.told("alice", "It did not work")
    await quiet(stage)
    stage.teams.faults.fails("post", 400)
    await stage.says("bob", "grants list")
    await stage.told("bob", NOT_TAKEN)


async def test_many_messages_to_one_person_come_in_order_and_no_faster_than_teams_takes_them(
    acme_database: str, tmp_path: Path
) -> None:
    async with teams_staged(acme_database, tmp_path, rates=True) as stage:
        await stage.says("alice", "help")
        await stage.acme.eventually(lambda: stage.texts("alice"), "an answer")
        since = len(stage.texts("alice"))
        wanted = [f"Number {number} of twelve." for number in range(12)]
        async with stage.stage.store.unit(TENANT) as unit:
            await unit.outbox.add(
                *(Notice(kind=NoticeKind.SAY, person=PersonId("p-alice"), text=one) for one in wanted)
            )
        await stage.stage.in_time(
            lambda: len(stage.texts("alice")) - since == len(wanted), "twelve messages", a_look_s=0.05
        )
        assert stage.texts("alice")[since:] == wanted


async def test_a_fault_of_ours_after_the_acknowledgement_is_told_to_whoever_wrote_or_pressed(
    teams_stage: TeamsStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, planner = teams_stage, teams_stage.stage.seams.planner
    assert isinstance(planner, RunbookPlanner)
    with monkeypatch.context() as broken:
        broken.delattr(planner, "_recogniser")
        await stage.says("alice", ZENDESK)
        assert stage.teams.deliveries.all[-1].answer.status == 200
        await stage.told("alice", "Something went wrong here")
        assert len(stage.texts("alice")) == 1
    await stage.says("alice", RESET)
    card = await stage.card("bob")
    with monkeypatch.context() as broken:
        broken.delattr(type(stage.stage.store), "unit")
        assert "Something went wrong here" in (await stage.presses("bob", card, "Approve")).text
    assert await still_waits(stage, approval_id(card))
    assert (await stage.presses("bob", card, "Approve")).kind == "card"
