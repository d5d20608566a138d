"""Puts the Teams surface of one process together."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from bot.chat.background import Background
from bot.chat.proving import Proving
from bot.chat.teams.access import Access
from bot.chat.teams.channel_token import ChannelTokens
from bot.chat.teams.connector.calls import Connector
from bot.chat.teams.connector.connected import connected
from bot.chat.teams.connector.tokens import Tokens, tokens_for
from bot.chat.teams.conversations import KnownConversations
from bot.chat.teams.graph import Graph
from bot.chat.teams.listeners.arrivals import Arrivals
from bot.chat.teams.listeners.commands import Commands
from bot.chat.teams.listeners.desk import IN_TIME_S, TeamsDesk
from bot.chat.teams.listeners.forms import Forms
from bot.chat.teams.listeners.front import Front
from bot.chat.teams.listeners.pages import Pages
from bot.chat.teams.listeners.presses import Presses
from bot.chat.teams.listeners.welcomes import Welcomes
from bot.chat.teams.people import TeamsPeople
from bot.chat.teams.posting import Poster
from bot.chat.teams.route import messages_route
from bot.chat.teams.surface import TeamsSurface
from bot.chat.tidying import Tidying
from bot.flow.seams import Seams
from bot.ports.memory import Memory
from bot.ports.outside import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """The half that goes out: what a process needs that only delivers."""

    access: Access
    memory: Memory
    connector: Connector
    conversations: KnownConversations
    people: TeamsPeople
    surface: TeamsSurface


@asynccontextmanager
async def teams_outward(
    access: Access,
    seams: Seams,
    memory: Memory,
    *,
    tokens: Tokens | None = None,
    shared: Connector | None = None,
) -> AsyncIterator[Outward]:
    """Gives the surface, which needs no connection to us; leaving the block finishes what is going out.

    Args:
        access: the bot's registration.
        seams: the tenant's, without this surface.
        memory: what the surface remembers.
        tokens: what proves to Microsoft who the bot is; None for what `access` says.
        shared: the way out of another tenant of the same bot; None for one of its own.
    """
    async with AsyncExitStack() as stack:
        connector, lookup = shared, None
        if connector is None:
            proof = tokens_for(access) if tokens is None else tokens
            own = await stack.enter_async_context(connected(access, tokens=proof))
            connector = own
            # The bot finds people, and installs itself, in the Entra tenant of its own registration alone.
            if not access.is_open and access.scope(access.tenant) is not None:
                lookup = await stack.enter_async_context(Graph(access, token=own.token))
        conversations = KnownConversations(
            seams=seams, access=access, stored=memory.conversations, connector=connector
        )
        people = TeamsPeople(
            seams, access=access, connector=connector, conversations=conversations, lookup=lookup
        )
        poster = Poster(
            tenant=seams.tenant,
            connector=connector,
            conversations=conversations,
            postings=memory.postings,
            clock=seams.clock,
        )
        surface = TeamsSurface(
            seams=seams,
            connector=connector,
            conversations=conversations,
            people=people,
            poster=poster,
            postings=memory.postings,
            lookup=lookup,
            triage=access.triage,
            has_dialogs=not access.is_open,
        )
        yield Outward(
            access=access,
            memory=memory,
            connector=connector,
            conversations=conversations,
            people=people,
            surface=surface,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One tenant's part of the surface: what takes whatever comes from its people."""

    access: Access
    desk: TeamsDesk
    arrivals: Arrivals
    tidying: Tidying

    async def look(self) -> None:
        """Takes up what an earlier process left, and forgets what is old."""
        await self.arrivals.take()
        await self.tidying()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inward:
    """The half that listens, for one tenant alone."""

    routes: list[web.RouteDef]
    office: Office

    async def look(self) -> None:
        """Takes up what an earlier process left, and forgets what is old."""
        await self.office.look()


@asynccontextmanager
async def teams_office(
    outward: Outward,
    seams: Seams,
    *,
    worker: str,
    in_time_s: float = IN_TIME_S,
    proving: Proving | None = None,
) -> AsyncIterator[Office]:
    """Gives the tenant's part of what listens; what was begun by the end of the block is finished first.

    Args:
        outward: the half that goes out.
        seams: the tenant's, with every surface.
        worker: the name of this process's leases.
        in_time_s: seconds after which a press is answered without its outcome.
        proving: has accounts prove who they are by signing in; None where nobody can sign in.
    """
    memory = outward.memory
    front = Front(
        seams=seams,
        people=outward.people,
        conversations=outward.conversations,
        surface=outward.surface,
        inbox=memory.inbox,
        postings=memory.postings,
        proving=proving,
        background=Background(),
    )
    forms, pages = Forms(front), Pages(front)
    commands = Commands(front, forms, pages)
    arrivals = Arrivals(front, commands, worker=worker)
    desk = TeamsDesk(
        front,
        arrivals=arrivals,
        presses=Presses(front, commands, forms, pages),
        pages=pages,
        welcomes=Welcomes(front),
        in_time_s=in_time_s,
    )
    try:
        yield Office(
            access=outward.access, desk=desk, arrivals=arrivals, tidying=Tidying(memory, seams.clock)
        )
    finally:
        await front.background.drain()


@asynccontextmanager
async def teams_listening(
    access: Access, offices: Sequence[Office], *, clock: Clock
) -> AsyncIterator[list[web.RouteDef]]:
    """Gives the routes on which Teams is listened to for all of these tenants while the block lasts.

    Args:
        access: the bot's registration.
        offices: the tenants' parts; each Entra tenant is of one.
        clock: the time.
    """

    def desk_of(tenant: str) -> TeamsDesk | None:
        return next((one.desk for one in offices if one.access.scope(tenant) is not None), None)

    async with AsyncExitStack() as stack:
        check = None
        if not access.is_open:
            check = (await stack.enter_async_context(ChannelTokens(access, clock=clock))).claims
        yield [messages_route(access, check, desk_of)]


@asynccontextmanager
async def teams_inward(
    outward: Outward,
    seams: Seams,
    *,
    worker: str,
    in_time_s: float = IN_TIME_S,
    proving: Proving | None = None,
) -> AsyncIterator[Inward]:
    """Listens to Teams for one tenant while the block lasts; what was begun by then is finished first.

    Arguments are those of `teams_office`.
    """
    async with (
        teams_office(outward, seams, worker=worker, in_time_s=in_time_s, proving=proving) as office,
        teams_listening(outward.access, [office], clock=seams.clock) as routes,
    ):
        yield Inward(routes=routes, office=office)
