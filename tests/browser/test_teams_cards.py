"""A card as Microsoft's own renderer draws it: people read what would run, letter by letter."""

import pytest
from playwright.async_api import Browser

from bot.cards.model import Card, CardCall, Fact
from bot.chat.teams.shown.card import render
from bot.domain.canonical import JsonObject
from tests.pictures.teams_theme import host_config
from tests.servers.adaptive_cards import BUNDLE, needs_the_package

pytestmark = [needs_the_package, pytest.mark.asyncio(loop_scope="session")]

_DRAW = """([card, config]) => {
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = "<u>" + text + "</u>";
    result.didProcess = true;
  };
  const adaptive = new AdaptiveCards.AdaptiveCard();
  adaptive.hostConfig = new AdaptiveCards.HostConfig(config);
  adaptive.parse(card);
  document.body.replaceChildren(adaptive.render());
}"""
SLY: JsonObject = {
    "markup": "**bold** <b>IT</b> <at>Bob</at> [Approve](http://evil.test) &lt;",
    "date": "{{DATE(2026-11-20T08:00:00Z,SHORT)}} {{TIME(2026-11-20T08:00:00Z)}}",
    "spaces": "a  b   c",
    "lines": "first\n    second\n\nfourth",
    "template": "${title} {{title}}",
}


async def test_outside_text_is_drawn_as_it_is(browser: Browser) -> None:
    call = CardCall(tool="a:b", title="Do it", arguments=SLY, effect="write", decision="auto")
    facts = (Fact("**Decision**", "<b>approved</b> by [Bob](http://evil.test)"),)
    card = Card(id="1", request="r", title="*Sly* <i>title</i>", status="pending", facts=facts, calls=(call,))
    page = await browser.new_page()
    try:
        await page.add_script_tag(path=BUNDLE)
        await page.evaluate(_DRAW, [render(card).card, host_config("light")])
        text = (await page.inner_text("body")).replace("\u00a0", " ")
        markup = await page.locator("body").evaluate("body => body.querySelectorAll('a, b, i, u, at').length")
    finally:
        await page.close()
    for wanted in (card.title, *(part for fact in facts for part in (fact.label, fact.value)), *SLY.values()):
        assert str(wanted) in text
    assert markup == 0
