"""The stage of Teams' journeys: the whole bot, in a Teams that enforces Microsoft's rules."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.chat.proving import Proving
from bot.chat.teams.access import MESSAGES_PATH, Access
from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.kit.actions import press_of
from bot.chat.teams.start import Outward, teams_inward, teams_outward
from bot.domain.canonical import JsonObject
from bot.flow.seams import Seams
from bot.ports.chat import ChatUser
from bot.ports.memory import Memory
from bot.ports.outside import Surface
from bot.web import listening
from tests.fakes.tokens import FakeTokens
from tests.journeys.stage import Stage, email, staged
from tests.servers.teams_acme import AcmeInTeams, acme_in_teams
from tests.servers.teams_answers import Pressed
from tests.servers.teams_presses import Organisation
from tests.servers.teams_server import TeamsServer
from tests.servers.teams_things import Conversation, Dialog, Message, TeamsUser
from tests.servers.teams_words import buttons, titles, words

TECHNICIANS = ("bob", "carol", "dan", "ada", "ahmed")


@dataclass(kw_only=True)
class TeamsStage:
    """Acme at work in Teams; the page's own stage is there beside it, for what happens behind the scenes."""

    stage: Stage
    cast: AcmeInTeams
    outward: Outward
    url: str
    """Where our own web server listens to Teams."""
    triage: Conversation | None = None

    @property
    def teams(self) -> TeamsServer:
        """Microsoft's side."""
        return self.cast.teams

    @property
    def acme(self) -> Organisation:
        """The organisation."""
        return self.cast.acme

    def user(self, who: str) -> TeamsUser:
        """Gives the account of one of Acme's people."""
        return self.cast.user(who)

    async def knows(self, *people: str) -> None:
        """Ties the accounts of these people to them, as if they had written to the bot before."""
        for who in people:
            person = await self.stage.seams.directory.by_email(email(who))
            assert person is not None
            account = self.user(who)
            await self.outward.people.tie(
                ChatUser(surface=TEAMS, team=account.tenant, id=account.object_id), person
            )

    async def says(self, who: str, text: str) -> Message:
        """Has a person write to the bot in their own chat."""
        return await self.acme.says(self.user(who), text)

    async def asks(self, who: str, text: str) -> str:
        """Has a person ask for something in their own chat; gives the request."""
        known = frozenset(one.id for one in self.acme.answers(self.user(who)))
        await self.says(who, text)
        return await self.request_of(await self.status_card(who, known=known))

    async def request_of(self, card: Message) -> str:
        """Gives the request whose status card a message is."""

        async def look() -> JsonObject | None:
            async with self.stage.store.view(self.stage.seams.tenant) as view:
                for kind in ("personal", "group", "channel"):
                    copy = await view.outbox.copy_at("teams", f"{kind}/{card.conversation}", card.id)
                    if copy is not None:
                        return {"card": copy.card}
            return None

        found = await self.stage.eventually(look, "the status card to be noted")
        return str(found["card"]).removeprefix("status-")

    async def status_card(
        self, who: str, *, known: frozenset[str] = frozenset(), place: Conversation | None = None
    ) -> Message:
        """Waits for a status card of the person that is none of the known messages."""

        def look() -> Message | None:
            found = self.acme.answers(place or self.user(who))
            return next((one for one in found if one.id not in known and "Your request" in words(one)), None)

        return await self.acme.eventually(look, f"the status card of {who}")

    async def card(self, who: str, button: str = "Approve", *, nth: int = -1) -> Message:
        """Waits for a message to a person with this button; the newest unless another one is wanted."""

        def look() -> Message | None:
            found = [
                one for one in self.acme.answers(self.user(who)) if button in titles(one, self.user(who))
            ]
            return found[nth] if found else None

        return await self.acme.eventually(look, f"a card for {who} with “{button}”")

    async def same_card(self, who: str, other: Message) -> Message:
        """Waits for a person's own copy of a card that somebody else has, too."""
        wanted = carried(other)

        def look() -> Message | None:
            found = [one for one in self.acme.answers(self.user(who)) if carried(one) & wanted]
            return found[-1] if found else None

        return await self.acme.eventually(look, f"the same card for {who}")

    async def presses(self, who: str, seen: Message | Dialog, button: str, **values: str) -> Pressed:
        """Has a person press a button by its title, with values put into the inputs first."""
        return await self.acme.presses(self.user(who), seen, button, values or None)

    async def approves(self, who: str) -> Message:
        """Has a person approve the newest card that asks them; gives the card's message."""
        card = await self.card(who)
        await self.presses(who, card, "Approve")
        return card

    async def shows(self, who: str, message: Message, part: str) -> None:
        """Waits until a message, as everybody sees it, says these words."""
        await self.acme.eventually(lambda: part in words(message) or None, f"{who}’s message to say “{part}”")

    def dialog(self, who: str) -> Dialog:
        """Gives the dialog that is open to the person; there has to be one."""
        found = self.acme.dialog(self.user(who))
        assert found is not None, f"{who} has no dialog open"
        return found

    async def told(self, who: str, part: str, *, since: int = 0) -> str:
        """Waits until a person can read these words in what the bot wrote them; gives all of that message."""
        return words(await self.acme.told(self.user(who), part, since=since))

    def texts(self, who: str) -> list[str]:
        """Gives all that the bot wrote in a person's chat, as it stands now."""
        return [words(one) for one in self.acme.answers(self.user(who))]

    async def audit(self, kind: str) -> list[JsonObject]:
        """Gives the details of the audit entries of a kind."""
        async with self.stage.store.view(self.stage.seams.tenant) as view:
            found = await view.audit.read()
        return [{**one.entry.details, "status": one.entry.status} for one in found if one.entry.kind == kind]


