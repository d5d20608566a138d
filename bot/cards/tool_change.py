"""The card of a new or changed tool: what its server says of it now, and what admins can answer."""

from dataclasses import dataclass
from typing import Final

from bot.cards.model import Card, CardAction, Fact, Quote, Style
from bot.cards.visible import visible
from bot.cards.words import one_line
from bot.domain.actions import Effect
from bot.domain.announcements import Announcement, AnnouncementId, AnnouncementStatus
from bot.domain.definition_changes import capped, definition_changes, difference, fields_of
from bot.domain.effects import Seeding
from bot.domain.people import TenantId
from bot.domain.terminal import in_terminal
from bot.domain.tools import ToolDefinition, shortened

ACCEPT: Final = "accept"
KEEP_ASKING: Final = "keep_asking"
SWITCH_OFF: Final = "switch_off"
PREFIX: Final = "tool-"
"""What the ids of these cards begin with."""

LONG_WARNING: Final = "Its description is too long to be shown whole. Look at all of it at its source first."
UNKNOWN_BEFORE_WARNING: Final = (
    "It is not known any more how it was when it was accepted. It is compared with how it was last."
)

_LONGEST: Final = 1500
"""Characters of a description that are shown."""
_STATUSES: Final = {
    AnnouncementStatus.ACCEPTED: "Accepted by {who}.",
    AnnouncementStatus.KEPT: "{who} chose that every call is asked about.",
    AnnouncementStatus.DISABLED: "{who} switched it off.",
    AnnouncementStatus.OVERTAKEN: "The tool changed again, went back to what it was, or is gone.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownToolChange:
    """An announcement with what only the catalog, the policies and the directory know."""

    announcement: Announcement
    tenant: TenantId
    is_current: bool
    """Whether the tool is still as the card shows it."""
    seeding: Seeding
    """What the definition starts with, and why."""
    seeding_before: Seeding | None = None
    effect_accepted: Effect | None = None
    """What it counts as once an admin accepts it; None where there is nothing to accept."""
    call_now: str = ""
    """What is decided about an employee's call now."""
    call_accepted: str = ""
    """The same, once the definition is accepted."""
    waiting_grants: int = 0
    """The standing approvals that count again once it is accepted."""
    suspended_grants: int = 0
    """Those that do not, because it destroys something that it did not destroy when they were given."""
    is_before_known: bool = True
    """Whether `before` is what was accepted, and not only what was there last."""
    decided_by: str = ""
    decided_at: str = ""


def tool_change_card_id(announcement: AnnouncementId) -> str:
    """Gives the id of the announcement's card."""
    return PREFIX + announcement


def tool_change_status(shown: ShownToolChange) -> str:
    """Gives how the announcement stands, in a sentence."""
    status = shown.announcement.status
    if status is AnnouncementStatus.OPEN:
        if not shown.is_current:
            return "The tool is not as shown here any more."
        if shown.announcement.before is None:
            return "It can be used by what its policy says. No admin has looked at it yet."
        return "Until an admin accepts it, every call is asked about, and no standing approval counts."
    who = shown.decided_by or "the operator"
    told = _STATUSES[status].format(who=who)
    sentence = told[:1].upper() + told[1:]
    has_when = bool(shown.decided_at) and status is not AnnouncementStatus.OVERTAKEN
    return f"{sentence.removesuffix('.')}, {shown.decided_at}." if has_when else sentence


def tool_change_card(shown: ShownToolChange) -> Card:
    """Gives the card as admins see it, with buttons while there is something to answer."""
    announcement, warnings = shown.announcement, set[str]()
    before, after = announcement.before, announcement.after
    what = "A new tool" if before is None else "A tool has changed"
    is_open = announcement.status is AnnouncementStatus.OPEN and shown.is_current
    facts = [
        Fact("Now", visible(tool_change_status(shown), warnings)),
        Fact("Connector", visible(after.id.connector, warnings)),
        Fact("Tool", visible(after.id.name, warnings)),
        *_title(before, after, warnings),
        Fact("What it does", _effect(shown)),
        *_lowered(shown),
        Fact("Why we think so", shown.seeding.sentence),
    ]
    if is_open:
        facts += _policy(shown, warnings)
        facts += _answers(is_new=before is None)
    if not shown.is_before_known:
        warnings.add(UNKNOWN_BEFORE_WARNING)
    return Card(
        id=tool_change_card_id(announcement.id),
        request="",
        title=f"{what}: {visible(str(after.id), warnings)}",
        status=announcement.status.value,
        facts=tuple(facts),
        quotes=tuple(_fresh(after, warnings) if before is None else _changed(before, after, warnings)),
        warnings=tuple(sorted(warnings)),
        actions=_actions(is_new=before is None) if is_open else (),
    )


def _title(before: ToolDefinition | None, after: ToolDefinition, warnings: set[str]) -> list[Fact]:
    if before is not None and before.title != after.title:
        return [Fact("Title", f"{_named(before.title, warnings)} → {_named(after.title, warnings)}")]
    return [Fact("Title", _named(after.title, warnings))] if after.title else []


def _named(title: str, warnings: set[str]) -> str:
    shown = visible(one_line(shortened(title, 120)), warnings)
    return f"“{shown}”" if shown else "none"


def _is_lowered(shown: ShownToolChange) -> bool:
    return shown.effect_accepted not in {None, shown.seeding.effect}


def _lowered(shown: ShownToolChange) -> list[Fact]:
    """Gives what to do where a server calls its tool more harmless than it was."""
    if not _is_lowered(shown):
        return []
    return [
        Fact(
            "Its server says",
            f"{shown.seeding.effect}. A server’s own word lowers nothing, so it goes on counting as "
            f"{shown.effect_accepted}, accepted or not. If its server is right, the operator believes it "
            f"with: {in_terminal(f'connector accept {shown.announcement.tool}', shown.tenant)}",
        )
    ]


def _effect(shown: ShownToolChange) -> str:
    if _is_lowered(shown) and shown.effect_accepted is not None:
        return shown.effect_accepted.value
    after = shown.seeding.effect.value
    before = shown.seeding_before.effect.value if shown.seeding_before else after
    if shown.announcement.before is None or before == after:
        return after
    return f"{before} → {after}"


def _policy(shown: ShownToolChange, warnings: set[str]) -> list[Fact]:
    facts = [Fact("An employee’s call now", visible(one_line(shown.call_now), warnings))]
    if shown.announcement.before is None:
        return facts
    facts.append(Fact("Once it is accepted", visible(one_line(shown.call_accepted), warnings)))
    if shown.waiting_grants:
        one = shown.waiting_grants == 1
        verb = "counts" if one else "count"
        noun = "standing approval" if one else "standing approvals"
        facts.append(Fact("Waiting for it", f"{shown.waiting_grants} {noun} that {verb} again once accepted"))
    if shown.suspended_grants:
        facts.append(Fact("Not counting again", suspended_words(shown.suspended_grants)))
    return facts


def suspended_words(count: int) -> str:
    """Gives what becomes of standing approvals that were given for a tool that destroyed nothing."""
    many = "1 standing approval stays" if count == 1 else f"{count} standing approvals stay"
    return f"{many} suspended, because the tool destroyed nothing when that was allowed."


def _answers(*, is_new: bool) -> list[Fact]:
    if is_new:
        return [
            Fact("Accept", "Its policy stays as it is."),
            Fact("Always ask", "Its policy becomes approval_needed, unless it is as strict already."),
            Fact("Disable", "It is switched off until somebody switches it on."),
        ]
    return [
        Fact("Accept", "It counts as it is from now on, and what waits for it counts again."),
        Fact("Keep asking", "Every call goes on being asked about."),
        Fact("Disable", "It is switched off until somebody switches it on."),
    ]


def _actions(*, is_new: bool) -> tuple[CardAction, ...]:
    return (
        CardAction(id=ACCEPT, label="Accept", style=Style.PRIMARY),
        CardAction(id=KEEP_ASKING, label="Always ask" if is_new else "Keep asking"),
        CardAction(id=SWITCH_OFF, label="Disable", style=Style.DANGER),
    )


def _fresh(tool: ToolDefinition, warnings: set[str]) -> list[Quote]:
    told = difference("", tool.description, _LONGEST)
    if not told.is_whole:
        warnings.add(LONG_WARNING)
    return [
        Quote("How its server describes it (not checked)", visible(told.after, warnings) or "Not at all."),
        Quote("What it takes (its server’s names)", _lines(fields_of(tool), warnings) or "Nothing."),
    ]


def _changed(before: ToolDefinition, after: ToolDefinition, warnings: set[str]) -> list[Quote]:
    quotes = []
    if before.description != after.description:
        told = difference(before.description, after.description, _LONGEST)
        if not told.is_whole:
            warnings.add(LONG_WARNING)
        quotes += [
            Quote("Described before as (its server’s words)", visible(told.before, warnings) or "Nothing."),
            Quote("Describes itself now as (not checked)", visible(told.after, warnings) or "Nothing."),
        ]
    lines = definition_changes(before, after)
    if lines:
        quotes.append(Quote("What else is different (its server’s names)", _lines(lines, warnings)))
    return quotes


def _lines(lines: tuple[str, ...], warnings: set[str]) -> str:
    return "\n".join(visible(shortened(line, 200), warnings) for line in capped(lines))
