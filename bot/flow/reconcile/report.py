"""What admins are told of those who left, and what the audit log keeps of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.domain.events import AuditEntry
from bot.domain.leavers import Departure, Leaver
from bot.domain.people import TenantId
from bot.domain.terminal import in_terminal
from bot.flow.commands.pages import counted
from bot.flow.reconcile.step import Effect
from bot.flow.reconcile.tally import LEFT, Done
from bot.flow.standing import SHOWN

MOST: Final = 20
"""People whom one message names."""
_MOST_THINGS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Departed:
    """One leaver with what was done, or would be."""

    leaver: Leaver
    done: Done = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    """The chat accounts that are still tied to the person."""

    def things(self, effect: Effect) -> list[str]:
        """Gives the ids of what had this effect."""
        return self.done.get(effect, [])


def report_text(departed: Sequence[Departed], tenant: TenantId) -> str:
    """Gives the message to the admins."""
    lines = [
        f"{counted(len(departed), 'person', 'people')} left the directory or {_were(departed)} disabled."
    ]
    lines += [f"• {departed_words(one)}" for one in departed[:MOST]]
    if len(departed) > MOST:
        lines.append(f"And {len(departed) - MOST} more. The audit log names all of them, as {LEFT}.")
    return "\n".join([*lines, *_what_next(departed, tenant)])


def departed_words(one: Departed) -> str:
    """Gives what is to be known of one leaver, in a line."""
    how = "is disabled" if one.leaver.how is Departure.DISABLED else "is gone"
    done = []
    if suspended := one.things(Effect.SUSPENDED):
        done.append(f"{counted(len(suspended), 'standing approval')} suspended ({_short(suspended)})")
    if moved := one.things(Effect.MOVED):
        done.append(f"{counted(len(moved), 'open approval')} asked of others")
    if ended := one.things(Effect.ENDED):
        done.append(f"{counted(len(ended), 'open request')} ended")
    tied = f" Still tied: {_listed(one.accounts)}." if one.accounts else ""
    return f"{one.leaver.name} {how}: {', '.join(done) or 'nothing was open'}.{tied}"


def departed_entry(one: Departed, at: datetime) -> AuditEntry:
    """Gives the entry of the audit log about one leaver; it has everything."""
    return AuditEntry(
        at=at,
        kind=LEFT,
        grants=tuple(one.things(Effect.SUSPENDED)),
        status=one.leaver.how.value,
        details={
            "person": one.leaver.id,
            "name": one.leaver.name,
            **{effect.value: list(one.things(effect)) for effect in Effect},
            "accounts": list(one.accounts),
        },
    )


def _were(departed: Sequence[Departed]) -> str:
    return "was" if len(departed) == 1 else "were"


def _what_next(departed: Sequence[Departed], tenant: TenantId) -> list[str]:
    lines = []
    if any(one.things(Effect.SUSPENDED) for one in departed):
        lines.append(
            "What is suspended counts no more; have what is still needed given anew. Look at it with: "
            "grants list. Once somebody is back: grants resume ID"
        )
    if any(one.accounts for one in departed):
        untie = in_terminal("people unlink", tenant)
        lines.append(f"The accounts let nobody in. The operator unties them with: {untie}")
    return lines


def _short(ids: Sequence[str]) -> str:
    return _listed([one[:SHOWN] for one in ids])


def _listed(words: Sequence[str]) -> str:
    more = len(words) - _MOST_THINGS
    return ", ".join(words[:_MOST_THINGS]) + (f" and {more} more" if more > 0 else "")
