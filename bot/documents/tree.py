"""YAML text as a tree whose every part knows its line."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.documents.findings import BadDocument, Finding
from bot.domain.canonical import JsonValue

CHARACTERS: Final = 4_000_000
"""Characters that a file may have; reading takes about five seconds per million."""

_PARTS: Final = 500_000
"""Parts that a file may have once its aliases are followed, so that a few lines cannot mean millions."""

_LEVELS: Final = 40
"""Levels of nesting that a file may have; it is more than a call's arguments may have."""

_PLAIN_TAGS: Final = tuple(
    f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")
)

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,99})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, number, true, false or null."""

    value: str | int | float | bool | None
    line: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    items: Sequence["Tree"]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """Names and what stands under them; names are texts, whatever they look like."""

    entries: Mapping[str, "Tree"]
    lines: Mapping[str, int]
    """The line of each name."""
    line: int


Tree: TypeAlias = Scalar | Listing | Table


def plain(tree: Tree) -> JsonValue:
    """Gives the tree as a JSON value, without its lines."""
    match tree:
        case Scalar(value=value):
            return value
        case Listing(items=items):
            return [plain(item) for item in items]
        case Table(entries=entries):
            return {name: plain(entry) for name, entry in entries.items()}


def read_tree(text: str, *, file: str) -> Tree:
    """Gives what the YAML 1.2 text spells; a text with two readings is refused.

    Dates stay texts. An empty file is null in line 1.

    Raises:
        BadDocument: no YAML, a name twice, a tag of its own, a number in an unusual spelling, too large.
    """
    if len(text) > CHARACTERS:
        raise BadDocument(file=file, findings=[Finding(1, f"It has more than {CHARACTERS} characters.")])
    try:
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except RecursionError:
        raise BadDocument(file=file, findings=[Finding(1, "It is nested too deeply.")]) from None
    except YAMLError as error:
        raise BadDocument(file=file, findings=[_syntax(error, text)]) from None
    if node is None:
        return Scalar(None, 1)
    builder = _Builder()
    tree = builder.tree(node, _LEVELS)
    if builder.findings:
        raise BadDocument(file=file, findings=builder.findings)
    return tree


def _syntax(error: YAMLError, text: str) -> Finding:
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        problem = error.problem or "it cannot be read"
        if "another document" in problem:
            problem = "a second document begins; a file holds one"
        if "'\\t'" in problem:
            problem = "a tab stands here; indent with spaces"
        mark = error.problem_mark
        return Finding(mark.line + 1, f"This is not YAML in column {mark.column + 1}: {problem}.")
    strange = (at for at, letter in enumerate(text) if not (letter.isprintable() or letter.isspace()))
    return Finding(text.count("\n", 0, next(strange, 0)) + 1, "There is a character that text cannot hold.")


class _Builder:
    """Turns ruamel's nodes into trees, and counts what it makes."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._left = _PARTS

    def tree(self, node: Node, levels: int) -> Tree:
        line: int = node.start_mark.line + 1
        self._left -= 1
        if levels == 0 or self._left == 0:
            self.findings.append(Finding(line, "It is nested too deeply, or its aliases make it too large."))
        if levels <= 0 or self._left <= 0:
            return Scalar(None, line)
        tag = str(node.tag)
        if not tag.startswith(_PLAIN_TAGS):
            self.findings.append(Finding(line, f"“{tag[:40]}” is a tag. Leave the ! and its word out."))
        if isinstance(node, MappingNode):
            return self._table(node, line, levels)
        if isinstance(node, SequenceNode):
            return Listing(tuple(self.tree(item, levels - 1) for item in node.value), line)
        return Scalar(self._scalar(tag, str(node.value), line), line)

    def _table(self, node: MappingNode, line: int, levels: int) -> Table:
        entries: dict[str, Tree] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            at: int = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self.findings.append(Finding(at, "A name before a colon must be a text."))
                continue
            name: str = key.value
            if name in lines:
                twice = f"“{name[:80]}” stands here twice; line {lines[name]} has it too."
                self.findings.append(Finding(at, twice))
                continue
            lines[name] = at
            entries[name] = self.tree(value, levels - 1)
        return Table(entries, lines, line)

    def _scalar(self, tag: str, text: str, line: int) -> str | int | float | bool | None:
        match tag.rpartition(":")[2]:
            case "str" | "timestamp":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" if _WHOLE.fullmatch(text):
                return int(text)
            case "float" if _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
                return float(text)
            case "int" | "float":
                self.findings.append(
                    Finding(line, f"“{text[:40]}” is an unusual number. Put it in quotes if it is a text.")
                )
            case _:
                pass
        return None
