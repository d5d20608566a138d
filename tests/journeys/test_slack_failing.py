"""What goes wrong between Slack and the bot: it is tried again, done once, and never silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from ruamel.yaml import YAML
from sqlalchemy import text

from bot.agent.runbooks import RunbookPlanner
from bot.domain.events import Notice, NoticeKind
from bot.domain.people import PersonId
from bot.domain.requests import RequestId
from tests.journeys.slack_stage import SlackStage, has_button, slack_staged
from tests.journeys.stage import TENANT
from tests.servers.slack_manners import bad_manners
from tests.servers.slack_sight import words
from tests.servers.slack_world import Message, SlackUser

ZENDESK = "I need access to Zendesk"
RESET = "I forgot my password"
LOOKING_UP = "list_app_access"
"""What the agent reads first about access; while it is held, nobody is asked yet."""
AWAY = "The database does not answer, so nothing was changed. Try again in a minute."

CROWD_S = 120.0
LOOK_S = 0.5
"""Seconds between looks at two hundred conversations, which take a while themselves."""

Found = TypeVar("Found")


@pytest.fixture
async def slack_stage(acme_database: str, tmp_path: Path) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack, where the bot's clock is Slack's too, and its manners are looked at."""
    async with slack_staged(acme_database, tmp_path) as found:
        found.acme.world.numbers.clock = found.stage.clock
        yield found
        assert bad_manners(found.slack) == []


async def asked(stage: SlackStage, words_: str) -> str:
    """Has Alice ask for something, and gives the request when its card is there."""
    await stage.status_card("alice", await stage.says("alice", words_))
    ((request,),) = await rows(stage, "SELECT id FROM requests")
    return str(request)


def cards(stage: SlackStage, who: str, part: str = "Zendesk") -> list[Message]:
    """Gives the cards of a person that say something."""
    return [
        one
        for one in stage.acme.answers(stage.user(who))
        if part in words(one)
        and any(block.get("type") == "header" for block in one.blocks if isinstance(block, dict))
    ]


def has_read(stage: SlackStage, who: str, part: str) -> bool:
    """Whether a person can read these words now."""
    return any(part in one for one in stage.texts(stage.user(who)))


async def rows(stage: SlackStage, statement: str) -> list[tuple[object, ...]]:
    """Gives what the database holds."""
    async with stage.stage.store._engine.read() as session:
        found = await (await session.connection()).execute(text(statement))
        return [tuple(row) for row in found]


@asynccontextmanager
async def without_database(folder: Path) -> AsyncIterator[None]:
    """Takes the database away while the block lasts."""
    file, hidden = folder / "countersign.db", folder / "hidden.db"
    await asyncio.to_thread(file.rename, hidden)
    try:
        yield
    finally:
        await asyncio.to_thread(hidden.rename, file)


async def test_a_message_that_cannot_be_stored_is_not_acknowledged_and_taken_once_when_it_is_sent_again(
    slack_stage: SlackStage, tmp_path: Path
) -> None:
    stage = slack_stage
    async with without_database(tmp_path):
        ts = await stage.says("alice", ZENDESK)
        (delivery,) = stage.acme.deliveries.all
        assert not delivery.answer.acknowledged
        assert delivery.answer.attempts == 4
        await stage.told("alice", "I cannot take this in at the moment")
        assert len(stage.texts(stage.user("alice"))) == 1
    assert (await stage.acme.resends()).acknowledged
    assert (await stage.acme.resends()).acknowledged
    await stage.status_card("alice", ts)
    assert len(await rows(stage, "SELECT id FROM requests")) == 1


async def test_without_a_database_nothing_is_decided_and_everybody_is_told(
    slack_stage: SlackStage, tmp_path: Path
) -> None:
    stage = slack_stage
    await asked(stage, RESET)
    card = await stage.card("bob")
    async with without_database(tmp_path):
        await stage.presses("bob", card, "approve")
        await stage.told("bob", AWAY)
        await stage.presses("bob", card, "deny")
        await stage.modal("bob", showing="does not answer")
        await stage.acme.commands(stage.user("carol"), stage.acme.dm(stage.user("carol")), "/approvals")
        await stage.told("carol", "does not answer")
        assert stage.stage.changes() == []
    await stage.presses("bob", card, "approve")
    await stage.stage.in_time(lambda: has_read(stage, "alice", "one-time link"), "the reply")
    assert len(stage.stage.changes()) == 1


