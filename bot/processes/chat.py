"""The chat surfaces of a process: which are set up, and what each brings along."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

import structlog
from aiohttp.web import RouteDef
from pydantic import SecretStr

from bot.chat.slack import start as slack_start
from bot.chat.slack.access import Access as SlackAccess
from bot.chat.slack.connection import TokenNotAccepted, check_tokens
from bot.chat.teams import start as teams_start
from bot.chat.teams.access import Access as TeamsAccess
from bot.chat.teams.access import NoAppId
from bot.flow.seams import Seams
from bot.ports.memory import Memory
from bot.ports.outside import Surface
from bot.processes.signing_in import SigningIn
from bot.settings import SlackSettings, TeamsSettings

log = structlog.get_logger()

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

    def of(self, bound: frozenset[str], *, elsewhere: frozenset[str], is_own: bool) -> "Chat":
        """Gives how one tenant is reached.

        A further tenant is reached by the same apps, but the environment's own token and channels are not
        for it: it has workspaces that installed the app, and the Teams tenants that are bound to it.

        Args:
            bound: the Entra tenants whose people belong to it by the operator's word.
            elsewhere: those whose people belong to other tenants so, whatever the environment says.
            is_own: whether the environment's words are about it.
        """
        slack, teams = self.slack, self.teams
        if slack is not None and not is_own:
            slack = replace(slack, bot_token=None, triage_channel=None)
        if teams is not None and not is_own:
            teams = None if teams.is_open else replace(teams, tenants=bound, triage="")
        elif teams is not None:
            teams = replace(teams, tenants=teams.tenants - elsewhere | bound)
        return Chat(slack=slack, teams=teams)


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
    """The half of each surface that goes out, for one tenant."""

    slack: slack_start.Outward | None = None
    teams: teams_start.Outward | None = None

    @property
    def surfaces(self) -> list[Surface]:
        """The surfaces themselves."""
        found: list[Surface] = [] if self.slack is None else [self.slack.surface]
        return found if self.teams is None else [*found, self.teams.surface]


@dataclass(slots=True)
class Inward:
    """The half of each surface that listens, for all tenants."""

    routes: list[RouteDef] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)


async def go_outward(
    stack: AsyncExitStack, chat: Chat, seams: Seams, memory: Memory, *, first: Outward | None = None
) -> Outward:
    """Gives what goes out for a tenant; leaving the stack closes it.

    Args:
        stack: what closes it.
        chat: how the tenant is reached.
        seams: the tenant's, without these surfaces.
        memory: what surfaces remember.
        first: of the tenant that was there before it, whose way to Teams is shared.

    Raises:
        TokenNotAccepted: Slack does not know the app, and there is nobody else to serve.
    """
    slack = teams = None
    if chat.slack is not None:
        access = access_of(chat.slack)
        slack = await stack.enter_async_context(slack_start.slack_outward(access, seams, memory))
        if first is None:
            await _check_tokens(access, slack, seams)
    if chat.teams is not None:
        shared = first.teams.connector if first is not None and first.teams is not None else None
        going = teams_start.teams_outward(chat.teams, seams, memory, shared=shared)
        teams = await stack.enter_async_context(going)
    return Outward(slack=slack, teams=teams)


async def _check_tokens(access: SlackAccess, slack: slack_start.Outward, seams: Seams) -> None:
    """Asks Slack whether the tokens are good; bad ones hold up nobody of a further tenant.

    Raises:
        TokenNotAccepted: one of them is not, and there is nobody else to serve.
    """
    try:
        await check_tokens(access, slack.session)
    except TokenNotAccepted as refusal:
        if len(await seams.store.tenants()) == 1:
            raise
        log.error("slack.token_not_accepted", why=refusal.sentence)  # noqa: TRY400 - the sentence says it all


async def go_inward(
    stack: AsyncExitStack, tenants: Sequence[tuple[Outward, Seams]], *, worker: str, places: SigningIn
) -> Inward:
    """Begins to listen for all tenants; leaving the stack finishes what was begun by then.

    Args:
        stack: what closes it.
        tenants: each with what goes out and with every surface; the deployment's own first.
        worker: the name of this process's leases.
        places: where the tenants' people sign in.
    """
    found = Inward()
    await _listen_to_slack(stack, tenants, found, worker=worker, places=places)
    await _listen_to_teams(stack, tenants, found, worker=worker, places=places)
    return found


async def _listen_to_slack(
    stack: AsyncExitStack,
    tenants: Sequence[tuple[Outward, Seams]],
    found: Inward,
    *,
    worker: str,
    places: SigningIn,
) -> None:
    there = [(outward.slack, seams) for outward, seams in tenants if outward.slack is not None]
    offices = []
    for number, (slack, seams) in enumerate(there):
        reserved = there[0][0].workspaces if number else None
        proving = places.proving(seams, slack.memory)
        office = slack_start.slack_office(slack, seams, worker=worker, reserved=reserved, proving=proving)
        offices.append(await stack.enter_async_context(office))
        found.looks.append(offices[-1].look)
    if offices:
        first, seams = there[0]
        listening = slack_start.slack_listening(first, offices, clock=seams.clock)
        found.routes += await stack.enter_async_context(listening)


async def _listen_to_teams(
    stack: AsyncExitStack,
    tenants: Sequence[tuple[Outward, Seams]],
    found: Inward,
    *,
    worker: str,
    places: SigningIn,
) -> None:
    there = [(outward.teams, seams) for outward, seams in tenants if outward.teams is not None]
    offices = []
    for teams, seams in there:
        proving = places.proving(seams, teams.memory)
        office = teams_start.teams_office(teams, seams, worker=worker, proving=proving)
        offices.append(await stack.enter_async_context(office))
        found.looks.append(offices[-1].look)
    if offices:
        first, seams = there[0]
        listening = teams_start.teams_listening(first.access, offices, clock=seams.clock)
        found.routes += await stack.enter_async_context(listening)


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
