"""Builders of stories, for cards: name what the test is about, and leave the rest to the defaults."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.cards.model import Card, Dialog
from bot.cards.story import Story
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.grants import Grant
from bot.domain.people import Person
from bot.domain.requests import Approval, CallRecord, Request
from bot.domain.tools import CatalogTool
from tests.builders import NOW, a_person, a_technician, a_tool
from tests.records import a_record, a_request, an_approval


def a_story(
    *,
    request: Request | None = None,
    steps: Iterable[CallRecord] | None = None,
    reads: Iterable[CallRecord] = (),
    approvals: Iterable[Approval] | None = None,
    joined: Iterable[Request] = (),
    leading: Request | None = None,
    people: Iterable[Person] | None = None,
    tools: Iterable[CatalogTool] | None = None,
    grants: Iterable[Grant] = (),
    zone: str = "UTC",
) -> Story:
    """Gives Alice's request for a new password, which waits for a technician."""
    known = (a_person(), a_person("megan", manager=None), a_technician(), a_technician("carol"))
    offered = (a_tool(),) if tools is None else tuple(tools)
    return Story(
        request=request or a_request(),
        steps=(a_record(),) if steps is None else tuple(steps),
        reads=tuple(reads),
        approvals=(an_approval(),) if approvals is None else tuple(approvals),
        joined=tuple(joined),
        leading=leading,
        people={person.id: person for person in (known if people is None else people)},
        tools={tool.id: tool for tool in offered},
        grants={grant.id: grant for grant in grants},
        zone=ZoneInfo(zone),
        now=NOW,
    )


def an_asking_record(arguments: JsonObject, *, reason: str = "Policy “Ask first” says so.") -> CallRecord:
    """Gives a call that the policy asks about."""
    return replace(a_record(arguments=arguments), action=Action.APPROVAL_NEEDED, reason=reason)


def facts_of(card: Card) -> Mapping[str, str]:
    """Gives the card's facts by label."""
    return {fact.label: fact.value for fact in card.facts}


def options_in(dialog: Dialog, name: str) -> list[str]:
    """Gives the values that a field offers; none where there is no such field."""
    return [option.value for field in dialog.fields if field.name == name for option in field.options]
