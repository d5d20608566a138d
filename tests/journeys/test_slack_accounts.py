"""Whose click it is: accounts, roles and addresses are looked at anew, and nobody acts for another."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from typing_extensions import override

from bot.chat.accounts import Accounts, ForeignAddress
from bot.chat.slack.shown.buttons import ACT, VIEW_ALL
from bot.domain.canonical import JsonObject
from bot.domain.people import Person, PersonId
from tests.directories.stage import someone
from tests.fakes.directory import FakeDirectory
from tests.journeys.arranging import change_person, entries
from tests.journeys.slack_acts import (
    asks_password,
    buttons,
    card_id,
    cards_of,
    comes_to,
    fills,
    forges,
    opens,
    replied,
    still_waits,
    told_alone,
    told_for,
    values,
)
from tests.journeys.slack_looks import requests_of
from tests.journeys.slack_stage import SlackStage, title
from tests.journeys.stage import Stage
from tests.servers.slack_sight import words
from tests.servers.slack_world import Message, SlackUser

FOREIGN = "There is no such card for you. Open the newest one in your chat."
OWN = "You asked for this yourself, so somebody else has to decide it."
MODALS = ("deny", "always_allow")
"""Actions that are answered in a modal."""


async def refused(stage: SlackStage, who: str, seen: Message, action: str, part: str) -> None:
    """Sends a click on one of a card's buttons in somebody's name; they must be told this for it."""
    value = await card_id(stage, seen)
    if action in MODALS:
        await stage.acme.presses(stage.user(who), seen, f"{ACT}{action}", value, forged=True)
        found = await stage.modal(who, showing=part)
        assert title(found) == "Not possible"
        await stage.acme.closes(found)
    else:
        await forges(stage, who, seen, f"{ACT}{action}", value, part)


async def refusals(stage: SlackStage) -> set[str]:
    """Gives how the refused clicks in the audit log were refused."""
    return {entry.status for entry in await entries(stage.stage, "action.refused")}


def beside(stage: SlackStage, user: SlackUser) -> None:
    """Puts another account on the stage, as “mallory”."""
    stage.people["mallory"] = user  # type: ignore[index]  # the stage's own mapping is a dict


@pytest.mark.promise("APR-04")
async def test_confused_deputy_the_clicker_is_authorised_not_who_got_the_message(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await stage.says("alice", "I need access to Zendesk")
    technicians, managers = await stage.card("bob"), await stage.card("megan")
    for who, seen in (("eve", technicians), ("megan", technicians), ("bob", managers), ("grace", managers)):
        for action in ("approve", *MODALS):
            await refused(stage, who, seen, action, FOREIGN)
    assert await still_waits(stage, technicians)
    assert await refusals(stage) == {"UnknownCard"}


@pytest.mark.promise("APR-04")
async def test_confused_deputy_the_bots_own_account_decides_nothing(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    value = await card_id(stage, card)
    await stage.acme.presses(stage.acme.bot, card, f"{ACT}approve", value, forged=True)
    await stage.acme.eventually(
        lambda: stage.acme.ephemerals(stage.acme.bot) or None, "the refusal to be said"
    )
    assert await still_waits(stage, card)
    assert await refusals(stage) == {"NoPerson"}


@pytest.mark.promise("APR-04")
async def test_self_approval_is_refused_also_to_the_admin_who_asked_for_another(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    for who in ("dan", "ada"):
        card = await asks_password(stage, who, "eve" if who == "ada" else who)
        assert cards_of(stage, who) == []
        for action in ("approve", *MODALS):
            await refused(stage, who, card, action, OWN)
        assert await still_waits(stage, card)
        form = await opens(stage, "bob", card, "deny", showing="Reason")
        await stage.acme.submits(stage.user("bob"), form)
        await comes_to(stage, card, "denied")
    assert await refusals(stage) == {"OwnRequest"}


@pytest.mark.promise("APR-04")
async def test_a_technician_who_lost_the_role_or_the_account_decides_nothing_on_an_old_card(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await stage.says("alice", "I forgot my password")
    cards = {who: await stage.card(who) for who in ("bob", "carol", "dan")}
    form = await opens(stage, "bob", cards["bob"], "deny", showing="Reason")
    assert all([await card_id(stage, card) for card in cards.values()])
    change_person(stage.stage, "bob", groups=["all-staff"])
    change_person(stage.stage, "carol", enabled=False)
    fired = "You cannot decide this: it is asked of Technician (technicians)."
    await told_for(stage, "bob", cards["bob"], "approve", fired)
    await refused(stage, "bob", cards["bob"], "always_allow", fired)
    disabled = "Carol Castillo’s account is disabled"
    await told_for(stage, "carol", cards["carol"], "approve", disabled)
    assert await still_waits(stage, cards["dan"])
    assert await refusals(stage) == {"NotYourSeat", "DisabledPerson"}
    again = await stage.acme.submits(stage.user("bob"), form, values(reason="No."), forged=True)
    assert fired in json.dumps(again, ensure_ascii=False)
    assert await still_waits(stage, cards["dan"])
    await stage.presses("dan", cards["dan"], "approve")
    await comes_to(stage, cards["dan"], "done")


@pytest.mark.promise("APR-05", "APR-11")
async def test_a_former_manager_decides_nothing_on_an_old_card_and_the_new_one_is_asked(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    await stage.says("alice", "I need access to Zendesk")
    old = await stage.card("megan")
    change_person(stage.stage, "alice", manager="p-grace")
    await told_for(stage, "megan", old, "approve", "the manager whom the directory names now")
    await stage.acme.eventually(lambda: not buttons(old) or None, "the old card to have no buttons")
    await stage.approves("grace")
    await stage.approves("bob")
    await stage.told("alice", "now has member access to Zendesk")


BARRED: dict[str, tuple[Callable[[SlackUser], None], str, str]] = {
    "guest": (lambda user: setattr(user, "is_restricted", True), "GuestHere", "guests decide nothing here"),
    "single-channel guest": (
        lambda user: setattr(user, "is_ultra_restricted", True),
        "GuestHere",
        "guests decide nothing here",
    ),
    "stranger of a shared channel": (
        lambda user: setattr(user, "is_stranger", True),
        "StrangerHere",
        "You are from another organisation",
    ),
    "account of another workspace": (
        lambda user: setattr(user, "team_id", "T99999999"),
        "StrangerHere",
        "You are from another organisation",
    ),
    "deactivated account": (
        lambda user: setattr(user, "deleted", True),
        "NoPerson",
        "Bots and deactivated accounts neither ask nor decide here.",
    ),
    "bot": (
        lambda user: setattr(user, "is_bot", True),
        "NoPerson",
        "Bots and deactivated accounts neither ask nor decide here.",
    ),
}
"""What an account can become, how its clicks are refused then, and what is said."""


@pytest.mark.promise("APR-04")
@pytest.mark.parametrize("what", BARRED)
async def test_a_guest_a_stranger_a_deactivated_account_and_a_bot_decide_nothing(
    slack_stage: SlackStage, what: str
) -> None:
    stage = slack_stage
    become, kind, said = BARRED[what]
    await stage.says("alice", "I forgot my password")
    card = await stage.card("bob")
    form = await opens(stage, "bob", card, "deny", showing="Reason")
    become(stage.user("bob"))
    await told_for(stage, "bob", card, "approve", said)
    answer = await stage.acme.submits(stage.user("bob"), form, values(reason="No."))
    assert said in json.dumps(answer, ensure_ascii=False)
    for action in MODALS:
        await refused(stage, "bob", card, action, said)
    for line in ("/approvals", "/policy list", "/grants list"):
        await replied(stage, "bob", line, said)
    assert await still_waits(stage, card)
    found = await entries(stage.stage, "action.refused")
    assert {entry.status for entry in found} == {kind}
    assert len(found) == 7
    assert all(entry.details["user"] == stage.user("bob").id for entry in found)


async def test_a_guest_may_ask_but_not_see_or_decide_what_others_ask(slack_stage: SlackStage) -> None:
    stage = slack_stage
    stage.user("eve").is_restricted = True
    await stage.says("eve", "I forgot my password")
    card = await stage.card("bob")
    await fills(stage, "eve", "unlock_account", user="eve@acme.test")
    await stage.presses("bob", card, "approve")
    await comes_to(stage, card, "done")
    await replied(stage, "eve", "/grants", "guests decide nothing here")


async def test_a_stranger_in_a_shared_channel_cannot_ask_and_is_told_so_once(slack_stage: SlackStage) -> None:
    stage = slack_stage
    stranger = stage.acme.adds_user("Mallory Moss", email="alice@acme.test", team_id="T99999999")
    channel = stage.acme.adds_channel("shared", stage.user("alice"), stranger, shared=True)
    await stage.acme.mentions(stranger, channel, "I forgot my password")
    await stage.acme.eventually(lambda: stage.acme.answers(channel) or None, "the stranger to be told")
    [told] = stage.acme.answers(channel)
    assert "You are from another organisation" in words(told)
    assert await requests_of(stage, "alice") == []
    assert await refusals(stage) == {"StrangerHere"}


UNPROVEN: dict[str, tuple[JsonObject, str]] = {
    "unconfirmed address": ({"is_email_confirmed": False}, "Slack has not confirmed your address."),
    "address of nobody": (
        {"email": "mallory@acme.test"},
        "nobody in the directory has your address.",
    ),
    "no address": ({"email": ""}, "nobody in the directory has your address."),
    "look-alike address": ({"email": "al\u0456ce@acme.test"}, "nobody in the directory has your address"),
    "address with a plus": ({"email": "alice+x@acme.test"}, "nobody in the directory has your address"),
}
"""What is wrong with an account that is not linked yet, and what is said to it."""


@pytest.mark.promise("APR-04")
@pytest.mark.parametrize("what", UNPROVEN)
async def test_an_address_that_proves_nothing_links_nobody(slack_stage: SlackStage, what: str) -> None:
    stage = slack_stage
    changes, said = UNPROVEN[what]
    for name, value in changes.items():
        setattr(stage.user("alice"), name, value)
    await stage.says("alice", "I forgot my password")
    told = await stage.told("alice", said)
    assert told.startswith("I do not know who you are")
    assert await requests_of(stage, "alice") == []
    assert await entries(stage.stage, "person.linked") == []


async def test_addresses_of_a_domain_that_is_not_allowed_and_of_public_mail_link_nobody(
    slack_stage: SlackStage,
) -> None:
    stage = slack_stage
    change_person(stage.stage, "eve", email="eve@gmail.com")
    stage.user("eve").email = "eve@gmail.com"
    await stage.says("eve", "I forgot my password")
    await stage.told("eve", "addresses at gmail.com are not accepted here.")
    await stage.stage.tenant(email_domains=("acme.example",))
    await stage.says("alice", "I forgot my password")
    await stage.told("alice", "addresses at acme.test are not accepted here.")
    await stage.stage.tenant(email_domains=("acme.test", "gmail.com"))
    for who in ("alice", "eve"):
        await stage.status_card(who, await stage.says(who, "I forgot my password"))


class Aliases(FakeDirectory):
    """Finds Alice by an address that is not her main one, too."""

    @override
    async def by_email(self, email: str) -> Person | None:
        return await self.person(PersonId("u-alice"))


@pytest.mark.promise("IDP-02")
async def test_attack_9_the_domain_of_the_address_itself_has_to_be_allowed(stage: Stage) -> None:
    """A domain that was sold may still be an alias of somebody's."""
    await stage.tenant(email_domains=("acme.test",))
    accounts = Accounts(replace(stage.seams, directory=Aliases([someone("alice")])))
    assert (await accounts.of_address("alice@acme.test")).id == "u-alice"
    for email in ("alice@sold-brand.test", "alice@gmail.com", "alice@acme.test.evil.test"):
        with pytest.raises(ForeignAddress):
            await accounts.of_address(email)
    await stage.tenant(email_domains=())
    with pytest.raises(ForeignAddress):
        await accounts.of_address("alice@gmail.com")
    assert (await accounts.of_address("alice@gmail.com", is_sign_in_name=True)).id == "u-alice"


