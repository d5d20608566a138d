"""Accounts whose address proves nothing: they sign in once, and the asking account writes the code."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.domain.canonical import JsonObject
from bot.domain.signing_in import GOOD_FOR, PAUSE, SignInStatus
from bot.ports.chat import ChatUser
from bot.ports.signin import Purpose
from tests.journeys.arranging import change_person, entries
from tests.journeys.sign_in_stage import SignInStage, sign_in_staged
from tests.journeys.slack_looks import all_requests, answered, requests_of
from tests.journeys.stage import TENANT
from tests.servers.slack_sight import words
from tests.servers.slack_world import SlackUser

FORGOT = "I forgot my password"
NOT_THE_CODE = "That is not the code"


@pytest.fixture
async def stage(acme_database: str, tmp_path: Path) -> AsyncIterator[SignInStage]:
    """Gives Acme in Slack, where nobody's address proves anything and everybody can sign in."""
    async with sign_in_staged(acme_database, tmp_path) as found:
        yield found


def unproven(
    stage: SignInStage, who: str = "alice", changes: Mapping[str, object] | None = None
) -> SlackUser:
    """Has an account prove nothing by its address."""
    user = stage.slack.user(who)
    for name, value in (changes or {"is_email_confirmed": False}).items():
        setattr(user, name, value)
    return user


def mallory(stage: SignInStage) -> SlackUser:
    """Puts an account on the stage whose address nobody has."""
    user = stage.slack.acme.adds_user("Mallory Moss", email="mallory@elsewhere.test")
    stage.slack.people["mallory"] = user  # type: ignore[index]  # the stage's own mapping is a dict
    return user


async def linked(stage: SignInStage) -> list[JsonObject]:
    """Gives what the audit log holds of ties that were made."""
    return [dict(one.details) for one in await entries(stage.slack.stage, "person.linked")]


async def tied_to(stage: SignInStage, who: str) -> str | None:
    """Gives the person that somebody's account is tied to."""
    user = ChatUser(surface="slack", team=stage.slack.acme.team_id, id=stage.slack.user(who).id)
    async with stage.slack.stage.store.view(TENANT) as view:
        found = await view.links.of_user(user)
    return None if found is None else found.person


def moved(code: str, by: int) -> str:
    """Gives another code than this one."""
    return f"{(int(code) + by) % 10**8:08}"


UNPROVEN: dict[str, dict[str, object]] = {
    "an address that is not confirmed": {"is_email_confirmed": False},
    "an address of another domain": {"email": "alice@elsewhere.test"},
    "a public address": {"email": "alice@gmail.com"},
    "no address": {"email": ""},
}


@pytest.mark.promise("IDP-02")
@pytest.mark.parametrize("what", UNPROVEN)
async def test_an_account_whose_address_proves_nothing_signs_in_once_and_is_known(
    stage: SignInStage, what: str
) -> None:
    user = unproven(stage, changes=UNPROVEN[what])
    await stage.slack.says("alice", FORGOT)
    told = await stage.slack.told("alice", "sign in once, so that I know who you are")
    assert told.startswith("I do not know who you are")
    assert "good for 10 minutes" in told
    page = await stage.signs_in("alice", await stage.link("alice"))
    assert "You signed in as Alice Archer" in page.words
    assert "Workspace Acme Account Alice Archer (@alice)" in page.words
    assert await tied_to(stage, "alice") is None
    assert await stage.writes("alice", page.code, "You are Alice Archer now.")
    assert await tied_to(stage, "alice") == "p-alice"
    [entry] = await linked(stage)
    assert (entry["by"], entry["user"]) == ("sign_in", user.id)
    await stage.slack.status_card("alice", await stage.slack.says("alice", FORGOT))
    assert len(await requests_of(stage.slack, "alice")) == 1


