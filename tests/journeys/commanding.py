"""Commands as somebody writes them on a stage, and what comes of them."""

import pytest

from bot.cards.answer import Answer, Outcome
from bot.chat.commands import parse_command
from bot.domain.errors import Refusal
from bot.domain.people import Person, PersonId
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.form import Asker, MentionRef
from tests.journeys.stage import Stage


async def person(stage: Stage, who: str) -> Person:
    """Gives one of Acme's people."""
    found = await stage.seams.directory.person(PersonId(f"p-{who}"))
    assert found is not None
    return found


async def asker(stage: Stage, who: str, **mentions: str) -> Asker:
    """Gives one of Acme's people as somebody who commands; mentions are by the id that stands in them."""

    async def find(mention: MentionRef) -> Person | None:
        named = mentions.get(mention.surface_id)
        return await person(stage, named) if named else None

    return Asker(person=await person(stage, who), surface="slack", find=find)


async def done(stage: Stage, who: str, text: str, **mentions: str) -> Outcome:
    """Gives what comes of a command."""
    return await Dispatch(stage.seams)(parse_command(text), await asker(stage, who, **mentions))


async def answer(stage: Stage, who: str, text: str, **mentions: str) -> Answer:
    """Gives the answer to a command."""
    found = await done(stage, who, text, **mentions)
    assert isinstance(found, Answer), found
    return found


async def refusal(stage: Stage, who: str, text: str) -> Refusal:
    """Gives why a command is refused."""
    with pytest.raises(Refusal) as caught:
        await done(stage, who, text)
    return caught.value


async def saves(stage: Stage, who: str, text: str) -> Answer:
    """Gives the answer to saving what a command previews."""
    shown = await answer(stage, who, text)
    assert shown.buttons, shown
    return await answer(stage, who, shown.buttons[0].value)


def facts(found: Answer) -> dict[str, str]:
    """Gives the answer's facts."""
    return {fact.label: fact.value for fact in found.facts}


def told(found: Answer) -> str:
    """Gives all that an answer says, a line each."""
    lines = [found.title, *(f"{fact.label}: {fact.value}" for fact in found.facts)]
    for row in found.lines:
        lines.append(f"{row.label} [{row.badge}]")
        lines += [f"{fact.label}: {fact.value}" for fact in row.facts]
    return "\n".join([*lines, found.note])