@pytest.mark.promise("APR-04")
async def test_a_second_account_with_the_same_address_is_nobody(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    mallory = stage.acme.adds_user("Mallory Moss", email="bob@acme.test")
    beside(stage, mallory)
    await refused(stage, "mallory", card, "approve", "Bob Brennan is tied to another account already.")
    await stage.says("mallory", "I forgot my password")
    await stage.told("mallory", "Bob Brennan is tied to another account already.")
    assert await requests_of(stage, "bob") == []
    assert await still_waits(stage, card)
    assert await refusals(stage) == {"LinkedElsewhere"}


@pytest.mark.promise("APR-04")
async def test_an_address_that_is_changed_later_changes_nobody(slack_stage: SlackStage) -> None:
    stage = slack_stage
    await stage.status_card("alice", await stage.says("alice", "I forgot my password"))
    card = await stage.card("bob")
    stage.user("alice").email, stage.user("bob").email = "bob@acme.test", "somebody@else.example"
    await refused(stage, "alice", card, "approve", OWN)
    await stage.says("alice", "I need access to Zendesk")
    await stage.card("megan")
    assert len(await requests_of(stage, "alice")) == 2
    assert await requests_of(stage, "bob") == []
    await stage.presses("bob", card, "approve")
    await comes_to(stage, card, "done")


async def test_whoever_may_not_see_a_card_cannot_open_it_whole(slack_stage: SlackStage) -> None:
    stage = slack_stage
    card = await asks_password(stage)
    value = await card_id(stage, card)
    for who in ("eve", "megan"):
        await stage.acme.presses(stage.user(who), card, VIEW_ALL, value, forged=True)
        assert title(await stage.modal(who, showing=FOREIGN)) == "Not possible"
        assert "alice@acme.test" not in "\n".join(words(one) for one in told_alone(stage, who))
