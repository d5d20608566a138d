"""The demo in Microsoft's own stand-in for Teams: two people, each before a page of theirs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.teams_chat import CARD, TeamsChat, button
from tests.servers.agents_playground import ALICE, BOB, AgentsPlayground, require_playground
from tests.servers.demo_process import DemoProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True, kw_only=True)
class Two:
    """Two people with a Teams each, and one Countersign."""

    alice: TeamsChat
    bob: TeamsChat
    of_alice: AgentsPlayground

    async def pictures(self, folder: Path) -> None:
        """Takes what both see at the moment."""
        await self.alice.page.screenshot(path=folder / "alice.png")
        await self.bob.page.screenshot(path=folder / "bob.png")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Two]:
    """The demo, known to Bob's Teams too, so that he can be reached when Alice asks."""
    require_playground()
    folder = tmp_path_factory.mktemp("teams")
    parts = [f"--play-as={player.name.lower()}={player.object_id}" for player in (ALICE, BOB)]
    demo = DemoProcess(folder / "demo", "--teams", *parts)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(demo.stop)
        await demo.start()
        of_alice, of_bob = [
            await stack.enter_async_context(
                AgentsPlayground(folder / player.name, player, bot_url=f"{demo.url}api/messages")
            )
            for player in (ALICE, BOB)
        ]
        # Ended before them, it has nobody to go on trying to reach.
        stack.push_async_callback(demo.stop)
        yield Two(
            bob=await stack.enter_async_context(TeamsChat.opened(browser, of_bob)),
            alice=await stack.enter_async_context(TeamsChat.opened(browser, of_alice)),
            of_alice=of_alice,
        )


@pytest_asyncio.fixture(loop_scope="session")
async def two(stage: Two, tmp_path: Path) -> AsyncIterator[Two]:
    """Both of them; what they saw at last is kept in the test's folder."""
    yield stage
    await stage.pictures(tmp_path)
    assert stage.alice.mistakes + stage.bob.mistakes == []


async def test_alice_asks_in_teams_bob_approves_in_his_and_her_first_card_changes(two: Two) -> None:
    await two.alice.say("reset my password")
    mine = two.alice.card("Your request", "Reset a password")
    await expect(mine).to_contain_text("Waiting")
    asked = two.bob.card("Alice Archer asks", "Asked of you as")
    await button(asked, "Approve").click()

    await expect(mine).to_contain_text("Done")
    await expect(button(mine, "Withdraw")).to_have_count(0)
    await expect(two.alice.page.get_by_text("was sent a one-time link").last).to_be_visible()
    await expect(asked).to_contain_text("Approved")
    await expect(button(asked, "Approve")).to_have_count(0)


async def test_people_are_greeted_once_and_a_suggestion_of_the_greeting_asks(two: Two) -> None:
    greeting = two.bob.page.locator(CARD).filter(has_text="I am the IT help bot")
    await expect(greeting).to_have_count(1)
    await button(greeting, "What do I have access to?").click()
    await expect(two.bob.page.get_by_text("Bob Brennan has access to").last).to_be_visible()


async def test_a_denial_asks_for_a_reason_and_alice_reads_it(two: Two) -> None:
    await two.alice.say("reset the password of eve@acme.test")
    asked = two.bob.card("Alice Archer asks", "Asked of you as", "eve@acme.test")
    await button(asked, "Deny…").click()
    form = two.bob.card("Nothing will run.")
    await form.get_by_label("Reason").fill("Eve has to ask *herself*.")
    await button(form, "Deny").click()

    await expect(asked).to_contain_text("Denied")
    await expect(button(asked, "Approve")).to_have_count(0)
    mine = two.alice.card("Your request", "eve@acme.test")
    await expect(mine).to_contain_text("Denied")
    await expect(two.alice.page.get_by_text("Eve has to ask").last).to_be_visible()


async def test_the_request_form_takes_a_tool_and_its_fields(two: Two) -> None:
    await two.alice.say("request")
    await button(two.alice.card("in your own words"), "Open the form").click()
    tools = two.alice.card("What should be done?")
    await tools.get_by_role("combobox").click()
    await two.alice.page.get_by_role("option", name="Reset a password").click()
    await button(tools, "Next").click()
    fields = two.alice.card("Note for the approver")
    await fields.get_by_label("User").fill("dan@acme.test")
    await fields.get_by_label("Note for the approver").fill("Dan is at the desk.")
    await button(fields, "Send").click()

    asked = two.bob.card("Alice Archer asks", "Asked of you as", "dan@acme.test", "Dan is at the desk.")
    await button(asked, "Approve").click()
    await expect(two.alice.card("Your request", "dan@acme.test")).to_contain_text("Done")


async def test_a_mention_in_a_channel_is_answered_in_its_thread(two: Two) -> None:
    answer = await two.of_alice.answer_to_post("please unlock the account of eve@acme.test")
    assert "eve@acme.test" in str(answer)
