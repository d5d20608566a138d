"""Seeding, for whatever a server may send."""

from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.actions import Action, Effect
from bot.domain.effects import Annotations, Seeding, annotations_of, seed
from bot.domain.verbs import READS, SENSES, WRITES, Sense

GRAVITY: Final = {Effect.READ: 0, Effect.WRITE: 1, Effect.DESTROY: 2}
CHANGING: Final = sorted(word for word, sense in SENSES.items() if sense in WRITES)
READING: Final = sorted(word for word, sense in SENSES.items() if sense in READS)
PLACED: Final = sorted(word for word, sense in SENSES.items() if sense is Sense.WRITE_OR_NOUN)
THINGS: Final = ["gadget", "widgets", "owner", "of", "and", "or", "by", "status", "items", "archive", "url"]

json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["string", "create", "#/$defs/x"]),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["properties", "enum", "items", "anyOf", "$defs", "$ref", "action", "sql"])
            | st.text(),
            inner,
        )
    ),
)
objects = st.dictionaries(
    st.sampled_from(["properties", "$defs", "type", "readOnlyHint", "destructiveHint"]) | st.text(), json
)
words = st.lists(st.sampled_from(THINGS + READING + PLACED + CHANGING), min_size=1, max_size=5)
hints = st.none() | st.builds(
    Annotations,
    read_only=st.none() | st.booleans(),
    destructive=st.none() | st.booleans(),
    idempotent=st.none() | st.booleans(),
)
descriptions = st.none() | st.sampled_from(
    ["Get a gadget.", "Create a gadget.", "Export a gadget", "Run a query", "It cannot be undone.", "Gadgets"]
)


def seeded(name: str, description: str | None = None, annotations: Annotations | None = None) -> Seeding:
    return seed(name=name, description=description, input_schema={}, annotations=annotations)


@settings(deadline=None)
@given(st.text(), st.none() | st.text(), objects, st.none() | objects)
def test_seeding_never_fails_and_never_runs_a_write_unasked(
    name: str, description: str | None, schema: dict[str, object], wire: dict[str, object] | None
) -> None:
    result = seed(name=name, description=description, input_schema=schema, annotations=annotations_of(wire))
    assert (result.action is Action.AUTO) is (result.effect is Effect.READ and not result.sensitive)
    assert result.sentence.endswith(".")


@settings(deadline=None)
@given(words, descriptions, hints)
def test_the_style_of_a_name_changes_nothing(
    parts: list[str], description: str | None, annotations: Annotations | None
) -> None:
    camel = parts[0] + "".join(part.capitalize() for part in parts[1:])
    styles = ["_".join(parts), "-".join(parts), ".".join(parts), camel, "_".join(parts).upper()]
    assert len({seeded(name, description, annotations) for name in styles}) == 1


@settings(deadline=None)
@given(words, st.sampled_from(CHANGING), st.integers(0, 5), descriptions, hints)
def test_a_changing_verb_anywhere_in_a_name_asks(
    parts: list[str], verb: str, place: int, description: str | None, annotations: Annotations | None
) -> None:
    name = "_".join([*parts[:place], verb, *parts[place:]])
    assert seeded(name, description, annotations).action is Action.APPROVAL_NEEDED


@settings(deadline=None)
@given(st.sampled_from(PLACED), st.lists(st.sampled_from(["gadget", "widgets", "owner"]), max_size=3))
def test_a_hint_does_not_outweigh_a_name_that_begins_with_a_changing_verb(
    verb: str, things: list[str]
) -> None:
    name = "_".join([verb, *things])
    assert seeded(name, None, Annotations(read_only=True)).action is Action.APPROVAL_NEEDED


@settings(deadline=None)
@given(st.sampled_from(READING + CHANGING + PLACED), descriptions, hints)
def test_hints_only_tighten_what_a_known_verb_says(
    verb: str, description: str | None, annotations: Annotations | None
) -> None:
    name = f"{verb}_gadget"
    without = seeded(name, description).effect
    assert GRAVITY[seeded(name, description, annotations).effect] >= GRAVITY[without] or (
        seeded(name, description).why.value == "unknown"
    )


def test_a_schema_without_end_is_read_to_a_limit_and_then_asks() -> None:
    endless: dict[str, object] = {}
    endless["properties"] = {"again": endless, "twice": endless}
    wide: dict[str, object] = {"properties": {f"a{n}": {} for n in range(20_000)}}
    listed: dict[str, object] = {"properties": {"a": {"enum": [str(n) for n in range(200_000)]}}}
    for schema in (endless, wide, listed):
        result = seed(name="get_gadget", description=None, input_schema=schema, annotations=None)
        assert result.effect is Effect.WRITE


def test_a_description_without_end_is_read_to_a_limit() -> None:
    for piece in ("A", "and ", "(", ". it ", "use the ", "A-", "¡", "READ "):
        result = seeded("get_gadget", piece * 500_000)
        assert result.effect is Effect.READ
