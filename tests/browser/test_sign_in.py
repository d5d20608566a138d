"""The sign-in pages in a real browser: with its cookies and its rules, on any width, light and dark."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.storage.migrate import migrate
from tests.browser.stage import Seen
from tests.browser.steps import CONTRASTS, fits, tab_to
from tests.sign_in_door import Door, opened

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDTHS = {"desktop": (1280, 800), "phone": (390, 844), "narrow": (320, 568)}
LEAST_CONTRAST = 4.5
"""Source: WCAG 2.2, 1.4.3"""


@pytest_asyncio.fixture(loop_scope="session")
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    """The sign-in pages, and a provider where people press a button."""
    database = f"sqlite:///{tmp_path / 'countersign.db'}"
    await migrate(database)
    async with opened(database) as found:
        found.provider.has_page = True
        yield found


async def opened_page(
    browser: Browser, seen: Seen, *, width: str = "desktop", scheme: str = "light", scripts: bool = True
) -> Page:
    wide, high = WIDTHS[width]
    context = await browser.new_context(
        viewport={"width": wide, "height": high},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
    )
    page = await context.new_page()
    seen.watch(page)
    return page


async def readable(page: Page) -> None:
    """Has every text contrast enough, and nothing reach beyond the screen."""
    assert await fits(page)
    faint = [one for one in await page.evaluate(CONTRASTS) if one["ratio"] < LEAST_CONTRAST]
    assert faint == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_somebody_signs_in_with_the_keyboard_alone_and_can_read_all_of_it(
    browser: Browser, door: Door, seen: Seen, width: str, scheme: str, tmp_path: Path
) -> None:
    page = await opened_page(browser, seen, width=width, scheme=scheme)
    await page.goto(await door.link())
    await expect(page.get_by_role("heading", name="Sign in for the IT help bot")).to_be_visible()
    await readable(page)
    await page.screenshot(path=tmp_path / f"start-{width}-{scheme}.png")
    await tab_to(page, page.get_by_role("button", name="Sign in"))
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("Provider")
    await tab_to(page, page.get_by_role("button"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert page.url == f"{door.url}/signin/done"
    code = "".join(await page.locator(".code span").all_inner_texts())
    assert len(code) == 8
    assert code.isdecimal()
    await expect(page.locator("main")).to_contain_text("Mallory <b>Moss</b> (@mallory)")
    await readable(page)
    await page.screenshot(path=tmp_path / f"code-{width}-{scheme}.png")
    await page.reload()
    assert "".join(await page.locator(".code span").all_inner_texts()) == code
    assert seen.mistakes == []
    assert seen.hosts == {door.url.removeprefix("http://"), door.provider.url.removeprefix("http://")}
    await page.context.close()


async def test_it_takes_no_program_in_the_page(browser: Browser, door: Door, seen: Seen) -> None:
    page = await opened_page(browser, seen, scripts=False)
    await page.goto(await door.link())
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Continue as Alice").click()
    await expect(page.locator(".code")).to_be_visible()
    await page.context.close()


async def test_a_provider_that_sends_people_on_to_another_one_is_followed(
    browser: Browser, door: Door, seen: Seen
) -> None:
    """The rules for forms hold for redirects too; where a federated provider leads is not known before."""
    door.provider.leads_over = "localhost"
    page = await opened_page(browser, seen)
    await page.goto(await door.link())
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("button", name="Continue as Alice")).to_be_visible()
    assert "localhost" in page.url
    assert seen.mistakes == []
    await page.context.close()


async def test_another_site_cannot_press_the_button_in_somebodys_browser(
    browser: Browser, door: Door, seen: Seen
) -> None:
    code = (await door.link()).partition("code=")[2]
    page = await opened_page(browser, seen)
    await page.goto(f"{door.provider.url.replace('127.0.0.1', 'localhost')}/acme/keys")
    await page.set_content(
        f'<form method="post" action="{door.url}/signin"><input name="code" value="{code}">'
        "<button>Win a prize</button></form>"
    )
    await page.get_by_role("button").click()
    await expect(page.locator("main")).to_contain_text("This did not come from our own page.")
    assert await page.context.cookies() == []
    await page.context.close()


async def test_the_page_after_a_failure_can_be_read(browser: Browser, door: Door, seen: Seen) -> None:
    for scheme in ("light", "dark"):
        page = await opened_page(browser, seen, width="phone", scheme=scheme)
        await page.goto(f"{door.url}/signin?code=unknown")
        await expect(page.locator("main")).to_contain_text("This link is not good")
        await readable(page)
        await page.context.close()
