"""Commands as people write them, from the line to what comes of it."""

import pytest

from bot.cards.answer import Answer, AnswerRow, Outcome
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
    """Gives one of Acme's people as somebody who commands; `mentions` says whom a mention means."""

    async def find(mention: MentionRef) -> Person | None:
        named = mentions.get(mention.surface_id)
        return await person(stage, named) if named else None

    return Asker(person=await person(stage, who), surface="slack", find=find)


async def done(stage: Stage, who: str, text: str, **mentions: str) -> Outcome:
    """Gives what comes of the line."""
    return await Dispatch(stage.seams)(parse_command(text), await asker(stage, who, **mentions))


async def answer(stage: Stage, who: str, text: str, **mentions: str) -> Answer:
    """Gives the answer to the line, which has to be one."""
    found = await done(stage, who, text, **mentions)
    assert isinstance(found, Answer), found
    return found


async def saved(stage: Stage, who: str, text: str) -> Answer:
    """Gives what comes of saving what the line previews."""
    [save] = (await answer(stage, who, text)).buttons
    assert save.label == "Save"
    return await answer(stage, who, save.value)


async def refusal(stage: Stage, who: str, text: str) -> Refusal:
    """Gives why the line is refused."""
    with pytest.raises(Refusal) as caught:
        await done(stage, who, text)
    return caught.value


def facts(found: Answer | AnswerRow) -> dict[str, str]:
    """Gives the facts by their labels."""
    return {fact.label: fact.value for fact in found.facts}


def labels(found: Answer) -> list[str]:
    """Gives what the rows are called."""
    return [line.label for line in found.lines]


def told(found: Answer) -> str:
    """Gives all that an answer says, a line each."""
    lines = [found.title, *(f"{fact.label}: {fact.value}" for fact in found.facts)]
    for row in found.lines:
        lines.append(f"{row.label} [{row.badge}]")
        lines += [f"{fact.label}: {fact.value}" for fact in row.facts]
    return "\n".join([*lines, found.note])
