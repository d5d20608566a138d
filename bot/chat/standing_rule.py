"""Which rule the values of Always allow make, so that nobody saves one that they have not seen."""

from collections.abc import Sequence
from typing import Final

from bot.cards.model import Field
from bot.cards.visible import visible
from bot.chat.dialog_reading import starting
from bot.domain.canonical import JsonObject, JsonValue, digest

DEPENDENT: Final = {"group": ("holder", "group"), "pinned": ("arguments", "pinned")}
"""Fields that count only while another one has a certain value."""
SILENT: Final = frozenset({"reason"})
"""Fields that are kept with the rule but do not change what it says."""
NO_PREVIEW: Final = "Working out the rule in words…"
TOO_LONG: Final = "This rule is too long to be shown, so it cannot be saved here. Choose another scope."


def filled(fields: Sequence[Field], values: JsonObject | None) -> JsonObject:
    """Gives what is filled in; what is preselected where `values` is None."""
    return {one.name: starting(one) for one in fields} if values is None else values


def counts(name: str, values: JsonObject) -> bool:
    """Whether a field counts, given what is chosen in the others."""
    if name not in DEPENDENT:
        return True
    other, wanted = DEPENDENT[name]
    return values.get(other) == wanted


def rule_digest(fields: Sequence[Field], values: JsonObject | None) -> str:
    """Gives what stands for the rule; equal for equal rules, however they are spelled."""
    return digest(_rule(filled(fields, values)))


def _rule(values: JsonObject) -> JsonObject:
    """Gives what of the values says what the rule is, each in one spelling."""
    found: dict[str, JsonValue] = {}
    for name, value in values.items():
        if name in SILENT or not counts(name, values):
            continue
        if isinstance(value, list | tuple):
            found[name] = sorted(str(one) for one in value)
        else:
            found[name] = "" if value is None else str(value).strip()
    return {name: value for name, value in found.items() if value or name == "ends_in_days"}


def settled_lines(settles: Sequence[str], *, all_of: int, first: int) -> list[str]:
    """Gives what the rule also settles, in lines.

    Args:
        settles: the open requests.
        all_of: so many are all listed.
        first: how many are listed where there are more.
    """
    total = len(settles)
    if not total:
        return ["It settles no other open request."]
    shown = settles if total <= all_of else settles[:first]
    lines = [f"• {visible(one, set())}" for one in shown]
    if total > len(shown):
        lines.append(f"and {total - len(shown)} more")
    if total == 1:
        return ["It also settles this open request:", *lines]
    return [f"It also settles these {total} open requests:", *lines]
