"""What a person sees and does in the page of an Agents Playground."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.servers.agents_playground import AgentsPlayground

CARD: Final = ".ac-adaptiveCard"


@dataclass(frozen=True)
class TeamsChat:
    """A person's chat with the bot."""

    page: Page
    mistakes: list[str]
    """What went wrong in the page's own program."""

    @classmethod
    @asynccontextmanager
    async def opened(cls, browser: Browser, playground: AgentsPlayground) -> AsyncIterator[Self]:
        """Opens the page while the block lasts; the bot knows of it and has greeted the person."""
        context = await browser.new_context(viewport={"width": 1280, "height": 1100})
        page = await context.new_page()
        mistakes: list[str] = []
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        await page.route(lambda address: not address.startswith(playground.url), _offline)
        await page.goto(playground.url)
        await page.get_by_role("button", name="Hide log panel").click()
        chat = cls(page, mistakes)
        await expect(chat.card("I am the IT help bot")).to_be_visible()
        yield chat
        await context.close()

    def card(self, *parts: str) -> Locator:
        """The newest card with all of these words."""
        found = self.page.locator(CARD)
        for part in parts:
            found = found.filter(has_text=part)
        return found.last

    async def say(self, text: str) -> None:
        """Writes to the bot."""
        box = self.page.locator("[data-lexical-editor]").last
        await box.fill(text)
        await box.press("Enter")


def button(card: Locator, title: str) -> Locator:
    """A button of a card."""
    return card.get_by_role("button", name=title, exact=True)


async def _offline(route: Route) -> None:
    """Its fonts come from elsewhere, and it does without."""
    await route.abort()
