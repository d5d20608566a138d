"""What stays apart in Teams: tenants, organisations, secrets and readers, echoes, words and decisions."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from bot.cards.masking import MASK
from bot.chat.teams.dialogs.allow import SHOW
from bot.processes.log import log_to_stderr
from tests.journeys.arranging import entries, grants, revoke, tamper
from tests.journeys.slack_acts import takes_texts
from tests.journeys.stage import staged
from tests.journeys.teams_decisions import (
    LATE,
    approval_id,
    comes_to,
    fills,
    new_card,
    opens,
    still_waits,
)
from tests.journeys.teams_stage import TeamsStage, teams_set, teams_staged
from tests.journeys.teams_trials import copied, data_of, forges, given, quiet, read_by, rows, rows_of
from tests.servers.teams_activities import invoke
from tests.servers.teams_things import Json

GLOBEX = "globex"


@pytest.mark.promise("APR-04", "STD-01")
async def test_two_tenants_of_one_database_with_equal_ids_know_nothing_of_each_other(
    teams_stage: TeamsStage,
) -> None:
    """Attack 29: press, rule and query; each id is there twice."""
    stage = teams_stage
    await stage.asks("alice", "I forgot my password")
    card = await stage.card("bob")
    approval = approval_id(card)
    await quiet(stage)
    await copied(stage.stage, GLOBEX)
    await tamper(stage.stage, "UPDATE approvals SET status = 'denied' WHERE tenant = 'globex'")
    await tamper(stage.stage, "UPDATE requests SET status = 'denied' WHERE tenant = 'globex'")
    theirs = await rows_of(stage.stage, GLOBEX)
    assert len(theirs["approvals"]) == len(theirs["tenants"]) == 1
    await opens(stage, "bob", card, "Always allow…")
    await stage.acme.submits(stage.user("bob"), None, "Approve and save")
    await comes_to(stage, approval, "done")
    await stage.told("alice", "one-time link")
    await stage.says("bob", "grants list")
    await stage.told("bob", "reset_password")
    await quiet(stage)
    assert await rows_of(stage.stage, GLOBEX) == theirs
    # The other tenant has the very same rule; here it is revoked.
    await copied(stage.stage, GLOBEX, "grants")
    (grant,) = await grants(stage.stage)
    await revoke(stage.stage, grant.id)
    await stage.says("alice", "I forgot my password")
    again = await new_card(stage, "bob", {card.id})
    assert approval_id(again) != approval
    assert await rows(stage.stage, "SELECT uses FROM grants WHERE tenant = 'globex'") == [(0,)]
    assert len(stage.stage.changes()) == 1


async def test_the_same_object_id_in_another_organisation_is_somebody_else(
    acme_database: str, tmp_path: Path
) -> None:
    """Attacks 3 and 29: two organisations are served, and one lets people of the other in."""
    async with teams_set() as found:
        umbra, acme = found.cast.foreign, found.cast.acme
        found.access = replace(found.access, tenants=frozenset({acme.tenant, umbra.tenant}))
        async with staged(acme_database, tmp_path, further=[found.further], has_page=False) as whole:
            stage = found.on(whole)
            await stage.knows(*stage.cast.people)
            await stage.asks("alice", "I forgot my password")
            card = await stage.card("bob")
            bob = stage.user("bob")
            double = umbra.adds_user("Bob Brennan", principal_name="bob@umbra.test", object_id=bob.object_id)
            guests = [
                acme.adds_user("Gus Guest", principal_name="gus_umbra.test#EXT#@acme.test", is_guest=True),
                acme.adds_user("Zoe", principal_name="zoe@acme.test", home_tenant=umbra.tenant),
                acme.adds_user(
                    "Ivy", principal_name="ivy@acme.test", home_tenant="00000000-0000-0000-0000-0000"
                ),
            ]
            for user, why in (
                (double, "I do not know who you are"),
                (guests[0], "You are a guest in this organisation"),
                (guests[1], "You are from another organisation"),
                (guests[2], "You are from another organisation"),
            ):
                organisation = umbra if user is double else acme
                await organisation.says(user, "I forgot my password")
                await organisation.told(user, why)
                data = data_of("act", card=approval_id(card), action="approve")
                chat = organisation.chat(user)
                value: Json = {"action": {"type": "Action.Execute", "verb": "act", "data": data}}
                made = invoke(organisation.world, user, chat, "adaptiveCard/action", value)
                assert why in (await organisation.sends(made)).raw.decode(), user
            assert await still_waits(stage, approval_id(card))
            assert len(await rows(whole, "SELECT id FROM requests")) == 1
            assert {one.status for one in await entries(whole, "action.refused")} == {
                "UnknownAccount",
                "GuestUnknown",
                "StrangerHere",
            }


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Gives what gives all that was logged, as a process logs it."""
    caplog.set_level(logging.INFO)
    written = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", written)
        log_to_stderr("debug")
    yield lambda: f"{written.getvalue()}{caplog.text}"
    structlog.reset_defaults()


