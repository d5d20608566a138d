"""Puts the Slack surface of one process together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import ClientSession, web

from bot.chat.background import Background
from bot.chat.proving import Proving
from bot.chat.slack.access import Access
from bot.chat.slack.api import new_session, web_client
from bot.chat.slack.connection import event_routes, install_routes, socket
from bot.chat.slack.kit import limits
from bot.chat.slack.listeners.app import Desk, slack_app
from bot.chat.slack.listeners.arrivals import Arrivals
from bot.chat.slack.listeners.assistant import Assistant
from bot.chat.slack.listeners.clicks import Clicks
from bot.chat.slack.listeners.commands import Commands
from bot.chat.slack.listeners.forms import Forms
from bot.chat.slack.listeners.front import Front
from bot.chat.slack.listeners.homes import HomePages
from bot.chat.slack.listeners.pages import Pages
from bot.chat.slack.listeners.submissions import Submissions
from bot.chat.slack.oauth import LinkStates, StoredInstallations, install_flow
from bot.chat.slack.people import SlackPeople
from bot.chat.slack.posting import Pace, Poster
from bot.chat.slack.surface import SlackSurface
from bot.chat.slack.switchboard import Office, Switchboard
from bot.chat.slack.workspaces import Workspaces
from bot.chat.tidying import Tidying
from bot.flow.seams import Seams
from bot.ports.memory import Memory
from bot.ports.outside import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """The half that goes out: what a process needs that only delivers."""

    access: Access
    memory: Memory
    session: ClientSession
    workspaces: Workspaces
    people: SlackPeople
    homes: HomePages
    surface: SlackSurface
    pace: Pace


@asynccontextmanager
async def slack_outward(
    access: Access, seams: Seams, memory: Memory, *, every: timedelta = limits.POST_EVERY
) -> AsyncIterator[Outward]:
    """Gives the surface, which needs no connection to us; leaving the block closes its session.

    Args:
        access: the app's tokens.
        seams: the tenant's, without this surface.
        memory: what the surface remembers.
        every: the pause between two messages to one channel.
    """
    session = new_session()
    homes: HomePages | None = None
    try:
        workspaces = Workspaces(
            tenant=seams.tenant,
            installations=memory.installations,
            clock=seams.clock,
            session=session,
            api_url=access.api_url,
            token=access.bot_token,
        )
        people = SlackPeople(seams, is_strict=not access.is_stand_in)
        homes = HomePages(seams=seams, workspaces=workspaces, people=people, homes=memory.homes)
        pace = Pace(every)
        poster = Poster(tenant=seams.tenant, postings=memory.postings, clock=seams.clock, pace=pace)
        surface = SlackSurface(
            seams=seams,
            workspaces=workspaces,
            people=people,
            poster=poster,
            postings=memory.postings,
            triage=access.triage,
            draw=homes.changed,
        )
        yield Outward(
            access=access,
            memory=memory,
            session=session,
            workspaces=workspaces,
            people=people,
            homes=homes,
            surface=surface,
            pace=pace,
        )
    finally:
        if homes is not None:
            await homes.close()
        await session.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inward:
    """The half that listens, for one tenant alone."""

    routes: list[web.RouteDef]
    office: Office

    async def look(self) -> None:
        """Takes up what an earlier process left, has open pages drawn anew, and forgets what is old."""
        await self.office.look()


@asynccontextmanager
async def slack_office(
    outward: Outward,
    seams: Seams,
    *,
    worker: str,
    reserved: Workspaces | None = None,
    proving: Proving | None = None,
) -> AsyncIterator[Office]:
    """Gives the tenant's part of what listens; what was begun by the end of the block is finished first.

    Args:
        outward: the half that goes out.
        seams: the tenant's, with every surface.
        worker: the name of this process's leases.
        reserved: of the tenant that the environment's own token belongs to, if that is another one.
        proving: has accounts prove who they are by signing in; None where nobody can sign in.
    """
    access, memory = outward.access, outward.memory
    front = Front(
        seams=seams,
        workspaces=outward.workspaces,
        people=outward.people,
        surface=outward.surface,
        inbox=memory.inbox,
        homes=memory.homes,
        pace=outward.pace,
        proving=proving,
        background=Background(),
    )
    arrivals = Arrivals(front, worker=worker)
    clicks = Clicks(front)
    forms = Forms(front)
    pages = Pages(front)
    stored = StoredInstallations(seams, memory.installations, outward.workspaces, reserved=reserved)
    desk = Desk(
        front=front,
        arrivals=arrivals,
        clicks=clicks,
        submissions=Submissions(front, clicks),
        forms=forms,
        pages=pages,
        commands=Commands(front, forms, pages, stored),
        homes=outward.homes,
        assistant=Assistant(front),
    )
    install = None
    if access.client_id:
        install = install_flow(access, outward.session, LinkStates(seams, memory.codes), stored)
    try:
        yield Office(
            tenant=seams.tenant,
            workspaces=outward.workspaces,
            app=slack_app(access, desk, web_client(access.api_url, outward.session)),
            arrivals=arrivals,
            homes=outward.homes,
            tidying=Tidying(memory, seams.clock),
            install=install,
        )
    finally:
        await front.background.drain()


@asynccontextmanager
async def slack_listening(
    outward: Outward, offices: Sequence[Office], *, clock: Clock
) -> AsyncIterator[list[web.RouteDef]]:
    """Listens to Slack for all of these tenants while the block lasts, and gives the routes for it.

    Args:
        outward: the half of the first tenant that goes out; the environment's own token belongs to it.
        offices: the tenants' parts, the first one's first.
        clock: the time.
    """
    access, memory = outward.access, outward.memory
    switchboard = Switchboard(offices, installations=memory.installations, codes=memory.codes, clock=clock)
    routes = event_routes(access, switchboard)
    fallback = offices[0].install
    if fallback is not None:
        routes += install_routes(switchboard.installing, fallback)
    async with socket(access, switchboard, outward.session):
        yield routes


@asynccontextmanager
async def slack_inward(
    outward: Outward, seams: Seams, *, worker: str, proving: Proving | None = None
) -> AsyncIterator[Inward]:
    """Listens to Slack for one tenant while the block lasts; what was begun by then is finished first."""
    async with (
        slack_office(outward, seams, worker=worker, proving=proving) as office,
        slack_listening(outward, [office], clock=seams.clock) as routes,
    ):
        yield Inward(routes=routes, office=office)
