"""What taking in a connector's list of tools has changed, and how the admins are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.actions import Action, Effect
from bot.domain.effects import Seeding, Why
from bot.domain.tools import ToolId

_NAMED: Final = 10
"""Tools that a text names before it only counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededTool:
    """A new tool with what it starts with, and why."""

    tool: ToolId
    effect: Effect
    action: Action
    why: Why
    sentence: str
    has_policy: bool = True
    """Whether it was given a policy; not if an admin had laid one down for it already."""

    @classmethod
    def of(cls, tool: ToolId, seeding: Seeding, *, has_policy: bool) -> "SeededTool":
        """Gives the tool with its seeding."""
        return cls(
            tool=tool,
            effect=seeding.effect,
            action=seeding.action,
            why=seeding.why,
            sentence=seeding.sentence,
            has_policy=has_policy,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingReport:
    """What a listing has changed in the catalog."""

    connector: str
    is_first: bool
    """Whether nothing was known of the connector before."""
    seeded: tuple[SeededTool, ...] = ()
    """The new tools; those whose server contradicts itself first, then by name."""
    drifted: tuple[ToolId, ...] = ()
    """The tools whose definition is another one than the last time, and not the accepted one."""
    restored: tuple[ToolId, ...] = ()
    """The tools that are again as they were accepted, or are back."""
    vanished: tuple[ToolId, ...] = ()
    refused: tuple[str, ...] = ()
    """A sentence for each tool that is not taken."""

    @property
    def changes_something(self) -> bool:
        """Whether anything in the catalog is another than before."""
        return bool(self.seeded or self.drifted or self.restored or self.vanished)

    @property
    def announcement(self) -> str:
        """What to tell the admins; empty when there is nothing that they have to know."""
        if self.is_first:
            return ""
        told = (self._drifted(), self._new(), self._vanished())
        sentences = [sentence for sentence in told if sentence]
        return "\n".join([f"The tools of {self.connector} have changed.", *sentences]) if sentences else ""

    @property
    def farewell(self) -> str:
        """What to tell the admins of tools that are gone, which no card is about; empty when none is."""
        gone = "" if self.is_first else self._vanished()
        return f"The tools of {self.connector} have changed.\n{gone}" if gone else ""

    def _drifted(self) -> str:
        if not self.drifted:
            return ""
        return (
            f"Changed: {_named(self.drifted)}. Until an admin accepts it, every call is asked about and no "
            "standing approval counts. Open its card, or list all that is to be looked at with: tools changed"
        )

    def _new(self) -> str:
        asking = [seeded.tool for seeded in self.seeded if seeded.action is not Action.AUTO]
        running = [seeded.tool for seeded in self.seeded if seeded.action is Action.AUTO]
        told = []
        if asking:
            told.append(f"New, and asked about before each call: {_named(asking)}.")
        if running:
            told.append(f"New, and run without asking because they only read: {_named(running)}.")
        if told:
            told.append(f"Look at their policies with: policy connector {self.connector}")
        return "\n".join(told)

    def _vanished(self) -> str:
        return f"Gone: {_named(self.vanished)}. Calls of these are refused." if self.vanished else ""


def _named(tools: Sequence[ToolId]) -> str:
    names = ", ".join(tool.name for tool in tools[:_NAMED])
    more = len(tools) - _NAMED
    return f"{names} and {more} more" if more > 0 else names
