"""What a freeze says to people: on the cards that it covers, and to whoever presses Approve there."""

from collections.abc import Iterable
from typing import Final

from bot.cards.story import Story
from bot.cards.visible import visible
from bot.domain.people import PersonId
from bot.domain.policies import Freeze, FreezeScope
from bot.domain.tools import shortened

_REASON: Final = 300


def frozen_words(story: Story) -> tuple[str, ...]:
    """Gives a sentence per freeze that covers something that the request has still to do."""
    return tuple(_sentence(story, freeze) for freeze in story.freezes)


def _sentence(story: Story, freeze: Freeze) -> str:
    if _is_about_another(story, freeze):
        return (
            f"Frozen: the equal request that yours waits with is frozen by {_freezer(story, freeze)}. "
            "Neither of them runs until another admin lifts it."
        )
    reason = shortened(" ".join(freeze.reason.split()), _REASON)
    because = f" The reason: “{visible(reason, set())}”" if reason else ""
    return (
        f"Frozen: {_target(story, freeze)} is frozen by {_freezer(story, freeze)}.{because} "
        "Nothing of it runs until another admin lifts it."
    )


def _is_about_another(story: Story, freeze: Freeze) -> bool:
    """Whether only somebody else is frozen, who asked for the same: who that is, and why, is not told."""
    return (
        freeze.scope is FreezeScope.PERSON
        and story.leading is not None
        and freeze.target != story.request.requester
    )


def _freezer(story: Story, freeze: Freeze) -> str:
    return f"{story.name(PersonId(freeze.by))} since {story.moment(freeze.at)}"


def _target(story: Story, freeze: Freeze) -> str:
    match freeze.scope:
        case FreezeScope.TENANT:
            return "everything"
        case FreezeScope.CONNECTOR | FreezeScope.TOOL:
            return freeze.target
        case FreezeScope.PERSON:
            return f"what {story.name(PersonId(freeze.target))} asks for"


def freezers(freezes: Iterable[Freeze]) -> set[PersonId]:
    """Gives the persons whom the sentences name."""
    persons = {PersonId(freeze.target) for freeze in freezes if freeze.scope is FreezeScope.PERSON}
    return persons | {PersonId(freeze.by) for freeze in freezes}
