"""The playground page, as people use it: in a real browser, over real HTTP."""

import json
import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.stage import Cast, Opener, Playground, Seen
from tests.browser.steps import CONTRASTS, button, card, chat, fits, say, show, tab_to

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>'


async def test_asking_in_one_chat_brings_a_card_to_another_without_a_reload(page: Page, cast: Cast) -> None:
    await page.evaluate("window.sameDocument = true")
    await say(page, cast.employee, cast.ask)
    await expect(button(page, cast.technician, "approve")).to_be_visible()
    await expect(card(page, cast.technician)).to_contain_text(cast.approved_argument)
    await expect(card(page, cast.employee)).to_have_attribute("data-status", "waiting")
    assert await page.evaluate("window.sameDocument") is True


async def test_the_first_visit_says_who_you_are_and_what_to_try(page: Page, cast: Cast) -> None:
    column = chat(page, cast.employee)
    await expect(column).to_contain_text("You are Alice")
    await column.get_by_role("button", name=cast.ask).click()
    await expect(column.get_by_role("textbox")).to_have_value(cast.ask)
    await expect(column.get_by_role("textbox")).to_be_focused()


async def test_a_request_is_approved_with_the_keyboard_alone(page: Page, cast: Cast) -> None:
    await say(page, cast.employee, cast.ask)
    for approver in (cast.technician, cast.manager):
        await expect(button(page, approver, "approve")).to_be_visible()
        await tab_to(page, button(page, approver, "approve"))
        await page.keyboard.press("Enter")
        await expect(card(page, approver)).to_have_attribute("data-status", "approved")
        await expect(card(page, approver).get_by_role("heading")).to_be_focused()
    await expect(card(page, cast.employee)).to_have_attribute("data-status", "done")
    await expect(page.locator("#estate-list li")).to_have_count(1)


async def test_denying_asks_for_a_reason_and_the_requester_is_told(page: Page, cast: Cast) -> None:
    await say(page, cast.employee, cast.ask)
    await button(page, cast.technician, "deny").click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("[data-submit]").click()
    await expect(dialog.locator("[data-field=reason]")).to_contain_text("Please fill this in.")
    await expect(dialog.get_by_role("textbox")).to_be_focused()
    await dialog.get_by_role("textbox").fill("x")
    await dialog.locator("[data-submit]").click()
    await expect(dialog.locator("[data-field=reason]")).to_contain_text("Say a little more")
    await dialog.get_by_role("textbox").fill("Ask your own team first.")
    await dialog.locator("[data-submit]").click()
    await expect(dialog).to_have_count(0)
    await expect(card(page, cast.employee)).to_have_attribute("data-status", "denied")
    await expect(chat(page, cast.employee)).to_contain_text("Ask your own team first.")


async def test_a_late_click_is_told_who_decided(page: Page, cast: Cast, base_url: str) -> None:
    await say(page, cast.employee, cast.ask)
    await show(page, cast.second_technician)
    await button(page, cast.second_technician, "deny").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill("Too late anyway.")
    where = await card(page, cast.technician).get_attribute("data-card")
    decision: dict[str, object] = {"as": cast.technician, "card": where, "action": "approve", "values": {}}
    answer = await page.request.post(f"{base_url}/api/actions", data=decision)
    assert answer.ok
    await expect(dialog).to_contain_text("This card has changed meanwhile.")
    await expect(dialog.get_by_role("textbox")).to_have_value("Too late anyway.")
    await dialog.locator("[data-submit]").click()
    await expect(dialog).to_contain_text("Tom Becker already approved this.")
    await expect(dialog.locator("[data-submit]")).to_be_hidden()
    await expect(dialog.get_by_role("button", name="Close").last).to_be_focused()


async def test_form_errors_stand_at_their_field_and_the_focus_goes_there(page: Page, cast: Cast) -> None:
    await chat(page, cast.employee).get_by_role("button", name="Use the form").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("searchbox").fill("equip")
    await expect(dialog.locator("[data-tool]")).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await dialog.locator("[data-submit]").click()
    await expect(dialog.get_by_label("Event")).to_be_focused()
    await expect(dialog.locator("[data-field=laptops]")).to_contain_text("Please fill this in.")
    await dialog.get_by_label("Event").fill("Job fair")
    await dialog.get_by_label("Laptops").fill("25")
    await dialog.get_by_label("Starts").fill("2031-05-01")
    await dialog.get_by_label("fair", exact=True).check()
    await dialog.get_by_label("Options").fill("{not json")
    await dialog.locator("[data-submit]").click()
    await expect(dialog.get_by_label("Options")).to_be_focused()
    await dialog.get_by_label("Options").fill('{"power": true}')
    await dialog.get_by_label("Rooms").fill("Blue room\n\nAttic")
    await dialog.locator("[data-submit]").click()
    await expect(dialog.locator("[data-field=laptops]")).to_contain_text("A fair gets 20 laptops at most.")
    await expect(dialog.get_by_label("Laptops")).to_be_focused()
    await expect(dialog.get_by_label("Laptops")).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_label("Laptops").fill("20")
    await dialog.locator("[data-submit]").click()
    await expect(dialog).to_have_count(0)
    values = card(page, cast.technician).locator(".arguments")
    for text in ('"Attic"', '"power": true', "2031-05-01", "20"):
        await expect(values).to_contain_text(text)


