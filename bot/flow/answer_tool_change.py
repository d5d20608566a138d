"""Takes what admins answer to a new or changed tool: it counts, every call is asked about, or it is off."""

from dataclasses import replace
from typing import Final

from bot.cards.model import Card
from bot.cards.tool_change import (
    ACCEPT,
    KEEP_ASKING,
    SWITCH_OFF,
    ShownToolChange,
    tool_change_card,
    tool_change_status,
)
from bot.domain.actions import Action
from bot.domain.announcements import Announcement, AnnouncementId, AnnouncementStatus
from bot.domain.canonical import JsonObject
from bot.domain.connectors import Connector
from bot.domain.effects import Seeding, annotations_of, seed
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId
from bot.domain.policies import EVERYONE, NamedTools, Policy, PolicyId, PolicySource
from bot.domain.rule_changes import Edit, PolicyEdit, SwitchEdit
from bot.domain.tools import CatalogTool, ToolDefinition, shortened
from bot.flow.accept import accept_tool, resumed_by
from bot.flow.announce import close_announcement
from bot.flow.commands.people import people_of, shown_name
from bot.flow.commands.policy_words import moment
from bot.flow.commands.tool_words import usual_decision
from bot.flow.drafts.setting import Setting, Stamp, set_target
from bot.flow.intake import known_person
from bot.flow.judge import bench_of
from bot.flow.listing_changes import seeding_of
from bot.flow.refusals import NotOffered, UnknownCard
from bot.flow.seams import Seams
from bot.flow.terms import check_action_values
from bot.flow.write_edits import Author, rulebook_of, write_edits
from bot.ports.store import Unit

ACTIONS: Final = frozenset({ACCEPT, KEEP_ASKING, SWITCH_OFF})


class ToolChangeAnswered(Refusal):
    """Nothing changed by your click, because it is settled already: {how}"""  # noqa: D415 - what fills it ends the sentence

    kind = "conflict"


class ToolIsOther(Refusal):
    """{tool} is not as this card shows it any more. See what there is to look at with: tools changed."""

    kind = "conflict"


