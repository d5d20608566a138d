"""A real browser on the playground page.

`playground` starts the fake API; a real server takes its place by overriding that one fixture
(and `cast`, which names the people and the words of the story).
"""

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.stage import Cast, Opener, Playground, Seen
from tests.servers.playground_api import PlaygroundApi

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 15_000
"""Far above what a step takes; a slow machine must not fail a test."""

expect.set_options(timeout=PATIENCE_MS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One headless Chromium for all tests."""
    if CHROMIUM is None:
        pytest.skip("No Chromium found on PATH (chromium, chromium-browser or google-chrome).")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def playground() -> AsyncIterator[Playground]:
    """A fresh story on a free port."""
    api = PlaygroundApi()
    await api.start()
    yield api
    await api.stop()


@pytest.fixture
def base_url(playground: Playground) -> str:
    """Where the page is."""
    return playground.url


@pytest.fixture
def cast() -> Cast:
    """The people of the story."""
    return Cast()


@pytest.fixture
def seen() -> Seen:
    """What the opened pages did behind the scenes."""
    return Seen()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, base_url: str, seen: Seen) -> AsyncIterator[Opener]:
    """Opens the page in a browser of its own: `await open_page(width=…, height=…, scheme=…)`."""
    contexts: list[BrowserContext] = []

    async def opener(width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        seen.watch(page)
        await page.goto(base_url)
        await expect(page.locator("body")).to_have_attribute("data-ready", "true")
        return page

    yield opener
    for context in contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Opener) -> Page:
    """The page on a wide screen."""
    return await open_page()
