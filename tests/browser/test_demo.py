"""The README's story, clicked through on the page of the real demo."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.stage import Opener, Seen
from tests.browser.steps import button, card, chat, say
from tests.servers.demo_process import DemoProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

ALICE, BOB, MEGAN = "alice@acme.test", "bob@acme.test", "megan@acme.test"


@pytest_asyncio.fixture(loop_scope="session")
async def playground(tmp_path: Path) -> AsyncIterator[DemoProcess]:
    """The real demo, fresh."""
    demo = DemoProcess(tmp_path / "demo")
    await demo.start()
    yield demo
    await demo.stop()


async def test_the_story_of_the_readme_plays_on_the_page(page: Page, seen: Seen) -> None:
    await say(page, ALICE, "I need access to Zendesk")
    await button(page, BOB, "approve").click()
    await button(page, MEGAN, "approve").click()
    await expect(page.locator("#estate-list")).to_contain_text("Zendesk")
    await expect(chat(page, ALICE)).to_contain_text("Alice Archer now has member access to Zendesk.")

    await say(page, ALICE, "reset my password")
    await expect(card(page, BOB)).to_contain_text("Reset a password")
    await button(page, BOB, "always_allow").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Alice Archer may use acme-it:reset_password")
    await dialog.locator("[data-submit]").click()
    await expect(dialog).to_be_hidden()
    changes = page.locator("#estate-list li")
    await expect(changes).to_have_count(2)

    await say(page, ALICE, "please reset my password again")
    await expect(changes).to_have_count(3)
    await expect(chat(page, ALICE)).to_contain_text("standing approval")
    assert seen.mistakes == []


async def test_the_page_goes_on_after_the_demo_was_killed(open_page: Opener, playground: DemoProcess) -> None:
    page = await open_page()
    await say(page, ALICE, "I need access to Zendesk")
    await expect(button(page, BOB, "approve")).to_be_visible()
    await playground.kill()
    await playground.start()
    await expect(page.locator("#banner")).to_be_hidden()
    await button(page, BOB, "approve").click()
    await button(page, MEGAN, "approve").click()
    await expect(page.locator("#estate-list li")).to_have_count(1)
