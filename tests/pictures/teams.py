"""Draws cards as Teams would show them: `python -m tests.pictures.teams OUT_DIR`.

Needs the npm package `adaptivecards`, where `.ci/run` installs it, and Chromium.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from playwright.async_api import async_playwright

from bot.cards.model import Card
from bot.chat.teams.dialogs.dialog import dialog_view
from bot.chat.teams.dialogs.pages import page_view
from bot.chat.teams.shown.answer import answer_cards
from bot.chat.teams.shown.card import render
from bot.chat.teams.shown.says import told_card
from bot.chat.teams.shown.whole import whole_views
from bot.domain.canonical import JsonObject
from tests.browser.conftest import CHROMIUM, QUIET
from tests.pictures.admin import scenes
from tests.pictures.answers import answers
from tests.pictures.samples import samples
from tests.pictures.teams_theme import THEMES, host_config
from tests.servers.adaptive_cards import BUNDLE

WIDTHS: Final = {"desktop": 680, "phone": 375}
_PAGE: Final = Path(__file__).with_suffix(".html")
_DRAW: Final = """([card, config, theme, dialog]) => {
  document.body.className = theme;
  const adaptive = new AdaptiveCards.AdaptiveCard();
  adaptive.hostConfig = new AdaptiveCards.HostConfig(config);
  adaptive.parse(card);
  const place = document.getElementById("card");
  place.className = dialog ? "dialog" : "";
  place.replaceChildren(adaptive.render());
}"""


def drawn() -> Mapping[str, tuple[JsonObject, bool]]:
    """Gives what there is to draw, by name, each with whether it stands in a dialog."""
    found: dict[str, tuple[JsonObject, bool]] = {}
    played = scenes()
    for name, card in {**samples(), **played.cards}.items():
        found[name] = (render(card).card, False)
        if not render(card).whole:
            for number, view in enumerate(whole_views(card), start=1):
                found[f"{name}-whole-{number}"] = (view, True)
        found |= {f"{name}-{action}": (view, True) for action, view in _dialogs(card)}
    for name, answer in {**answers(), **played.answers}.items():
        for number, one in enumerate(answer_cards(answer), start=1):
            found[f"{name}-{number}" if number > 1 else name] = (one, False)
    for name, page in played.pages.items():
        shown = page_view(page)
        found[name] = (shown.card, True)
        if shown.written is not None:
            found[f"{name}-in-chat"] = (shown.written, False)
    for name, text in played.told.items():
        found[name] = (told_card("Not possible", text), True)
    return found


def _dialogs(card: Card) -> Iterator[tuple[str, JsonObject]]:
    for action in card.actions:
        if action.dialog is not None and action.dialog.fields:
            yield action.id, dialog_view(action.dialog, card=card.id, action=action.id).card


async def photographed(cards: Mapping[str, tuple[JsonObject, bool]], place: Path) -> None:
    """Writes one picture for each card, width and theme."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for device, width in WIDTHS.items():
            page = await browser.new_page(viewport={"width": width, "height": 200}, device_scale_factor=1.5)
            await page.set_content(_PAGE.read_text(encoding="utf-8"))
            await page.add_script_tag(path=BUNDLE)
            for theme in THEMES:
                config = host_config(theme)
                for name, (card, is_dialog) in cards.items():
                    await page.evaluate(_DRAW, [card, config, theme, is_dialog])
                    await page.screenshot(path=place / f"{name}-{device}-{theme}.png", full_page=True)
        await browser.close()


def main() -> None:
    """Draws everything into the directory that is named."""
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    asyncio.run(photographed(drawn(), place))


if __name__ == "__main__":
    main()