class AnswerToolChange:
    """Takes what admins press on the card of a new or changed tool."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def shown(self, announcement: AnnouncementId, viewer: Person) -> Card | None:
        """Gives the card for this viewer; None for all but admins, or when there is none."""
        if not viewer.is_admin:
            return None
        async with self._seams.store.view(self._seams.tenant) as view:
            found = await view.announcements.get(announcement)
            shown = None if found is None else await self._in_words(view, found)
        return None if shown is None else tool_change_card(await self._named(shown))

    async def __call__(
        self, announcement: AnnouncementId, person: PersonId, action: str, values: JsonObject
    ) -> str:
        """Does what the button says and gives the sentence to answer with.

        Raises:
            UnknownCard: there is none, or they are no admin.
            ToolChangeAnswered: it was answered already, or the tool changed again.
            ToolIsOther: the tool is not as the card shows it.
            WouldRunUnasked: what destroys something would run unasked.
            Overtaken: somebody else was faster.
        """
        if action not in ACTIONS:
            raise NotOffered(action=shortened(action))
        check_action_values(values, frozenset())
        who = await known_person(self._seams, person)
        if not who.is_admin:
            raise UnknownCard
        async with self._seams.store.unit(self._seams.tenant) as unit:
            await unit.changes.newest()
            found = await unit.announcements.get(announcement)
            if found is None:
                raise UnknownCard
            is_open = found.status is AnnouncementStatus.OPEN
            late = None if is_open else await self._in_words(unit, found)
            sentence = await self._answered(unit, found, who, action) if is_open else ""
        if late is not None:
            raise ToolChangeAnswered(how=tool_change_status(await self._named(late)))
        self._seams.bell.ring()
        return sentence

    async def _answered(self, unit: Unit, found: Announcement, who: Person, action: str) -> str:
        tool = (await unit.connections.catalog()).get(found.tool)
        if tool is None or not _is_current(found, tool):
            raise ToolIsOther(tool=found.tool)
        if action == ACCEPT:
            return await self._accepted(unit, found, who)
        if action == SWITCH_OFF:
            return await self._switched_off(unit, found, tool, who)
        return await self._kept(unit, found, tool, who)

    async def _accepted(self, unit: Unit, found: Announcement, who: Person) -> str:
        accepted = await accept_tool(
            unit,
            found.tool,
            by=who.id,
            actor=who.id,
            fingerprint=found.after.fingerprint,
            now=self._seams.clock.now(),
        )
        if found.before is None:
            return f"Accepted. {found.tool} stays as it is, and so does its policy."
        usual = usual_decision(
            await bench_of(unit), accepted.tool, surface=self._surface, now=self._seams.clock.now()
        )
        sentence = f"Accepted. {found.tool} counts as it is from now on."
        count = accepted.standing
        if not count:
            return sentence
        if not usual.standing_allowed:
            return f"{sentence} Its policy lets no standing approvals count."
        many = "1 standing approval counts" if count == 1 else f"{count} standing approvals count"
        return f"{sentence} {many} again."

    async def _switched_off(self, unit: Unit, found: Announcement, tool: CatalogTool, who: Person) -> str:
        edits: list[Edit] = []
        if tool.enabled:
            edits.append(SwitchEdit(connector=tool.id.connector, tool=tool.id.name, before=True, after=False))
        number = await self._written(unit, found, edits, who)
        await self._close(unit, found, AnnouncementStatus.DISABLED, who)
        undo = f" Undo it with: policy undo {number}" if number else ""
        return f"{found.tool} is switched off: no call of it runs.{undo}"

    async def _kept(self, unit: Unit, found: Announcement, tool: CatalogTool, who: Person) -> str:
        edits = [] if found.before is not None else await self._asking(unit, tool, who)
        number = await self._written(unit, found, edits, who)
        await self._close(unit, found, AnnouncementStatus.KEPT, who)
        if found.before is not None:
            return (
                f"Every call of {found.tool} goes on being asked about, and no standing approval counts. "
                f"To accept it later, the operator runs: countersign connector accept {found.tool}"
            )
        undo = f" Undo it with: policy undo {number}" if number else ""
        return f"Every call of {found.tool} is asked about from now on.{undo}"

    async def _asking(self, unit: Unit, tool: CatalogTool, who: Person) -> list[Edit]:
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
                owner=who.id,
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
                owner=who.id,
                updated=now,
            )
            return [PolicyEdit(before=own, after=stricter)]
        usual = usual_decision(await bench_of(unit), tool, surface=self._surface, now=now)
        if usual.action.rung >= Action.APPROVAL_NEEDED.rung:
            return []
        stamp = Stamp(now=now, by=who.id, ids=self._seams.ids)
        return list(set_target(str(tool.id), Setting(action=Action.APPROVAL_NEEDED), stamp)(rulebook))

    async def _written(self, unit: Unit, found: Announcement, edits: list[Edit], who: Person) -> int:
        what = "is new" if found.before is None else "has changed"
        reason = f"{found.tool} {what}."
        change = await write_edits(unit, edits, Author.of(who), now=self._seams.clock.now(), reason=reason)
        return change.number

    async def _close(self, unit: Unit, found: Announcement, status: AnnouncementStatus, who: Person) -> None:
        await close_announcement(unit, found, status, by=who.id, now=self._seams.clock.now())

    async def _in_words(self, view: Unit, found: Announcement) -> ShownToolChange:
        tool = (await view.connections.catalog()).get(found.tool)
        connectors = {one.name: one for one in await view.connections.all()}
        connector = connectors.get(found.tool.connector)
        bench, zone, now = await bench_of(view), (await view.tenant()).zone, self._seams.clock.now()
        call_now, call_accepted, waiting = "", "", 0
        is_current = tool is not None and connector is not None and _is_current(found, tool)
        if tool is not None and is_current:
            said = usual_decision(bench, tool, surface=self._surface, now=now)
            call_now = f"{said.action}. {said.reason}"
            effect = _seeding(connector, found.after).effect
            accepted = replace(tool, accepted=tool.fingerprint, effect=effect)
            said = usual_decision(bench, accepted, surface=self._surface, now=now)
            call_accepted = f"{said.action}. {said.reason}"
            if tool.drifted and said.standing_allowed:
                waiting = await resumed_by(view, tool, now=now)
        return ShownToolChange(
            announcement=found,
            is_current=is_current,
            seeding=_seeding(connector, found.after),
            seeding_before=None if found.before is None else _seeding(connector, found.before),
            call_now=call_now,
            call_accepted=call_accepted,
            waiting_grants=waiting,
            is_before_known=tool is None
            or not (is_current and tool.drifted)
            or (found.before is not None and found.before.fingerprint == tool.accepted),
            decided_at=moment(found.decided, zone) if found.decided else "",
        )

    async def _named(self, shown: ShownToolChange) -> ShownToolChange:
        by = shown.announcement.by
        if by is None:
            return shown
        return replace(shown, decided_by=shown_name(await people_of(self._seams.directory, {by}), by))

    @property
    def _surface(self) -> str:
        return self._seams.surfaces[0].name if self._seams.surfaces else ""


def _is_current(found: Announcement, tool: CatalogTool) -> bool:
    return tool.present and tool.fingerprint == found.after.fingerprint


def _seeding(connector: Connector | None, definition: ToolDefinition) -> Seeding:
    """Gives what the tool starts with; without its connector, by the definition alone."""
    if connector is not None:
        return seeding_of(connector, definition)
    return seed(
        name=definition.id.name,
        description=definition.description,
        input_schema=definition.input_schema,
        annotations=annotations_of(definition.annotations),
    )


def _is_plain(policy: Policy) -> bool:
    """Whether the policy speaks about every call of its tool, at any time."""
    is_for_all = policy.subjects == EVERYONE and not policy.conditions
    return policy.enabled and policy.ends is None and is_for_all
