"""YAML with the line of every key and value, for errors that say where they are."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal

FILE_LIMIT: Final = 1_000_000
"""Bytes that a file may have."""

_DEEPEST: Final = 20
_TAG: Final = "tag:yaml.org,2002:"


class BadFile(Refusal):
    """{file}, line {line}: {problem}."""


class UnreadableFile(Refusal):
    """{file} cannot be read: {why}."""

    kind = "missing"


class Entry:
    """One value of a file, and where it stands."""

    def __init__(self, file: str, node: Node) -> None:
        self._file = file
        self._node = node

    @property
    def line(self) -> int:
        """The line, from 1."""
        return int(self._node.start_mark.line) + 1

    def wrong(self, problem: str) -> BadFile:
        """Gives the refusal that names this place; `problem` is a sentence without its full stop."""
        return BadFile(file=self._file, line=self.line, problem=problem)

    def members(self, known: Mapping[str, str]) -> "dict[str, Entry]":
        """Gives the members of a mapping; `known` leads from each possible key to “required” or “”.

        Raises:
            BadFile: no mapping, an unknown or repeated key, or a required key is missing.
        """
        found = self.named()
        for name, (key, _) in found.items():
            if name not in known:
                raise key.wrong(f"“{name}” is not known here; use {', '.join(known)}")
        for name, need in known.items():
            if need and name not in found:
                raise self.wrong(f"“{name}” is missing here; add it")
        return {name: entry for name, (_, entry) in found.items()}

    def named(self) -> "dict[str, tuple[Entry, Entry]]":
        """Gives the keys and values of a mapping with free keys, in order.

        Raises:
            BadFile: no mapping, a key that is no text, or one that stands twice.
        """
        if not isinstance(self._node, MappingNode):
            raise self.wrong("this must be a mapping, written `name: value`")
        found: dict[str, tuple[Entry, Entry]] = {}
        for key, value in self._node.value:
            entry = Entry(self._file, key)
            name = entry.name()
            if name in found:
                raise entry.wrong(f"“{name}” stands here twice; keep one")
            found[name] = (entry, Entry(self._file, value))
        return found

    def items(self) -> "list[Entry]":
        """Gives the members of a list.

        Raises:
            BadFile: no list.
        """
        if not isinstance(self._node, SequenceNode):
            raise self.wrong("this must be a list, each member on its line with a dash")
        return [Entry(self._file, node) for node in self._node.value]

    def name(self) -> str:
        """Gives a key or a plain word, whatever YAML takes it for: `yes` and `1` are words here.

        Raises:
            BadFile: a list or a mapping.
        """
        if not isinstance(self._node, ScalarNode):
            raise self.wrong("this must be a single word")
        return str(self._node.value)

    def text(self) -> str:
        """Gives a text that is not empty.

        Raises:
            BadFile: something else; a number in quotes is a text.
        """
        value = self.scalar()
        if not isinstance(value, str):
            raise self.wrong("this must be a text; put it in quotes")
        if not value.strip():
            raise self.wrong("this is empty; write a text")
        return value.strip()

    def flag(self) -> bool:
        """Gives true or false.

        Raises:
            BadFile: something else.
        """
        value = self.scalar()
        if not isinstance(value, bool):
            raise self.wrong("this must be true or false")
        return value

    @property
    def is_scalar(self) -> bool:
        """Whether this is a single value."""
        return isinstance(self._node, ScalarNode)

    @property
    def is_list(self) -> bool:
        """Whether this is a list."""
        return isinstance(self._node, SequenceNode)

    def scalar(self) -> JsonValue:
        """Gives a single value with its type.

        Raises:
            BadFile: a list or mapping, or a type that JSON does not have.
        """
        if not isinstance(self._node, ScalarNode):
            raise self.wrong("this must be a single value")
        raw = str(self._node.value)
        match str(self._node.tag).removeprefix(_TAG):
            case "str":
                return raw
            case "bool":
                return raw.casefold() == "true"
            case "null":
                return None
            case "int" if raw.lstrip("+-").isdigit() and len(raw) < 20:
                return int(raw)
            case "float" if raw.lstrip("+-").replace(".", "", 1).isdigit() and len(raw) < 20:
                return float(raw)
            case _:
                raise self.wrong(
                    f"“{raw[:40]}” is neither text, number, true, false nor null; put it in quotes"
                )


def load_entries(path: Path) -> Entry:
    """Gives the root of a YAML file; anchors and aliases are refused.

    Raises:
        BadFile: not YAML, empty, nested too deep, or with aliases.
        UnreadableFile: not there, too large, or not UTF-8.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode()
    except OSError as error:
        raise UnreadableFile(file=path.name, why=error.strerror or "unknown error") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(file=path.name, why="it is not written in UTF-8") from error
    if len(raw) > FILE_LIMIT:
        raise UnreadableFile(file=path.name, why=f"it has more than {FILE_LIMIT:,} bytes")
    return parse_entries(text, file=path.name)


def parse_entries(text: str, *, file: str) -> Entry:
    """Gives the root of a YAML text; anchors and aliases are refused.

    Raises:
        BadFile: not YAML, empty, nested too deep, or with aliases.
    """
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadFile(file=file, line=line, problem=f"this is not YAML: {error.problem}") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise BadFile(file=file, line=1, problem="this is not YAML") from error
    if not isinstance(root, Node):
        raise BadFile(file=file, line=1, problem="the file is empty")
    _check(file, root, set(), 0)
    return Entry(file, root)


def _check(file: str, node: Node, seen: set[int], depth: int) -> None:
    if id(node) in seen:
        raise Entry(file, node).wrong("anchors and aliases (& and *) are not used here; write it out")
    if depth > _DEEPEST:
        raise Entry(file, node).wrong("this is nested too deep")
    seen.add(id(node))
    for inner in _inside(node):
        _check(file, inner, seen, depth + 1)


def _inside(node: Node) -> Iterator[Node]:
    if isinstance(node, SequenceNode):
        yield from node.value
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value
