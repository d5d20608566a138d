"""Answers to commands as Block Kit; outside text in them is never markup."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.model import Fact, Style
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import Block, button, confirmation, context, cut, header, section
from bot.chat.slack.kit.paragraphs import Paragraph, bold, labelled, packed
from bot.chat.slack.kit.texts import pieces, weight
from bot.chat.slack.posting import Words
from bot.chat.slack.shown.buttons import VIEW_ALL, rows
from bot.chat.slack.shown.says import notified

COMMAND: Final = "command:"
"""What the action ids of an answer's buttons begin with; the value is the command."""
_ROOM: Final = 10_500
"""Characters of the rows of one answer; the rest of the message stays below the limit with them."""
_KEPT: Final = 8
"""Blocks that are kept free for what stands below the rows."""


def answer_words(answer: Answer) -> Words:
    """Gives the answer as one message; rows that do not fit are counted, never left out in silence."""
    blocks: list[Block] = [header(answer.title)]
    if len(answer.title) > limits.HEADER_TEXT:
        blocks += [section(piece) for piece in pieces(answer.title, limits.SECTION_TEXT)[:2]]
    blocks += packed(_facts(answer.facts))
    left = 0
    for number, row in enumerate(answer.lines):
        drawn = _row(row, number)
        fits = len(blocks) + len(drawn) <= limits.MESSAGE_BLOCKS - _KEPT and weight([*blocks, *drawn]) < _ROOM
        if left or not fits:
            left += 1
            continue
        blocks += drawn
    if left:
        blocks.append(context(f"{left} more do not fit here. Narrow the list with words, or ask for fewer."))
    if answer.note:
        blocks += [section(piece) for piece in pieces(answer.note, limits.SECTION_TEXT)[:1]]
    if answer.pages > 1:
        blocks.append(context(f"Page {answer.page} of {answer.pages}."))
    blocks += rows(_buttons(answer), block_id="answer")
    return Words(text=notified(answer.title), blocks=blocks[: limits.MESSAGE_BLOCKS])


def _row(row: AnswerRow, number: int) -> list[Block]:
    """Gives one thing in two blocks at most: its name with its button, and what is known of it."""
    name = f"{row.label}  ·  {row.badge}" if row.badge else row.label
    accessory = _button(row.button, f"row:{number}") if row.button else None
    found: list[Block] = [section(cut(name, 500), accessory=accessory)]
    facts = packed(_facts(row.facts))
    return [*found, *facts]


def _facts(facts: Sequence[Fact]) -> Iterator[Paragraph]:
    for fact in facts:
        yield from labelled(fact.label, fact.value or "–") if fact.label else bold(fact.value or "–")


def _buttons(answer: Answer) -> list[Block]:
    found = [_button(one, f"answer:{number}") for number, one in enumerate(answer.buttons)]
    if answer.command_for_previous:
        found.append(button("Previous page", f"{COMMAND}previous", value=answer.command_for_previous))
    if answer.command_for_next:
        found.append(button("Next page", f"{COMMAND}next", value=answer.command_for_next))
    return found


def _button(one: AnswerButton, name: str) -> Block:
    confirm = confirmation("Are you sure?", one.confirm, confirm="Yes", deny="No") if one.confirm else None
    action = f"{VIEW_ALL}:{name}" if one.press is Press.OPEN else f"{COMMAND}{name}"
    style = "" if one.style is Style.PLAIN else one.style.value
    return button(one.label, action, value=cut(one.value, limits.BUTTON_VALUE), style=style, confirm=confirm)
