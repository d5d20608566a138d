"""What a validation found, in plain sentences; a value that was sent is never repeated in them."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

from jsonschema_rs import ValidationError, ValidationErrorKind

from bot.domain.tools import shortened

_Kind = ValidationErrorKind

_TYPES: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a group of fields",
    "null": "left empty",
}

_FORMATS: Final = {
    "email": "an e-mail address",
    "idn-email": "an e-mail address",
    "date": "a date such as 2027-01-31",
    "time": "a time such as 09:30:00Z",
    "date-time": "a date and time such as 2027-01-31T09:30:00Z",
    "duration": "a duration such as P3D or PT2H",
    "uri": "a full web address such as https://example.com/page",
    "iri": "a full web address such as https://example.com/page",
    "hostname": "a host name such as files.example.com",
    "ipv4": "an IPv4 address such as 192.0.2.10",
    "ipv6": "an IPv6 address such as 2001:db8::10",
    "uuid": "an id such as 6f1c8a52-9a0b-4a9e-8d53-1c1f0f7a2b11",
    "regex": "a regular expression",
    "json-pointer": "a JSON pointer such as /a/0",
}

_FORM: Final = "Must have the form"

_LISTED: Final = 20
"""Allowed values that a sentence names before it only counts the rest."""


def findings(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Gives dotted paths and a sentence for each; more than one where several names are wrong at once."""
    where = tuple(error.instance_path)
    match error.kind:
        case _Kind.Required(name):
            yield _dotted((*where, name)), "Is required."
        case _Kind.AdditionalProperties(names) | _Kind.UnevaluatedProperties(names):
            for name in names:
                yield _dotted((*where, name)), "Is not known to this tool. Leave it out."
        case _Kind.AnyOf(branches) | _Kind.OneOfNotValid(branches):
            yield from _from_branches(where, branches)
        case kind:
            yield _dotted(where), _sentence(kind)


def is_about_a_pattern(sentence: str) -> bool:
    """Whether the sentence quotes a regular expression."""
    return sentence.startswith(_FORM)


def _from_branches(
    where: tuple[str | int, ...], branches: Sequence[Sequence[ValidationError]]
) -> Iterator[tuple[str, str]]:
    """Speaks of the one form that was meant, as far as the value's type tells."""
    meant = [branch for branch in branches if not any(_is_of_another_type(e, where) for e in branch)]
    if len(meant) == 1:
        for error in meant[0]:
            yield from findings(error)
        return
    options = [option for branch in meant for error in branch for option in _options(error, where)]
    if meant and all(any(_options(error, where) for error in branch) for branch in meant):
        yield _dotted(where), _must_be_one_of(options)
    elif meant:
        yield _dotted(where), "Does not fit any of the allowed forms."
    else:
        types = [kind for branch in branches for error in branch for kind in _types(error, where)]
        yield _dotted(where), _must_be(types)


def _is_of_another_type(error: ValidationError, where: tuple[str | int, ...]) -> bool:
    return bool(_types(error, where))


def _types(error: ValidationError, where: tuple[str | int, ...]) -> Sequence[str]:
    match error.kind:
        case _Kind.Type(types) if tuple(error.instance_path) == where:
            return types
        case _:
            return ()


def _options(error: ValidationError, where: tuple[str | int, ...]) -> Sequence[object]:
    if tuple(error.instance_path) != where:
        return ()
    match error.kind:
        case _Kind.Enum(options):
            return options
        case _Kind.Constant(value):
            return (value,)
        case _:
            return ()


def _sentence(kind: ValidationErrorKind) -> str:
    match kind:
        case _Kind.Type(types):
            return _must_be(types)
        case _Kind.Enum(options):
            return _must_be_one_of(options)
        case _Kind.Constant(value):
            return f"Must be {_spelled(value)}."
        case _Kind.Format(name):
            return f"Must be {_FORMATS.get(name, f'a valid {shortened(name, 40)}')}."
        case _Kind.Pattern(pattern):
            return f"{_FORM} {shortened(pattern)}."
        case _:
            return _limit_sentence(kind)


def _limit_sentence(kind: ValidationErrorKind) -> str:
    match kind:
        case _Kind.Minimum(limit):
            return f"Must be {_spelled(limit)} or more."
        case _Kind.Maximum(limit):
            return f"Must be {_spelled(limit)} or less."
        case _Kind.ExclusiveMinimum(limit):
            return f"Must be more than {_spelled(limit)}."
        case _Kind.ExclusiveMaximum(limit):
            return f"Must be less than {_spelled(limit)}."
        case _Kind.MultipleOf(unit):
            return f"Must be a multiple of {_spelled(unit)}."
        case _:
            return _count_sentence(kind)


def _count_sentence(kind: ValidationErrorKind) -> str:
    match kind:
        case _Kind.MinLength(limit):
            return f"Must have {_counted(limit, 'character')} or more."
        case _Kind.MaxLength(limit):
            return f"Must have {_counted(limit, 'character')} or fewer."
        case _Kind.MinItems(limit):
            return f"Must have {_counted(limit, 'entry')} or more."
        case _Kind.MaxItems(limit) | _Kind.AdditionalItems(limit):
            return f"Must have {_counted(limit, 'entry')} or fewer."
        case _Kind.MinProperties(limit):
            return f"Must have {_counted(limit, 'field')} or more."
        case _Kind.MaxProperties(limit):
            return f"Must have {_counted(limit, 'field')} or fewer."
        case _:
            return _other_sentence(kind)


def _other_sentence(kind: ValidationErrorKind) -> str:
    match kind:
        case _Kind.UniqueItems():
            return "Must not hold the same entry twice."
        case _Kind.Contains():
            return "Lacks an entry that the tool needs."
        case _Kind.PropertyNames():
            return "Holds a name that the tool does not allow."
        case _Kind.BacktrackLimitExceeded() | _Kind.RegexEngineFailure():
            return "Cannot be checked against the form that the tool asks for. Send a shorter value."
        case _Kind.OneOfMultipleValid():
            return "Fits more than one of the allowed forms; it must fit exactly one."
        case _Kind.FalseSchema():
            return "Is not allowed here. Leave it out."
        case _:
            return "Is not allowed with this value."


def _must_be(types: Sequence[str]) -> str:
    words = list(dict.fromkeys(_TYPES.get(name, name) for name in types))
    if not words:
        return "Does not fit any of the allowed forms."
    return f"Must be {_joined(words)}."


def _must_be_one_of(options: Sequence[object]) -> str:
    unlike = list(dict.fromkeys(_spelled(option) for option in options))
    if len(unlike) == 1:
        return f"Must be {unlike[0]}."
    more = len(unlike) - _LISTED
    rest = f" and {more} more" if more > 0 else ""
    return f"Must be one of: {', '.join(unlike[:_LISTED])}{rest}."


def _joined(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _spelled(value: object) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, default=str)
    return shortened(text)


def _counted(number: int, thing: str) -> str:
    plural = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{number:,} {thing if number == 1 else plural}"


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in path)
