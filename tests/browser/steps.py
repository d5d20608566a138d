"""What people do on the page, for the browser tests."""

import json
from typing import Final

from playwright.async_api import Locator, Page

CONTRASTS: Final = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const light = ([r, g, b]) => {
    const part = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !node.checkVisibility()) continue;
    if (node.closest(".unseen, .avatar, noscript, .skip, [aria-disabled=true]")) continue;
    const [a, b] = [light(rgba(getComputedStyle(node).color)), light(behind(node))];
    found.push({ text: text.slice(0, 40), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) });
  }
  return found;
}
"""
"""Gives each visible text with its contrast. Source: WCAG 2.2, 1.4.3 and its relative luminance."""


def chat(page: Page, email: str) -> Locator:
    """A person's column."""
    return page.locator(f"[data-chat={json.dumps(email)}]")


def card(page: Page, email: str) -> Locator:
    """The newest card in a person's chat."""
    return chat(page, email).locator("[data-card]").last


def button(page: Page, email: str, action: str) -> Locator:
    """A button of the newest card in a person's chat."""
    return card(page, email).locator(f"[data-action={json.dumps(action)}]")


async def say(page: Page, email: str, text: str) -> None:
    """Types a message as a person and sends it with Enter."""
    box = chat(page, email).get_by_role("textbox")
    await box.fill(text)
    await box.press("Enter")


async def show(page: Page, email: str) -> None:
    """Opens a person's chat from the list of people."""
    await page.locator(f"[data-person={json.dumps(email)}]").click()


async def tab_to(page: Page, target: Locator, at_most: int = 80) -> None:
    """Presses Tab until the target has the focus."""
    for _ in range(at_most):
        if await target.evaluate("(node) => node === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError("The Tab key never reached the button.")


async def fits(page: Page) -> bool:
    """Whether the page needs no scrolling to the side."""
    return bool(
        await page.evaluate(
            "document.documentElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth"
        )
    )
