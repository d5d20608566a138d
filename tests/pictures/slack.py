"""Draws cards as Slack would show them: `python -m tests.pictures.slack OUT_DIR`.

Needs node with npm, and Chromium. The npm packages are installed into the system's temporary directory.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from playwright.async_api import async_playwright

from bot.chat.slack.kit.blocks import Block
from bot.chat.slack.shown.card import render
from bot.chat.slack.shown.whole import pages, whole_view
from tests.browser.conftest import CHROMIUM, QUIET
from tests.pictures.samples import samples

PACKAGES: Final = ("react@19.3.1", "react-dom@19.3.1", "slack-blocks-to-jsx@1.1.1")
WIDTHS: Final = {"desktop": 720, "phone": 375}
_SCRIPT: Final = Path(__file__).with_suffix(".mjs")
_CACHE: Final = Path(tempfile.gettempdir()) / "countersign-pictures"


def drawn() -> Mapping[str, Block]:
    """Gives what there is to draw, by name: every sample, and the whole of those that do not fit."""
    found: dict[str, Block] = {}
    for name, card in samples().items():
        rendered = render(card)
        found[name] = {"blocks": rendered.blocks}
        if not rendered.whole:
            view = whole_view(card, pages(card))
            found[f"{name}-whole"] = {"blocks": view["blocks"], "modal": "The whole request"}
    return found


def as_html(cards: Mapping[str, Block]) -> Mapping[str, str]:
    """Gives each card as a page of its own."""
    _CACHE.mkdir(exist_ok=True)
    if not (_CACHE / "node_modules" / "slack-blocks-to-jsx").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", *PACKAGES], cwd=_CACHE, check=True)
    script = shutil.copy(_SCRIPT, _CACHE)
    answer = subprocess.run(
        ["node", script], input=json.dumps(cards), cwd=_CACHE, check=True, stdout=subprocess.PIPE, text=True
    )
    found = json.loads(answer.stdout)
    return {str(name): str(page) for name, page in found.items()}


async def photographed(html: Mapping[str, str], place: Path) -> None:
    """Writes one picture for each page and width."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for device, width in WIDTHS.items():
            page = await browser.new_page(viewport={"width": width, "height": 200}, device_scale_factor=1.5)
            for name, content in html.items():
                await page.set_content(content)
                await page.screenshot(path=place / f"{name}-{device}.png", full_page=True)
        await browser.close()


def main() -> None:
    """Draws everything into the directory that is named."""
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    asyncio.run(photographed(as_html(drawn()), place))


if __name__ == "__main__":
    main()
