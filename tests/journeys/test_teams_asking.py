"""Asking in Teams: a message or a mention opens one request, answered where it was asked."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.canonical import JsonObject
from bot.domain.tools import CatalogTool
from tests.journeys.arranging import change_tool
from tests.journeys.kept import all_requests, comes_to, requests_of, stored, taken_up
from tests.journeys.stage import Stage
from tests.journeys.teams_looks import a_channel, a_group, answered, bots_in, mentions, told_of
from tests.journeys.teams_stage import TeamsStage, teams_staged
from tests.servers.teams_things import Json
from tests.servers.teams_words import words

RESET = "I forgot my password"
ZENDESK = "I need access to Zendesk"


@pytest.mark.promise("INT-03", "RPY-01")
async def test_a_mention_in_a_channel_opens_one_request_and_all_about_it_is_told_in_its_thread(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    channel = a_channel(stage, "alice", "megan")
    root = await mentions(stage, "alice", channel, RESET)
    card = await answered(stage, channel, root, "Your request")
    [request] = await requests_of(stage, "alice")
    assert (request.text, request.thread, request.place) == (RESET, root.id, f"channel/{channel.id}")
    await stage.approves("bob")
    await answered(stage, channel, root, "was sent a one-time link")
    await stage.shows("alice", card, "Done.")
    assert stage.acme.answers(channel) == bots_in(stage, channel, root)
    assert stage.texts("alice") == []
    assert len(stage.stage.connectors.called("reset_password")) == 1


@pytest.mark.promise("INT-03", "INT-07")
async def test_a_mention_in_a_group_chat_is_answered_there_and_the_next_one_continues(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    group = a_group(stage, "alice", "megan")
    await mentions(stage, "alice", group, "I need access")
    await stage.acme.told(group, "Which app do you need?")
    await mentions(stage, "megan", group, RESET)
    await mentions(stage, "alice", group, "Figma")
    await taken_up(stage)
    [own] = await requests_of(stage, "alice")
    [other] = await requests_of(stage, "megan")
    assert (own.details, other.text, other.details) == (("Figma",), RESET, ())
    assert {own.place, other.place} == {f"group/{group.id}"}
    await comes_to(stage, own.id, "waiting")
    await stage.approves("bob")
    await stage.acme.told(group, "Done")
    assert (stage.texts("alice"), stage.texts("megan")[1:]) == ([], [])


@pytest.mark.promise("INT-03")
async def test_a_message_is_read_as_its_writer_sees_it(teams_stage: TeamsStage) -> None:
    """Teams sends mentions as tags with entities beside them, odd spaces, and signs as HTML spells them."""
    stage = teams_stage
    bot = stage.teams.world.bot()
    name = f"<at>{bot['name']}</at>"
    eve: Json = {"id": stage.user("eve").id, "name": "Eve Ericsson"}
    nobody: Json = {"id": "29:1nobody-here", "name": "Zoe <b>"}
    cases: dict[str, tuple[str, str, tuple[tuple[str, Json], ...]]] = {
        "alice": (f"{name}&nbsp;{ZENDESK} &amp; &lt;b&gt;Figma&lt;/b&gt;", f"{ZENDESK} & <b>Figma</b>", ()),
        "megan": (f"Hi {name}, {RESET}\u00a0{name}\n", f"Hi  , {RESET}", ((name, bot),)),
        "carol": (f"{name} reset the password of <at>Eve</at>", "reset the password of eve@acme.test",
                  (("<at>Eve</at>", eve),)),
        "dan": (f"{name} reset the password of <at>Zoe</at>", "reset the password of @Zoe b",
                (("<at>Zoe</at>", nobody),)),
        "grace": (f"{name} reset the password of <at>Eve</at> and &lt;@29:1|x&gt;",
                  "reset the password of Eve and < @29:1|x>", ()),
    }  # fmt: skip
    channel = a_channel(stage, *cases)
    for who, (text, _, mentioned) in cases.items():
        given = told_of(stage, who, text, channel, *mentioned)
        assert (await stage.acme.sends(given)).status == 200
    await taken_up(stage)
    read = {who: [one.text for one in await requests_of(stage, who)] for who in cases}
    assert read == {who: [text] for who, (_, text, _) in cases.items()}


@pytest.mark.promise("INT-03")
async def test_somebody_who_is_mentioned_is_meant_by_their_address(teams_stage: TeamsStage) -> None:
    request = await teams_stage.asks("alice", "Please reset the password of <at>Eve Ericsson</at>")
    found = await comes_to(teams_stage, request, "waiting")
    assert found.text == "Please reset the password of eve@acme.test"
    await teams_stage.approves("bob")
    await teams_stage.told("alice", "Eve Ericsson was sent a one-time link")
    assert teams_stage.stage.connectors.called("reset_password") == [{"user": "eve@acme.test"}]


@pytest.mark.promise("INT-03")
async def test_what_cannot_be_a_request_is_answered_where_it_was_written(teams_stage: TeamsStage) -> None:
    stage = teams_stage
    channel, group = a_channel(stage, "alice"), a_group(stage, "alice")
    root = await mentions(stage, "alice", channel, "")
    await answered(
        stage, channel, root, "There is no text in your message. Say in a few words what you need."
    )
    await mentions(stage, "alice", group, "please " * 600)
    await stage.acme.told(group, "Your message is longer than 4000 characters. Say it shorter, or attach it")
    await stage.says("alice", "   ")
    await stage.told("alice", "There is no text in your message.")
    assert await all_requests(stage) == []


@pytest.mark.promise("INT-03", "INT-07")
async def test_what_nobody_wrote_to_the_bot_opens_nothing(teams_stage: TeamsStage) -> None:
    """Teams tells of edits, deletions and reactions, too, and of buttons that are not ours."""
    stage = teams_stage
    channel = a_channel(stage, "alice")
    tenant: JsonObject = {"id": stage.acme.tenant}
    told: list[JsonObject] = [
        {"type": "messageUpdate", "channelData": {"tenant": tenant, "eventType": "editMessage"}},
        {"type": "messageDelete", "channelData": {"tenant": tenant, "eventType": "softDeleteMessage"}},
        {"type": "messageReaction", "reactionsAdded": [{"type": "like"}]},
        {"type": "typing"},
        {"type": "conversationUpdate", "membersAdded": [{"id": "29:somebody"}]},
        {"value": {"another": "button"}, "text": None},
    ]
    for place in (stage.acme.chat(stage.user("alice")), channel):
        for changes in told:
            given = stage.acme.drafts(stage.user("alice"), RESET, place, mentions=True)
            assert (await stage.acme.sends({**given, **changes})).status == 200, changes
    assert (await stored(stage, "arrivals"), await stored(stage, "requests")) == (0, 0)
    assert (stage.texts("alice"), stage.acme.answers(channel)) == ([], [])


@pytest.mark.promise("INT-05")
async def test_a_message_that_is_sent_again_also_at_the_same_time_opens_nothing_twice_attack_44(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    channel = a_channel(stage, "megan")
    direct = told_of(stage, "alice", RESET)
    mention = told_of(stage, "megan", ZENDESK, channel)
    command = told_of(stage, "bob", "approvals")
    for given in (direct, mention, command):
        found = await asyncio.gather(*(stage.acme.sends(given) for _ in range(5)))
        assert [one.status for one in found] == [200] * 5
    await stage.status_card("alice")
    await stage.status_card("megan", place=channel)
    await stage.told("bob", "approvals wait for you")
    for given in (direct, mention, command):
        await stage.acme.sends(given)
    await taken_up(stage)
    assert [one.text for one in await all_requests(stage)] == [RESET, ZENDESK]
    seen = [*stage.texts("alice"), *map(words, stage.acme.answers(channel))]
    assert sum("Your request" in one for one in seen) == 2
    assert sum("wait for you" in one for one in stage.texts("bob")) == 1


@pytest.mark.promise("INT-03")
async def test_somebody_new_is_known_by_their_sign_in_name_and_whoever_is_not_is_told(
    acme_database: str, tmp_path: Path
) -> None:
    async with teams_staged(acme_database, tmp_path, known=False) as stage:
        channel = a_channel(stage, "alice", "megan")
        guest = stage.acme.adds_user(
            "Gus Guest", is_guest=True, home_tenant="11111111-0000-4000-8000-000000000000"
        )
        nobody = stage.acme.adds_user("Zoe Zander", principal_name="zoe@acme.test")
        channel.members += [guest.id, nobody.id]
        root = await mentions(stage, "alice", channel, f"{RESET} <at>Megan Moreau</at>")
        await answered(stage, channel, root, "Your request")
        [request] = await requests_of(stage, "alice")
        assert request.text == f"{RESET} megan@acme.test"
        for who, sentence in (
            (guest, "You are a guest in this organisation"),
            (nobody, "I do not know who you are"),
        ):
            thread = await stage.acme.mentions(who, channel, RESET)
            await answered(stage, channel, thread, sentence)
            await stage.acme.says(who, RESET)
            await stage.acme.told(who, sentence)
        assert len(await all_requests(stage)) == 1
        assert len(await stage.audit("action.refused")) == 4


@pytest.mark.promise("RPY-01")
async def test_what_may_hold_a_secret_is_told_in_private_and_the_channel_only_that_it_was_attack_38(
    teams_stage: TeamsStage,
) -> None:
    stage = teams_stage
    await answers_secrets(stage.stage, "reset_password")
    channel = a_channel(stage, "alice", "megan")
    root = await mentions(stage, "alice", channel, RESET)
    await stage.approves("bob")
    pointer = await answered(stage, channel, root, "in our private chat, because others can read this.")
    await stage.told("alice", "was sent a one-time link")
    await stage.shows("alice", await answered(stage, channel, root, "Your request"), "Done.")
    assert stage.acme.answers(channel)[-1] is pointer
    assert "one-time link" not in "".join(map(words, stage.acme.answers(channel)))


async def answers_secrets(stage: Stage, tool: str) -> None:
    """Has a tool say in its schema that its answer holds a secret."""

    def changed(known: CatalogTool) -> CatalogTool:
        schema: JsonObject = {
            "type": "object",
            "properties": {"link": {"type": "string", "format": "password"}},
        }
        definition = replace(known.definition, output_schema=schema)
        return replace(
            known, definition=definition, fingerprint=definition.fingerprint, accepted=definition.fingerprint
        )

    await change_tool(stage, tool, changed)


@pytest.mark.promise("INT-03", "INT-04")
async def test_it_can_be_asked_from_a_chat_where_the_bot_is_not(acme_database: str, tmp_path: Path) -> None:
    """A message extension is used in chats between people, too; Teams may call them personal."""
    async with teams_staged(acme_database, tmp_path, known=False) as stage:
        alice, megan = stage.user("alice"), stage.user("megan")
        between = stage.teams.world.add_conversation(
            "personal", stage.acme.tenant, [alice.id, megan.id], has_bot=False, name=""
        )
        asked = stage.acme.writes(megan, "Please reset the password of <at>Eve Ericsson</at>.", between)
        opened = await stage.acme.composes(alice, "ask_about", message=asked)
        assert opened.dialog is not None
        [words_field] = stage.acme.inputs(opened.dialog)
        assert words_field.value == "Please reset the password of eve@acme.test."
        sent = await stage.acme.submits(alice)
        assert (sent.kind, sent.text) == ("closed", "Sent. I go on in our chat.")
        await stage.status_card("alice")
        assert stage.acme.answers(between) == []
        await stage.approves("bob")
        await stage.told("alice", "Eve Ericsson was sent a one-time link")
