"""Tells which kind of field an argument gets, and what can be chosen in it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from bot.chat.schema_form.reader import Reader
from bot.domain.canonical import JsonObject, JsonValue, canonical

_LISTED: Final = 2_000
"""Values that are looked at one by one; of more than that only the tool's own check says what fits."""
_SCALARS: Final = frozenset({"string", "number", "integer", "boolean"})


class Takes(StrEnum):
    """What a field takes."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    CHOICE = "choice"
    CHOICES = "choices"
    NAMED = "named"
    """One of so many values that it is written and not picked."""
    LINES = "lines"
    """A list, an entry on each line; `item` says what an entry is."""
    LOOSE = "loose"
    """A text or a number."""
    JSON = "json"


class Kind(NamedTuple):
    """What a field takes, and what goes with that."""

    takes: Takes
    item: Takes = Takes.TEXT
    """What an entry of a list is."""
    choices: tuple[tuple[str, JsonValue], ...] = ()
    """The labels and the values of what can be chosen."""
    types: frozenset[str] = frozenset()
    """The types of which a loose value is one."""


def kind_of(reader: Reader, schema: JsonObject) -> Kind:
    """Gives the kind of field for an argument that is not null."""
    choices = _choices(schema)
    if choices:
        return Kind(Takes.CHOICE, choices=choices)
    if schema.get("type") != "array" or "enum" in schema or "const" in schema:
        return _single(reader, schema)
    entry = reader.plain(schema.get("items", {}))
    if entry.nullable:
        return Kind(Takes.JSON)
    entries = _choices(entry.schema)
    if entries:
        return Kind(Takes.CHOICES, choices=entries)
    match _single(reader, entry.schema).takes:
        case Takes.TEXT | Takes.DATE | Takes.MOMENT:
            return Kind(Takes.LINES)
        case Takes.WHOLE | Takes.NUMBER as item:
            return Kind(Takes.LINES, item=item)
        case _:
            return Kind(Takes.JSON)


def _single(reader: Reader, schema: JsonObject) -> Kind:
    if "enum" in schema or "const" in schema:
        listed = schema.get("enum")
        texts = (
            isinstance(listed, list | tuple)
            and len(listed) > _LISTED
            and all(isinstance(one, str) for one in listed)
        )
        return Kind(Takes.TEXT if texts else Takes.JSON)
    match schema.get("type"):
        case "string":
            dates = {"date": Takes.DATE, "date-time": Takes.MOMENT}
            return Kind(dates.get(str(schema.get("format")), Takes.TEXT))
        case "boolean":
            return Kind(Takes.BOOLEAN)
        case "integer":
            return Kind(Takes.WHOLE)
        case "number":
            return Kind(Takes.NUMBER)
        case list() | tuple() as types:
            return _loose(types)
        case None:
            return _loose(part.get("type") for part in reader.alternatives(schema))
        case _:
            return Kind(Takes.JSON)


def _loose(types: Iterable[JsonValue]) -> Kind:
    """Gives the kind for a text or a number, which is written as it is; any other mixture is JSON."""
    found = {one if isinstance(one, str) else "" for one in types}
    return (
        Kind(Takes.LOOSE, types=frozenset(found))
        if "string" in found and found <= _SCALARS
        else Kind(Takes.JSON)
    )


def _choices(schema: JsonObject) -> tuple[tuple[str, JsonValue], ...]:
    """Gives the labels and the values of what can be chosen; the same value only once, and never null."""
    listed = schema.get("enum")
    if isinstance(listed, list | tuple):
        pairs: list[tuple[str, JsonValue]] = [("", value) for value in listed]
    elif "const" in schema:
        pairs = [("", schema["const"])]
    else:
        pairs = _titled(schema)
    if not 0 < len(pairs) <= _LISTED:
        return ()
    texts = all(isinstance(value, str) for _, value in pairs if value is not None)
    found: dict[str, tuple[str, JsonValue]] = {}
    for title, value in pairs:
        if value is not None:
            own = value if texts and isinstance(value, str) else canonical(value)
            found.setdefault(canonical(value), (title or own, value))
    return tuple(found.values())


def _titled(schema: JsonObject) -> list[tuple[str, JsonValue]]:
    """Gives the choices that stand as alternatives of one value each."""
    for word in ("oneOf", "anyOf"):
        parts = schema.get(word)
        if isinstance(parts, list | tuple) and parts:
            if not all(isinstance(part, Mapping) and "const" in part for part in parts):
                return []
            return [
                (str(part.get("title") or ""), part["const"]) for part in parts if isinstance(part, Mapping)
            ]
    return []
