"""Plans the form for a tool's JSON Schema: which arguments get a field, of which kind, and which do not."""

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.cards.masking import is_secret_name
from bot.chat.slack.kit import limits
from bot.chat.slack.kit.blocks import cut
from bot.chat.slack.kit.texts import units
from bot.chat.slack.modals.inputs import Choice, Menu, code, menu, name_words, words
from bot.chat.slack.modals.schema_kinds import Kind, Takes, kind_of
from bot.chat.slack.modals.schema_reader import Plain, Reader
from bot.domain.canonical import JsonObject, JsonValue, canonical

MOST_FIELDS: Final = 90
"""Arguments with a field of their own; a view takes ten blocks more."""
_FORM_WEIGHT: Final = 90_000
_FIELD_WEIGHT: Final = 400
"""What a field weighs besides its texts and options."""
_SIZES: Final = ((limits.INPUT_HINT, 400), (300, 400), (300, 20))
"""How long a description may be, and how many options a menu may have; the next ones where a form of such
fields would make the view too large."""
_MENU_LABELS: Final = 30_000
"""Characters of all options above which a menu would be too heavy for sure."""
_PARAGRAPH: Final = 200
"""Characters above which a text gets several lines."""
_LONG_TEXTS: Final = frozenset(
    {"body", "comment", "comments", "content", "description", "details", "message", "note", "notes", "text"}
)
_FORMATS: Final = {
    "email": "An e-mail address.",
    "idn-email": "An e-mail address.",
    "uri": "A full web address, such as https://example.com/page.",
    "iri": "A full web address, such as https://example.com/page.",
    "time": "A time, such as 09:30:00Z.",
    "duration": "A duration, such as P3D or PT2H.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument that has a field of its own."""

    name: str
    block_id: str
    takes: Takes
    label: str
    hint: str
    required: bool
    nullable: bool
    secret: bool
    schema: JsonObject
    item: Takes = Takes.TEXT
    types: frozenset[str] = frozenset()
    values: tuple[JsonValue, ...] = ()
    """What can be chosen, in the order of the menu's options."""
    menu: Menu | None = None

    @property
    def optional(self) -> bool:
        """Whether the field may stay empty."""
        return not self.required or self.nullable

    @property
    def multiline(self) -> bool:
        """Whether a text of it has several lines."""
        longest = self.schema.get("maxLength")
        if isinstance(longest, int):
            return longest > _PARAGRAPH
        if self.schema.get("format") in {"textarea", "markdown", "html"}:
            return True
        return (
            not {"format", "pattern"} & set(self.schema)
            and name_words(self.name).split()[-1].lower() in _LONG_TEXTS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A form: the arguments with fields, and whether there is a field for more."""

    arguments: tuple[Argument, ...]
    more_id: str
    more: bool
    more_required: bool = False
    more_names: tuple[str, ...] = ()
    """Arguments that the schema names but that have no field."""


def plan_of(schema: JsonObject, *, scope: str = "") -> Plan:
    """Gives the plan of a form; the same schema always gives the same one.

    Args:
        schema: what the tool's arguments are like.
        scope: goes into the ids of the blocks, so that forms of different tools share no input.
    """
    reader = Reader(schema)
    root = reader.resolved(schema)
    found = root.get("properties")
    properties = found if isinstance(found, Mapping) else {}
    wanted = root.get("required")
    required = (
        {name for name in wanted if isinstance(name, str)} if isinstance(wanted, list | tuple) else set()
    )
    names = [name for name, one in properties.items() if one is not False][:MOST_FIELDS]
    plains = {name: reader.plain(properties[name]) for name in names}
    arguments: list[Argument] = []
    for size in _SIZES:
        arguments = [
            _argument(reader, name, plain, required=name in required, scope=scope, size=size)
            for name, plain in plains.items()
        ]
        if sum(_weight(one) for one in arguments) <= _FORM_WEIGHT:
            break
    kept = _told_apart(_fitting(arguments))
    own = {one.name for one in kept}
    rest = tuple(name for name, one in properties.items() if name not in own and one is not False)
    return Plan(
        arguments=tuple(kept),
        more_id=f"more{scope}",
        more=bool(rest) or _takes_more(reader, root, own) or bool(required - own),
        more_required=bool(required - own),
        more_names=rest,
    )


def _takes_more(reader: Reader, root: JsonObject, own: Container[str]) -> bool:
    """Whether arguments that the schema does not name, or names in an alternative only, may be sent."""
    others = root.get("additionalProperties")
    if others is True or isinstance(others, Mapping) or root.get("patternProperties"):
        return True
    return any(
        name not in own
        for part in reader.alternatives(root)
        if isinstance(properties := part.get("properties"), Mapping)
        for name in properties
    )


def _fitting(arguments: Sequence[Argument]) -> list[Argument]:
    room = _FORM_WEIGHT
    kept = []
    for one in arguments:
        room -= _weight(one)
        if room >= 0:
            kept.append(one)
    return kept


def _weight(one: Argument) -> int:
    # As ASCII, which is the longest way to write JSON.
    texts = len(ascii(one.label)) + len(ascii(one.hint)) + 2 * len(ascii(one.block_id))
    options = len(json.dumps(one.menu.options)) if one.menu else 0
    return _FIELD_WEIGHT + texts + options


def _told_apart(arguments: Sequence[Argument]) -> list[Argument]:
    """Gives the arguments with the name added to a label that another one has too."""
    labels = [one.label for one in arguments]
    return [
        replace(one, label=cut(f"{one.label} ({words(one.name, 200)})", limits.INPUT_LABEL))
        if labels.count(one.label) > 1
        else one
        for one in arguments
    ]


def _argument(
    reader: Reader, name: str, plain: Plain, *, required: bool, scope: str, size: tuple[int, int]
) -> Argument:
    schema = plain.schema
    longest, most = size
    kind = kind_of(reader, schema)
    takes, found = _with_menu(kind, longest, most)
    title = schema.get("title")
    label = title if isinstance(title, str) and title.strip() else name_words(name)
    secret = schema.get("format") == "password" or schema.get("writeOnly") is True or is_secret_name(name)
    how = _how(schema, kind, takes)
    if found is not None and found.note:
        how = f"{how}\n{found.note}".strip()
    if secret:
        how = f"{how} Approvers see dots.".strip()
    about = schema.get("description")
    description = (
        words(about, max(longest - units(how) - 1, 1)) if isinstance(about, str) and about.strip() else ""
    )
    return Argument(
        name=name,
        block_id=_block_id(name, scope),
        takes=takes,
        item=kind.item,
        types=kind.types,
        label=words(label, limits.INPUT_LABEL if longest > 300 else 150),
        hint=f"{description} {how}".strip(),
        required=required,
        nullable=plain.nullable,
        secret=secret,
        schema=schema,
        values=tuple(value for _, value in kind.choices),
        menu=found,
    )


def _with_menu(kind: Kind, longest: int, most: int) -> tuple[Takes, Menu | None]:
    """Gives the menu of what can be chosen; what is too much for one is written instead."""
    if not kind.choices:
        return kind.takes, None
    if len(kind.choices) <= most and sum(len(label) for label, _ in kind.choices) <= _MENU_LABELS:
        found = menu([Choice(code(canonical(value)), label) for label, value in kind.choices])
        if found.fits and units(found.note) < longest:
            return kind.takes, found
    if kind.takes is Takes.CHOICE:
        return Takes.NAMED, None
    texts = all(isinstance(value, str) for _, value in kind.choices)
    return (Takes.LINES if texts else Takes.JSON), None


def _block_id(name: str, scope: str) -> str:
    if 0 < len(name) <= 200 and name.isascii() and name.isprintable():
        return f"arg{scope}:{name}"
    return f"arg{scope}#{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:32]}"


def _how(schema: JsonObject, kind: Kind, takes: Takes) -> str:
    """Gives how the field is filled in, where that is not plain to see."""
    match takes:
        case Takes.NAMED:
            return f"There are too many for a list. Write it exactly, such as {_examples(kind)}."
        case Takes.LINES:
            what = {Takes.WHOLE: "One whole number", Takes.NUMBER: "One number"}.get(kind.item, "One")
            return f"{what} on each line."
        case Takes.WHOLE | Takes.NUMBER:
            return _range(schema)
        case Takes.MOMENT:
            return "In your own time zone."
        case Takes.JSON:
            return _json_hint(schema)
        case Takes.TEXT:
            return _FORMATS.get(str(schema.get("format")), "")
        case _:
            return ""


def _examples(kind: Kind) -> str:
    values = [value for _, value in kind.choices[:3]]
    return ", ".join(words(value if isinstance(value, str) else canonical(value), 40) for value in values)


def _range(schema: JsonObject) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if isinstance(least, int | float) and isinstance(most, int | float):
        return f"From {least} to {most}."
    if isinstance(least, int | float):
        return f"{least} or more."
    return f"{most} or less." if isinstance(most, int | float) else ""


def _json_hint(schema: JsonObject) -> str:
    if schema.get("type") == "array":
        return "A list, written as JSON."
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and properties:
        names = [words(name, 40) for name in list(properties)[:8]]
        more = ", and others" if len(properties) > len(names) else ""
        return f"Written as JSON, with these names: {', '.join(names)}{more}."
    return 'Written as JSON, such as {"name": "value"}.'
