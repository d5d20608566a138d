"""Who and what a browser test plays with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Error, Page, Request

from tests.servers.playground_story import ALICE, MIA, PRIYA, TOM


class Playground(Protocol):
    """A playground server: fake or real."""

    @property
    def url(self) -> str: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


@dataclass(frozen=True)
class Cast:
    """Who plays in the story, and the words that set it going."""

    employee: str = ALICE
    technician: str = TOM
    second_technician: str = PRIYA
    manager: str = MIA
    ask: str = "I need access to Zendesk"
    ask_long: str = "My laptop was stolen, please wipe it"
    approved_argument: str = "Support agents"


@dataclass
class Seen:
    """What a page did that a person does not see."""

    hosts: set[str] = field(default_factory=set)
    mistakes: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Starts writing down requests, console errors and uncaught exceptions."""
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", self._uncaught)

    def _request(self, request: Request) -> None:
        if not request.url.startswith("data:"):
            self.hosts.add(urlsplit(request.url).netloc)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.mistakes.append(message.text)

    def _uncaught(self, error: Error) -> None:
        self.mistakes.append(str(error))


Opener = Callable[..., Awaitable[Page]]
