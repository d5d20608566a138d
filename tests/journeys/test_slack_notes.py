"""Internal notes in Slack: technicians read diagnosis and plan, and whoever asked never does."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.journeys.arranging import change_person
from tests.journeys.slack_looks import answered, asks, bots_in, comes_to, requests_of, taken_up
from tests.journeys.slack_stage import SlackStage, Way, slack_staged
from tests.servers.slack_sight import words
from tests.servers.slack_world import Channel, Message, SlackUser

RESET = "I forgot my password"
ZENDESK = "I need access to Zendesk"
NOTE = "Internal note"
TECHNICIANS = ("bob", "carol", "dan", "ada", "ahmed")


@pytest.fixture
async def triage_stage(acme_database: str, tmp_path: Path) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack with a triage channel."""
    async with slack_staged(acme_database, tmp_path, triage="it-triage") as found:
        yield found


@pytest.fixture(params=["socket", "http"])
async def any_triage_stage(
    request: pytest.FixtureRequest, database: str, tmp_path: Path
) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack with a triage channel, once per connection and kind of database."""
    way: Way = request.param
    async with slack_staged(database, tmp_path, triage="it-triage", way=way) as found:
        yield found


def triage(stage: SlackStage) -> Channel:
    """Gives the triage channel."""
    return stage.acme.world.channels[stage.outward.access.triage]


def notes(stage: SlackStage, place: Channel | SlackUser) -> list[Message]:
    """Gives the notes in a conversation."""
    return [one for one in stage.acme.answers(place) if NOTE in words(one)]


async def some_notes(stage: SlackStage, place: Channel | SlackUser, count: int = 1) -> list[Message]:
    """Waits for so many notes in a conversation."""

    def look() -> list[Message] | None:
        found = notes(stage, place)
        return found if len(found) >= count else None

    return await stage.acme.eventually(look, f"{count} notes")


async def all_told(stage: SlackStage, who: Sequence[str] = TECHNICIANS) -> None:
    """Waits until each of them has the note in their direct message."""
    for one in who:
        await some_notes(stage, stage.user(one))


def readers(stage: SlackStage) -> set[str]:
    """Gives everybody in whose direct message a note stands."""
    return {who for who, user in stage.people.items() if notes(stage, user)}


@pytest.mark.promise("PLN-02", "RPY-01")
async def test_diagnosis_and_plan_stand_in_the_triage_channel_and_nowhere_else(
    any_triage_stage: SlackStage,
) -> None:
    stage = any_triage_stage
    ts = await stage.says("alice", ZENDESK)
    [note] = await some_notes(stage, triage(stage))
    for part in ("Alice Archer asked: “I need access to Zendesk”", "Diagnosis:", "Plan:", "grant_app_access"):
        assert part in words(note)
    await stage.approves("bob")
    await stage.approves("megan")
    await answered(stage, stage.user("alice"), ts, "now has member access to Zendesk")
    assert readers(stage) == set()
    assert "Diagnosis" not in "".join(stage.texts(stage.user("alice")))
    assert len(notes(stage, triage(stage))) == 1


@pytest.mark.promise("PLN-02")
async def test_each_request_has_a_thread_of_its_own_in_the_triage_channel(triage_stage: SlackStage) -> None:
    channel, alice = triage(triage_stage), triage_stage.user("alice")
    first = await triage_stage.says("alice", "Something is odd today")
    await some_notes(triage_stage, channel)
    await triage_stage.says("megan", RESET)
    await some_notes(triage_stage, channel, 2)
    await triage_stage.says("alice", ZENDESK, thread=first)
    await answered(triage_stage, alice, first, "Waiting for approval.")
    root, megans, later = await some_notes(triage_stage, channel, 3)
    assert (root.thread_ts, megans.thread_ts, later.thread_ts) == (None, None, root.ts)
    assert "Plan: nothing to run." in words(root)
    assert "grant_app_access" in words(later)
    assert bots_in(triage_stage, channel, root.ts) == [root, later]


@pytest.mark.promise("PLN-02")
async def test_without_a_triage_channel_every_technician_has_the_note_alone(slack_stage: SlackStage) -> None:
    request = await asks(slack_stage, "alice", RESET)
    await all_told(slack_stage)
    await comes_to(slack_stage, request, "waiting")
    assert readers(slack_stage) == set(TECHNICIANS)


@pytest.mark.promise("PLN-02")
async def test_a_technician_who_asks_has_no_note_about_it(slack_stage: SlackStage) -> None:
    await slack_stage.says("bob", RESET)
    others = [one for one in TECHNICIANS if one != "bob"]
    await all_told(slack_stage, others)
    await slack_stage.card("carol")
    assert readers(slack_stage) == set(others)


@pytest.mark.promise("PLN-02")
@pytest.mark.parametrize("who", ["alice", "bob"])
async def test_where_the_requester_reads_the_triage_channel_the_note_goes_to_the_others_alone(
    triage_stage: SlackStage, who: str
) -> None:
    channel = triage(triage_stage)
    if who == "alice":
        await triage_stage.acme.joins(triage_stage.user("alice"), channel)
    await triage_stage.says(who, RESET)
    expected = [one for one in TECHNICIANS if one != who]
    await all_told(triage_stage, expected)
    await triage_stage.card("carol")
    assert readers(triage_stage) == set(expected)
    assert triage_stage.acme.answers(channel) == []


@pytest.mark.promise("PLN-02")
async def test_who_comes_into_the_triage_channel_later_keeps_their_next_note_out_of_it(
    triage_stage: SlackStage,
) -> None:
    channel, alice = triage(triage_stage), triage_stage.user("alice")
    ts = await triage_stage.says("alice", "Something is odd today")
    [first] = await some_notes(triage_stage, channel)
    await triage_stage.acme.joins(alice, channel)
    await triage_stage.says("alice", ZENDESK, thread=ts)
    await all_told(triage_stage)
    await answered(triage_stage, alice, ts, "Waiting for approval.")
    assert triage_stage.acme.answers(channel) == [first]
    assert readers(triage_stage) == set(TECHNICIANS)


@pytest.mark.promise("PLN-02")
@pytest.mark.parametrize("why", ["shared", "archived", "the bot is not in it", "gone"])
async def test_a_triage_channel_that_cannot_be_used_is_replaced_by_direct_messages(
    triage_stage: SlackStage, why: str
) -> None:
    channel = triage(triage_stage)
    match why:
        case "shared":
            channel.is_ext_shared = True
        case "archived":
            channel.is_archived = True
        case "gone":
            del triage_stage.acme.world.channels[channel.id]
        case _:
            channel.members.remove(triage_stage.acme.bot.id)
    request = await asks(triage_stage, "alice", RESET)
    await all_told(triage_stage)
    await comes_to(triage_stage, request, "waiting")
    assert readers(triage_stage) == set(TECHNICIANS)
    assert channel.messages == []


@pytest.mark.promise("PLN-02")
async def test_the_tenants_own_triage_channel_comes_before_the_deployments(triage_stage: SlackStage) -> None:
    own = triage_stage.acme.adds_channel("own-triage", triage_stage.user("bob"))
    await triage_stage.stage.tenant(slack_triage_channel=own.id)
    await triage_stage.says("alice", RESET)
    await some_notes(triage_stage, own)
    await triage_stage.card("bob")
    assert triage_stage.acme.answers(triage(triage_stage)) == []
    assert readers(triage_stage) == set()


@pytest.mark.promise("PLN-02")
@pytest.mark.parametrize("after_effect", [True, False], ids=["it arrived", "it did not arrive"])
async def test_a_note_whose_answer_is_lost_is_there_once(
    triage_stage: SlackStage,
    after_effect: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    channel = triage(triage_stage)
    triage_stage.slack.faults.drops("chat.postMessage", after_effect=after_effect, times=4)
    ts = await triage_stage.says("alice", RESET)
    await taken_up(triage_stage)
    [request] = await requests_of(triage_stage, "alice")
    await comes_to(triage_stage, request.id, "waiting")
    for _ in range(12):
        await triage_stage.stage.hours_pass(0.02)
    await triage_stage.card("bob")
    await some_notes(triage_stage, channel)
    thread = triage_stage.acme.thread(triage_stage.user("alice"), ts)
    assert len([one for one in thread if "Your request" in words(one)]) == 1
    assert len(notes(triage_stage, channel)) == 1


@pytest.mark.promise("PLN-02")
async def test_somebody_who_stops_being_a_technician_has_no_more_notes(slack_stage: SlackStage) -> None:
    change_person(slack_stage.stage, "dan", groups=["all-staff"])
    await slack_stage.says("alice", RESET)
    await all_told(slack_stage, [one for one in TECHNICIANS if one != "dan"])
    await slack_stage.card("bob")
    assert "dan" not in readers(slack_stage)


@pytest.mark.promise("PLN-02")
async def test_what_people_wrote_is_no_markup_in_a_note(triage_stage: SlackStage) -> None:
    await triage_stage.says("alice", "Something is *odd* <!channel> & `broken`")
    [note] = await some_notes(triage_stage, triage(triage_stage))
    assert "“Something is *odd* @channel & `broken`”" in words(note)
    assert "<!channel>" not in note.text
    assert all(one not in note.text for one in ("<", ">"))
