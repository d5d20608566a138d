"""What Slack's journeys look at: channels, threads, and what the bot stored."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Literal

from bot.domain.canonical import JsonObject
from bot.domain.people import PersonId
from bot.domain.requests import Request, RequestId
from tests.journeys.slack_stage import SlackStage
from tests.journeys.stage import TENANT
from tests.servers.slack_sight import words
from tests.servers.slack_world import Channel, Message, SlackUser

EVERYBODY = ("alice", "megan", "bob", "carol", "dan", "ada", "ahmed", "eve", "grace")


def a_channel(stage: SlackStage, *who: str, shared: bool = False) -> Channel:
    """Gives a new channel with the bot and these people in it."""
    return stage.acme.adds_channel("it-help", *(stage.user(one) for one in who), shared=shared)


async def asks(stage: SlackStage, who: str, text: str) -> str:
    """Has a person ask for something in their direct message; gives the request, once its card is known."""
    return await request_at(stage, await stage.status_card(who, await stage.says(who, text)))


async def request_at(stage: SlackStage, card: Message) -> str:
    """Gives the request of a status card; the card is noted a moment after it is posted."""

    async def look() -> JsonObject | None:
        async with stage.stage.store.view(TENANT) as view:
            copy = await view.outbox.copy_at("slack", f"{stage.acme.team_id}/{card.channel}", card.ts)
        return {"card": copy.card} if copy else None

    found = await stage.stage.eventually(look, "the status card to be noted")
    return str(found["card"]).removeprefix("status-")


async def requests_of(stage: SlackStage, who: str) -> list[Request]:
    """Gives a person's requests, oldest first."""
    async with stage.stage.store.view(TENANT) as view:
        return [*reversed(await view.requests.newest(PersonId(f"p-{who}"), limit=100))]


async def all_requests(stage: SlackStage) -> list[Request]:
    """Gives everybody's requests."""
    return [request for who in EVERYBODY for request in await requests_of(stage, who)]


async def stored(stage: SlackStage, table: Literal["arrivals", "requests"]) -> int:
    """Gives how many rows the SQLite database has in a table."""
    path = stage.stage.company.data / "countersign.db"

    def counted() -> int:
        with closing(sqlite3.connect(path, timeout=20)) as connection:
            found = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 - a literal
            return int(found[0])

    return await asyncio.to_thread(counted)


def bots_in(stage: SlackStage, place: Channel | SlackUser, ts: str) -> list[Message]:
    """Gives what the bot wrote in a thread, oldest first."""
    bot = stage.acme.world.bot_id
    return [one for one in stage.acme.thread(place, ts) if one.bot_id == bot]


async def answered(stage: SlackStage, place: Channel | SlackUser, ts: str, part: str) -> Message:
    """Waits for a message of the bot in a thread that says this."""

    def look() -> Message | None:
        return next((one for one in bots_in(stage, place, ts) if part in words(one)), None)

    return await stage.acme.eventually(look, f"the thread to say “{part}”")


async def comes_to(stage: SlackStage, request: str, *statuses: str) -> Request:
    """Waits until a request has one of the statuses; gives it as it is stored."""
    await stage.stage.comes_to(request, *statuses)
    async with stage.stage.store.view(TENANT) as view:
        found = await view.requests.get(RequestId(request))
    assert found is not None
    return found


async def taken_up(stage: SlackStage) -> None:
    """Waits until everything that came in is taken up."""
    path = stage.stage.company.data / "countersign.db"

    def left() -> int:
        statement = "select count(*) from arrivals where content is not null"
        with closing(sqlite3.connect(path, timeout=20)) as connection:
            return int(connection.execute(statement).fetchone()[0])

    async def look() -> JsonObject | None:
        return None if await asyncio.to_thread(left) else {"left": 0}

    await stage.stage.eventually(look, "everything that came in to be taken up")
