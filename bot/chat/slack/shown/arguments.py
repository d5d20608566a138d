"""One argument of a call as paragraphs of Slack."""

from bot.chat.argument_text import stands_in_line
from bot.chat.card_parts import Argument
from bot.chat.slack.kit.blocks import cut, run
from bot.chat.slack.kit.paragraphs import Paragraph, bold, line, verbatim


def argument(given: Argument) -> tuple[Paragraph, ...]:
    """Gives the argument: `name: value` where that is short, else the value in a box under its name."""
    name, text = given.name, given.text
    note = (run(f" ({given.mark})", italic=True),) if given.mark else ()
    if not stands_in_line(name):
        return (*bold(name), *_boxed(given), *((line(*note),) if note else ()))
    if not text:
        return (line(run(f"{name}:", bold=True), *note),)
    if stands_in_line(text):
        return (line(run(f"{name}: ", bold=True), run(text, code=True), *note),)
    return (line(run(f"{name}:", bold=True), *note), *_boxed(given))


def _boxed(given: Argument) -> tuple[Paragraph, ...]:
    return verbatim(given.text, cut(given.name, 80)) if given.text else ()
