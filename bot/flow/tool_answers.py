"""What each answer to a new or changed tool does: it counts, every call is asked about, or it is off."""

from dataclasses import dataclass, replace
from typing import Final

from bot.cards.tool_change import ACCEPT, KEEP_ASKING, SWITCH_OFF, suspended_words
from bot.domain.actions import Action
from bot.domain.announcements import Announcement, AnnouncementStatus
from bot.domain.policies import EVERYONE, NamedTools, Policy, PolicyId, PolicySource
from bot.domain.rule_changes import Edit, PolicyEdit, SwitchEdit
from bot.domain.tools import CatalogTool
from bot.flow.accept import accept_tool, still_says
from bot.flow.announce import close_announcement
from bot.flow.commands.tool_words import usual_decision
from bot.flow.drafts.setting import Setting, Stamp, set_target
from bot.flow.judge import bench_of
from bot.flow.seams import Seams
from bot.flow.write_edits import Author, rulebook_of, write_edits
from bot.ports.store import Unit

BECOMES: Final = {
    ACCEPT: AnnouncementStatus.ACCEPTED,
    KEEP_ASKING: AnnouncementStatus.KEPT,
    SWITCH_OFF: AnnouncementStatus.DISABLED,
}
"""How an announcement stands after each answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of the tool."""

    tool: CatalogTool
    sentence: str


class ToolAnswers:
    """Does what admins answer, in the transaction of whoever looked at the announcement."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(
        self, unit: Unit, found: Announcement, tool: CatalogTool, action: str, author: Author
    ) -> Answered:
        """Gives the tool as it is then, and the sentence to answer with.

        Args:
            unit: the transaction, which has the rules alone.
            found: what is answered; it is about the tool as it is now.
            tool: the tool as it is now.
            action: one of `BECOMES`.
            author: who answers.

        Raises:
            WouldRunUnasked: what destroys something would run unasked; nothing may be stored.
            Overtaken: somebody else was faster.
        """
        if action == ACCEPT:
            return await self._accepted(unit, found, tool, author)
        if action == SWITCH_OFF:
            sentence = await self._switched_off(unit, found, tool, author)
        else:
            sentence = await self._kept(unit, found, tool, author)
        return Answered(tool=(await unit.connections.catalog())[tool.id], sentence=sentence)

    async def _accepted(self, unit: Unit, found: Announcement, tool: CatalogTool, author: Author) -> Answered:
        now = self._seams.clock.now()
        accepted = await accept_tool(
            unit, tool.id, by=author.by, actor=author.actor, fingerprint=found.after.fingerprint, now=now
        )
        sentences = [f"Accepted. {tool.id} counts as it is from now on."]
        if found.before is None and not tool.drifted:
            sentences = [f"Accepted. {tool.id} stays as it is, and so does its policy."]
        elif accepted.standing:
            usual = usual_decision(
                await bench_of(unit), accepted.tool, surface=usual_surface(self._seams), now=now
            )
            one = accepted.standing == 1
            many = "1 standing approval counts" if one else f"{accepted.standing} standing approvals count"
            sentences.append(
                f"{many} again." if usual.standing_allowed else "Its policy lets no standing approvals count."
            )
        if accepted.suspended:
            sentences.append(suspended_words(accepted.suspended))
        sentences += [said] if (said := still_says(accepted.tool, self._seams.tenant)) else []
        if not accepted.tool.enabled:
            sentences.append(f"It stays switched off. Switch it on with: policy switch {tool.id} on")
        return Answered(tool=accepted.tool, sentence=" ".join(sentences))

    async def _switched_off(self, unit: Unit, found: Announcement, tool: CatalogTool, author: Author) -> str:
        edits: list[Edit] = []
        if tool.enabled:
            edits.append(SwitchEdit(connector=tool.id.connector, tool=tool.id.name, before=True, after=False))
        number = await self._written(unit, found, edits, author)
        await self._close(unit, found, AnnouncementStatus.DISABLED, author)
        undo = f" Undo it with: policy undo {number}" if number else ""
        return f"{found.tool} is switched off: no call of it runs.{undo}"

    async def _kept(self, unit: Unit, found: Announcement, tool: CatalogTool, author: Author) -> str:
        edits = [] if found.before is not None else await self._asking(unit, tool, author)
        number = await self._written(unit, found, edits, author)
        await self._close(unit, found, AnnouncementStatus.KEPT, author)
        if found.before is not None:
            return (
                f"Every call of {found.tool} goes on being asked about, and no standing approval counts. "
                f"To accept it later: tools accept {found.tool}"
            )
        undo = f" Undo it with: policy undo {number}" if number else ""
        return f"Every call of {found.tool} is asked about from now on.{undo}"

    async def _asking(self, unit: Unit, tool: CatalogTool, author: Author) -> list[Edit]:
        """Gives what makes the tool's own policy ask, if it is less strict; nothing is ever loosened."""
        now = self._seams.clock.now()
        rulebook = await rulebook_of(unit)
        own = rulebook.named(str(tool.id))
        if own is not None and not _is_plain(own):
            # It may be silent about some calls, so another one has to speak about all of them.
            always = replace(
                own,
                id=PolicyId(self._seams.ids.new()),
                name=f"{own.name} (always ask)",
                description="It was new or changed, and an admin wanted every call asked about.",
                tools=NamedTools(frozenset({tool.id.name})),
                subjects=EVERYONE,
                conditions=(),
                action=Action.APPROVAL_NEEDED,
                enabled=True,
                ends=None,
                source=PolicySource.ADMIN,
                owner=author.by,
                version=1,
                created=now,
                updated=now,
            )
            return [PolicyEdit(before=None, after=always)]
        if own is not None:
            if own.action.rung >= Action.APPROVAL_NEEDED.rung:
                return []
            stricter = replace(
                own,
                action=Action.APPROVAL_NEEDED,
                source=PolicySource.ADMIN,
                owner=author.by,
                updated=now,
            )
            return [PolicyEdit(before=own, after=stricter)]
        usual = usual_decision(await bench_of(unit), tool, surface=usual_surface(self._seams), now=now)
        if usual.action.rung >= Action.APPROVAL_NEEDED.rung:
            return []
        stamp = Stamp(now=now, by=author.by, ids=self._seams.ids)
        return list(set_target(str(tool.id), Setting(action=Action.APPROVAL_NEEDED), stamp)(rulebook))

    async def _written(self, unit: Unit, found: Announcement, edits: list[Edit], author: Author) -> int:
        what = "is new" if found.before is None else "has changed"
        reason = f"{found.tool} {what}."
        change = await write_edits(unit, edits, author, now=self._seams.clock.now(), reason=reason)
        return change.number

    async def _close(
        self, unit: Unit, found: Announcement, status: AnnouncementStatus, author: Author
    ) -> None:
        await close_announcement(unit, found, status, by=author.actor, now=self._seams.clock.now())


def usual_surface(seams: Seams) -> str:
    """Gives the surface that calls usually come from."""
    return seams.surfaces[0].name if seams.surfaces else ""


def _is_plain(policy: Policy) -> bool:
    """Whether the policy speaks about every call of its tool, at any time."""
    is_for_all = policy.subjects == EVERYONE and not policy.conditions
    return policy.enabled and policy.ends is None and is_for_all
