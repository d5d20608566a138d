"""`demo`: the demo company on its page, and in Slack too where that is set up."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from aiohttp import web

from bot.app import open_deployment
from bot.chat.slack import start as slack_start
from bot.chat.slack.connection import MAX_BODY
from bot.chat.slack.workspaces import SLACK
from bot.chat.teams import start as teams_start
from bot.chat.teams.access import MESSAGES_PATH
from bot.chat.teams.conversations import TEAMS
from bot.chat.web.api import Api, Playground
from bot.chat.web.body import Handler, own_page_only, sentences
from bot.chat.web.page import page_routes
from bot.demo.company import Company, changes_json
from bot.demo.parts import Part
from bot.demo.transcript import play
from bot.directory.file import FileDirectory
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId
from bot.flow.seams import Seams
from bot.ports.chat import ChatUser
from bot.ports.outside import Gone
from bot.processes.chat import Chat, Outward, chat_settings
from bot.processes.log import log_to_stderr
from bot.processes.staff import Staff, staffed
from bot.processes.words import Say, chat_words, told_to_stop
from bot.settings import Settings
from bot.storage.migrate import migrate, take_back
from bot.web import health_routes, listening


class NotTheDemos(Refusal):
    """The database holds more than the demo, so nothing was removed. Name another, or leave out --fresh."""

    kind = "conflict"


class NoSlackToPlayIn(Refusal):
    """--play-as names a user of Slack, and SLACK_BOT_TOKEN is not set. Set it, or leave --play-as out."""


class NoTeamsToPlayIn(Refusal):
    """--play-as names a user of Teams. Give --teams too, or leave --play-as out."""


class NoSuchPart(Refusal):
    """The demo has nobody called “{part}”. Its people are on its page, and in bot/demo/people.yaml."""


class NoSuchPlayer(Refusal):
    """Slack has no user {user} in this workspace. The ID is in the user's profile: “Copy member ID”."""


async def run_demo(
    *, data: Path, port: int, fresh: bool, say: Say, play_as: Sequence[Part] = (), teams: bool = False
) -> None:
    """Runs the demo company with its playground until it is told to stop; in chat too, where that is set up.

    Args:
        data: the directory with its state.
        port: of the page; 0 takes a free one.
        fresh: whether everything is forgotten first.
        say: prints one line.
        play_as: who plays whom in chat.
        teams: whether Teams is served too; where nothing of it is set up, to this machine alone.

    Raises:
        Refusal: the directory or the port cannot be used, or another demo runs there.
    """
    chat = chat_settings(teams_here=teams)
    _check_parts(chat, play_as)
    async with _company(data, fresh=fresh, chat=chat, play_as=play_as) as (company, staff):
        playground = Playground(
            seams=staff.seams,
            surface=staff.surface,
            log=staff.deployment.chat_log,
            settle=partial(staff.worker.settle, tenant=staff.seams.tenant),
            people=FileDirectory(staff.deployment.settings.people).everyone,
            estate=lambda: changes_json(company.estate),
        )

        async def ready() -> str:
            return "" if await company.is_connected(staff.seams) else "The demo's tool server is starting."

        routes = [*page_routes(), *Api(playground).routes(), *health_routes(ready), *staff.routes]
        guards = [sentences, _page_is_local]
        async with listening("127.0.0.1", port, routes, guards, max_body=MAX_BODY) as chosen:
            await company.connected(staff.seams)
            for line in chat_words(chat) if chat.is_on else ():
                say(line)
            say(f"Countersign demo: open http://127.0.0.1:{chosen}/ in a browser. Ctrl-C stops it.")
            say(f"Its data is in {data}.")
            await told_to_stop()


async def run_transcript(*, data: Path, fresh: bool, text: str, say: Say) -> None:
    """Plays one request of the demo company through in the terminal.

    Raises:
        Refusal: the request changed nothing in the company's systems, or the demo cannot run.
    """
    async with _company(data, fresh=fresh, chat=Chat()) as (company, staff):
        await company.connected(staff.seams)
        await play(company, staff.seams, text, say)


@web.middleware
async def _page_is_local(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Guards all but what chat platforms send, which is checked there and may come through a tunnel."""
    if request.path.startswith("/slack/") or request.path == MESSAGES_PATH:
        return await handler(request)
    return await own_page_only(request, handler)


def _check_parts(chat: Chat, play_as: Sequence[Part]) -> None:
    if chat.slack is None and any(part.surface == SLACK for part in play_as):
        raise NoSlackToPlayIn
    if chat.teams is None and any(part.surface == TEAMS for part in play_as):
        raise NoTeamsToPlayIn


async def _cast(seams: Seams, chat: Outward, play_as: Sequence[Part]) -> None:
    """Ties users of chat platforms to the demo's people.

    Raises:
        NoSuchPart: the demo has no such person.
        NoSuchPlayer: Slack has no such user.
    """
    for part in play_as:
        directory = seams.directory
        person = await directory.person(PersonId(part.person)) or await directory.by_email(part.person)
        if person is None:
            raise NoSuchPart(part=part.person)
        if part.surface == TEAMS and chat.teams is not None:
            await _cast_in_teams(chat.teams, part.account, person)
        elif chat.slack is not None:
            await _cast_in_slack(chat.slack, part.account, person)


async def _cast_in_slack(slack: slack_start.Outward, user: str, person: Person) -> None:
    workspace = await slack.workspaces.own()
    if workspace is None:
        raise NoSlackToPlayIn
    try:
        await slack.people.link(workspace, user, person)
    except Gone:
        raise NoSuchPlayer(user=user) from None


async def _cast_in_teams(teams: teams_start.Outward, user: str, person: Person) -> None:
    scope = teams.access.scope(teams.access.tenant)
    if scope is not None:
        await teams.people.tie(ChatUser(surface=TEAMS, team=scope, id=user), person)


@asynccontextmanager
async def _company(
    data: Path, *, fresh: bool, chat: Chat, play_as: Sequence[Part] = ()
) -> AsyncIterator[tuple[Company, Staff]]:
    log_to_stderr("warning")
    company = Company(data)
    if fresh:
        company.forget()
    company.prepare()
    settings = Settings.load(data=data)
    await migrate(settings.database)
    if fresh and settings.database_url is not None:
        await _forget_database(settings)
    async with open_deployment(settings) as deployment:
        await company.move_in(deployment.store, deployment.tenant, deployment.clock, deployment.ids)

        async def first(seams: Seams, outward: Outward) -> None:
            """Has everybody known and every tool there before anyone in chat is listened to."""
            await _cast(seams, outward, play_as)
            if chat.is_on:
                await company.connected(seams)

        async with staffed(deployment, chat=chat, has_page=True, first=first) as staff:
            yield company, staff


async def _forget_database(settings: Settings) -> None:
    """Empties the demo's own database on a server.

    Raises:
        NotTheDemos: other tenants live in it.
    """
    async with open_deployment(settings) as deployment:
        if set(await deployment.store.tenants()) != {deployment.tenant}:
            raise NotTheDemos
    await take_back(settings.database, to="base")
    await migrate(settings.database)