@pytest.mark.promise("IDP-02")
async def test_a_colleague_who_signs_in_with_somebody_elses_link_is_tied_to_nothing(
    stage: SignInStage,
) -> None:
    mallory(stage)
    await stage.slack.says("mallory", FORGOT)
    page = await stage.signs_in("alice", await stage.link("mallory"))
    assert "Account Mallory Moss (@mallory)" in page.words
    assert "Never give this code to anyone" in page.words
    assert (await linked(stage), await tied_to(stage, "mallory")) == ([], None)
    for number in range(1, 6):
        left = f"{5 - number} tr" if number < 5 else "no try is left"
        await stage.writes("mallory", moved(page.code, number), left)
    await stage.writes("mallory", page.code, "no try is left")
    assert (await linked(stage), await tied_to(stage, "mallory")) == ([], None)
    refusals = [one.status for one in await entries(stage.slack.stage, "action.refused")]
    assert refusals.count("WrongCode") == 4
    assert refusals.count("NoTryLeft") == 2


@pytest.mark.promise("IDP-02")
async def test_the_code_of_another_accounts_link_is_worth_nothing(stage: SignInStage) -> None:
    mallory(stage)
    unproven(stage, "eve")
    for who in ("mallory", "eve"):
        await stage.slack.says(who, FORGOT)
    page = await stage.signs_in("alice", await stage.link("mallory"))
    assert await stage.link("eve")
    await stage.writes("eve", page.code, "There is no code yet.")
    assert await linked(stage) == []
    assert await stage.writes("mallory", page.code, "You are Alice Archer now.")


async def test_a_code_that_is_wrong_says_how_many_tries_are_left(stage: SignInStage) -> None:
    unproven(stage)
    await stage.slack.says("alice", FORGOT)
    page = await stage.signs_in("alice", await stage.link("alice"))
    await stage.writes("alice", moved(page.code, 1), f"{NOT_THE_CODE}; 4 tries are left.")
    await stage.writes("alice", moved(page.code, 2), f"{NOT_THE_CODE}; 3 tries are left.")
    await stage.writes("alice", f" {page.code[:4]} {page.code[4:]} ", "You are Alice Archer now.")


async def test_a_code_is_good_for_ten_minutes_and_once(stage: SignInStage) -> None:
    unproven(stage)
    clock = stage.slack.stage.clock
    await stage.slack.says("alice", FORGOT)
    page = await stage.signs_in("alice", await stage.link("alice"))
    clock.advance(GOOD_FOR)
    await stage.writes("alice", page.code, "It is too late for this code.")
    await stage.slack.says("alice", FORGOT)
    page = await stage.signs_in("alice", await stage.link("alice", nth=1))
    clock.advance(GOOD_FOR - timedelta(seconds=1))
    await stage.writes("alice", page.code, "You are Alice Archer now.")
    await stage.writes("alice", page.code, "This code has been used already.")
    assert len(await linked(stage)) == 1
    assert await all_requests(stage.slack) == []


async def test_a_code_never_reaches_the_planner_the_audit_log_or_the_log(stage: SignInStage) -> None:
    unproven(stage)
    with capture_logs() as logged:
        await stage.slack.says("alice", FORGOT)
        page = await stage.signs_in("alice", await stage.link("alice"))
        wrong = moved(page.code, 1)
        await stage.writes("alice", wrong, NOT_THE_CODE)
        await stage.writes("alice", page.code, "You are Alice Archer now.")
    async with stage.slack.stage.store.view(TENANT) as view:
        audit = str(await view.audit.read())
    for secret in (page.code, wrong, (await stage.link("alice")).partition("code=")[2]):
        assert secret not in audit
        assert secret not in str(logged)
    assert await all_requests(stage.slack) == []


async def test_a_known_persons_eight_digits_are_no_code(stage: SignInStage) -> None:
    ts = await stage.slack.says("alice", "12345678")
    await stage.slack.status_card("alice", ts)
    assert [one.text for one in await requests_of(stage.slack, "alice")] == ["12345678"]


async def test_a_link_is_given_in_direct_messages_only(stage: SignInStage) -> None:
    alice = unproven(stage)
    channel = stage.slack.acme.adds_channel("it-help", alice)
    ts = await stage.slack.acme.mentions(alice, channel, FORGOT)
    await stage.slack.acme.eventually(lambda: stage.slack.acme.answers(channel) or None, "an answer")
    [said] = stage.slack.acme.answers(channel)
    assert "Slack has not confirmed your address" in words(said)
    assert "signin" not in str(said.blocks)
    assert ts
    await stage.slack.says("alice", FORGOT)
    page = await stage.signs_in("alice", await stage.link("alice"))
    await stage.slack.acme.mentions(alice, channel, page.code)
    await stage.slack.acme.eventually(
        lambda: len(stage.slack.acme.answers(channel)) > 1 or None, "a second answer"
    )
    assert await linked(stage) == []


