"""Answers to commands as text for a terminal, and as JSON."""

from collections.abc import Iterator, Sequence

from bot.cards.answer import Answer, AnswerButton, AnswerRow, AnswerSelect, Press
from bot.cards.model import Fact
from bot.cli.shell_words import to_type
from bot.domain.canonical import JsonValue


def answer_document(answer: Answer) -> JsonValue:
    """Gives the answer as a JSON value; buttons are the commands that they stand for."""
    return {
        "title": answer.title,
        "facts": _pairs(answer.facts),
        "rows": [
            {
                "label": row.label,
                "badge": row.badge,
                "facts": _pairs(row.facts),
                "commands": [*_commands(_buttons(row)), *_choices(row.select)],
            }
            for row in answer.lines
        ],
        "text": answer.text,
        "note": answer.note,
        "page": answer.page,
        "pages": answer.pages,
        "next": answer.command_for_next,
        "commands": [*_commands(answer.buttons)],
    }


def _pairs(facts: Sequence[Fact]) -> JsonValue:
    return [{"label": fact.label, "value": fact.value} for fact in facts]


def _commands(buttons: Sequence[AnswerButton]) -> list[JsonValue]:
    return [button.value for button in buttons if button.press is Press.RUN]


def _choices(select: AnswerSelect | None) -> list[JsonValue]:
    return [option.value for option in select.options] if select else []


def answer_text(answer: Answer, tenant: str = "") -> str:
    """Gives the answer as text; a button is the command to type, after an arrow, for the tenant if named."""
    lines = [_clean(answer.title), *_facts(answer.facts, "  ")]
    for row in answer.lines:
        lines += ["", *_row(row, tenant)]
    if answer.text:
        lines += ["", *map(_clean, answer.text.splitlines())]
    pages = f"Page {answer.page} of {answer.pages}." if answer.pages > 1 else ""
    said = " ".join(filter(None, (answer.note, pages)))
    if said:
        lines += ["", *_clean_lines(said)]
    following = [to_type(answer.command_for_next, tenant)] if answer.command_for_next else []
    lines += [f"→ {command}" for command in [*_typed(answer.buttons, tenant), *following]]
    return "\n".join(lines)


def _row(row: AnswerRow, tenant: str) -> Iterator[str]:
    yield _clean(f"{row.label}  [{row.badge}]" if row.badge else row.label)
    yield from _facts(row.facts, "    ")
    yield from (f"    → {command}" for command in _typed(_buttons(row), tenant))
    if row.select is not None:
        commands = [to_type(option.value, tenant) for option in row.select.options]
        yield from (f"    → {command}" for command in _together(commands))


def _buttons(row: AnswerRow) -> list[AnswerButton]:
    return [*([row.button] if row.button else []), *row.more]


def _typed(buttons: Sequence[AnswerButton], tenant: str) -> Iterator[str]:
    """Gives the commands; what opens a card in chat is none."""
    return (to_type(button.value, tenant) for button in buttons if button.press is Press.RUN)


def _together(commands: Sequence[str]) -> Sequence[str]:
    """Gives commands that differ in one word as one, with the words to choose from."""
    split = [command.split(" ") for command in commands]
    if len({len(words) for words in split}) != 1:
        return commands
    columns = [list(dict.fromkeys(column)) for column in zip(*split, strict=True)]
    if sum(len(column) > 1 for column in columns) > 1:
        return commands
    return [" ".join(" | ".join(column) for column in columns)]


def _facts(facts: Sequence[Fact], indent: str) -> Iterator[str]:
    for fact in facts:
        first, *more = _clean_lines(fact.value) or [""]
        yield f"{indent}{_clean(fact.label)}: {first}".rstrip()
        yield from (f"{indent}  {line}" for line in more)


def _clean_lines(text: str) -> list[str]:
    return [_clean(line) for line in text.splitlines()]


def _clean(text: str) -> str:
    """Gives the text in one line without signs that a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
