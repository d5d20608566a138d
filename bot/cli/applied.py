"""What applying a policy file did or would do, as JSON and as text."""

from bot.cli.frame import counted, table
from bot.domain.canonical import JsonValue
from bot.flow.apply import Applied
from bot.flow.rehearse import Outcome
from bot.flow.wanted import ChangeKind


def applied_document(applied: Applied, *, dry_run: bool) -> JsonValue:
    """Gives the changes, and of a dry run the effect, as a JSON value."""
    found: dict[str, JsonValue] = {
        "applied": not dry_run,
        "changes": [
            {"kind": change.kind.value, "thing": change.thing, "name": change.name, "fields": change.fields}
            for change in applied.changes
        ],
    }
    if applied.foreseen is not None:
        effect = applied.foreseen.rehearsal
        found["effect"] = {
            "days": 30,
            "calls": effect.calls,
            "before": {_WORDS[outcome]: count for outcome, count in effect.before.items()},
            "after": {_WORDS[outcome]: count for outcome, count in effect.after.items()},
            "changes": [
                {
                    "tool": str(shift.tool),
                    "before": _WORDS[shift.before],
                    "after": _WORDS[shift.after],
                    "calls": shift.calls,
                }
                for shift in effect.shifts
            ],
            "pending": list(applied.foreseen.pending),
            "sentence": applied.foreseen.sentence,
        }
    return found


_WORDS = {Outcome.RAN: "ran", Outcome.ASKED: "asked", Outcome.REFUSED: "refused"}


def applied_text(applied: Applied, *, dry_run: bool) -> str:
    """Gives the same as text for people."""
    signs = {ChangeKind.ADD: "+", ChangeKind.REPLACE: "~", ChangeKind.REMOVE: "-"}
    lines = []
    for change in applied.changes:
        lines.append(f"{signs[change.kind]} {change.thing} {change.name}")
        lines.extend(f"    {field}" for field in change.fields)
    count = counted(len(applied.changes), "change")
    if not applied.changes:
        lines.append("Everything is as the file says already.")
    else:
        lines.append(f"{count} would be made; nothing was changed." if dry_run else f"{count} made.")
    if applied.foreseen is not None:
        effect = applied.foreseen.rehearsal
        lines.append(f"\n{applied.foreseen.sentence}")
        rows = [(outcome.value, effect.before[outcome], effect.after[outcome]) for outcome in Outcome]
        lines.append(table(("", "BEFORE", "AFTER"), rows))
        lines.extend(
            f"{counted(shift.calls, 'call')} of {shift.tool}: {shift.before.value} → {shift.after.value}"
            for shift in effect.shifts
        )
        lines.extend(f"request {request} would be decided otherwise" for request in applied.foreseen.pending)
    return "\n".join(lines)