def carried(seen: Message) -> set[str]:
    """Gives the cards that the buttons of a message carry."""
    presses = [press_of(one.data) for one in buttons(seen)]
    return {press.text("card") for press in presses if press is not None and press.text("card")}


@dataclass(kw_only=True)
class _Beside:
    outward: Outward
    teams: TeamsServer
    in_time_s: float
    link_to: Callable[[str], str] | None = None
    url: str = ""

    @property
    def surface(self) -> Surface:
        return self.outward.surface

    @asynccontextmanager
    async def listening(self, seams: Seams) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        async with AsyncExitStack() as stack:
            signing_in = self.link_to and Proving(seams, self.outward.memory.sign_ins, link_to=self.link_to)
            inward = await stack.enter_async_context(
                teams_inward(
                    self.outward,
                    seams,
                    worker="teams-stage",
                    in_time_s=self.in_time_s,
                    proving=signing_in,
                )
            )
            port = await stack.enter_async_context(listening("127.0.0.1", 0, inward.routes))
            self.url = f"http://127.0.0.1:{port}{MESSAGES_PATH}"
            self.teams.posts_to(self.url)
            yield inward.look


@dataclass(kw_only=True)
class TeamsSet:
    """An organisation in Teams with Acme's people, before the bot is in it."""

    cast: AcmeInTeams
    access: Access
    triage: Conversation | None
    in_time_s: float
    link_to: Callable[[str], str] | None = None
    """Gives the link of a sign-in; None where nobody can sign in."""
    kept: list[_Beside] = field(default_factory=list)

    @asynccontextmanager
    async def further(self, seams: Seams, memory: Memory) -> AsyncIterator[_Beside]:
        """Puts the bot into the organisation."""
        self.cast.teams.clock = seams.clock
        tokens = FakeTokens(self.cast.teams.bot_token)
        async with teams_outward(self.access, seams, memory, tokens=tokens) as outward:
            self.kept.append(
                _Beside(
                    outward=outward,
                    teams=self.cast.teams,
                    in_time_s=self.in_time_s,
                    link_to=self.link_to,
                )
            )
            yield self.kept[0]

    def on(self, stage: Stage) -> TeamsStage:
        """Gives the stage with the organisation in it."""
        [beside] = self.kept
        return TeamsStage(
            stage=stage, cast=self.cast, outward=beside.outward, url=beside.url, triage=self.triage
        )


@asynccontextmanager
async def teams_set(
    *, rates: bool = False, installed: bool = True, triage: str = "", in_time_s: float = 4.0
) -> AsyncIterator[TeamsSet]:
    """Gives an organisation with Acme's people in it; see `teams_staged`."""
    async with acme_in_teams(rates=rates, installed=installed) as cast:
        channel = None
        if triage:
            channel = cast.acme.adds_channel(triage, *(cast.user(who) for who in TECHNICIANS))
        access = Access(
            app_id=cast.teams.app_id,
            tenant=cast.acme.tenant,
            tenants=frozenset({cast.acme.tenant}),
            openid_url=cast.teams.metadata_url,
            graph_url=f"{cast.teams.graph_url}/",
            service_url=cast.teams.service_url,
            triage=channel.id if channel else "",
        )
        yield TeamsSet(cast=cast, access=access, triage=channel, in_time_s=in_time_s)


@asynccontextmanager
async def teams_staged(
    database: str,
    folder: Path,
    *,
    has_page: bool = False,
    rates: bool = False,
    installed: bool = True,
    triage: str = "",
    in_time_s: float = 4.0,
    known: bool = True,
) -> AsyncIterator[TeamsStage]:
    """Puts the whole bot on stage, in a Teams of its own; leaving the block stops it.

    Args:
        database: a migrated one.
        folder: for the company's files.
        has_page: whether people are reached on the page, too.
        rates: whether a conversation takes only as much as Teams lets through.
        installed: whether Acme's people have the bot already.
        triage: the name of a channel that is made for internal notes, with the technicians in it.
        in_time_s: seconds after which a press is answered without its outcome.
        known: whether everybody's account is tied to them already.
    """
    async with (
        teams_set(rates=rates, installed=installed, triage=triage, in_time_s=in_time_s) as found,
        staged(database, folder, further=[found.further], has_page=has_page) as stage,
    ):
        teams = found.on(stage)
        if known:
            await teams.knows(*teams.cast.people)
        yield teams
