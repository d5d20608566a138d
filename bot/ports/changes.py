"""The seam to the history of what is laid down, to what waits for a second admin, and to changed tools."""

from datetime import datetime
from typing import Protocol

from bot.domain.announcements import Announcement, AnnouncementId
from bot.domain.proposals import Proposal, ProposalId
from bot.domain.rule_changes import RuleChange
from bot.domain.tools import ToolId


class Changes(Protocol):
    """Every change of policies, defaults and switches, numbered from 1; none is ever altered or removed."""

    async def add(self, change: RuleChange) -> RuleChange:
        """Stores the change under the tenant's next number, and gives it so."""
        ...

    async def get(self, number: int) -> RuleChange | None:
        """Gives the change; None when there is none."""
        ...

    async def newest(self) -> int:
        """Gives the number of the newest change; 0 when there is none."""
        ...

    async def after(self, number: int, *, upto: int | None = None) -> tuple[RuleChange, ...]:
        """Gives the changes that came after this one, oldest first; with `upto`, none that is newer."""
        ...

    async def page(self, *, about: str = "", offset: int, limit: int) -> tuple[int, tuple[RuleChange, ...]]:
        """Gives how many changes there are, and some of them, newest first.

        With `about`, only those that touch the policy, default (`connector:*`, `*`), connector or tool of
        this very name, under the name that it had then.
        """
        ...

    async def propose(self, proposal: Proposal) -> None:
        """Stores a change that waits for a second admin."""
        ...

    async def proposal(self, proposal: ProposalId) -> Proposal | None:
        """Gives it, locked until the transaction ends; None when there is none."""
        ...

    async def swap_proposal(self, was: Proposal, becomes: Proposal) -> None:
        """Writes the change if its status is still as it was.

        Raises:
            Overtaken: the stored one is another by now.
        """
        ...

    async def pending_proposals(self) -> tuple[Proposal, ...]:
        """Gives those that wait, oldest first."""
        ...

    async def forget_drafts(self, before: datetime) -> int:
        """Removes previews that were made earlier and never saved, and gives how many."""
        ...


class Announcements(Protocol):
    """What the admins were told of new and changed tools, and what they did about it."""

    async def add(self, announcement: Announcement) -> None:
        """Stores one."""
        ...

    async def get(self, announcement: AnnouncementId) -> Announcement | None:
        """Gives it, locked until the transaction ends; None when there is none."""
        ...

    async def open_of(self, tool: ToolId) -> Announcement | None:
        """Gives the newest about the tool that nobody dealt with; None when there is none."""
        ...

    async def newest_of(self, tool: ToolId) -> Announcement | None:
        """Gives the newest about the tool, dealt with or not; None when there is none."""
        ...

    async def open(self) -> tuple[Announcement, ...]:
        """Gives those that nobody dealt with, oldest first."""
        ...

    async def swap(self, was: Announcement, becomes: Announcement) -> None:
        """Writes the change if its status is still as it was.

        Raises:
            Overtaken: the stored one is another by now.
        """
        ...
