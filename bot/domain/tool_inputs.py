"""What a tool's input schema says about the effect of its calls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bot.domain.tool_names import vocabulary, words
from bot.domain.verbs import READS, WRITES, Sense, sense_of

_DEEPEST: Final = 24
_MOST_NODES: Final = 5_000

_CHOOSERS = vocabulary(
    """
    action actions cmd command function method mode op operation operations task verb
    """
)
"""Arguments whose value is what the tool does."""
_FREE_CHOOSERS = vocabulary("action http_method method op operation request_method sub_command verb")
_STATEMENTS = vocabulary("gql graphql mutation raw_query raw_request raw_sql sql statement")
_QUERIES = _STATEMENTS | vocabulary(
    """
    aql cypher dax kql logql mql nrql pipeline promql queries query query_string soql sosl spl
    statements
    """
)
_CODE = vocabulary(
    """
    bash body cmd code command commands eval expression function http_body javascript js payload
    powershell request_body script script_text shell
    """
)
_ADDRESSES = vocabulary("href uri url")
_HTTP_WRITES = vocabulary("delete patch post put")
_OF_FILTERS = vocabulary("disable enable exclude include write")
"""Values that elsewhere name a permission, a way of matching or a state."""
_NESTED = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED = ("properties", "$defs", "definitions", "patternProperties")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedWrite:
    """A value in an argument's list of values that makes the tool change something."""

    argument: str
    value: str
    destroys: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The arguments of a tool, as far as they decide what a call does."""

    names: frozenset[str]
    """Top-level argument names, in snake case."""
    free: frozenset[str]
    """Those of them whose values are not listed in the schema."""
    listed_write: ListedWrite | None
    """The gravest changing value that is listed, at any depth."""
    too_large: bool
    """The schema was not read to its end."""

    @property
    def chooser(self) -> str | None:
        """An argument in which the caller freely says what is to be done (`method`, `sql`), or None."""
        return min(self.free & (_FREE_CHOOSERS | _STATEMENTS), default=None)

    @property
    def query(self) -> str | None:
        """An argument that takes a statement of a query language, or None."""
        return min(self.free & _QUERIES, default=None)

    @property
    def code(self) -> str | None:
        """An argument that takes code, a command line or the body of a request, or None."""
        return min(self.free & _CODE, default=None)

    @property
    def address(self) -> str | None:
        """An argument that takes a web address, or None."""
        return min(self.free & _ADDRESSES, default=None)


def read_inputs(schema: Mapping[str, object]) -> Inputs:
    """Gives what matters of a JSON Schema.

    Never raises: what is not of the expected shape is passed over. Reads at most 5,000 nodes and listed
    values, 24 levels deep; references are not followed, as definitions are read where they stand.
    """
    names: set[str] = set()
    free: set[str] = set()
    writes: list[ListedWrite] = []
    waiting: list[tuple[int, str, object]] = [(0, "", schema)]
    left = _MOST_NODES
    while waiting and left > 0:
        depth, name, node = waiting.pop()
        left -= 1
        if not isinstance(node, Mapping):
            continue
        listed = _listed(node)
        left -= len(listed)
        writes.extend(_writes(name, listed[: max(left, 0)]))
        if depth == 1 and name:
            names.add(name)
            free |= set() if listed else {name}
        children = list(islice(_children(name, node), max(left, 0) + 1))
        left = 0 if depth == _DEEPEST and children else left
        waiting.extend((depth + 1, inner, child) for inner, child in children)
    return Inputs(
        names=frozenset(names),
        free=frozenset(free),
        listed_write=next((write for write in writes if write.destroys), next(iter(writes), None)),
        too_large=bool(waiting) or left < 0,
    )


def _children(name: str, node: Mapping[object, object]) -> Iterator[tuple[str, object]]:
    for key in _NAMED:
        named = node.get(key)
        if isinstance(named, Mapping):
            yield from (("_".join(words(str(inner))), child) for inner, child in named.items())
    for key in _NESTED:
        nested = node.get(key)
        if isinstance(nested, list | tuple):
            yield from ((name, child) for child in nested)
    for key in ("items", "additionalProperties"):
        if key in node:
            yield name, node[key]


def _listed(node: Mapping[object, object]) -> Sequence[str]:
    values = node.get("enum")
    listed = list(islice(values, _MOST_NODES)) if isinstance(values, list | tuple) else []
    return [value for value in (node.get("const"), *listed) if isinstance(value, str)]


def _writes(name: str, values: Sequence[str]) -> Iterator[ListedWrite]:
    for value in values:
        said = words(value)
        if said and _is_write(name, said):
            grave = sense_of(said[0]) is Sense.DESTROY
            yield ListedWrite(argument=name, value="_".join(said), destroys=grave)


def _is_write(name: str, said: Sequence[str]) -> bool:
    sense = sense_of(said[0])
    if name in _CHOOSERS or name.endswith(("_action", "_method", "_operation")):
        return sense in WRITES or sense is Sense.WRITE_OR_NOUN or said[0] in _HTTP_WRITES
    if said[0] in _OF_FILTERS or len(said) > 3:
        return False
    return sense in WRITES and not any(sense_of(word) in READS for word in said)
