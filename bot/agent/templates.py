"""Templates: text with {paths} in it, filled from data and from nothing else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from bot.agent.paths import BadPath, Missing, Path
from bot.domain.canonical import JsonObject, JsonValue, canonical

VALUE_LIMIT: Final = 600
"""Characters of one inserted value that a text shows."""

_PART = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")


class BadTemplate(ValueError):
    """Says what is wrong with a template, in a sentence."""


@dataclass(frozen=True, slots=True)
class Insert:
    """The place of a value in a template."""

    path: Path
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A text with inserts. What is inserted is data: it is never read as a template again."""

    parts: tuple[str | Insert, ...]

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Gives the template that the text spells: {path}, {path?} for one that may be missing, {{ and }}.

        Raises:
            BadTemplate: a brace without a partner, or what is in it is no path.
        """
        parts: list[str | Insert] = []
        place = 0
        for found in _PART.finditer(text):
            parts.append(text[place : found.start()])
            parts.append(_part(found[0]))
            place = found.end()
        parts.append(text[place:])
        return cls(tuple(part for part in parts if part != ""))

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths that it inserts."""
        return tuple(part.path for part in self.parts if isinstance(part, Insert))

    def value(self, root: JsonObject) -> JsonValue:
        """Gives the filled template; one insert alone keeps its type, and gives None if it is optional.

        Raises:
            Missing: a value is not there.
        """
        if len(self.parts) == 1 and isinstance(self.parts[0], Insert):
            try:
                return self.parts[0].path.get(root)
            except Missing:
                if self.parts[0].optional:
                    return None
                raise
        return self.text(root)

    def text(self, root: JsonObject) -> str:
        """Gives the filled template as text; lists are joined as “a, b and c”.

        Raises:
            Missing: a value is not there.
        """
        return "".join(part if isinstance(part, str) else _shown(part, root) for part in self.parts)


Tree: TypeAlias = "Template | bool | int | float | list[Tree] | dict[str, Tree] | None"
"""Arguments with templates in them; names are never templates."""


def fill(tree: Tree, root: JsonObject) -> JsonValue:
    """Gives the arguments with every template filled; a member whose optional value is missing is left out.

    Raises:
        Missing: a value is not there.
    """
    if isinstance(tree, Template):
        return tree.value(root)
    if isinstance(tree, dict):
        filled = {name: fill(inner, root) for name, inner in tree.items()}
        return {name: value for name, value in filled.items() if value is not None or tree[name] is None}
    if isinstance(tree, list):
        return [fill(inner, root) for inner in tree]
    return tree


def fill_object(tree: Mapping[str, Tree], root: JsonObject) -> JsonObject:
    """Gives the arguments of a call with every template filled.

    Raises:
        Missing: a value is not there.
    """
    filled = fill(dict(tree), root)
    return filled if isinstance(filled, Mapping) else {}


def templates_in(tree: Tree) -> Iterator[Template]:
    """Gives every template in the arguments."""
    if isinstance(tree, Template):
        yield tree
    elif isinstance(tree, dict):
        for inner in tree.values():
            yield from templates_in(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from templates_in(inner)


def as_text(value: JsonValue) -> str:
    """Gives a value for a sentence: short, and lists as people write them."""
    if isinstance(value, str):
        shown = value
    elif isinstance(value, bool):
        shown = "yes" if value else "no"
    elif isinstance(value, list | tuple):
        shown = listed([as_text(member) for member in value])
    else:
        shown = canonical(value)
    return shown if len(shown) <= VALUE_LIMIT else shown[: VALUE_LIMIT - 1] + "…"


def listed(words: list[str]) -> str:
    """Gives the words as people list them: “a, b and c”."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _part(text: str) -> str | Insert:
    if text in ("{{", "}}"):
        return text[0]
    if text in ("{", "}"):
        raise BadTemplate(f"“{text}” has no partner; write {text}{text} for the character itself")
    inner = text[1:-1].strip()
    try:
        return Insert(Path.parse(inner.removesuffix("?")), optional=inner.endswith("?"))
    except BadPath as error:
        raise BadTemplate(str(error)) from None


def _shown(part: Insert, root: JsonObject) -> str:
    try:
        return as_text(part.path.get(root))
    except Missing:
        if part.optional:
            return ""
        raise
