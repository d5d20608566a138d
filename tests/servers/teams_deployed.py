"""Acme in a Teams of its own, for bots that run as processes: their settings, and what people do."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from bot.chat.teams.access import MESSAGES_PATH
from tests.servers.countersign_process import CountersignProcess, eventually
from tests.servers.entra import Entra, entra_server
from tests.servers.teams_acme import AcmeInTeams, acme_in_teams
from tests.servers.teams_things import Message
from tests.servers.teams_words import titles, words

SECRET: Final = "what-proves-who-the-bot-is"  # noqa: S105 - a test's

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The organisation, and the Entra that gives the bot its tokens."""

    cast: AcmeInTeams
    entra: Entra

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to know of this Teams."""
        teams = self.cast.teams
        return {
            "MicrosoftAppId": teams.app_id,
            "MicrosoftAppPassword": SECRET,
            "MicrosoftAppTenantId": self.cast.acme.tenant,
            "TEAMS_OPENID_URL": teams.metadata_url,
            "TEAMS_LOGIN_URL": self.entra.url,
            "TEAMS_GRAPH_URL": f"{teams.graph_url}/",
            "TEAMS_SERVICE_URL": teams.service_url,
        }

    def demo(self, data: Path, *, database: str = "") -> CountersignProcess:
        """Gives the demo, in this Teams; what people do reaches it."""
        found = CountersignProcess.demo(data, database=database or None, environment=self.environment)
        self.cast.teams.posts_to(f"http://127.0.0.1:{found.port}{MESSAGES_PATH}")
        return found

    async def says(self, who: str, text: str) -> Message:
        """Has a person write to the bot."""
        return await self.cast.acme.says(self.cast.user(who), text)

    def asking(self, who: str, button: str = "Approve") -> list[Message]:
        """Gives the messages in which a person can do this now."""
        user = self.cast.user(who)
        return [one for one in self.cast.acme.answers(user) if button in titles(one, user)]

    async def card(self, who: str, button: str = "Approve") -> Message:
        """Waits for the newest message to a person with this button."""
        return (await self.eventually(lambda: self.asking(who, button), f"a card for {who}"))[-1]

    async def approves(self, who: str) -> Message:
        """Has a person approve what asks them."""
        card = await self.card(who)
        await self.cast.acme.presses(self.cast.user(who), card, "Approve")
        return card

    def read(self, who: str, part: str) -> list[Message]:
        """Gives what the bot wrote to a person that says these words."""
        return [one for one in self.cast.acme.answers(self.cast.user(who)) if part in words(one)]

    async def told(self, who: str, part: str) -> list[Message]:
        """Waits until a person can read these words in what the bot wrote them."""
        return await self.eventually(lambda: self.read(who, part), f"{who} to be told “{part}”")

    async def eventually(self, look: Callable[[], Found | None], what: str) -> Found:
        """Waits as long as processes may take."""

        async def looked() -> Found | None:
            return look()

        return await eventually(looked, what)


@asynccontextmanager
async def acme_deployed() -> AsyncIterator[Deployed]:
    """Gives a running Teams with Acme in it, and an Entra."""
    async with acme_in_teams() as cast, entra_server() as entra:
        entra.tenant = cast.acme.tenant
        entra.answer = {"access_token": cast.teams.bot_token, "token_type": "Bearer"}
        yield Deployed(cast=cast, entra=entra)
