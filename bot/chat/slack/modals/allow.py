"""The modal of Always allow: the rule in words on top, worked out anew whenever the form changes."""

import json
from typing import Final

from bot.cards.model import ALWAYS_ALLOW, Dialog
from bot.chat.slack.kit.blocks import Block, context, divider, modal, section
from bot.chat.slack.kit.texts import units
from bot.chat.slack.modals.dialog import SEND, field_blocks, metadata_of, whole
from bot.chat.slack.modals.inputs import sections
from bot.chat.standing_rule import (
    DEPENDENT,
    NO_PREVIEW,
    SILENT,
    TOO_LONG,
    counts,
    filled,
    rule_digest,
    settled_lines,
)
from bot.domain.canonical import JsonObject
from bot.flow.preview import Preview

ALLOW: Final = "allow"
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
    values = filled(dialog.fields, values)
    blocks = [section(notice)] if notice else []
    shown = ""
    if preview is None:
        if not notice:
            blocks.append(section(NO_PREVIEW))
    elif units(preview.sentence) > _SENTENCE:
        # What nobody can read here, nobody saves here: `is_shown` never holds for it.
        blocks.append(section(TOO_LONG))
    else:
        shown = rule_digest(dialog.fields, values)
        blocks += _previewed(preview)
    blocks.append(divider())
    for one in dialog.fields:
        if not counts(one.name, values):
            continue
        needed = True if one.name in DEPENDENT else None
        blocks += field_blocks(one, values.get(one.name), required=needed, live=one.name not in SILENT)
    metadata = json.dumps({"card": card, "action": ALWAYS_ALLOW, "shown": shown})
    return modal(ALLOW, dialog.title, blocks, submit=dialog.submit or SEND, private_metadata=metadata)


def is_shown(dialog: Dialog, view: JsonObject, values: JsonObject) -> bool:
    """Whether the view shows the rule that these values make; nobody saves one that they have not seen."""
    return metadata_of(view).get("shown") == rule_digest(dialog.fields, values)


def _previewed(preview: Preview) -> list[Block]:
    blocks = whole(preview.sentence)
    if preview.history:
        blocks.append(context(preview.history))
    lines = settled_lines(preview.settles, all_of=_SETTLED, first=_FIRST)
    return [*blocks, *([context(lines[0])] if len(lines) == 1 else sections("\n".join(lines)))]
