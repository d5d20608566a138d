"""Pages of forms: each is drawn twice, for a dialog and for the chat, and read back without being kept."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.cards.form import FormPage
from bot.cards.model import FieldKind
from bot.chat.teams.dialogs.dialog import asked_view, words_on
from bot.chat.teams.dialogs.field_inputs import Spelling, ids_of
from bot.chat.teams.dialogs.inputs import held_choice, held_choices, held_text
from bot.chat.teams.dialogs.lookups import LOOKING, Dataset, lines_in, looked_up, read, spelled
from bot.chat.teams.dialogs.view import DialogView
from bot.chat.teams.kit.actions import Do, Press, submitting
from bot.domain.canonical import JsonObject, JsonValue

_KINDS: Final = {kind.value: kind for kind in FieldKind}
_BETWEEN: Final = " "


def page_view(page: FormPage, *, values: JsonObject | None = None) -> DialogView:
    """Gives the page.

    Args:
        page: to be shown.
        values: what was filled in, as `page_values` gives it, where the page is shown again.
    """
    fields = page.dialog.fields
    kinds = _BETWEEN.join(f"{one.name}:{one.kind.value}" for one in fields)
    send = submitting(
        words_on(page.dialog.submit),
        Do.PAGE,
        style="positive",
        form=page.form,
        state=page.state,
        fields=kinds,
    )

    def dataset(name: str) -> Dataset:
        return Dataset(form=page.form, field=name, state=page.state)

    searching, writing = Spelling(code=spelled, dataset=dataset), Spelling(code=spelled)
    found = asked_view(page.dialog, send, values, page.problems, spelling=searching)
    if not any(one.kind in LOOKING for one in fields):
        return found
    inside = asked_view(page.dialog, send, values, page.problems, spelling=writing)
    return replace(found, written=inside.card)


def page_values(press: Press) -> dict[str, JsonValue]:
    """Gives what was filled in, by the names of the fields; written texts as they were written.

    A single choice that was not made is not in it.
    """
    found: dict[str, JsonValue] = {}
    for name, kind in _fields(press).items():
        value = _value(press, name, kind)
        if value is not None:
            found[name] = value
    return found


def written_in(press: Press) -> Mapping[str, list[str]]:
    """Gives what was written to be looked up, by the names of the fields; none for what was chosen."""
    found = {}
    for name, kind in _fields(press).items():
        lines = lines_in(press.inputs, ids_of(name)[1]) if kind in LOOKING else []
        if lines:
            found[name] = lines if kind is FieldKind.LOOKUPS else lines[:1]
    return found


def names_in(press: Press) -> set[str]:
    """Gives the names of the fields of the page that was sent."""
    return {*_fields(press)}


def _fields(press: Press) -> Mapping[str, FieldKind]:
    pairs = (one.partition(":") for one in press.text("fields").split(_BETWEEN))
    return {name: _KINDS[kind] for name, _, kind in pairs if name and kind in _KINDS}


def _value(press: Press, name: str, kind: FieldKind) -> JsonValue:
    place, lines = ids_of(name)
    match kind:
        case FieldKind.LOOKUP | FieldKind.LOOKUPS:
            return looked_up(press.inputs, kind, chosen=place, written=lines)
        case FieldKind.CHECKBOX:
            return held_text(press.inputs, place) == "true"
        case FieldKind.CHOICES:
            texts = lines_in(press.inputs, lines)
            return list(texts or map(read, held_choices(press.inputs, place) or ()))
        case FieldKind.CHOICE:
            chosen = held_choice(press.inputs, place)
            return held_text(press.inputs, lines).strip() or (read(chosen) if chosen else None)
        case _:
            return held_text(press.inputs, place)