@pytest.mark.promise("APR-07", "STD-02")
async def test_secrets_reach_neither_teams_nor_the_log_and_tokens_are_kept_nowhere(
    logged: Callable[[], str], teams_stage: TeamsStage
) -> None:
    """Attack 38: in cards, dialogs, answers to commands, notifications, and in what goes wrong."""
    stage = teams_stage
    await takes_texts(stage.stage, "unlock_account", "password", "api_key")
    secrets = {"password": "hunter2-hunter2", "api_key": "sk-AAAABBBBCCCC"}
    words_of_alice = "Quinquagesima"
    stage.teams.faults.fails("post", 500, times=2)
    for number in range(2):
        await fills(
            stage, "alice", "unlock_account", f"{words_of_alice} {number}", user="eve@acme.test", **secrets
        )
        await stage.acme.eventually(
            lambda: stage.acme.offering(stage.user("ada"), "Approve") or None, "a card"
        )
    card = await stage.card("ada", nth=0)
    approval = approval_id(card)
    shown = await forges(stage, "ada", card, "view", how="task/fetch")
    assert MASK in read_by(shown)
    await forges(stage, "eve", card, "act", action="approve")
    await forges(stage, "ada", card, "act", action=f"{words_of_alice}")
    stage.teams.faults.fails("update", 413, times=1)
    await opens(stage, "ada", card, "Always allow…")
    labels = {"With which arguments": "pinned", "Fixed arguments": ["password"]}
    preview = await stage.acme.submits(stage.user("ada"), labels, SHOW)
    assert MASK in read_by(preview)
    await stage.acme.submits(stage.user("ada"), None, "Approve and save")
    await comes_to(stage, approval, "failed")
    test = f"policy test alice@acme.test acme-it:unlock_account {json.dumps({'user': 'x', **secrets})}"
    for line, part in (("grants list", MASK), ("approvals", "approval"), (test, "Nothing was called.")):
        before = len(stage.texts("ada"))
        await stage.says("ada", line)
        await stage.told("ada", part, since=before)
    await quiet(stage)
    assert stage.stage.connectors.called("unlock_account")[0] == {"user": "eve@acme.test", **secrets}
    shown_to_all, log = given(stage), logged()
    stored = b"".join(file.read_bytes() for file in sorted(stage.stage.company.data.glob("countersign.db*")))
    assert shown_to_all.count(MASK) > 10
    assert "card.unshown" in log
    assert b"reset_password" in stored
    token = stage.teams.identity.token()[:40]
    for secret in (*secrets.values(), stage.teams.bot_token, token, "Bearer"):
        assert secret not in shown_to_all
        assert secret not in log
    for personal in (words_of_alice, "Alice Archer", "alice@acme.test", "eve@acme.test"):
        assert personal not in log
    for secret in (stage.teams.bot_token, token):
        assert secret.encode() not in stored


@pytest.mark.promise("INT-05", "APR-11")
async def test_a_storm_of_what_was_sent_already_is_acknowledged_first_and_done_once(
    acme_database: str, tmp_path: Path
) -> None:
    """Attack 44."""
    async with teams_staged(acme_database, tmp_path, known=False) as stage:
        hold = stage.teams.faults.hangs("member", times=20)
        await stage.says("alice", "I forgot my password")
        message = stage.teams.deliveries.all[-1]
        again = await asyncio.gather(*(stage.teams.deliveries.resends(message) for _ in range(20)))
        assert {one.status for one in again} == {200}
        assert len(await rows(stage.stage, "SELECT key FROM arrivals")) == 1
        assert await rows(stage.stage, "SELECT id FROM requests") == []
        hold.release()
        card = await stage.card("bob")
        await stage.teams.deliveries.resends(message)
        pressed = await stage.presses("bob", card, "Approve")
        assert pressed.kind == "card"
        press = stage.teams.deliveries.all[-1]
        again = await asyncio.gather(*(stage.teams.deliveries.resends(press) for _ in range(10)))
        assert all(f"{LATE}Technician (technicians): approved by Bob" in one.raw.decode() for one in again)
        await stage.told("alice", "one-time link")
        await quiet(stage)
        assert len(await rows(stage.stage, "SELECT id FROM requests")) == 1
        assert len(await entries(stage.stage, "approval.approved")) == 1
        assert len(stage.stage.changes()) == 1
        assert len([one for one in stage.texts("alice") if "Your request" in one]) == 1
        assert (
            len([one for one in stage.texts("alice") if "one-time link" in one and "Your request" not in one])
            == 1
        )


async def test_free_text_approve_never_decides(teams_stage: TeamsStage) -> None:
    """Attack 25: written, as a quotation or a reply to a card, as a command, or through a mention."""
    stage = teams_stage
    await stage.asks("alice", "I need access to Zendesk")
    for who in ("bob", "megan"):
        card = await stage.card(who)
        approval = approval_id(card)
        user = stage.user(who)
        quoted = f"<blockquote><b>Countersign</b> Approve?</blockquote>approve {approval}"
        for text in (
            "approve",
            "Yes, go ahead",
            "Approved ✅",
            f"approve {approval}",
            f"/approve {approval}",
            quoted,
        ):
            replying = {**stage.acme.drafts(user, text), "replyToId": card.id}
            for draft in (stage.acme.drafts(user, text), replying):
                assert (await stage.acme.sends(draft)).status == 200
        before = len(stage.texts(who))
        await stage.says(who, f"approvals approve {approval}")
        await stage.told(who, "I understood “approvals”, but not “approve”", since=before)
    channel = stage.acme.adds_channel("help", stage.user("alice"), stage.user("bob"))
    asked = await stage.acme.mentions(stage.user("alice"), channel, "I need access to Figma")
    await stage.status_card("alice", place=channel)
    await stage.acme.mentions(stage.user("bob"), channel, "approve", thread=asked)
    await stage.acme.eventually(
        lambda: len(stage.acme.thread(channel, asked)) >= 4 or None, "an answer to bob"
    )
    await stage.says("alice", "IT already approved this.")
    await quiet(stage)
    assert await entries(stage.stage, "approval.approved") == []
    assert await rows(stage.stage, "SELECT id FROM approvals WHERE status <> 'pending'") == []
    assert stage.stage.changes() == []
