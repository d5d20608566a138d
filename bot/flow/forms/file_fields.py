"""The page that takes a policy file: its fields, the text in them, and where in them a mistake is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.cards.form import FormPage
from bot.cards.model import Dialog, Field, FieldKind
from bot.cards.visible import visible
from bot.domain.canonical import JsonObject
from bot.domain.tools import shortened
from bot.flow.terms import REASON_LIMIT
from bot.ports.policy_files import Mistake

NAME: Final = "file"
TITLE: Final = "Apply a policy file"
FIRST: Final = "part_1"
"""The field in which a file begins."""
LONGEST: Final = 60_000
"""Characters of a file that is pasted. Ours: reading it takes a third of a second."""
_LABELS: Final = {FIRST: "Policy file", "part_2": "Second part", "part_3": "Third part"}
_BEGINS: Final = "YAML, as “policy export” gives it."
_GOES_ON: Final = "Only if the field above cannot hold more: go on here with the next whole line."
_SHOWN: Final = 3
"""Mistakes that are told at one field."""
_QUOTED: Final = 40
"""Characters of a line that are told with what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field that holds a part of the file, and how many lines of the file come before it."""

    name: str
    text: str
    """Every part but the last ends with a line break."""
    before: int


def file_page(state: str, values: JsonObject, problems: Mapping[str, str]) -> FormPage:
    """Gives the page with these values in it."""
    texts = [
        Field(
            name=name,
            label=label,
            kind=FieldKind.PARAGRAPH,
            required=name == FIRST,
            value=values.get(name, ""),
            help=_BEGINS if name == FIRST else _GOES_ON,
        )
        for name, label in _LABELS.items()
    ]
    fields = (
        *texts,
        Field(
            name="reason",
            label="Reason",
            kind=FieldKind.TEXT,
            value=values.get("reason", ""),
            longest=REASON_LIMIT,
            help="For the history and the audit log.",
        ),
        Field(
            name="prune",
            label="Remove what the file does not name",
            kind=FieldKind.CHECKBOX,
            value=values.get("prune") is True,
            help="Policies and defaults; with the next box, standing approvals, too.",
        ),
        Field(
            name="with_grants",
            label="Take its standing approvals, too",
            kind=FieldKind.CHECKBOX,
            value=values.get("with_grants") is True,
            help="New ones have to name you as their giver.",
        ),
    )
    return FormPage(
        form=NAME, state=state, dialog=Dialog(title=TITLE, submit="Next", fields=fields), problems=problems
    )


def parts_of(values: JsonObject) -> list[Part]:
    """Gives the parts of the file that was pasted.

    What is copied from a card may have fixed spaces where the file had spaces; a file that we write never has
    fixed ones as they are.
    """
    found: list[Part] = []
    for name in _LABELS:
        value = values.get(name)
        text = value if isinstance(value, str) else ""
        text = text.replace("\r\n", "\n").replace("\u00a0", " ").removeprefix("\ufeff")
        if not text.strip():
            continue
        before = found[-1].before + found[-1].text.count("\n") if found else 0
        found.append(Part(name, text if text.endswith("\n") else f"{text}\n", before))
    return found


def told_at(mistakes: Sequence[Mistake], parts: Sequence[Part]) -> dict[str, str]:
    """Gives what is wrong, by the field in which the line stands; its lines are counted from 1."""
    found: dict[str, list[str]] = {}
    for mistake in mistakes:
        part = next(one for one in reversed(parts) if one.before < mistake.line or one is parts[0])
        found.setdefault(part.name, []).append(_told(mistake, part))
    return {name: "\n".join(_few(told)) for name, told in found.items()}


def _few(told: Sequence[str]) -> Sequence[str]:
    return told if len(told) <= _SHOWN else [*told[:_SHOWN], f"And {len(told) - _SHOWN} more."]


def _told(mistake: Mistake, part: Part) -> str:
    lines = part.text.split("\n")
    number = min(mistake.line - part.before, len(lines))
    line = shortened(lines[number - 1].strip(), _QUOTED)
    return visible(f"Line {number}{f' ({line})' if line else ''}: {mistake.sentence}", set())
