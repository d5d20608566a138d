"""What admins hear of leavers in Slack and in Teams, and resuming a standing approval there."""

from pathlib import Path

from bot.storage.engine import open_engine
from tests.journeys.arranging import change_person, grants
from tests.journeys.leaving import Office
from tests.journeys.slack_acts import buttons, ephemeral, labels, presses_label, replied
from tests.journeys.slack_stage import SlackStage
from tests.journeys.stage import Stage
from tests.journeys.teams_stage import TeamsStage
from tests.journeys.test_teams_commands import replied as replied_in_teams
from tests.servers.teams_words import titles, words


async def bob_was_away(stage: Stage, database: Path) -> None:
    """Has Bob disabled for a night; what he gave is suspended since."""
    engine = open_engine(f"sqlite:///{database}")
    office = Office(stage, engine)
    await office.given()
    change_person(stage, "bob", enabled=False)
    await office.night()
    change_person(stage, "bob", enabled=True)
    await engine.close()


async def test_an_admin_hears_of_a_leaver_in_slack_and_resumes_there(
    slack_stage: SlackStage, tmp_path: Path
) -> None:
    stage = slack_stage
    await bob_was_away(stage.stage, tmp_path / "countersign.db")
    for who, offered in (("ada", ["Resume", "Revoke"]), ("bob", ["Revoke"]), ("carol", [])):
        shown = await replied(stage, who, "/grants show ab12cd34", "was found disabled in the directory")
        assert labels(shown) == offered
    await replied(stage, "ada", "/grants list", "was found disabled in the directory")
    await replied(stage, "bob", "/grants resume ab12cd34", "Only admins can resume standing approvals")
    shown = await replied(stage, "ada", "/grants show ab12cd34", "suspended")
    assert "it answers for people again" in str(buttons(shown)[0]["confirm"])
    before = len(stage.acme.ephemerals(stage.user("ada")))
    await presses_label(stage, "ada", shown, "Resume")
    await ephemeral(stage, "ada", "Resumed", since=before)
    assert not (await grants(stage.stage))[0].suspended
    heard = await stage.told("ada", "1 person left the directory or was disabled.")
    assert "Bob Brennan is disabled: 1 standing approval suspended (ab12cd34)." in heard


async def test_an_admin_hears_of_a_leaver_in_teams_and_resumes_there(
    teams_stage: TeamsStage, tmp_path: Path
) -> None:
    stage = teams_stage
    await bob_was_away(stage.stage, tmp_path / "countersign.db")
    heard = await stage.told("ada", "1 person left the directory or was disabled.")
    assert "Bob Brennan is disabled: 1 standing approval suspended (ab12cd34)." in heard
    for who, offered in (("ada", True), ("carol", False)):
        shown = await replied_in_teams(stage, who, "grants show ab12cd34", "was found disabled")
        assert ("Resume" in titles(shown)) is offered
    shown = await replied_in_teams(stage, "ada", "grants show ab12cd34", "was found disabled")
    asked = await stage.presses("ada", shown, "Resume")
    assert asked.dialog is not None
    assert "it answers for people again" in words(asked.dialog)
    assert (await grants(stage.stage))[0].suspended
    resumed = await stage.acme.submits(stage.user("ada"), None, "Yes")
    assert resumed.dialog is not None
    assert "Resumed" in words(resumed.dialog)
    assert not (await grants(stage.stage))[0].suspended
