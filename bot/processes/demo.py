"""`demo`: the demo company on its page, and in Slack too where that is set up."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

from aiohttp import web

from bot.app import open_deployment
from bot.chat.slack.connection import MAX_BODY
from bot.chat.slack.start import Outward
from bot.chat.web.api import Api, Playground
from bot.chat.web.body import Handler, own_page_only, sentences
from bot.chat.web.page import page_routes
from bot.demo.company import Company, changes_json
from bot.demo.transcript import play
from bot.domain.errors import Refusal
from bot.domain.people import PersonId
from bot.flow.seams import Seams
from bot.ports.outside import Gone
from bot.processes.log import log_to_stderr
from bot.processes.staff import Staff, staffed
from bot.processes.words import Say, slack_settings, slack_words, told_to_stop
from bot.settings import Settings, SlackSettings
from bot.storage.migrate import migrate, take_back
from bot.web import health_routes, listening

NOBODY: Final[Mapping[str, str]] = MappingProxyType({})


class NotTheDemos(Refusal):
    """The database holds more than the demo, so nothing was removed. Name another, or leave out --fresh."""

    kind = "conflict"


class NobodyToPlay(Refusal):
    """--play-as is for users of Slack, and SLACK_BOT_TOKEN is not set. Set it, or leave --play-as out."""


class NoSuchPart(Refusal):
    """The demo has nobody called “{part}”. Its people are on its page, and in bot/demo/people.yaml."""


class NoSuchPlayer(Refusal):
    """Slack has no user {user} in this workspace. The ID is in the user's profile: “Copy member ID”."""


async def run_demo(
    *, data: Path, port: int, fresh: bool, say: Say, play_as: Mapping[str, str] | None = None
) -> None:
    """Runs the demo company with its playground until it is told to stop; in Slack too, if that is set up.

    Args:
        data: the directory with its state.
        port: of the page; 0 takes a free one.
        fresh: whether everything is forgotten first.
        say: prints one line.
        play_as: Slack's ids of users by the person of the demo whom each of them plays.

    Raises:
        Refusal: the directory or the port cannot be used, or another demo runs there.
    """
    slack = slack_settings()
    if play_as and slack is None:
        raise NobodyToPlay
    async with _company(data, fresh=fresh, slack=slack, play_as=play_as or {}) as (company, staff):
        playground = Playground(
            seams=staff.seams,
            surface=staff.surface,
            log=staff.deployment.chat_log,
            settle=staff.worker.settle,
            estate=lambda: changes_json(company.estate),
        )

        async def ready() -> str:
            return "" if await company.is_connected(staff.seams) else "The demo's tool server is starting."

        routes = [*page_routes(), *Api(playground).routes(), *health_routes(ready), *staff.routes]
        guards = [sentences, _page_is_local]
        async with listening("127.0.0.1", port, routes, guards, max_body=MAX_BODY) as chosen:
            await company.connected(staff.seams)
            if staff.slack is not None:
                say(slack_words(slack))
            say(f"Countersign demo: open http://127.0.0.1:{chosen}/ in a browser. Ctrl-C stops it.")
            say(f"Its data is in {data}.")
            await told_to_stop()


async def run_transcript(*, data: Path, fresh: bool, text: str, say: Say) -> None:
    """Plays one request of the demo company through in the terminal.

    Raises:
        Refusal: the request changed nothing in the company's systems, or the demo cannot run.
    """
    async with _company(data, fresh=fresh, slack=None) as (company, staff):
        await company.connected(staff.seams)
        await play(company, staff.seams, text, say)


@web.middleware
async def _page_is_local(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Guards all but Slack's own requests, which are signed and may come through a tunnel."""
    if request.path.startswith("/slack/"):
        return await handler(request)
    return await own_page_only(request, handler)


async def _cast(seams: Seams, slack: Outward, play_as: Mapping[str, str]) -> None:
    """Ties users of Slack to the demo's people.

    Raises:
        NoSuchPart: the demo has no such person.
        NoSuchPlayer: Slack has no such user.
    """
    for part, user in play_as.items():
        directory = seams.directory
        person = await directory.person(PersonId(part)) or await directory.by_email(part)
        if person is None:
            raise NoSuchPart(part=part)
        workspace = await slack.workspaces.own()
        if workspace is None:
            raise NobodyToPlay
        try:
            await slack.people.link(workspace, user, person)
        except Gone:
            raise NoSuchPlayer(user=user) from None


@asynccontextmanager
async def _company(
    data: Path, *, fresh: bool, slack: SlackSettings | None, play_as: Mapping[str, str] = NOBODY
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

        async def first(seams: Seams, outward: Outward | None) -> None:
            """Has everybody known and every tool there before anyone in Slack is listened to."""
            if outward is not None:
                await _cast(seams, outward, play_as)
                await company.connected(seams)

        async with staffed(deployment, slack=slack, has_page=True, first=first) as staff:
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
