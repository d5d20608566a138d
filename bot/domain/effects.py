"""The effect of a tool that nobody has judged yet, and the policy that it starts with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.domain.actions import Action, Effect
from bot.domain.sensitive import hands_out_secrets
from bot.domain.tool_descriptions import Account, read_description
from bot.domain.tool_inputs import Inputs, read_inputs
from bot.domain.tool_names import vocabulary, words
from bot.domain.tool_verbs import NameReading, read_name
from bot.domain.verbs import Sense, sense_of

_HINTS: Final = {
    "readOnlyHint": "read_only",
    "destructiveHint": "destructive",
    "idempotentHint": "idempotent",
    "openWorldHint": "open_world",
}
_DOES: Final = {
    Effect.READ: "only reads",
    Effect.WRITE: "changes something",
    Effect.DESTROY: "destroys something",
}
_GRAVITY: Final = {Effect.READ: 0, Effect.WRITE: 1, Effect.DESTROY: 2}
_GOES_SOMEWHERE = vocabulary("goto load navigate open visit")
_LONGEST_WORD: Final = 40


class Why(StrEnum):
    """What settled a tool's effect."""

    MANIFEST = "manifest"
    ANNOTATION = "annotation"
    VERB = "verb"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """An MCP server's hints about a tool; None means that it did not give this one."""

    read_only: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    open_world: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeding:
    """What a tool starts with, and why."""

    effect: Effect
    action: Action
    why: Why
    sensitive: bool
    """It may hand out a secret, so that it asks even if it only reads."""
    sentence: str
    """Why, for the admin. Complete and safe to print as plain text: what it quotes is in `[A-Za-z0-9_]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """What one source says: an effect, or None for nothing, and the clause that says why."""

    effect: Effect | None
    clause: str


def annotations_of(wire: Mapping[str, object] | None) -> Annotations | None:
    """Gives the hints as a server sent them (`readOnlyHint`, ...), or None if it sent no hint at all.

    A hint of the wrong type counts as not given. The others still count as hints, and hints that do not say
    `readOnlyHint: true` mean write.

    Source: https://modelcontextprotocol.io/specification/2025-06-18/schema#toolannotations
    """
    if not isinstance(wire, Mapping) or not any(key in wire for key in _HINTS):
        return None
    sent = {field: wire.get(key) for key, field in _HINTS.items()}
    return Annotations(**{field: hint for field, hint in sent.items() if isinstance(hint, bool)})


def seed(
    *,
    name: str,
    description: str | None,
    input_schema: Mapping[str, object],
    annotations: Annotations | None,
    manifest: Effect | None = None,
) -> Seeding:
    """Gives the effect of a tool and the action that it starts with.

    The manifest is ours and settles it. Otherwise it is the stricter of what the words say (name, arguments,
    description) and what the server's hints say; where neither says anything it is a write. The same tool is
    always judged the same. Never raises, whatever a server sends, and reads only so much of it.

    A write that passes for a read runs unasked, so every doubt is a write:

    - a read needs a reading verb that leads the name, or a description that begins with one, or a hint;
    - no hint outweighs a changing verb, one that may be changing (`export`, `generate`) at the beginning of
      the description, a changing value among an argument's values, or an argument for code;
    - where the caller chooses what is done (`sql`, `method`), words never make a read; only a hint does. A
      description of a query tool that promises to be read-only is a promise that SQL can break;
    - following a web address acts in the name of whoever is signed in, so it is a write; `think` and `wait`
      leave no trace, so they are reads.

    `destroy` is loss that no further call makes good: deleting, wiping, terminating, and what a server calls
    destructive or irreversible. What can be granted, switched on or tied again (`revoke`, `disable`,
    `remove_member`, `clear_cache`) is a write, because a destroying tool takes no standing approval.
    """
    inputs = read_inputs(input_schema)
    in_name = words(name)
    sensitive = hands_out_secrets(name=in_name, arguments=inputs.names, description=description)
    if manifest is not None:
        effect, why = manifest, Why.MANIFEST
        sentence = f"The connector's settings say that it {_DOES[manifest]}."
    else:
        told, hinted = _from_words(in_name, read_description(description), inputs), _from_hints(annotations)
        effect, why = _stricter(told, hinted)
        sentence = _sentence(told, hinted, why)
    asks = effect is not Effect.READ or sensitive
    if sensitive and effect is Effect.READ:
        sentence += " It may hand out secrets, so it asks."
    action = Action.APPROVAL_NEEDED if asks else Action.AUTO
    return Seeding(effect=effect, action=action, why=why, sensitive=sensitive, sentence=sentence)


def _stricter(told: _Finding, hinted: _Finding) -> tuple[Effect, Why]:
    if told.effect is None:
        return (Effect.WRITE, Why.UNKNOWN) if hinted.effect is None else (hinted.effect, Why.ANNOTATION)
    if hinted.effect is Effect.READ and told.effect is not Effect.READ:
        return told.effect, Why.CONFLICT
    if hinted.effect is not None and _GRAVITY[hinted.effect] > _GRAVITY[told.effect]:
        return hinted.effect, Why.ANNOTATION
    return told.effect, Why.VERB


def _sentence(told: _Finding, hinted: _Finding, why: Why) -> str:
    if hinted.effect is None:
        return f"{told.clause}."
    opposed = (told.effect is Effect.READ) is not (hinted.effect is Effect.READ)
    return f"{told.clause}, {'but' if opposed or why is Why.CONFLICT else 'and'} {hinted.clause}."


def _from_hints(hints: Annotations | None) -> _Finding:
    if hints is None:
        return _Finding(effect=None, clause="")
    if hints.read_only and not hints.destructive:
        return _Finding(effect=Effect.READ, clause="the server says that it only reads")
    if hints.destructive:
        return _Finding(effect=Effect.DESTROY, clause="the server says that it destroys something")
    return _Finding(effect=Effect.WRITE, clause="the server does not say that it only reads")


def _from_words(name: Sequence[str], said: Account, inputs: Inputs) -> _Finding:
    if not name:
        return _Finding(effect=Effect.WRITE, clause="The name is too long or has unusual characters")
    reading = read_name(name)
    change = _plain_change(reading, said, inputs)
    if change is None and reading.effect is None:
        change = _likely_change(name, said, inputs)
    if change is not None:
        return _Finding(effect=Effect.DESTROY, clause=change.clause) if said.lasting else change
    return _read_or_nothing(name, reading, said, inputs)


def _plain_change(reading: NameReading, said: Account, inputs: Inputs) -> _Finding | None:
    """A change that outweighs a reading verb in the name."""
    if reading.effect in {Effect.WRITE, Effect.DESTROY}:
        return _Finding(effect=reading.effect, clause=_name_clause(reading))
    if inputs.listed_write:
        listed = inputs.listed_write
        clause = f"Its argument {_quoted(listed.argument)} can be {_quoted(listed.value)}"
        return _Finding(effect=Effect.DESTROY if listed.destroys else Effect.WRITE, clause=clause)
    if inputs.too_large:
        return _Finding(effect=Effect.WRITE, clause="Its arguments are too many to be read")
    if said.lasting:
        return _Finding(effect=Effect.DESTROY, clause="The description says that it cannot be undone")
    if said.writes:
        return _Finding(effect=Effect.WRITE, clause=f"The description says {_quoted(said.writes)}")
    return None


def _likely_change(name: Sequence[str], said: Account, inputs: Inputs) -> _Finding | None:
    """A change that counts where no reading verb stands in the name."""
    if said.first in name and sense_of(said.first) is Sense.NOUN_OR_WRITE:
        return _Finding(effect=Effect.WRITE, clause=f"Name and description say {_quoted(said.first)}")
    if inputs.code:
        return _Finding(effect=Effect.WRITE, clause=f"Its argument {_quoted(inputs.code)} is carried out")
    if inputs.address and _GOES_SOMEWHERE.intersection(name):
        return _Finding(effect=Effect.WRITE, clause=f"It opens the address in {_quoted(inputs.address)}")
    return None


def _read_or_nothing(name: Sequence[str], reading: NameReading, said: Account, inputs: Inputs) -> _Finding:
    reads = reading.effect is Effect.READ
    statement = inputs.query if not reads and ("query" in name or said.first in {"query", ""}) else None
    chooser = inputs.chooser or statement
    if chooser:
        return _Finding(effect=None, clause=f"Its argument {_quoted(chooser)} decides what it does")
    if reads and not said.unclear:
        return _Finding(effect=Effect.READ, clause=_name_clause(reading))
    if said.reads:
        return _Finding(effect=Effect.READ, clause="The description tells of a read")
    if reading.doubtful:
        return _Finding(effect=Effect.WRITE, clause=_name_clause(reading))
    if said.unclear and not reads:
        return _Finding(effect=Effect.WRITE, clause=f"The description says {_quoted(said.first)}")
    return _Finding(effect=None, clause="Its name and description do not say what it does")


def _name_clause(reading: NameReading) -> str:
    return f"The name {'starts with' if reading.leads else 'says'} {_quoted(reading.word)}"


def _quoted(word: str) -> str:
    short = word if len(word) <= _LONGEST_WORD else word[:_LONGEST_WORD] + "…"
    return f"“{short}”"