async def test_what_slack_takes_later_comes_later_in_its_order_and_nobody_else_waits(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    looking_up = stage.stage.connectors.held[LOOKING_UP] = asyncio.Event()
    stage.slack.faults.limits("chat.postMessage", after_s=30)
    ts = await stage.says("alice", ZENDESK)
    await stage.acme.eventually(lambda: stage.slack.calls_of("chat.postMessage"), "the first try")
    looking_up.set()
    await stage.approves("bob")
    await stage.approves("megan")
    await stage.acme.eventually(stage.stage.changes, "the access to be given")
    stage.stage.clock.advance(timedelta(seconds=29))
    await stage.stage.worker.settle(None)
    assert stage.texts(stage.user("alice")) == []
    counted = await rows(stage, "SELECT attempts FROM notices WHERE person = 'p-alice'")
    assert counted
    assert {attempts for (attempts,) in counted} == {0}
    stage.stage.clock.advance(timedelta(seconds=1))
    await stage.stage.worker.settle(None)
    await stage.told("alice", "now has member access to Zendesk")
    status, *later = stage.acme.thread(stage.user("alice"), ts)[1:]
    assert "Your request" in words(status)
    assert "now has member access" in words(later[-1])
    assert await stage.audit("notice.undeliverable") == []


async def test_a_card_whose_update_slack_puts_off_shows_its_newest_state_afterwards(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await asked(stage, RESET)
    carols, bobs = await stage.card("carol"), await stage.card("bob")
    stage.slack.faults.limits("chat.update", after_s=30, times=4)
    await stage.presses("bob", bobs, "approve")

    def put_off() -> bool:
        return [call.error for call in stage.slack.calls_of("chat.update")].count("limit") == 4

    def all_updated() -> bool:
        return all("Approved" in words(one) and not has_button(one, "approve") for one in (carols, bobs))

    await stage.stage.in_time(put_off, "four updates to be put off")
    await stage.stage.in_time(all_updated, "the cards to show the decision")
    await stage.stage.in_time(lambda: has_read(stage, "alice", "one-time link"), "the reply")
    assert await stage.audit("notice.undeliverable") == []


async def test_a_modal_and_an_answer_that_slack_puts_off_come_a_moment_later(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await asked(stage, RESET)
    card = await stage.card("bob")
    stage.slack.faults.limits("views.update", after_s=1)
    await stage.presses("bob", card, "deny")
    await stage.modal("bob", showing="reason")
    stage.slack.faults.limits("chat.postEphemeral", after_s=1)
    await stage.presses("carol", await stage.card("carol"), "approve")
    await stage.told("carol", "It is checked once more")
    assert len(stage.slack.calls_of("chat.postEphemeral")) == 2


async def test_a_modal_that_slack_does_not_open_in_time_is_told_of(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await asked(stage, RESET)
    card = await stage.card("bob")
    stage.slack.faults.limits("views.open", after_s=60)
    await stage.presses("bob", card, "deny")
    await stage.told("bob", "Please try it once more")
    await stage.presses("bob", card, "deny")
    await stage.modal("bob", showing="reason")


async def test_a_home_that_slack_puts_off_is_drawn_later(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await asked(stage, RESET)
    await stage.card("bob")
    stage.slack.faults.limits("views.publish", after_s=5)
    await stage.acme.opens_home(stage.user("bob"))
    home = await stage.stage.in_time(lambda: stage.acme.home(stage.user("bob")), "bob's home")
    assert has_button(home, "approve")


async def test_twenty_messages_to_one_person_come_in_order_and_none_too_fast(
    acme_database: str, tmp_path: Path
) -> None:
    pause = timedelta(seconds=0.1)
    async with slack_staged(acme_database, tmp_path, every=pause, rates=True) as stage:
        # What leaves in time arrives a little sooner or later after the one before it.
        stage.slack.api.post_every = pause / 4
        wanted = [f"Number {number} of twenty." for number in range(20)]
        async with stage.stage.store.unit(TENANT) as unit:
            await unit.outbox.add(
                *(Notice(kind=NoticeKind.SAY, person=PersonId("p-alice"), text=one) for one in wanted)
            )

        def all_there() -> bool:
            return len(stage.texts(stage.user("alice"))) == len(wanted)

        await stage.stage.in_time(all_there, "twenty messages", a_look_s=0.01)
        assert stage.texts(stage.user("alice")) == wanted
        assert [call.error for call in stage.slack.calls_of("chat.postMessage")] == [""] * 20


async def test_cards_whose_posting_was_never_answered_are_there_once_and_up_to_date(
    slack_stage: SlackStage,
) -> None:
    """Slack does what it was asked and the connection breaks before it says so, again and again."""
    stage = slack_stage
    stage.slack.faults.drops("chat.postMessage", after_effect=True, times=7)
    stage.slack.faults.drops("chat.update", after_effect=True, times=3)
    ts = await stage.says("alice", ZENDESK)
    await stage.stage.in_time(lambda: cards(stage, "bob") or None, "bob's card")
    await stage.approves("bob")
    await stage.stage.in_time(lambda: cards(stage, "megan") or None, "megan's card")
    await stage.approves("megan")
    await stage.stage.in_time(lambda: has_read(stage, "alice", "now has member access"), "the reply")

    def all_decided() -> bool:
        seen = [*cards(stage, "bob"), *cards(stage, "carol"), *cards(stage, "dan"), *cards(stage, "megan")]
        return len(seen) == 4 and not any(has_button(one, "approve") for one in seen)

    await stage.stage.in_time(all_decided, "one card for each, with the decision")
    dropped = [one for one in stage.slack.calls if one.method.startswith("chat.p")]
    assert len(dropped) > len(stage.slack.api.places)
    thread = stage.acme.thread(stage.user("alice"), ts)
    assert len([one for one in thread if "Your request" in words(one)]) == 1
    replies = [one for one in stage.texts(stage.user("alice")) if "now has member access" in one]
    assert len([one for one in replies if "Your request" not in one]) == 1
    assert len(stage.stage.changes()) == 1


@pytest.mark.parametrize("is_answered", [True, False], ids=["noted as posted", "not noted as posted"])
async def test_a_card_that_was_posted_just_before_a_kill_is_found_again_and_shows_the_newest_state(
    slack_stage: SlackStage, *, is_answered: bool
) -> None:
    stage = slack_stage
    request = await asked(stage, RESET)
    card = await stage.card("bob")
    async with stage.stage.store.view(TENANT) as view:
        (approval,) = await view.approvals.of(RequestId(request))
    await stage.presses("carol", await stage.card("carol"), "approve")
    await stage.shows("bob", card, "Approved")
    before = list(card.blocks)
    async with stage.stage.store._engine.write() as session:
        connection = await session.connection()
        await connection.execute(text(f"DELETE FROM card_copies WHERE card = '{approval.id}'"))  # noqa: S608 - an id of ours
        if not is_answered:
            await connection.execute(text("UPDATE postings SET reference = ''"))
    card.blocks = [{"type": "section", "text": {"type": "plain_text", "text": "as it was before"}}]
    async with stage.stage.store.unit(TENANT) as unit:
        await unit.outbox.add(
            Notice(
                kind=NoticeKind.CARD, request=RequestId(request), card=approval.id, person=PersonId("p-bob")
            )
        )
    stage.stage.seams.bell.ring()
    await stage.shows("bob", card, "Approved")
    assert len(card.blocks) == len(before)
    assert len(cards(stage, "bob", "password")) == 1


async def test_a_card_that_slack_does_not_take_says_so_and_can_be_seen_and_decided_whole(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    for who in ("carol", "dan", "ada", "ahmed"):
        stage.user(who).deleted = True
    looking_up = stage.stage.connectors.held["get_user"] = asyncio.Event()
    ts = await stage.says("alice", RESET)
    await stage.status_card("alice", ts)
    stage.slack.faults.fails("chat.postMessage", "invalid_blocks")
    looking_up.set()
    await stage.told("bob", "cannot be shown here")
    card = next(one for one in stage.acme.answers(stage.user("bob")) if "cannot be shown" in words(one))
    assert "View all" in words(card)
    assert not has_button(card, "approve")
    await stage.acme.presses(stage.user("bob"), card, "view:all")
    await stage.presses("bob", await stage.modal("bob", showing="alice@acme.test"), "approve")
    await stage.told("alice", "one-time link")
    await stage.shows("bob", card, "Approved")


async def test_when_slack_is_away_everything_is_brought_once_it_is_back(slack_stage: SlackStage) -> None:
    stage = slack_stage
    for method in ("chat.postMessage", "conversations.open", "users.lookupByEmail"):
        stage.slack.faults.breaks(method, status=503, times=4)
        stage.slack.faults.drops(method, after_effect=False, times=2)
    await stage.says("alice", ZENDESK)
    await stage.stage.in_time(lambda: cards(stage, "bob") or None, "bob's card")
    await stage.approves("bob")
    await stage.stage.in_time(lambda: cards(stage, "megan") or None, "megan's card")
    await stage.approves("megan")
    await stage.stage.in_time(lambda: has_read(stage, "alice", "now has member access"), "the reply")
    assert await stage.audit("notice.undeliverable") == []
    assert len(stage.stage.changes()) == 1


async def test_two_hundred_messages_at_once_are_acknowledged_and_answered_while_slack_is_slow(
    slack_stage: SlackStage,
) -> None:
    """Slack says nothing of who anybody is until all of it has come in."""
    stage = slack_stage
    crowd = await asyncio.to_thread(hire, stage, 30)
    apps = ("Zendesk", "Figma", "Jira", "Notion", "Zoom", "Tableau", "HubSpot")
    asked = [(who, f"I need access to {app}") for app in apps for who in crowd][:200]
    hold = stage.slack.faults.hangs("users.info", times=len(asked))
    async with asyncio.TaskGroup() as group:
        telling = [group.create_task(stage.acme.says(who, what)) for who, what in asked]
    assert all(one.answer.acknowledged for one in stage.acme.deliveries.all)
    assert len(await rows(stage, "SELECT key FROM arrivals")) == 200
    assert await rows(stage, "SELECT id FROM requests") == []
    hold.release()
    threads = [(who, task.result()) for (who, _), task in zip(asked, telling, strict=True)]

    def all_answered() -> bool:
        found = [stage.acme.thread(who, ts) for who, ts in threads]
        return all(any("Your request" in words(one) for one in thread[1:]) for thread in found)

    deadline = asyncio.get_running_loop().time() + CROWD_S
    while not all_answered():
        assert asyncio.get_running_loop().time() < deadline
        stage.stage.clock.advance(timedelta(seconds=1))
        await asyncio.sleep(LOOK_S)
    assert len(await rows(stage, "SELECT id FROM requests")) == 200


def hire(stage: SlackStage, number: int) -> list[SlackUser]:
    """Gives new people, who are in the directory and in Slack."""
    path, yaml = stage.stage.company.data / "people.yaml", YAML()
    document = yaml.load(path.read_text(encoding="utf-8"))
    names = [f"temp{at}" for at in range(number)]
    document["people"].extend(
        {"id": f"p-{name}", "name": name.title(), "email": f"{name}@acme.test", "manager": "p-megan"}
        for name in names
    )
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)
    return [stage.acme.adds_user(name.title(), email=f"{name}@acme.test") for name in names]


async def test_a_fault_of_ours_after_the_acknowledgement_is_told_to_whoever_wrote(
    slack_stage: SlackStage,
) -> None:
    stage, planner = slack_stage, slack_stage.stage.seams.planner
    assert isinstance(planner, RunbookPlanner)
    recogniser = planner._recogniser
    del planner._recogniser
    ts = await stage.says("alice", ZENDESK)
    assert stage.acme.deliveries.all[-1].answer.acknowledged
    await stage.told("alice", "Something went wrong here")
    assert len(stage.acme.thread(stage.user("alice"), ts)) == 2
    planner._recogniser = recogniser
    await stage.status_card("alice", await stage.says("alice", ZENDESK))