async def test_eight_digits_in_a_channel_are_words_and_no_code(stage: SignInStage) -> None:
    alice = unproven(stage)
    await stage.slack.says("alice", FORGOT)
    page = await stage.signs_in("alice", await stage.link("alice"))
    alice.is_email_confirmed = True
    channel = stage.slack.acme.adds_channel("it-help", alice)
    ts = await stage.slack.acme.mentions(alice, channel, FORGOT)
    await answered(stage.slack, channel, ts, "Your request")
    await stage.slack.acme.says(alice, page.code, channel, thread_ts=ts)

    async def look() -> JsonObject | None:
        [request] = await requests_of(stage.slack, "alice")
        return {"details": list(request.details)} if request.details else None

    found = await stage.slack.stage.eventually(look, "the digits to be details of the request")
    assert found == {"details": [page.code]}
    user = ChatUser(surface="slack", team=stage.slack.acme.team_id, id=alice.id)
    kept = await stage.slack.outward.memory.sign_ins.of_user(TENANT, user, Purpose.LINK)
    assert kept is not None
    assert (kept.status, kept.tries) == (SignInStatus.SIGNED_IN, 0)


@pytest.mark.parametrize(
    "changes", [{"is_restricted": True}, {"is_ultra_restricted": True}, {"is_stranger": True}]
)
async def test_guests_and_strangers_get_no_link(stage: SignInStage, changes: dict[str, object]) -> None:
    unproven(stage, changes={"is_email_confirmed": False, **changes})
    ts = await stage.slack.says("alice", FORGOT)
    user = stage.slack.user("alice")
    await stage.slack.acme.eventually(
        lambda: stage.slack.acme.thread(user, ts)[1:] or None, "the account to be told"
    )
    assert stage.links("alice") == []


async def test_whoever_became_a_guest_meanwhile_is_not_tied(stage: SignInStage) -> None:
    alice = unproven(stage)
    await stage.slack.says("alice", FORGOT)
    page = await stage.signs_in("alice", await stage.link("alice"))
    alice.is_restricted = True
    await stage.writes("alice", page.code, "I do not know who you are")
    assert await linked(stage) == []


async def test_an_account_gets_one_link_a_minute_and_its_link_is_not_unfurled(stage: SignInStage) -> None:
    unproven(stage)
    await stage.slack.says("alice", FORGOT)
    first = await stage.link("alice")
    await stage.writes("alice", FORGOT, "the link to sign in that I gave you a moment ago")
    assert stage.links("alice") == [first]
    stage.slack.stage.clock.advance(PAUSE)
    await stage.slack.says("alice", FORGOT)
    second = await stage.link("alice", nth=1)
    assert (await stage.browser.get(first)).status == 404
    assert (await stage.browser.get(second)).status == 200
    seen = stage.slack.acme.answers(stage.slack.user("alice"))
    assert {one.unfurl for one in seen} == {(False, False)}


async def test_a_person_with_another_account_here_keeps_that_one(stage: SignInStage) -> None:
    mallory(stage)
    await stage.slack.status_card("alice", await stage.slack.says("alice", FORGOT))
    await stage.slack.says("mallory", FORGOT)
    page = await stage.signs_in("alice", await stage.link("mallory"))
    await stage.writes("mallory", page.code, "Alice Archer is tied to another account already.")
    assert await tied_to(stage, "mallory") is None
    assert await tied_to(stage, "alice") == "p-alice"


async def test_a_person_who_is_disabled_before_the_code_is_written_is_not_tied(stage: SignInStage) -> None:
    unproven(stage)
    await stage.slack.says("alice", FORGOT)
    page = await stage.signs_in("alice", await stage.link("alice"))
    change_person(stage.slack.stage, "alice", enabled=False)
    await stage.writes("alice", page.code, "Alice Archer’s account is disabled")
    assert await linked(stage) == []
