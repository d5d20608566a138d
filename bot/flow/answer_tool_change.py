"""Takes what admins answer to a new or changed tool: it counts, every call is asked about, or it is off."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from bot.cards.model import Card
from bot.cards.tool_change import (
    ACCEPT,
    SWITCH_OFF,
    ShownToolChange,
    tool_change_card,
    tool_change_status,
)
from bot.domain.announcements import Announcement, AnnouncementId, AnnouncementStatus
from bot.domain.canonical import JsonObject
from bot.domain.connectors import Connector
from bot.domain.effects import Seeding, annotations_of, seed
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId
from bot.domain.tools import CatalogTool, ToolDefinition, ToolId, shortened
from bot.flow.accept import Waiting, as_accepted, has_turned, waiting_for
from bot.flow.commands.definition_words import definition_id
from bot.flow.commands.pages import hint
from bot.flow.commands.people import people_of, shown_name
from bot.flow.commands.policy_words import moment
from bot.flow.commands.refusals import NoSuchThing
from bot.flow.commands.tool_words import usual_decision
from bot.flow.intake import known_person
from bot.flow.judge import bench_of
from bot.flow.listing_changes import seeding_of
from bot.flow.refusals import NotOffered, UnknownCard
from bot.flow.seams import Seams
from bot.flow.terms import check_action_values
from bot.flow.tool_answers import BECOMES, Answered, ToolAnswers, usual_surface
from bot.flow.write_edits import Author
from bot.ports.store import Unit

ACTIONS: Final = frozenset(BECOMES)
_AGAIN: Final = frozenset({AnnouncementStatus.KEPT, AnnouncementStatus.DISABLED})


class ToolChangeAnswered(Refusal):
    """Nothing changed by your click, because it is settled already: {how}"""  # noqa: D415 - what fills it ends the sentence

    kind = "conflict"


class ToolIsOther(Refusal):
    """{tool} is not as this card shows it any more. See what there is to look at with: tools changed."""

    kind = "conflict"


class ToolIsGone(Refusal):
    """{tool} is not offered by its server now, so there is nothing to answer."""

    kind = "conflict"


class OtherDefinition(Refusal):
    """Nothing was done, because {tool} has changed again since you looked: its definition is {definition} now. Look at it with: tools changed"""  # noqa: E501, D415 - as it is read; it ends with a command

    kind = "conflict"


class NothingToAnswer(Refusal):
    """{tool} is neither new nor changed, so there is nothing to answer. What its calls may do is set with “policy set {tool}”, and “policy switch {tool} off” switches it off."""  # noqa: E501 - as it is read

    kind = "conflict"


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What was answered to which announcement."""

    announcement: Announcement
    answered: Answered


class _OnlyLooked(Exception):
    """What would be done is known, so it is rolled back."""


def _check_meant(*, dry: bool) -> None:
    if dry:
        raise _OnlyLooked


class AnswerToolChange:
    """Takes what admins press on the card of a new or changed tool."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams
        self._answers = ToolAnswers(seams)

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
        return (await self._answers(unit, found, tool, action, Author.of(who))).sentence

    async def of_tool(
        self, tool: ToolId, action: str, author: Author, *, definition: str = "", dry: bool = False
    ) -> ToolAnswer:
        """Does what a button of the tool's card does; what was kept asking can be answered again.

        Args:
            tool: which one.
            action: one of `ACTIONS`.
            author: an admin, or the operator.
            definition: the beginning of the fingerprint of what was looked at; empty for what is there now.
            dry: whether only to look; then nothing is stored.

        Raises:
            NoSuchThing: no connector has such a tool.
            ToolIsGone: its server does not offer it now.
            OtherDefinition: it changed again since it was looked at.
            NothingToAnswer: it is neither new nor changed.
            ToolChangeAnswered: it was answered already.
            WouldRunUnasked: what destroys something would run unasked.
        """
        late: ShownToolChange | None = None
        done: Answered | None = None
        with suppress(_OnlyLooked):
            async with self._seams.store.unit(self._seams.tenant) as unit:
                await unit.changes.newest()
                found, known = await _looked_at(unit, tool, definition)
                if action in _may_follow(found, known):
                    done = await self._answers(unit, found, known, action, author)
                else:
                    late = await self._in_words(unit, found)
                _check_meant(dry=dry)
        if late is not None or done is None:
            raise ToolChangeAnswered(how=tool_change_status(await self._named(late)) if late else "")
        self._seams.bell.ring()
        return ToolAnswer(found, done)

    async def _in_words(self, view: Unit, found: Announcement) -> ShownToolChange:
        tool = (await view.connections.catalog()).get(found.tool)
        connectors = {one.name: one for one in await view.connections.all()}
        connector = connectors.get(found.tool.connector)
        bench, zone, now = await bench_of(view), (await view.tenant()).zone, self._seams.clock.now()
        call_now, call_accepted, waiting, stays = "", "", Waiting(turned=False), None
        is_current = tool is not None and connector is not None and _is_current(found, tool)
        if tool is not None and connector is not None and is_current:
            surface = usual_surface(self._seams)
            said = usual_decision(bench, tool, surface=surface, now=now)
            call_now = f"{said.action}. {said.reason}"
            accepted = as_accepted(tool, _seeding(connector, found.after), believes=False)
            stays = accepted.effect
            said = usual_decision(bench, accepted, surface=surface, now=now)
            call_accepted = f"{said.action}. {said.reason}"
            if said.standing_allowed:
                turned = has_turned(connector, accepted, found.before, tool)
                waiting = await waiting_for(view, tool, turned=turned, now=now)
        return ShownToolChange(
            announcement=found,
            tenant=self._seams.tenant,
            is_current=is_current,
            seeding=_seeding(connector, found.after),
            seeding_before=None if found.before is None else _seeding(connector, found.before),
            effect_accepted=stays,
            call_now=call_now,
            call_accepted=call_accepted,
            waiting_grants=waiting.resumed,
            suspended_grants=waiting.suspended,
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


async def _looked_at(unit: Unit, tool: ToolId, definition: str) -> tuple[Announcement, CatalogTool]:
    """Gives the newest announcement of the tool, and the tool, if both are what was looked at.

    Raises:
        NoSuchThing, ToolIsGone, OtherDefinition, NothingToAnswer: they are not.
    """
    catalog = await unit.connections.catalog()
    known = catalog.get(tool)
    if known is None:
        raise NoSuchThing(what="tool", name=shortened(str(tool)), hint=hint(str(tool), map(str, catalog)))
    if not known.present:
        raise ToolIsGone(tool=tool)
    if not known.fingerprint.startswith(definition):
        raise OtherDefinition(tool=tool, definition=definition_id(known.definition))
    found = await unit.announcements.newest_of(tool)
    if found is None or not _is_current(found, known):
        raise NothingToAnswer(tool=tool)
    return found, known


def _may_follow(found: Announcement, tool: CatalogTool) -> frozenset[str]:
    """Gives what can be answered now; a changed tool that is kept asking can be accepted or disabled yet."""
    if found.status is AnnouncementStatus.OPEN:
        return ACTIONS
    if not tool.drifted or found.status not in _AGAIN:
        return frozenset()
    return frozenset({ACCEPT, SWITCH_OFF}) if tool.enabled else frozenset({ACCEPT})


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