async def test_half_typed_text_scroll_and_focus_survive_a_live_update(
    page: Page, cast: Cast, base_url: str
) -> None:
    for _ in range(4):
        await say(page, cast.employee, cast.ask)
        await expect(chat(page, cast.employee).get_by_role("textbox")).to_have_value("")
    log = chat(page, cast.technician).get_by_role("log")
    cards = chat(page, cast.technician).locator("[data-card]")
    await expect(cards).to_have_count(4)
    await log.evaluate("(node) => { node.scrollTop = 40; }")
    box = chat(page, cast.technician).get_by_role("textbox")
    await box.fill("I was just about to")
    await box.evaluate("(node) => node.setSelectionRange(2, 5)")
    await page.request.post(f"{base_url}/api/chats", data={"as": cast.employee, "text": cast.ask})
    await expect(cards).to_have_count(5)
    await expect(box).to_have_value("I was just about to")
    await expect(box).to_be_focused()
    assert await box.evaluate("(node) => [node.selectionStart, node.selectionEnd]") == [2, 5]
    assert await log.evaluate("(node) => node.scrollTop") == 40
    await expect(chat(page, cast.technician).get_by_role("button", name="New below")).to_be_visible()


async def test_escape_closes_a_dialog_gives_the_focus_back_and_keeps_the_words(
    page: Page, cast: Cast
) -> None:
    await say(page, cast.employee, cast.ask)
    await button(page, cast.technician, "deny").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").get_by_role("textbox").fill("Not before")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(button(page, cast.technician, "deny")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").get_by_role("textbox")).to_have_value("Not before")


async def test_always_allow_says_the_rule_before_it_can_be_saved(page: Page, cast: Cast) -> None:
    await say(page, cast.employee, cast.ask)
    await say(page, cast.manager, cast.ask)
    await expect(chat(page, cast.technician).locator("[data-card]")).to_have_count(2)
    await chat(page, cast.technician).locator("[data-action=always_allow]").first.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator(".preview")).to_contain_text("for Alice Liddell, with exactly")
    await expect(dialog.locator("[data-field=group]")).to_be_hidden()
    await dialog.get_by_label("A group").check()
    await expect(dialog.locator("[data-field=group]")).to_be_visible()
    await expect(dialog.locator(".preview")).to_contain_text("Choose a group")
    await dialog.get_by_label("Everyone").check()
    await dialog.get_by_label("Any arguments").check()
    await expect(dialog.locator(".preview")).to_contain_text("for everyone, with any arguments")
    await expect(dialog.locator(".preview")).to_contain_text("It also settles this open request:")
    await dialog.get_by_label("Reason").fill("Part of every start here")
    await dialog.locator("[data-submit]").click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".toast")).to_contain_text("The rule is saved.")


async def test_a_cut_off_argument_is_opened_before_anyone_approves_it(page: Page, cast: Cast) -> None:
    await say(page, cast.employee, cast.ask_long)
    await button(page, cast.technician, "approve").click()
    await expect(page.locator(".toast")).to_contain_text("Something was folded away.")
    await expect(card(page, cast.technician).locator(".value.cut")).to_have_count(0)
    await expect(card(page, cast.technician)).to_have_attribute("data-status", "pending")
    await button(page, cast.technician, "approve").click()
    await expect(card(page, cast.technician)).to_have_attribute("data-status", "approved")


async def test_arrow_keys_move_through_the_people(page: Page, cast: Cast) -> None:
    people = page.get_by_role("navigation", name="People").get_by_role("button")
    await people.first.focus()
    await page.keyboard.press("ArrowDown")
    await expect(people.nth(1)).to_be_focused()
    await page.keyboard.press("End")
    await expect(people.last).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(chat(page, "ada@acme.example").get_by_role("textbox")).to_be_focused()
    await chat(page, cast.manager).locator("[data-hide]").click()
    await expect(chat(page, cast.manager)).to_be_hidden()


