"""Speaks: brings plain words to one person, and internal notes to technicians."""

from typing import Final

import structlog

from bot.cards.note import note_text
from bot.cards.story import Story
from bot.domain.events import Notice
from bot.domain.people import TECHNICIANS, Person
from bot.domain.requests import Request
from bot.domain.secret_tools import may_answer_secrets
from bot.flow.present import Present
from bot.flow.seams import Seams
from bot.ports.outside import Gone, Surface, Unreachable

IN_PRIVATE: Final = "I have sent you the answer in our private chat, because others can read this."

log = structlog.get_logger()


class NowhereToBeFound(Gone):
    """{name} is on no chat surface, so this could not be brought to them."""


class Speak:
    """Says what notices say; whoever asked hears it where they asked."""

    def __init__(self, seams: Seams, present: Present) -> None:
        self._seams = seams
        self._present = present

    async def __call__(self, notice: Notice, *, key: str) -> None:
        """Says one text to one person; the same key a second time says nothing.

        Raises:
            NowhereToBeFound: no surface reaches the person.
            Unreachable: one surface does not at the moment.
        """
        seams = self._seams
        person = await seams.directory.person(notice.person) if notice.person else None
        if person is None:
            return
        story = await self._present.story(notice.request) if notice.request else None
        own = story if story is not None and story.request.requester == person.id else None
        if own is not None and own.request.surface not in {surface.name for surface in seams.surfaces}:
            own = None
        said, later = False, list[Unreachable]()
        for surface in seams.surfaces:
            try:
                if own is None:
                    said |= await _privately(surface, person, notice.text, key)
                elif surface.name == own.request.surface:
                    said |= await _where_asked(surface, own, person, notice.text, key)
            except Gone as refusal:
                log.info("words.unreached", surface=surface.name, why=type(refusal).__name__)
            except Unreachable as refusal:
                later.append(refusal)
        if later:
            raise later[0]
        if not said and seams.surfaces:
            raise NowhereToBeFound(name=person.name)

    async def note(self, notice: Notice) -> None:
        """Posts a request's internal note where technicians see it and those who asked do not.

        Raises:
            Unreachable: a surface does not take it at the moment.
        """
        seams = self._seams
        story = await self._present.story(notice.request) if notice.request else None
        if story is None:
            return
        technicians = await seams.directory.members(TECHNICIANS)
        readers = [person for person in technicians if person.id not in story.requesters]
        hidden = [story.people[one] for one in sorted(story.requesters) if one in story.people]
        text, later = note_text(story), list[Unreachable]()
        for surface in seams.surfaces:
            try:
                await surface.note(story.request.id, text, readers=readers, hidden_from=hidden)
            except Unreachable as refusal:
                later.append(refusal)
        if later:
            raise next((one for one in later if not isinstance(one, Gone)), later[0])


async def _where_asked(surface: Surface, story: Story, person: Person, text: str, key: str) -> bool:
    request: Request = story.request
    if not surface.is_private(request.place) and _may_hold_secrets(story):
        if not await _privately(surface, person, text, f"{key}/in-private"):
            return False
        text = IN_PRIVATE
    try:
        await surface.say(request.place, text, key=key, thread=request.thread)
    except Gone:
        return await _privately(surface, person, text, f"{key}/in-private")
    return True


def _may_hold_secrets(story: Story) -> bool:
    tools = {call.tool for call in (*story.steps, *story.reads)}
    known = [story.tools[tool] for tool in tools if tool in story.tools]
    return any(may_answer_secrets(tool) for tool in known)


async def _privately(surface: Surface, person: Person, text: str, key: str) -> bool:
    place = await surface.reach(person)
    if place is None:
        return False
    await surface.say(place, text, key=key)
    return True
