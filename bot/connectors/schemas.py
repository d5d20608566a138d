"""JSON Schema for calls: compiled once per schema, never fetching, and never for longer than a moment."""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final

import jsonschema_rs
from typing_extensions import override

from bot.connectors.schema_cost import cost_of, depth_of, entries_of
from bot.connectors.schema_sentences import findings, is_about_a_pattern
from bot.domain.canonical import JsonObject, bounded, canonical
from bot.domain.errors import Refusal
from bot.ports.outside import Schemas

MAX_CHECKS: Final = 10_000_000
"""Subschemas that one validation may visit; measured at 12 ns each."""

MAX_EXPLAINED: Final = 50_000
"""Subschemas above which a wrong value is refused without saying where; each report took up to 50 µs."""

MAX_PROBLEMS: Final = 50
"""Wrong arguments that are named at a time; nobody reads more."""

_LINEAR = jsonschema_rs.RegexOptions(size_limit=1_000_000)
_BACKTRACKING = jsonschema_rs.FancyRegexOptions(backtrack_limit=20_000, size_limit=1_000_000)

_BROKEN = "The tool’s own description of its arguments is broken, so nothing can be checked. Tell an admin."
_COSTLY = "This is too complicated to check for this tool. Send a flatter value."
_MISFIT = "This does not fit what the tool takes."


@dataclass(frozen=True, slots=True)
class _Unusable:
    """A schema that nothing can be checked with, and why."""

    why: str


class JsonSchemas(Schemas):
    """Checks arguments against the schemas that tool servers send; any draft from 4 to 2020-12.

    Patterns run in linear time; the few that need looking ahead run with a bound on their steps.
    """

    def __init__(self, *, remembered: int = 512) -> None:
        """Keeps at most `remembered` compiled schemas, the last used ones."""
        self._remembered = remembered
        self._compiled: OrderedDict[str, jsonschema_rs.Validator | _Unusable] = OrderedDict()

    @override
    def problems(self, schema: JsonObject, arguments: JsonObject) -> Mapping[str, str]:
        try:
            value = json.loads(bounded(arguments))
            validator = self._validator(schema)
        except Refusal as refusal:
            return {"": refusal.sentence}
        if isinstance(validator, _Unusable):
            return {"": _BROKEN}
        entries = entries_of(arguments)
        cost = entries * cost_of(schema, depth=depth_of(arguments), limit=MAX_CHECKS // entries)
        if cost > MAX_CHECKS:
            return {"": _COSTLY}
        if validator.is_valid(value):
            return {}
        if cost > MAX_EXPLAINED:
            return {"": _MISFIT}
        return dict(islice(_first_per_path(validator, value), MAX_PROBLEMS)) or {"": _MISFIT}

    def _validator(self, schema: JsonObject) -> jsonschema_rs.Validator | _Unusable:
        spelled = canonical(schema)
        found = self._compiled.pop(spelled, None) or _compile(schema, spelled)
        self._compiled[spelled] = found
        while len(self._compiled) > self._remembered:
            self._compiled.popitem(last=False)
        return found


def flaw_of(schema: JsonObject) -> str:
    """Gives why the schema cannot describe a tool's arguments, as a clause; empty when it can."""
    if schema.get("type", "object") != "object":
        return "its arguments are not described as an object"
    try:
        found = _compile(schema, canonical(schema))
    except Refusal as refusal:
        return f"the description of its arguments cannot be used ({refusal.sentence.rstrip('.')})"
    return found.why if isinstance(found, _Unusable) else ""


def _compile(schema: JsonObject, spelled: str) -> jsonschema_rs.Validator | _Unusable:
    if cost_of(schema, depth=1, limit=MAX_CHECKS) > MAX_CHECKS:
        return _Unusable("the description of its arguments is endless, too large, or not all there")
    why = ""
    for patterns in (_LINEAR, _BACKTRACKING):
        try:
            return jsonschema_rs.validator_for(
                spelled, validate_formats=True, offline=True, pattern_options=patterns
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            why = _place_of(error)
    return _Unusable(f"the description of its arguments is not valid JSON Schema{why}")


def _place_of(error: Exception) -> str:
    if not isinstance(error, jsonschema_rs.ValidationError) or not error.instance_path:
        return ""
    return " at " + ".".join(str(part) for part in error.instance_path)[:80]


def _first_per_path(validator: jsonschema_rs.Validator, value: object) -> Iterator[tuple[str, str]]:
    """Gives a sentence for each path, about a pattern only where nothing else is wrong: few can read one."""
    found = (one for error in validator.iter_errors(value) for one in findings(error))
    seen: set[str] = set()
    for path, together in groupby(found, key=lambda one: one[0]):
        sentences = [sentence for _, sentence in together]
        if path not in seen:
            seen.add(path)
            yield path, next((one for one in sentences if not is_about_a_pattern(one)), sentences[0])
