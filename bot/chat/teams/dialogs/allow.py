"""The dialog of Always allow: the rule in words on top, worked out anew whenever somebody asks for it."""

from collections.abc import Mapping
from typing import Final

from bot.cards.model import Dialog
from bot.cards.visible import visible
from bot.chat.standing_rule import DEPENDENT, TOO_LONG, rule_digest, settled_lines
from bot.chat.teams.dialogs.dialog import drawn_fields, words_on
from bot.chat.teams.dialogs.fields import bytes_of, laid_out, noticed, said, smallest, wanted
from bot.chat.teams.dialogs.view import DialogView, view
from bot.chat.teams.kit.actions import Do, Press, submitting
from bot.chat.teams.kit.elements import Element, Spacing, container, rich, run
from bot.chat.teams.kit.limits import CARD_BYTES, PIECE_BYTES
from bot.chat.teams.kit.texts import pieces, wire_bytes
from bot.domain.canonical import JsonObject
from bot.flow.preview import Preview

SHOW: Final = "Show what this does"
_UNKNOWN: Final = "What this would do is not known yet. Choose below, then have it shown."
_SETTLES_BYTES: Final = 2_000
"""What is kept free for the requests that the rule settles, and what they may take where there is room."""
_MOST_SETTLES_BYTES: Final = 6_000
_SETTLES_LINE: Final = 200
_LISTED: Final = 20
"""Open requests that are listed, at most."""
_HISTORY: Final = 500


def allow_view(
    dialog: Dialog,
    preview: Preview | None,
    *,
    card: str,
    values: JsonObject | None = None,
    errors: Mapping[str, str] | None = None,
    notice: str = "",
) -> DialogView:
    """Gives the dialog; it can be sent only while it shows the rule that would be saved.

    Args:
        dialog: of Always allow.
        preview: what these values would do; None while it is not known.
        card: the approval's card.
        values: what is filled in, as `dialog_values` gives it; None for what is preselected.
        errors: a sentence by the name of the field that it is about.
        notice: a sentence above everything, such as why there is no preview.
    """
    fields, above = drawn_fields(dialog.fields, values, errors or {}, hints=_hints(dialog))
    show = submitting(SHOW, Do.PREVIEW, card=card)
    shown = rule_digest(dialog.fields, values)
    send = submitting(words_on(dialog.submit), Do.ALLOW, style="positive", card=card, shown=shown)
    top = [*noticed(notice), *above]
    frame = view(dialog.title, [*top, container([])], [send, show])
    room = CARD_BYTES - wire_bytes(frame.card) - smallest(fields) - 10
    rule = _rule(preview, room - _SETTLES_BYTES)
    # What nobody can read here, nobody saves here.
    buttons = [show] if rule is None else [send, show]
    if rule is None:
        rule = [rich(run(TOO_LONG))] if preview else [] if notice else [rich(run(_UNKNOWN))]
    room -= bytes_of(rule)
    if preview is not None:
        settles = _settles(preview, max(min(room - wanted(fields), _MOST_SETTLES_BYTES), _SETTLES_BYTES))
        room -= bytes_of(settles)
        rule += settles
    body = [*top, *([container(rule)] if rule else []), *laid_out(fields, room + smallest(fields))]
    return view(dialog.title, body, buttons)


def is_shown(dialog: Dialog, press: Press, values: JsonObject) -> bool:
    """Whether the dialog showed the rule that these values make; nobody saves one that they have not seen."""
    return press.text("shown") == rule_digest(dialog.fields, values)


def _hints(dialog: Dialog) -> dict[str, str]:
    """Gives what is said at fields that count only with a certain choice in another one."""
    fields = {one.name: one for one in dialog.fields}
    found = {}
    for name, (other, wants) in DEPENDENT.items():
        options = fields[other].options if other in fields else ()
        label = next((option.label for option in options if option.value == wants), "")
        if label:
            found[name] = f"Counts only with “{label}”."
    return found


def _rule(preview: Preview | None, room: int) -> list[Element] | None:
    """Gives the rule and its past; None where it is not known, or is too long to be shown whole."""
    if preview is None:
        return None
    found = [
        rich(run(one, bold=True), spacing=Spacing.SMALL)
        for one in pieces(visible(preview.sentence, set()), PIECE_BYTES)
        if one.strip()
    ]
    if preview.history.strip():
        found.append(rich(run(said(preview.history, _HISTORY), subtle=True), spacing=Spacing.SMALL))
    return found if bytes_of(found) <= room else None


def _settles(preview: Preview, room: int) -> list[Element]:
    """Gives what the rule also settles, as many lines as there is room for."""
    requests = [*(said(one, _SETTLES_LINE) for one in preview.settles[:_LISTED]), *preview.settles[_LISTED:]]
    found: list[Element] = []
    for first in range(_LISTED, 0, -1):
        lines = settled_lines(requests, all_of=first, first=first)
        found = [rich(run("\n".join(lines)), spacing=Spacing.SMALL)]
        if bytes_of(found) <= room:
            break
    return found
