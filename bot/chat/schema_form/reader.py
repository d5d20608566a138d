"""Reads a tool's JSON Schema as far as a form needs it: local references followed, “or nothing” set aside."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote

from bot.domain.canonical import JsonObject, JsonValue

_DEPTH: Final = 8
_PARTS: Final = 5_000
"""Parts of one schema that are looked at; a form of more is none that anybody fills in."""
_ALTERNATIVES: Final = 200
_BESIDE: Final = ("title", "description", "default")


class Plain(NamedTuple):
    """A schema without “or nothing”."""

    schema: JsonObject
    nullable: bool


class Reader:
    """Reads the parts of one schema; a part too deep or too far down says nothing."""

    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self._left = _PARTS

    def resolved(self, schema: JsonValue, depth: int = 0) -> JsonObject:
        """Gives the schema with what it refers to and what it joins; what stands beside those comes first."""
        self._left -= 1
        if not isinstance(schema, Mapping) or depth > _DEPTH or self._left < 0:
            return {}
        found: JsonObject = schema
        reference = schema.get("$ref")
        if isinstance(reference, str):
            beside = {name: value for name, value in schema.items() if name != "$ref"}
            found = {**self.resolved(self._referred(reference), depth + 1), **beside}
        joined = found.get("allOf")
        if isinstance(joined, list | tuple):
            parts: dict[str, JsonValue] = {}
            for part in joined:
                parts = _joined(parts, self.resolved(part, depth + 1))
            found = _joined(parts, {name: value for name, value in found.items() if name != "allOf"})
        return found

    def plain(self, schema: JsonValue, depth: int = 0) -> Plain:
        """Gives the schema without null, and whether null was allowed."""
        found = self.resolved(schema)
        types = found.get("type")
        if isinstance(types, list | tuple):
            rest = [kind for kind in types if kind != "null"]
            kind: JsonValue = rest[0] if len(rest) == 1 else rest
            return Plain({**found, "type": kind}, len(rest) < len(types))
        for word in ("anyOf", "oneOf"):
            alternatives = found.get(word)
            if isinstance(alternatives, list | tuple) and depth <= _DEPTH:
                return self._without_null(found, word, alternatives, depth)
        return Plain(found, _has_null(found))

    def alternatives(self, schema: JsonObject) -> list[JsonObject]:
        """Gives the forms of which a value is one; none where there is no such choice."""
        for word in ("anyOf", "oneOf"):
            found = schema.get(word)
            if isinstance(found, list | tuple):
                return [self.resolved(one) for one in found[:_ALTERNATIVES]]
        return []

    def _without_null(
        self, found: JsonObject, word: str, alternatives: Sequence[JsonValue], depth: int
    ) -> Plain:
        if len(alternatives) > _ALTERNATIVES:
            return Plain(found, nullable=False)
        parts = [self.resolved(one) for one in alternatives]
        real = [part for part in parts if not _is_null(part)]
        nullable = len(real) < len(parts)
        rest = {name: value for name, value in found.items() if name != word}
        if len(real) != 1:
            return Plain({**rest, word: real}, nullable)
        beside = {name: rest[name] for name in _BESIDE if rest.get(name) is not None}
        inner = self.plain(real[0], depth + 1)
        return Plain({**rest, **inner.schema, **beside}, nullable or inner.nullable)

    def _referred(self, reference: str) -> JsonValue:
        if reference == "#":
            return self._root
        at: JsonValue = self._root if reference.startswith("#/") else None
        for step in unquote(reference[2:]).split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(at, Mapping):
                at = at.get(name)
            elif isinstance(at, list | tuple) and name.isdecimal() and len(name) < 6 and int(name) < len(at):
                at = at[int(name)]
            else:
                return None
        return at


def _joined(first: JsonObject, second: JsonObject) -> dict[str, JsonValue]:
    """Gives both together: their properties and what they require add up, else the second holds."""
    found = {**first, **second}
    ours, theirs = first.get("properties"), second.get("properties")
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        found["properties"] = {**ours, **theirs}
    required = [one.get("required") for one in (first, second)]
    names = [name for one in required if isinstance(one, list | tuple) for name in one]
    if names:
        found["required"] = names
    return found


def _is_null(schema: JsonObject) -> bool:
    return schema.get("type") == "null" or ("const" in schema and schema["const"] is None)


def _has_null(schema: JsonObject) -> bool:
    values = schema.get("enum")
    return isinstance(values, list | tuple) and any(value is None for value in values)
