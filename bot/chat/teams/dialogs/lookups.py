"""Fields in which something is found while one types, or is written where a client cannot do that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from typing_extensions import override

from bot.cards.model import Field, FieldKind, Option
from bot.chat.teams.dialogs.fields import Drawn
from bot.chat.teams.dialogs.inputs import (
    CHOICE,
    LEFT_OUT,
    TEXTS,
    held_choices,
    held_text,
    inert,
    text_input,
)
from bot.chat.teams.kit.elements import Element
from bot.domain.canonical import JsonValue

LOOKING: Final = frozenset({FieldKind.LOOKUP, FieldKind.LOOKUPS})
"""Kinds of fields in which something is looked up."""
MOST: Final = 15
"""What one look-up shows; clients ask for so many."""
_EMPTY: Final = "%"
_DOT: Final = " · "
"""Stands between the name and the title of a tool."""
_SAFE: Final = "!$&'()*+/:;=?@[]^_`{|}~.-"
_WHOLE: Final = "Write it exactly: a name, an e-mail address or an id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What a client names when it asks what fits a typed text."""

    form: str
    field: str
    state: str

    @override
    def __str__(self) -> str:
        return f"{self.form}/{self.field}/{self.state}"

    @classmethod
    def parse(cls, text: str) -> "Dataset":
        """Gives what the text names; empty parts for what names nothing."""
        form, _, rest = text.partition("/")
        field, _, state = rest.partition("/")
        return cls(form=form, field=field, state=state)


def spelled(value: str) -> str:
    """Gives what stands for a value in a list; `read` gives the value back without the list."""
    if value in {"", LEFT_OUT}:
        return _EMPTY if not value else f"%{ord(value):02X}"
    return quote(value, safe=_SAFE, errors="surrogatepass")


def read(code: str) -> str:
    """Gives the value that a code of `spelled` stands for."""
    return "" if code == _EMPTY else unquote(code)


def searched(
    one: Field, value: JsonValue, label: str, hint: str, *, input_id: str, dataset: Dataset
) -> Drawn:
    """Gives a field that finds things while one types.

    Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search
    """
    picked = _picked(one, value)
    known = {option.value: option.label for option in one.options}
    listed = {text: known.get(text, text) for text in [*known, *picked]}
    element: Element = {
        "type": "Input.ChoiceSet",
        "id": input_id,
        "label": label,
        "style": "filtered",
        "choices": [{"title": titled(text), "value": spelled(code)} for code, text in listed.items()],
        "choices.data": {"type": "Data.Query", "dataset": str(dataset)},
        "placeholder": "Type to search",
        "wrap": True,
    }
    if one.kind is FieldKind.LOOKUPS:
        element["isMultiSelect"] = True
    if one.required:
        element |= {"isRequired": True, "errorMessage": "Choose one."}
    return Drawn(element=element, value=",".join(map(spelled, picked)) or None, hint=hint)


def written(one: Field, value: JsonValue, label: str, hint: str, *, input_id: str) -> Drawn:
    """Gives a field into which the same is written, one on each line."""
    several = one.kind is FieldKind.LOOKUPS
    known = {option.value: _shortest(option) for option in one.options}
    lines = [known.get(text, text) for text in _picked(one, value)]
    how = f"{_WHOLE}, one on each line." if several else f"{_WHOLE}."
    element = text_input(input_id, label, required=one.required, multiline=several)
    return Drawn(element=element, value="\n".join(lines) or None, hint=f"{hint} {how}".strip())


def looked_up(inputs: Mapping[str, JsonValue], kind: FieldKind, *, chosen: str, written: str) -> JsonValue:
    """Gives what was chosen or written, as it was written; None for nothing in a field for one.

    Args:
        inputs: what was filled in.
        kind: of the field.
        chosen: the id of the input in which it is found while one types.
        written: the id of the input into which it is written.
    """
    texts = lines_in(inputs, written) or [read(one) for one in held_choices(inputs, chosen) or ()]
    if kind is FieldKind.LOOKUPS:
        return list(texts)
    return texts[0] if texts else None


def lines_in(inputs: Mapping[str, JsonValue], input_id: str) -> list[str]:
    """Gives the lines that are written in an input, without empty ones."""
    return [line.strip() for line in held_text(inputs, input_id).split("\n") if line.strip()]


def titled(label: str) -> str:
    """Gives the label of something found: one line, without markup."""
    return inert(TEXTS.words(label, CHOICE)) or "–"


def fits(options: Sequence[Option], text: str) -> Option | None:
    """Gives the one option that a written text names: its value, its label, or name or address in that."""
    wanted = text.strip().casefold()
    for names in (_whole, _parts):
        found = [one for one in options if wanted in {name.casefold() for name in names(one)}]
        if len(found) == 1:
            return found[0]
    return None


def _whole(one: Option) -> list[str]:
    return [one.value, one.label]


def _parts(one: Option) -> list[str]:
    address = _address(one)
    name = one.label.removesuffix(f" ({address})") if address else ""
    return [part for part in (name, address, *one.label.split(_DOT)) if part]


def _address(one: Option) -> str:
    _, bracket, rest = one.label.rpartition(" (")
    return rest.removesuffix(")") if bracket and "@" in rest and rest.endswith(")") else ""


def _shortest(one: Option) -> str:
    return _address(one) or one.value


def _picked(one: Field, value: JsonValue) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    found = [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple) else []
    return found if one.kind is FieldKind.LOOKUPS else found[:1]
