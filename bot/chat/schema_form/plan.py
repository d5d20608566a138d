"""Plans the form for a tool's JSON Schema: which arguments get a field, of which kind, and which do not."""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.cards.masking import is_secret_name
from bot.chat.choices import Choice, Listed, listed
from bot.chat.schema_form.hints import how
from bot.chat.schema_form.kinds import Kind, Takes, kind_of
from bot.chat.schema_form.measures import Argument, Measures, Plan, Size
from bot.chat.schema_form.reader import Plain, Reader
from bot.chat.texts import name_words
from bot.domain.canonical import JsonObject, canonical

NAME_IN_LABEL: Final = 200
"""How long the name may be that tells two labels apart."""
_MENU_LABELS: Final = 30_000
"""Characters of all labels above which a menu would be too heavy for sure."""


def plan_of(schema: JsonObject, measures: Measures, *, scope: str = "") -> Plan:
    """Gives the plan of a form; the same schema and measures always give the same one.

    Args:
        schema: what the tool's arguments are like.
        measures: how much the platform takes.
        scope: goes into the ids of the inputs, so that forms of different tools share none.
    """
    reader = Reader(schema)
    root = reader.resolved(schema)
    found = root.get("properties")
    properties = found if isinstance(found, Mapping) else {}
    wanted = root.get("required")
    required = (
        {name for name in wanted if isinstance(name, str)} if isinstance(wanted, list | tuple) else set()
    )
    names = [name for name, one in properties.items() if one is not False][: measures.fields]
    plains = {name: reader.plain(properties[name]) for name in names}
    kept: list[Argument] = []
    for size in measures.sizes:
        planner = _Planner(reader, measures, size, scope)
        arguments = (
            planner.argument(name, plain, required=name in required) for name, plain in plains.items()
        )
        kept, is_all = _fitting(arguments, measures)
        if is_all:
            break
    kept = _told_apart(kept, measures)
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


def _fitting(arguments: Iterable[Argument], measures: Measures) -> tuple[list[Argument], bool]:
    """Gives the first arguments, as many as there is room for, and whether these are all."""
    room = measures.form
    kept: list[Argument] = []
    for one in arguments:
        room -= measures.weight(one)
        if room < 0:
            return kept, False
        kept.append(one)
    return kept, True


def _told_apart(arguments: Sequence[Argument], measures: Measures) -> list[Argument]:
    """Gives the arguments with the name added to a label that another one has too."""
    labels = [one.label for one in arguments]
    texts = measures.texts
    most = measures.sizes[0].label
    return [
        replace(one, label=texts.cut(f"{one.label} ({texts.words(one.name, NAME_IN_LABEL)})", most))
        if labels.count(one.label) > 1
        else one
        for one in arguments
    ]


class _Planner:
    """Plans the fields of one form in one size."""

    def __init__(self, reader: Reader, measures: Measures, size: Size, scope: str) -> None:
        self._reader = reader
        self._measures = measures
        self._size = size
        self._scope = scope

    def argument(self, name: str, plain: Plain, *, required: bool) -> Argument:
        schema, words = plain.schema, self._measures.texts.words
        kind = kind_of(self._reader, schema)
        takes, found = self._with_menu(kind)
        title = schema.get("title")
        label = title if isinstance(title, str) and title.strip() else name_words(name)
        secret = schema.get("format") == "password" or schema.get("writeOnly") is True or is_secret_name(name)
        filling = how(schema, kind, takes, self._measures)
        if found.note:
            filling = f"{filling}\n{found.note}".strip()
        if secret:
            filling = f"{filling} Approvers see dots.".strip()
        about = schema.get("description")
        room = max(self._size.hint - self._measures.texts.length(filling) - 1, 1)
        description = words(about, room) if isinstance(about, str) and about.strip() else ""
        return Argument(
            name=name,
            input_id=_input_id(name, self._scope, self._measures.name),
            takes=takes,
            item=kind.item,
            types=kind.types,
            label=words(label, self._size.label),
            hint=f"{description} {filling}".strip(),
            required=required,
            nullable=plain.nullable,
            secret=secret,
            schema=schema,
            values=tuple(value for _, value in kind.choices),
            choices=found.choices,
        )

    def _with_menu(self, kind: Kind) -> tuple[Takes, Listed]:
        """Gives the menu of what can be chosen; what is too much for one is written instead."""
        measures = self._measures
        if not kind.choices:
            return kind.takes, Listed(())
        few = len(kind.choices) <= self._size.choices
        if few and sum(len(label) for label, _ in kind.choices) <= _MENU_LABELS:
            choices = [Choice(measures.code(canonical(value)), label) for label, value in kind.choices]
            found = listed(choices, measure=measures.texts, limit=measures.choice)
            if measures.takes_menu(found.choices) and measures.texts.length(found.note) < self._size.hint:
                return kind.takes, found
        if kind.takes is Takes.CHOICE:
            return Takes.NAMED, Listed(())
        texts = all(isinstance(value, str) for _, value in kind.choices)
        return (Takes.LINES if texts else Takes.JSON), Listed(())


def _input_id(name: str, scope: str, longest: int) -> str:
    if 0 < len(name) <= longest and name.isascii() and name.isprintable():
        return f"arg{scope}:{name}"
    return f"arg{scope}#{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:32]}"
