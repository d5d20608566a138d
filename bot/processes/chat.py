"""The chat surfaces of a process: which are set up, and what each brings along."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from aiohttp.web import RouteDef
from pydantic import SecretStr

from bot.chat.slack import start as slack_start
from bot.chat.slack.access import Access as SlackAccess
from bot.chat.slack.connection import check_tokens
from bot.chat.teams import start as teams_start
from bot.chat.teams.access import Access as TeamsAccess
from bot.chat.teams.access import NoAppId
from bot.flow.seams import Seams
from bot.ports.memory import Memory
from bot.ports.outside import Surface
from bot.settings import SlackSettings, TeamsSettings

Look = Callable[[], Awaitable[None]]
"""Looks after what waits; called every few seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """How chat platforms are reached; None for one that is not set up."""

    slack: SlackSettings | None = None
    teams: TeamsAccess | None = None

    @property
    def is_on(self) -> bool:
        """Whether anybody can ask anything in chat."""
        return self.slack is not None or self.teams is not None


def chat_settings(*, teams_here: bool = False) -> Chat:
    """Gives what the environment sets up.

    Args:
        teams_here: whether Teams is served also without an app id, to this machine alone.

    Raises:
        BadSlackSettings, BadTeamsSettings: what is set up does not fit together.
        NoAppId: something of Teams is set up, but not who the bot is.
    """
    slack, teams = SlackSettings.load(), TeamsSettings.load()
    access = teams.access if teams is not None else TeamsAccess() if teams_here else None
    if access is not None and access.is_open and not teams_here:
        raise NoAppId
    return Chat(slack=slack if slack is not None and slack.is_on else None, teams=access)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """The half of each surface that goes out."""

    slack: slack_start.Outward | None = None
    teams: teams_start.Outward | None = None

    @property
    def surfaces(self) -> list[Surface]:
        """The surfaces themselves."""
        found: list[Surface] = [] if self.slack is None else [self.slack.surface]
        return found if self.teams is None else [*found, self.teams.surface]


@dataclass(slots=True)
class Inward:
    """The half of each surface that listens."""

    routes: list[RouteDef] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)


async def go_outward(stack: AsyncExitStack, chat: Chat, seams: Seams, memory: Memory) -> Outward:
    """Gives what goes out; leaving the stack closes it.

    Raises:
        TokenNotAccepted: Slack does not know the app.
    """
    slack = teams = None
    if chat.slack is not None:
        access = access_of(chat.slack)
        slack = await stack.enter_async_context(slack_start.slack_outward(access, seams, memory))
        await check_tokens(access, slack.session)
    if chat.teams is not None:
        teams = await stack.enter_async_context(teams_start.teams_outward(chat.teams, seams, memory))
    return Outward(slack=slack, teams=teams)


async def go_inward(stack: AsyncExitStack, outward: Outward, seams: Seams, *, worker: str) -> Inward:
    """Begins to listen; leaving the stack finishes what was begun by then."""
    found = Inward()
    if outward.slack is not None:
        slack = await stack.enter_async_context(slack_start.slack_inward(outward.slack, seams, worker=worker))
        found.routes += slack.routes
        found.looks.append(slack.look)
    if outward.teams is not None:
        teams = await stack.enter_async_context(teams_start.teams_inward(outward.teams, seams, worker=worker))
        found.routes += teams.routes
        found.looks.append(teams.look)
    return found


def access_of(slack: SlackSettings) -> SlackAccess:
    """Gives what the settings say of Slack, as its surface takes it."""

    def shown(secret: SecretStr | None) -> str:
        return secret.get_secret_value() if secret else ""

    return SlackAccess(
        bot_token=shown(slack.bot_token),
        app_token=shown(slack.app_token),
        signing_secret=shown(slack.signing_secret),
        client_id=slack.client_id or "",
        client_secret=shown(slack.client_secret),
        api_url=slack.api_url,
        public_url=slack.public_url or "",
        triage=slack.triage_channel or "",
    )
