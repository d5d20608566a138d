"""The stage of Slack and Teams together: one bot, one database, and people on either surface or on both."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.slack_stage import PEOPLE, SlackStage, slack_set
from tests.journeys.stage import Further, Stage, staged
from tests.journeys.teams_stage import TeamsStage, teams_set

EVERYBODY = frozenset(PEOPLE)


@dataclass(frozen=True, kw_only=True)
class BothStage:
    """Acme at work in Slack and in Teams."""

    stage: Stage
    slack: SlackStage
    teams: TeamsStage


@asynccontextmanager
async def both_staged(
    database: str,
    folder: Path,
    *,
    in_slack: Collection[str] = EVERYBODY,
    in_teams: Collection[str] = EVERYBODY,
) -> AsyncIterator[BothStage]:
    """Puts the whole bot on stage in a Slack and a Teams of its own; leaving the block stops it.

    Args:
        database: a migrated one.
        folder: for the company's files.
        in_slack: who has an account in Slack.
        in_teams: who has an account in Teams; these are tied to them already.
    """
    async with slack_set() as workspace, teams_set() as organisation:
        for who, user in workspace.people.items():
            user.deleted = who not in in_slack
        for who, account in organisation.cast.people.items():
            account.is_gone = who not in in_teams
        further: list[Further] = [workspace.further, organisation.further]
        async with staged(database, folder, further=further, has_page=False) as stage:
            both = BothStage(stage=stage, slack=workspace.on(stage), teams=organisation.on(stage))
            await both.teams.knows(*in_teams)
            yield both
