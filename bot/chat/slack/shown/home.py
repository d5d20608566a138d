"""App Home: what waits for me, what I asked for, and for admins what is frozen and how connectors are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.cards.model import Card
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, actions, button, context, cut, divider, header, home, section
from bot.chat.slack.shown.buttons import VIEW_ALL
from bot.chat.slack.shown.card import render
from bot.flow.queue import Glance, Queue, QueueItem

ASK_BUTTON: Final = "home:ask"
_CARD_BLOCKS: Final = 60
"""Blocks that whole cards may take; further approvals are listed, each with a button that shows it whole."""
_REQUESTS: Final = 10
_CONNECTORS: Final = 8
_LEFT: Final = 4
"""Blocks that are kept free, for what says that there is more."""


def home_view(queue: Queue, cards: Mapping[str, Card], recent: Sequence[QueueItem]) -> Block:
    """Gives the page.

    Args:
        queue: what waits.
        cards: the cards of the queue's approvals as the person sees them, by id; those that are wanted whole.
        recent: the person's newest requests that are over.
    """
    blocks: list[Block] = [actions([button("Ask IT…", ASK_BUTTON, style="primary")], block_id="home:top")]
    blocks += _approvals(queue, cards)
    blocks += _requests(queue, recent)
    if queue.glance is not None:
        blocks += _glance(queue.glance)
    return home(blocks[: limits.VIEW_BLOCKS])


def refused_view(sentence: str) -> Block:
    """Gives the page for somebody who may not see any."""
    return home([section(sentence)])


def _approvals(queue: Queue, cards: Mapping[str, Card]) -> list[Block]:
    total = len(queue.approvals) + queue.approvals_left
    blocks: list[Block] = [
        header(f"Waiting for your decision ({total})" if total else "Nothing waits for you")
    ]
    whole: list[Block] = []
    listed: list[Block] = []
    for item in queue.approvals:
        drawn = render(cards[item.card]) if item.card in cards else None
        if drawn is not None and drawn.whole and len(whole) + len(drawn.blocks) < _CARD_BLOCKS and not listed:
            whole += [*drawn.blocks, divider()]
        else:
            open_it = button("Open", VIEW_ALL, value=item.card)
            listed.append(section(_words(item, queue.zone), accessory=open_it))
    blocks += whole + listed[:_REQUESTS]
    more = total - len(queue.approvals) + max(0, len(listed) - _REQUESTS)
    if more:
        blocks.append(context(f"and {more} more; “/approvals” lists them all."))
    return blocks


def _requests(queue: Queue, recent: Sequence[QueueItem]) -> list[Block]:
    shown = [*reversed(queue.requests)][:_REQUESTS]
    ended = recent[: max(0, _REQUESTS - len(shown))]
    if not shown and not ended:
        return [header("Your requests"), section("You have asked for nothing yet. Write me what you need.")]
    blocks: list[Block] = [header("Your requests")]
    for item in (*shown, *ended):
        open_it = button("Open", VIEW_ALL, value=item.card)
        blocks.append(section(_words(item, queue.zone), accessory=open_it))
    left = len(queue.requests) - len(shown)
    if left > 0:
        blocks.append(context(f"and {left} more that are open."))
    return blocks


def _words(item: QueueItem, zone: ZoneInfo) -> str:
    until = f" Open until {_moment(item.until, zone)}." if item.until else ""
    status = item.status[:1].upper() + item.status[1:]
    lines = [item.title, item.why, f"{status.rstrip('.')}.{until}"]
    return cut("\n".join(line for line in lines if line), limits.SECTION_TEXT)


def _glance(glance: Glance) -> list[Block]:
    blocks: list[Block] = [header("For admins")]
    frozen = "\n".join(glance.frozen) or "Nothing is frozen."
    blocks.append(section(cut(frozen, limits.SECTION_TEXT)))
    for one in glance.connectors[:_CONNECTORS]:
        state = (
            "is switched off" if not one.on else f"does not answer: {one.health}" if one.health else "is well"
        )
        blocks.append(context(f"Connector {one.name} {state}"))
    if len(glance.connectors) > _CONNECTORS:
        blocks.append(context(f"and {len(glance.connectors) - _CONNECTORS} more connectors."))
    if glance.drifted:
        tools = ", ".join(str(tool) for tool in glance.drifted)
        blocks.append(section(cut(f"Changed since they were accepted: {tools}", limits.SECTION_TEXT)))
    return blocks


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%B, %H:%M} {local:%Z}"
