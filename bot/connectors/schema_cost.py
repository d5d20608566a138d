"""How many subschemas a validation may visit, bounded before it begins.

A few hundred characters of JSON Schema can ask for billions of steps: each of thirty definitions that
names the next one twice doubles the work.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue

_SAME_PLACE: Final = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
_SAME_PLACE_BY_NAME: Final = ("dependentSchemas", "dependencies")
_INSIDE: Final = (
    "additionalItems", "additionalProperties", "contains", "items", "prefixItems", "propertyNames",
    "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_INSIDE_BY_NAME: Final = ("properties", "patternProperties")
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")


def depth_of(value: JsonValue) -> int:
    """Gives how many levels of lists and objects the value has; 0 for a plain one."""
    if isinstance(value, Mapping):
        return 1 + max((depth_of(inner) for inner in value.values()), default=0)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return 1 + max((depth_of(inner) for inner in value), default=0)
    return 0


def entries_of(value: JsonValue) -> int:
    """Gives how many values there are in it, itself included."""
    if isinstance(value, Mapping):
        return 1 + sum(entries_of(inner) for inner in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return 1 + sum(entries_of(inner) for inner in value)
    return 1


def cost_of(schema: JsonObject, *, depth: int, limit: int) -> int:
    """Gives an upper bound for the subschemas visited per entry of a value with so many levels.

    Anything above `limit` is given as `limit + 1`; so is a schema that refers to itself without end, or to
    something that is not in it.
    """
    return _Cost(schema, limit).of(schema, depth)


class _Cost:
    """One reckoning; every pair of subschema and remaining depth is reckoned once."""

    def __init__(self, root: JsonObject, limit: int) -> None:
        self._root = root
        self._limit = limit
        self._known: dict[tuple[int, int], int] = {}
        self._open: set[tuple[int, int]] = set()
        self._named = dict(_names(root))

    def of(self, schema: JsonValue, depth: int) -> int:
        """Gives the bound for one subschema, applied to a value with this many levels left."""
        if not isinstance(schema, Mapping):
            return 1
        key = (id(schema), depth)
        if key in self._open:
            return self._limit + 1
        if key not in self._known:
            self._open.add(key)
            self._known[key] = self._reckoned(schema, depth)
            self._open.discard(key)
        return self._known[key]

    def _reckoned(self, schema: JsonObject, depth: int) -> int:
        total = 1
        for inner in self._same_place(schema):
            total += self.of(inner, depth)
            if total > self._limit:
                return self._limit + 1
        if "unevaluatedProperties" in schema or "unevaluatedItems" in schema:
            total *= 2  # what the neighbours have evaluated is found out by running them again
        for inner in _inside(schema) if depth else ():
            total += self.of(inner, depth - 1)
            if total > self._limit:
                return self._limit + 1
        return min(total, self._limit + 1)

    def _same_place(self, schema: JsonObject) -> Iterator[JsonValue]:
        for word in _SAME_PLACE:
            if word in schema:
                yield from _one_or_many(schema[word])
        for word in _SAME_PLACE_BY_NAME:
            yield from _by_name(schema.get(word))
        for word in _REFERENCES:
            reference = schema.get(word)
            if isinstance(reference, str):
                yield self._target(reference)

    def _target(self, reference: str) -> JsonValue:
        if reference in self._named:
            return self._named[reference]
        if not reference.startswith(("#/", "#")):
            return self._root
        found: JsonValue = self._root
        for part in reference.removeprefix("#").split("/")[1:]:
            found = _step(found, part.replace("~1", "/").replace("~0", "~"))
        return found


def _step(value: JsonValue, part: str) -> JsonValue:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list | tuple) and part.isdecimal() and int(part) < len(value):
        found: JsonValue = value[int(part)]
        return found
    return None


def _inside(schema: JsonObject) -> Iterator[JsonValue]:
    for word in _INSIDE:
        if word in schema:
            yield from _one_or_many(schema[word])
    for word in _INSIDE_BY_NAME:
        yield from _by_name(schema.get(word))


def _one_or_many(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, list | tuple):
        yield from value
    else:
        yield value


def _by_name(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, Mapping):
        yield from value.values()


def _names(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Gives every subschema that has an id or an anchor, under the spelling a reference uses."""
    if isinstance(value, Mapping):
        for word, mark in (("$id", ""), ("id", ""), ("$anchor", "#"), ("$dynamicAnchor", "#")):
            name = value.get(word)
            if isinstance(name, str):
                yield mark + name, value
        for inner in value.values():
            yield from _names(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _names(inner)
