"""The stage of Slack's journeys: the whole bot, on a Slack that enforces Slack's rules."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from bot.chat.proving import Proving
from bot.chat.slack.access import Access
from bot.chat.slack.manifest import EVENTS, SCOPES
from bot.chat.slack.shown.buttons import ACT
from bot.chat.slack.start import Outward, slack_inward, slack_outward
from bot.domain.canonical import JsonObject
from bot.flow.seams import Seams
from bot.ports.memory import Memory
from bot.ports.outside import Surface
from bot.web import listening
from tests.journeys.stage import Stage, staged
from tests.servers.slack import SlackServer, Workspace, slack_server
from tests.servers.slack_elements import actionable
from tests.servers.slack_sight import words
from tests.servers.slack_views import View
from tests.servers.slack_world import Channel, Message, SlackUser

Way = Literal["socket", "http"]

PEOPLE = {
    "alice": "Alice Archer", "megan": "Megan Moreau", "bob": "Bob Brennan", "carol": "Carol Castillo",
    "dan": "Dan Dubois", "ada": "Ada Adeyemi", "ahmed": "Ahmed Aziz", "eve": "Eve Ericsson",
    "grace": "Grace Goldberg",
}  # fmt: skip


@dataclass(kw_only=True)
class SlackStage:
    """Acme at work in Slack; the page's own stage is there beside it, for what happens behind the scenes."""

    stage: Stage
    slack: SlackServer
    acme: Workspace
    people: Mapping[str, SlackUser]
    outward: Outward
    url: str
    """Where our own web server listens to Slack; empty in Socket Mode."""

    def user(self, who: str) -> SlackUser:
        """Gives the account of one of Acme's people."""
        return self.people[who]

    async def says(self, who: str, text: str, *, thread: str | None = None) -> str:
        """Has a person write to the bot; gives the message's ts."""
        return await self.acme.says(self.user(who), text, thread_ts=thread)

    async def request_of(self, who: str, ts: str) -> str:
        """Gives the request that a person's message opened, once its card is in the message's thread."""
        card = await self.status_card(who, ts)
        place = f"{self.acme.team_id}/{card.channel}"

        async def look() -> JsonObject | None:
            async with self.stage.store.view(self.stage.seams.tenant) as view:
                copy = await view.outbox.copy_at("slack", place, card.ts)
            return {"card": copy.card} if copy else None

        found = await self.stage.eventually(look, "the status card to be noted")
        return str(found["card"]).removeprefix("status-")

    async def asks(self, who: str, text: str) -> str:
        """Has a person ask for something in their direct message; gives the request."""
        return await self.request_of(who, await self.says(who, text))

    async def status_card(self, who: str, ts: str) -> Message:
        """Waits for the status card in the thread of a person's message."""

        def look() -> Message | None:
            thread = self.acme.thread(self.user(who), ts)[1:]
            return next((one for one in thread if "Your request" in words(one)), None)

        return await self.acme.eventually(look, f"the status card of {who}")

    async def card(self, who: str, action: str = "approve", *, nth: int = -1) -> Message:
        """Waits for a message to a person with this button; the newest unless another one is wanted."""

        def look() -> Message | None:
            found = [one for one in self.acme.answers(self.user(who)) if has_button(one, action)]
            return found[nth] if found else None

        return await self.acme.eventually(look, f"a card for {who} with “{action}”")

    async def same_card(self, who: str, other: Message) -> Message:
        """Waits for a person's own copy of a card that somebody else has, too."""
        wanted = carried(other)

        def look() -> Message | None:
            found = [one for one in self.acme.answers(self.user(who)) if carried(one) & wanted]
            return found[-1] if found else None

        return await self.acme.eventually(look, f"the same card for {who}")

    async def presses(self, who: str, seen: Message | View, action: str) -> None:
        """Has a person press one of a card's own buttons."""
        await self.acme.presses(self.user(who), seen, f"{ACT}{action}")

    async def approves(self, who: str) -> Message:
        """Has a person approve the newest card that asks them; gives the card's message."""
        card = await self.card(who)
        await self.presses(who, card, "approve")
        return card

    async def shows(self, who: str, message: Message, part: str) -> None:
        """Waits until a message says these words."""
        await self.acme.eventually(lambda: part in words(message) or None, f"{who}’s message to say “{part}”")

    async def modal(self, who: str, *, showing: str = "") -> View:
        """Waits for a modal of the person, with these words in it."""

        def look() -> View | None:
            found = self.acme.modal(self.user(who))
            if found is None or showing not in words(found) or "One moment" in title(found):
                return None
            return found

        return await self.acme.eventually(look, f"a modal for {who} that shows “{showing}”")

    async def told(self, who: str, part: str) -> str:
        """Waits until a person can read these words in what the bot wrote them; gives all of that message."""

        def look() -> str | None:
            seen = [*self.acme.answers(self.user(who)), *self.acme.ephemerals(self.user(who))]
            return next((words(one) for one in reversed(seen) if part in words(one)), None)

        return await self.acme.eventually(look, f"{who} to be told “{part}”")

    def texts(self, place: Channel | SlackUser) -> list[str]:
        """Gives all that the bot wrote in a conversation, threads included."""
        return [words(one) for one in self.acme.answers(place)]

    async def audit(self, kind: str) -> list[JsonObject]:
        """Gives the details of the audit entries of a kind."""
        async with self.stage.store.view(self.stage.seams.tenant) as view:
            found = await view.audit.read()
        return [{**one.entry.details, "status": one.entry.status} for one in found if one.entry.kind == kind]


