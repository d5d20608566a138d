"""The modal of Always allow: the rule in words on top, worked out anew whenever the form changes."""

import json
from collections.abc import Sequence
from typing import Final

from bot.cards.model import ALWAYS_ALLOW, Dialog, Field
from bot.cards.visible import visible
from bot.chat.slack.kit.blocks import Block, context, divider, modal, section
from bot.chat.slack.kit.texts import units
from bot.chat.slack.modals.dialog import SEND, field_blocks, metadata_of, starting, whole
from bot.chat.slack.modals.inputs import sections
from bot.domain.canonical import JsonObject, JsonValue, digest
from bot.flow.preview import Preview

ALLOW: Final = "allow"
_DEPENDENT: Final = {"group": ("holder", "group"), "pinned": ("arguments", "pinned")}
"""Fields that are there only while another one has a certain value."""
_SILENT: Final = frozenset({"reason"})
"""Fields that are kept with the rule but do not change what it says."""
_SENTENCE: Final = 60_000
_SETTLED: Final = 50
_FIRST: Final = 20
"""How many of the requests are listed, where there are more than `_SETTLED`."""


def allow_view(
    dialog: Dialog,
    preview: Preview | None,
    *,
    card: str,
    values: JsonObject | None = None,
    notice: str = "",
) -> Block:
    """Gives the modal.

    Args:
        dialog: the dialog of Always allow.
        preview: what these values would do; None while it is not known.
        card: the approval's card.
        values: what is filled in, as `dialog_values` gives it; None for what is preselected.
        notice: a sentence above everything, such as why there is no preview.
    """
    filled = _filled(dialog.fields, values)
    blocks = [section(notice)] if notice else []
    shown = ""
    if preview is None:
        if not notice:
            blocks.append(section("Working out the rule in words…"))
    elif units(preview.sentence) > _SENTENCE:
        # What nobody can read here, nobody saves here: `is_shown` never holds for it.
        blocks.append(
            section("This rule is too long to be shown, so it cannot be saved here. Choose another scope.")
        )
    else:
        shown = digest(_rule(filled))
        blocks += _previewed(preview)
    blocks.append(divider())
    for one in dialog.fields:
        if not _is_there(one.name, filled):
            continue
        needed = True if one.name in _DEPENDENT else None
        blocks += field_blocks(one, filled.get(one.name), required=needed, live=one.name not in _SILENT)
    metadata = json.dumps({"card": card, "action": ALWAYS_ALLOW, "shown": shown})
    return modal(ALLOW, dialog.title, blocks, submit=dialog.submit or SEND, private_metadata=metadata)


def is_shown(dialog: Dialog, view: JsonObject, values: JsonObject) -> bool:
    """Whether the view shows the rule that these values make; nobody saves one that they have not seen."""
    return metadata_of(view).get("shown") == digest(_rule(_filled(dialog.fields, values)))


def _filled(fields: Sequence[Field], values: JsonObject | None) -> JsonObject:
    return {one.name: starting(one) for one in fields} if values is None else values


def _is_there(name: str, values: JsonObject) -> bool:
    if name not in _DEPENDENT:
        return True
    other, wanted = _DEPENDENT[name]
    return values.get(other) == wanted


def _rule(values: JsonObject) -> JsonObject:
    """Gives what of the values says what the rule is, each in one spelling."""
    found: dict[str, JsonValue] = {}
    for name, value in values.items():
        if name in _SILENT or not _is_there(name, values):
            continue
        if isinstance(value, list | tuple):
            found[name] = sorted(str(one) for one in value)
        else:
            found[name] = "" if value is None else str(value).strip()
    return {name: value for name, value in found.items() if value or name == "ends_in_days"}


def _previewed(preview: Preview) -> list[Block]:
    blocks = whole(preview.sentence)
    if preview.history:
        blocks.append(context(preview.history))
    settles = [f"• {visible(one, set())}" for one in preview.settles]
    if not settles:
        return [*blocks, context("It settles no other open request.")]
    total = len(settles)
    listed = settles if total <= _SETTLED else [*settles[:_FIRST], f"and {total - _FIRST} more"]
    opening = (
        "It also settles this open request:"
        if total == 1
        else f"It also settles these {total} open requests:"
    )
    return [*blocks, *sections("\n".join([opening, *listed]))]
