"""What is different between two definitions of a tool, in lines for people to read.

Names and values in the lines come from the tool's server: whoever shows them makes hidden characters visible.
No name can begin a line of its own, because anything but a plain name is spelled as a JSON text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue, canonical, digest
from bot.domain.tools import ToolDefinition, shortened

MOST_LINES: Final = 40
"""Lines that are shown before the rest is only counted."""

_DEEPEST: Final = 12
_LONGEST_VALUE: Final = 80
_MOST_VALUES: Final = 8
_CONTEXT: Final = 120
"""Characters that stay the same, shown around those that do not."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_$-]{1,64}")
_WORDS: Final = frozenset({"title", "description", "examples", "$comment"})
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED: Final = ("$defs", "definitions", "patternProperties", "dependentSchemas")
_SINGLE: Final = {"items": "[]", "additionalProperties": "<others>", "not": "<not>"}
_ROOT: Final = "The arguments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two texts where they differ, each at most so long as asked for."""

    before: str
    after: str
    is_whole: bool
    """Whether everything that differs is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One place of a schema, without what is inside of it."""

    is_required: bool = False
    kind: str = ""
    values: tuple[str, ...] | None = None
    said: str = ""
    """Title, description and examples."""
    limits: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What the field takes, in a few words."""
        values = f"one of {_listed(self.values)}" if self.values is not None else ""
        return ", ".join(filter(None, (self.kind, values, "required" if self.is_required else "")))


def definition_changes(before: ToolDefinition, after: ToolDefinition) -> tuple[str, ...]:
    """Gives a line for every difference but title and description, in an order that is always the same."""
    return (
        *_schema_changes(before.input_schema, after.input_schema),
        *_hint_changes(before.annotations, after.annotations),
        *_answer_changes(before.output_schema, after.output_schema),
    )


def fields_of(definition: ToolDefinition) -> tuple[str, ...]:
    """Gives a line for every argument that the tool takes, those inside others with a dotted path."""
    found = dict(_fields(definition.input_schema, "", is_required=False, depth=0))
    return tuple(f"{path}: {one.words or 'anything'}" for path, one in sorted(found.items()) if path)


def capped(lines: Sequence[str], most: int = MOST_LINES) -> tuple[str, ...]:
    """Gives the first lines, and how many more there are."""
    more = len(lines) - most
    return (*lines[:most], f"and {more} more") if more > 0 else tuple(lines)


def difference(before: str, after: str, limit: int) -> Difference:
    """Gives both texts whole if they are short; else the part that differs, with a little around it."""
    if max(len(before), len(after)) <= limit:
        return Difference(before=before, after=after, is_whole=True)
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    first, last = max(0, start - _CONTEXT), max(0, end - _CONTEXT)
    parts = [(text[first : len(text) - last], len(text) - last) for text in (before, after)]
    shown = [_middle_out(part, limit) for part, _ in parts]
    cut = [f"{'…' if first else ''}{text}{'…' if last else ''}" for text in shown]
    is_whole = all(text == part for text, (part, _) in zip(shown, parts, strict=True))
    return Difference(before=cut[0], after=cut[1], is_whole=is_whole)


def _alike(one: str, other: str) -> int:
    """Gives how many characters at the beginning are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def _middle_out(text: str, limit: int) -> str:
    """Gives beginning and end of a text that is too long, and how much is missing between them."""
    left_out = len(text) - limit
    if left_out <= 0:
        return text
    return f"{text[: limit // 2]} … {left_out:,} characters left out … {text[len(text) - limit // 2 :]}"


def _schema_changes(before: JsonObject, after: JsonObject) -> Iterator[str]:
    was = dict(_fields(before, "", is_required=False, depth=0))
    becomes = dict(_fields(after, "", is_required=False, depth=0))
    found = False
    for path in sorted({*was, *becomes}):
        for line in _field_changes(path or _ROOT, was.get(path), becomes.get(path)):
            found = True
            yield line
    if not found and canonical(before) != canonical(after):
        yield f"{_ROOT}: changed in a way that is not listed here"


def _field_changes(path: str, was: _Field | None, becomes: _Field | None) -> Iterator[str]:
    if was is None or becomes is None:
        either = becomes or was
        words = f" ({either.words})" if either is not None and either.words else ""
        yield f"{path}: {'removed' if becomes is None else 'new'}{words}"
        return
    if was.is_required != becomes.is_required:
        yield f"{path}: {'now required' if becomes.is_required else 'not required any more'}"
    if was.kind != becomes.kind:
        yield f"{path}: type {was.kind or 'anything'} → {becomes.kind or 'anything'}"
    yield from (f"{path}: {change}" for change in _value_changes(was.values, becomes.values))
    for name in sorted({*was.limits, *becomes.limits}):
        old, new = was.limits.get(name, "not set"), becomes.limits.get(name, "not set")
        if old != new:
            yield f"{path}: {_spelled(name)} {_brief(old)} → {_brief(new)}"
    if was.said != becomes.said:
        yield f"{path}: described in other words"


