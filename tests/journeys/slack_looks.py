"""What Slack's journeys look at: channels, threads, and what the bot stored."""

from bot.domain.canonical import JsonObject
from tests.journeys.kept import EVERYBODY, all_requests, comes_to, requests_of, stored, taken_up
from tests.journeys.slack_stage import SlackStage
from tests.journeys.stage import TENANT
from tests.servers.slack_sight import words
from tests.servers.slack_world import Channel, Message, SlackUser

__all__ = [
    "EVERYBODY", "a_channel", "all_requests", "answered", "asks", "bots_in", "comes_to", "request_at",
    "requests_of", "stored", "taken_up",
]  # fmt: skip


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


def bots_in(stage: SlackStage, place: Channel | SlackUser, ts: str) -> list[Message]:
    """Gives what the bot wrote in a thread, oldest first."""
    bot = stage.acme.world.bot_id
    return [one for one in stage.acme.thread(place, ts) if one.bot_id == bot]


async def answered(stage: SlackStage, place: Channel | SlackUser, ts: str, part: str) -> Message:
    """Waits for a message of the bot in a thread that says this."""

    def look() -> Message | None:
        return next((one for one in bots_in(stage, place, ts) if part in words(one)), None)

    return await stage.acme.eventually(look, f"the thread to say “{part}”")