async def test_a_phone_shows_one_chat_and_badges_for_the_others(open_page: Opener, cast: Cast) -> None:
    page = await open_page(width=390, height=844)
    await expect(page.locator("[data-chat]:visible")).to_have_count(1)
    await say(page, cast.employee, cast.ask)
    person = page.locator(f"[data-person={json.dumps(cast.technician)}]")
    await expect(person.locator(".badge")).to_have_text("2")
    await expect(person).to_have_accessible_name(re.compile(r"2 unread"))
    await person.click()
    await expect(button(page, cast.technician, "approve")).to_be_visible()
    await expect(person.locator(".badge")).to_be_hidden()
    await page.get_by_role("button", name="Changes").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Nothing yet.")


async def test_nothing_scrolls_sideways_at_360_pixels(open_page: Opener, cast: Cast) -> None:
    page = await open_page(width=360, height=740)
    assert await fits(page)
    await say(page, cast.employee, f"{cast.ask} {'x' * 300}")
    await show(page, cast.technician)
    await expect(button(page, cast.technician, "always_allow")).to_be_visible()
    assert await fits(page)
    assert (
        await chat(page, cast.technician)
        .get_by_role("log")
        .evaluate("(node) => node.scrollWidth <= node.clientWidth")
    )
    await button(page, cast.technician, "always_allow").click()
    body = page.get_by_role("dialog").locator(".dialog-body")
    assert await body.evaluate("(node) => node.scrollWidth <= node.clientWidth")
    assert await fits(page)


async def test_hostile_text_stays_text(page: Page, cast: Cast, seen: Seen) -> None:
    await say(page, cast.employee, f"zendesk {HOSTILE}")
    await expect(card(page, cast.technician).locator("blockquote")).to_have_text(f"zendesk {HOSTILE}")
    await chat(page, cast.employee).get_by_role("button", name="Use the form").click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("[data-tool='devices:wipe_laptop']").click()
    await dialog.get_by_label("Serial").fill(HOSTILE)
    await dialog.locator("[data-submit]").click()
    await expect(chat(page, cast.technician).locator("[data-card]")).to_have_count(2)
    await expect(card(page, cast.technician).locator(".value")).to_have_text(HOSTILE)
    await expect(page.locator("main img, main script")).to_have_count(0)
    assert await page.evaluate("window.owned") is None
    assert seen.mistakes == []


async def test_the_whole_way_has_no_console_errors_and_asks_no_other_host(
    page: Page, cast: Cast, seen: Seen, base_url: str
) -> None:
    await say(page, cast.employee, cast.ask)
    for approver in (cast.technician, cast.manager):
        await button(page, approver, "approve").click()
    await expect(card(page, cast.employee)).to_have_attribute("data-status", "done")
    await card(page, cast.employee).get_by_role("button", name="Details").click()
    await expect(page.get_by_role("dialog")).to_contain_text("by Tom Becker")
    await page.keyboard.press("Escape")
    await expect(card(page, cast.employee).get_by_role("button", name="Details")).to_be_focused()
    assert seen.mistakes == []
    assert seen.hosts == {urlsplit(base_url).netloc}


async def test_the_page_finds_the_server_again_and_what_happened_meanwhile(
    page: Page, cast: Cast, playground: Playground, base_url: str
) -> None:
    await chat(page, cast.employee).get_by_role("textbox").fill("half a sentence")
    await playground.stop()
    await expect(page.locator("#banner")).to_contain_text("The server is away.")
    await chat(page, cast.employee).get_by_role("textbox").press("Enter")
    await expect(page.locator(".toast.bad")).to_contain_text("does not answer")
    await expect(chat(page, cast.employee).get_by_role("textbox")).to_have_value("half a sentence")
    await playground.start()
    # Written by somebody else, before this page has found its way back.
    await page.request.post(f"{base_url}/api/chats", data={"as": cast.employee, "text": cast.ask})
    await expect(page.locator("#banner")).to_contain_text("Back again.")
    await expect(button(page, cast.technician, "approve")).to_be_visible()
    await expect(chat(page, cast.employee).get_by_role("textbox")).to_have_value("half a sentence")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_can_be_read_against_what_is_behind_it(open_page: Opener, cast: Cast, scheme: str) -> None:
    page = await open_page(scheme=scheme)
    await say(page, cast.employee, cast.ask_long)
    await say(page, cast.employee, cast.ask)
    await button(page, cast.technician, "deny").click()
    await page.get_by_role("dialog").locator("[data-submit]").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Please fill this in.")
    await page.mouse.move(0, 0)
    texts = await page.evaluate(CONTRASTS)
    assert len(texts) > 40
    assert [one for one in texts if one["ratio"] < 4.5] == []
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", background)[0]) < 60) is (scheme == "dark")


async def test_the_choice_of_colours_is_remembered(page: Page) -> None:
    toggle = page.get_by_role("button", name=re.compile("^Colours"))
    await toggle.click()
    await toggle.click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(toggle).to_have_accessible_name(re.compile("dark"))