def _value_changes(was: tuple[str, ...] | None, becomes: tuple[str, ...] | None) -> Iterator[str]:
    if was == becomes:
        return
    if was is None:
        yield f"takes only {_listed(becomes or ())} now"
    elif becomes is None:
        yield "takes any value now, not only those of a list"
    else:
        added = [value for value in becomes if value not in was]
        removed = [value for value in was if value not in becomes]
        if added:
            yield f"takes {_listed(added)} too"
        if removed:
            yield f"does not take {_listed(removed)} any more"
        if not added and not removed:
            yield "lists its values in another order"


def _hint_changes(before: JsonObject | None, after: JsonObject | None) -> Iterator[str]:
    was, becomes = before or {}, after or {}
    if not was and not becomes and before != after:
        yield f"Its server’s hints: {'none any more' if after is None else 'an empty list now'}"
    for name in sorted({*was, *becomes}):
        old = canonical(was[name]) if name in was else "not said"
        new = canonical(becomes[name]) if name in becomes else "not said"
        if old != new:
            yield f"Its server’s hint {_spelled(name)}: {_brief(old)} → {_brief(new)}"


def _answer_changes(was: JsonObject | None, becomes: JsonObject | None) -> Iterator[str]:
    if was is None and becomes is not None:
        yield "Its answer: has a schema now"
    elif was is not None and becomes is None:
        yield "Its answer: has no schema any more"
    elif was is not None and becomes is not None and canonical(was) != canonical(becomes):
        yield "Its answer: has another schema"


def _fields(node: JsonValue, path: str, *, is_required: bool, depth: int) -> Iterator[tuple[str, _Field]]:
    """Gives the place and all that are inside of it, each under its path."""
    if not isinstance(node, Mapping) or depth > _DEEPEST:
        yield path, _Field(is_required=is_required, limits={"schema": canonical(node)})
        return
    inside = list(_inside(node, path))
    taken = {keyword for keyword, *_ in inside} | {"type", "enum", "required"} | _WORDS
    if isinstance(node.get("properties"), Mapping):
        taken.add("properties")
    names = _required(node)
    left = sorted(names - set(_properties(node)))
    limits = {key: canonical(value) for key, value in node.items() if key not in taken}
    if left or ("required" in node and not isinstance(node["required"], list | tuple)):
        limits["required"] = canonical(left or node["required"])
    enum = node.get("enum")
    values = None
    if isinstance(enum, Sequence) and not isinstance(enum, str):
        values = tuple(canonical(value) for value in enum)
    elif enum is not None:
        limits["enum"] = canonical(enum)
    yield (
        path,
        _Field(
            is_required=is_required,
            kind=_kind(node.get("type")),
            values=values,
            said=canonical({key: node[key] for key in sorted(_WORDS & set(node))}),
            limits=limits,
        ),
    )
    for keyword, name, inner, child in inside:
        needed = keyword == "properties" and name in names
        yield from _fields(child, inner, is_required=needed, depth=depth + 1)


def _inside(node: JsonObject, path: str) -> Iterator[tuple[str, str, str, JsonValue]]:
    """Gives keyword, name, path and schema of everything inside of a schema."""
    for name, child in _properties(node).items():
        yield "properties", name, _below(path, name), child
    for keyword in _NAMED:
        named = node.get(keyword)
        if isinstance(named, Mapping):
            for name, child in named.items():
                yield keyword, name, f"{path}<{keyword}>.{_spelled(name)}", child
    for keyword in _LISTS:
        listed = node.get(keyword)
        if isinstance(listed, Sequence) and not isinstance(listed, str):
            for number, child in enumerate(listed, start=1):
                yield keyword, "", f"{path}<{keyword} {number}>", child
    for keyword, sign in _SINGLE.items():
        if isinstance(node.get(keyword), Mapping):
            yield keyword, "", f"{path}{sign}", node[keyword]


def _properties(node: JsonObject) -> JsonObject:
    found = node.get("properties")
    return found if isinstance(found, Mapping) else {}


def _required(node: JsonObject) -> set[str]:
    found = node.get("required")
    return {name for name in found if isinstance(name, str)} if isinstance(found, list | tuple) else set()


def _below(path: str, name: str) -> str:
    return f"{path}.{_spelled(name)}" if path else _spelled(name)


def _kind(kind: JsonValue) -> str:
    if kind is None:
        return ""
    if isinstance(kind, str):
        return _spelled(kind)
    if isinstance(kind, Sequence):
        return " or ".join(_kind(one) for one in kind[:_MOST_VALUES])
    return _brief(canonical(kind))


def _listed(values: Iterable[str]) -> str:
    known = tuple(values)
    more = len(known) - _MOST_VALUES
    shown = ", ".join(_brief(value) for value in known[:_MOST_VALUES])
    return f"{shown} and {more} more" if more > 0 else shown or "nothing"


def _spelled(name: str) -> str:
    """Gives the name on one line and unlike any other name, however long it is."""
    if _PLAIN.fullmatch(name):
        return name
    text = canonical(name)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:60]}…{digest(name)[:8]}"


def _brief(text: str) -> str:
    return shortened(text, _LONGEST_VALUE)
