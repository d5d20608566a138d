"""Answers to commands as Block Kit; outside text in them is never markup."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.cards.answer import Answer, AnswerButton, AnswerRow, AnswerSelect, Press
from bot.cards.model import Fact, Style
from bot.chat.card_buttons import ARE_YOU_SURE, NO, YES
from bot.chat.card_words import BETWEEN, CUT, NEXT_PAGE, NOTHING, PREVIOUS_PAGE, page_words
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import (
    Block,
    actions,
    button,
    confirmation,
    context,
    cut,
    divider,
    header,
    option,
    plain,
    preformatted,
    rich,
    run,
    section,
)
from bot.chat.slack.kit.paragraphs import ROOM, Paragraph, bold, labelled, line, packed
from bot.chat.slack.kit.texts import pieces, units, weight
from bot.chat.slack.posting import Words
from bot.chat.slack.shown.buttons import VIEW_ALL, rows
from bot.chat.slack.shown.says import notified

COMMAND: Final = "command:"
"""What the action ids of an answer's buttons and selectors begin with; the value is the command."""
TOO_LONG: Final = "{label}: too much for a menu here. Write it, for example: {command}"
_ROOM: Final = 10_500
"""Characters of one message of an answer; what is below its rows fits beside them."""
_NAME: Final = 500
"""Characters of a row's name."""
_SMALL: Final = 200
"""Characters of each thing that is said in small text."""
_KEPT: Final = 8
"""Blocks of a message that are kept free for what stands below the rows."""
_MESSAGES: Final = 4
"""Messages that one answer may take; Slack takes five at the place of a command."""


def answer_words(answer: Answer) -> list[Words]:
    """Gives the answer as one message, or as several where it is too long for one; no row is divided.

    What would take too many messages is left out, and it is said that there is more.
    """
    messages: list[list[Block]] = [[]]
    for group in _groups(answer):
        here = messages[-1]
        fits = len(here) + len(group) <= limits.MESSAGE_BLOCKS - _KEPT and weight([*here, *group]) < _ROOM
        if here and not fits:
            if len(messages) == _MESSAGES:
                here.append(context(CUT))
                break
            messages.append([])
        messages[-1].extend(group)
    if answer.pages > 1:
        messages[-1].append(context(page_words(answer.page, answer.pages)))
    messages[-1].extend(rows(_buttons(answer), block_id="answer"))
    return [Words(text=notified(answer.title), blocks=blocks) for blocks in messages]


def _groups(answer: Answer) -> Iterator[list[Block]]:
    """Gives what the answer says, in blocks that stay together in one message."""
    yield [header(answer.title)]
    if units(answer.title) > limits.HEADER_TEXT:
        yield from ([section(piece)] for piece in pieces(answer.title, limits.SECTION_TEXT))
    yield from ([block] for block in packed(_facts(answer.facts)))
    for number, row in enumerate(answer.lines):
        drawn = _row(row, number)
        if weight(drawn) < _ROOM:
            yield drawn
        else:
            yield from ([block] for block in drawn)
    for piece in pieces(answer.text, ROOM) if answer.text else ():
        yield [rich(preformatted(piece.removesuffix("\n")))]
    if answer.note:
        yield from ([section(piece)] for piece in pieces(answer.note, limits.SECTION_TEXT))


def _row(row: AnswerRow, number: int) -> list[Block]:
    """Gives one thing: its name, what is known of it, and what can be done about it.

    A lone button stands beside the name; several stand below all of it, and a line above.
    """
    label = cut(row.label, _NAME)
    if row.button is not None and row.select is None and not row.more:
        name = f"{label}{BETWEEN}{row.badge}" if row.badge else label
        beside = section(name, accessory=_button(row.button, f"row:{number}"))
        return [beside, *(_small(row.facts) or packed(_facts(row.facts)))]
    runs = [run(label, bold=True), *([run(f"{BETWEEN}{row.badge}")] if row.badge else [])]
    told = packed([line(*runs), *_facts(row.facts)])
    controls = _controls(row, number)
    return [divider(), *told, *controls] if controls else told


def _small(facts: Sequence[Fact]) -> list[Block]:
    """Gives a line of small text, where the facts are few and short; else nothing."""
    texts = [": ".join(filter(None, (fact.label, fact.value or NOTHING))) for fact in facts]
    if not texts or len(texts) > limits.CONTEXT_ELEMENTS or any(units(text) > _SMALL for text in texts):
        return []
    return [context(*texts)]


def _controls(row: AnswerRow, number: int) -> list[Block]:
    """Gives the row's selector and its buttons; what Slack does not take is said in words."""
    found: list[Block] = []
    elements = [_button(row.button, f"row:{number}")] if row.button else []
    elements += [_button(one, f"row:{number}:more:{at}") for at, one in enumerate(row.more)]
    if row.select is not None and row.select.options:
        if all(units(one.value) <= limits.OPTION_VALUE for one in row.select.options):
            elements.insert(0, _select(row.select, f"row:{number}:select"))
        else:
            command = row.select.options[0].value
            found.append(context(TOO_LONG.format(label=row.select.label, command=command)))
    return [*([actions(elements)] if elements else []), *found]


def _select(one: AnswerSelect, name: str) -> Block:
    options = [option(choice.value, choice.label) for choice in one.options[: limits.OPTIONS]]
    found: Block = {
        "type": "static_select",
        "action_id": f"{COMMAND}{name}",
        "placeholder": plain(one.label, limits.PLACEHOLDER),
        "options": list(options),
    }
    chosen = [
        drawn for drawn, choice in zip(options, one.options, strict=False) if choice.label == one.chosen
    ]
    if chosen:
        found["initial_option"] = chosen[0]
    return found


def _facts(facts: Sequence[Fact]) -> Iterator[Paragraph]:
    for fact in facts:
        yield from labelled(fact.label, fact.value or NOTHING) if fact.label else bold(fact.value or NOTHING)


def _buttons(answer: Answer) -> list[Block]:
    found = [_button(one, f"answer:{number}") for number, one in enumerate(answer.buttons)]
    if answer.command_for_previous:
        found.append(button(PREVIOUS_PAGE, f"{COMMAND}previous", value=answer.command_for_previous))
    if answer.command_for_next:
        found.append(button(NEXT_PAGE, f"{COMMAND}next", value=answer.command_for_next))
    return found


def _button(one: AnswerButton, name: str) -> Block:
    confirm = confirmation(ARE_YOU_SURE, one.confirm, confirm=YES, deny=NO) if one.confirm else None
    action = f"{VIEW_ALL}:{name}" if one.press is Press.OPEN else f"{COMMAND}{name}"
    style = "" if one.style is Style.PLAIN else one.style.value
    return button(one.label, action, value=cut(one.value, limits.BUTTON_VALUE), style=style, confirm=confirm)
