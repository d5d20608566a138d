"""Draws cards as Slack would show them: `python -m tests.pictures.slack OUT_DIR`.

Needs node with npm, and Chromium. The npm packages are installed into the system's temporary directory.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from playwright.async_api import async_playwright

from bot.cards.model import Card
from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.modals.dialog import dialog_view
from bot.chat.slack.modals.form_page import form_view
from bot.chat.slack.shown.answer import answer_words
from bot.chat.slack.shown.card import render
from bot.chat.slack.shown.says import spoken
from bot.chat.slack.shown.whole import pages, whole_view
from bot.documents.json_reading import object_at, text_at
from tests.browser.conftest import CHROMIUM, QUIET
from tests.pictures.admin import scenes
from tests.pictures.answers import answers
from tests.pictures.samples import samples

PACKAGES: Final = ("react@19.3.1", "react-dom@19.3.1", "slack-blocks-to-jsx@1.1.1")
WIDTHS: Final = {"desktop": 720, "phone": 375}
_SCRIPT: Final = Path(__file__).with_suffix(".mjs")
_CACHE: Final = Path(tempfile.gettempdir()) / "countersign-pictures"


def drawn() -> Mapping[str, Block]:
    """Gives what there is to draw, by name, with the title of the modal where it is one."""
    found: dict[str, Block] = {}
    played = scenes()
    for name, card in {**samples(), **played.cards}.items():
        rendered = render(card)
        found[name] = {"blocks": rendered.blocks}
        if not rendered.whole:
            found[f"{name}-whole"] = _modal(whole_view(card, pages(card)))
        found |= {f"{name}-{action}": view for action, view in _dialogs(card)}
    for name, answer in {**answers(), **played.answers}.items():
        for number, words in enumerate(answer_words(answer), start=1):
            found[f"{name}-{number}" if number > 1 else name] = {"blocks": words.blocks}
    for name, page in played.pages.items():
        found[name] = _modal(form_view(page))
    for name, text in played.told.items():
        found[name] = {"blocks": spoken(text)[0].blocks}
    return found


def _dialogs(card: Card) -> Iterator[tuple[str, Block]]:
    for action in card.actions:
        if action.dialog is not None and action.dialog.fields:
            yield action.id, _modal(dialog_view(action.dialog, card=card.id, action=action.id))


def _modal(view: Block) -> Block:
    found: Block = {"blocks": view["blocks"], "modal": text_at(view, "title", "text")}
    submit = object_at(view, "submit")
    return {**found, "submit": submit["text"]} if submit else found


def as_html(cards: Mapping[str, Block]) -> Mapping[str, str]:
    """Gives each card as a page of its own, on light and on dark."""
    _CACHE.mkdir(exist_ok=True)
    if not (_CACHE / "node_modules" / "slack-blocks-to-jsx").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", *PACKAGES], cwd=_CACHE, check=True)
    script = shutil.copy(_SCRIPT, _CACHE)
    told, answer = _CACHE / "cards.json", _CACHE / "pages.json"
    told.write_text(json.dumps(cards), encoding="utf-8")
    subprocess.run(["node", script, told, answer], cwd=_CACHE, check=True)
    found = json.loads(answer.read_text(encoding="utf-8"))
    return {str(name): str(page) for name, page in found.items()}


async def photographed(html: Mapping[str, str], place: Path) -> None:
    """Writes one picture for each page and width."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for device, width in WIDTHS.items():
            page = await browser.new_page(viewport={"width": width, "height": 200}, device_scale_factor=1.5)
            for name, content in html.items():
                card, _, theme = name.partition("/")
                await page.set_content(content)
                await page.screenshot(path=place / f"{card}-{device}-{theme}.png", full_page=True)
        await browser.close()


def main() -> None:
    """Draws everything into the directory that is named."""
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    asyncio.run(photographed(as_html(drawn()), place))


if __name__ == "__main__":
    main()