def title(view: View) -> str:
    """Gives a modal's title."""
    found = view.content.get("title")
    return str(found["text"]) if isinstance(found, dict) else ""


def carried(seen: Message) -> set[str]:
    """Gives the cards that the buttons of a message carry."""
    elements = [element for _, element in actionable(seen.blocks)]
    return {str(one["value"]) for one in elements if str(one.get("action_id")).startswith(ACT)}


def has_button(seen: Message | View, action: str) -> bool:
    """Whether one of a card's own buttons can be pressed there."""
    return any(element.get("action_id") == f"{ACT}{action}" for _, element in actionable(seen.blocks))


@dataclass(kw_only=True)
class _Beside:
    outward: Outward
    way: Way
    slack: SlackServer
    link_to: Callable[[str], str] | None = None
    url: str = field(default="")

    @property
    def surface(self) -> Surface:
        return self.outward.surface

    @asynccontextmanager
    async def listening(self, seams: Seams) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        async with AsyncExitStack() as stack:
            signing_in = self.link_to and Proving(seams, self.outward.memory.sign_ins, link_to=self.link_to)
            inward = await stack.enter_async_context(
                slack_inward(self.outward, seams, worker="slack-stage", proving=signing_in)
            )
            if self.way == "http":
                port = await stack.enter_async_context(listening("127.0.0.1", 0, inward.routes))
                self.url = f"http://127.0.0.1:{port}"
                self.slack.posts_to(f"{self.url}/slack/events")
            yield inward.look


@dataclass(kw_only=True)
class SlackSet:
    """A Slack workspace of Acme's, before the bot is in it."""

    slack: SlackServer
    acme: Workspace
    people: Mapping[str, SlackUser]
    access: Access
    way: Way
    every: timedelta
    link_to: Callable[[str], str] | None = None
    """Gives the link of a sign-in; None where nobody can sign in."""
    kept: list[_Beside] = field(default_factory=list)

    @asynccontextmanager
    async def further(self, seams: Seams, memory: Memory) -> AsyncIterator[_Beside]:
        """Puts the bot into the workspace."""
        async with slack_outward(self.access, seams, memory, every=self.every) as outward:
            self.kept.append(_Beside(outward=outward, way=self.way, slack=self.slack, link_to=self.link_to))
            yield self.kept[0]

    def on(self, stage: Stage) -> SlackStage:
        """Gives the stage with the workspace in it."""
        [beside] = self.kept
        return SlackStage(
            stage=stage,
            slack=self.slack,
            acme=self.acme,
            people=self.people,
            outward=beside.outward,
            url=beside.url,
        )


@asynccontextmanager
async def slack_set(
    *,
    way: Way = "socket",
    every: timedelta = timedelta(0),
    rates: bool = False,
    triage: str = "",
) -> AsyncIterator[SlackSet]:
    """Gives a workspace with Acme's people in it; see `slack_staged`."""
    # A loaded machine takes its time; that it is three seconds at most on a quiet one has tests of its own.
    async with slack_server(rates=rates, acknowledge=timedelta(seconds=10)) as slack:
        acme = slack.workspace("Acme", scopes=frozenset(SCOPES))
        acme.subscribed = frozenset(EVENTS)
        acme.world.grace = timedelta(seconds=10)
        people = {who: acme.adds_user(name, email=f"{who}@acme.test") for who, name in PEOPLE.items()}
        channel = ""
        if triage:
            technicians = [people[who] for who in ("bob", "carol", "dan", "ada", "ahmed")]
            channel = acme.adds_channel(triage, *technicians).id
        access = Access(
            bot_token=acme.bot_token,
            app_token=slack.keys.app_token if way == "socket" else "",
            signing_secret=slack.keys.signing_secret if way == "http" else "",
            api_url=slack.api_url,
            triage=channel,
        )
        yield SlackSet(slack=slack, acme=acme, people=people, access=access, way=way, every=every)


@asynccontextmanager
async def slack_staged(
    database: str,
    folder: Path,
    *,
    way: Way = "socket",
    has_page: bool = False,
    every: timedelta = timedelta(0),
    rates: bool = False,
    triage: str = "",
) -> AsyncIterator[SlackStage]:
    """Puts the whole bot on stage, in a Slack workspace of its own; leaving the block stops it.

    Args:
        database: a migrated one.
        folder: for the company's files.
        way: how events reach the bot.
        has_page: whether people are reached on the page, too.
        every: the pause that the bot keeps between two messages to a channel.
        rates: whether Slack refuses what comes faster than one message a second.
        triage: the name of a channel that is made for internal notes, with the technicians in it.
    """
    async with (
        slack_set(way=way, every=every, rates=rates, triage=triage) as found,
        staged(database, folder, further=[found.further], has_page=has_page) as stage,
    ):
        yield found.on(stage)
