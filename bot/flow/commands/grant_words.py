"""Standing approvals as answers show them: who may see which, and what each says in one sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo

from bot.cards.answer import AnswerButton, AnswerRow, Press
from bot.cards.model import Fact, Style
from bot.cards.offer import shown_scope
from bot.cards.visible import visible
from bot.domain.grant_sentence import sentence
from bot.domain.grants import Grant, Holder, HolderGroup, HolderPerson
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.policies import Everyone
from bot.domain.tools import Catalog
from bot.flow.commands.pages import counted
from bot.flow.commands.people import shown_name
from bot.flow.commands.policy_words import moment
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.standing import state_of

People = Mapping[PersonId, Person]


def seen_by(person: Person, grants: Iterable[Grant]) -> list[Grant]:
    """Gives those that the person may see: technicians all, others what they hold or gave."""
    if person.sits_in(TECHNICIANS):
        return list(grants)
    return [grant for grant in grants if grant.giver == person.id or _is_about(grant, person)]


def _is_about(grant: Grant, person: Person) -> bool:
    match grant.holder:
        case HolderPerson(person=holder):
            return holder == person.id
        case HolderGroup(group=group):
            return group in person.groups
        case _:
            return True


def may_revoke(person: Person, grant: Grant) -> bool:
    """Whether the person may revoke it: an admin, or its giver."""
    return person.is_admin or (person.enabled and grant.giver == person.id)


def named_in(grants: Iterable[Grant]) -> set[PersonId]:
    """Gives the persons whom the standing approvals name."""
    named = set[PersonId]()
    for grant in grants:
        named.add(grant.giver)
        if isinstance(grant.holder, HolderPerson):
            named.add(grant.holder.person)
    return named


def in_words(grant: Grant, people: People, catalog: Catalog, zone: tzinfo) -> str:
    """Gives the standing approval in one sentence, with secrets masked and hidden characters visible."""
    names = {str(person): found.name for person, found in people.items()}
    if isinstance(grant.holder, HolderGroup):
        names[grant.holder.group] = f"the group {grant.holder.group}"
    tool = catalog.get(grant.tool)
    scope = shown_scope(grant.arguments, tool.definition.input_schema if tool else {})
    return visible(sentence(replace(grant, arguments=scope), names, zone=zone), set())


def grant_row(
    grant: Grant, viewer: Person, people: People, catalog: Catalog, *, zone: tzinfo, now: datetime, short: str
) -> AnswerRow:
    """Gives the standing approval as a line of a list, with a button for those who may revoke it.

    `short` is the beginning of its id that no other one has.
    """
    return AnswerRow(
        label=in_words(grant, people, catalog, zone),
        badge=state_of(grant, now),
        facts=(*used_facts(grant, people, zone), *suspended_facts(grant), Fact("Id", short)),
        button=revoke_button(grant) if may_revoke(viewer, grant) and grant.revoked is None else None,
    )


def used_facts(grant: Grant, people: People, zone: tzinfo) -> tuple[Fact, ...]:
    """Gives who gave it, and how it was used."""
    uses = f"{grant.uses} of {grant.uses_limit} times" if grant.uses_limit else counted(grant.uses, "time")
    last = f", last on {moment(grant.last_used, zone)}" if grant.last_used else ""
    return (
        Fact("Given by", shown_name(people, grant.giver)),
        Fact("Used", f"{uses}{last}" if grant.uses else "never"),
    )


def suspended_facts(grant: Grant) -> tuple[Fact, ...]:
    """Gives why it is suspended; nothing where it is not, or is over for good."""
    if not grant.suspended or grant.revoked is not None:
        return ()
    return (Fact("Suspended because", grant.suspended_why or "Its tool changed."),)


def holder_words(holder: Holder, people: People) -> str:
    """Gives who may use it: a person by name and address, the members of a group, or everyone."""
    match holder:
        case HolderPerson(person):
            found = people.get(person)
            return visible(f"{found.name} ({found.email})" if found else person, set())
        case HolderGroup(group):
            return visible(f"the group {group}", set())
        case Everyone():
            return "everyone"


def seat_words(grant: Grant) -> str:
    """Gives whose approval it stands for."""
    seats = [
        "a technician" if group == TECHNICIANS else f"anyone in {group}"
        for group in sorted(grant.technician_groups)
    ]
    seats += ["the manager of those who report to its giver"] if grant.manager else []
    return visible(" or ".join(seats) or "nobody", set())


def limit_words(grant: Grant) -> str:
    """Gives how often it may be used."""
    limits = [f"{grant.uses_limit} in all"] if grant.uses_limit is not None else []
    limits += [f"{grant.daily_limit} a day"] if grant.daily_limit is not None else []
    return ", ".join(limits) or "none"


def resume_buttons(grant: Grant, viewer: Person, state: str) -> tuple[AnswerButton, ...]:
    """Gives the button with which this admin may have it count again; none for others."""
    is_part = viewer.id in named_in([grant])
    if state != "suspended" or not grant.suspended_why or not viewer.is_admin or is_part:
        return ()
    return (
        AnswerButton(
            label="Resume",
            press=Press.RUN,
            value=spelled("grants resume", quoted(grant.id)),
            confirm="Resume this standing approval? From the next call on, it answers for people again.",
        ),
    )


def revoke_button(grant: Grant) -> AnswerButton:
    """Gives the button that revokes it."""
    return AnswerButton(
        label="Revoke",
        press=Press.RUN,
        value=spelled("grants revoke", quoted(grant.id)),
        style=Style.DANGER,
        confirm="Revoke this standing approval? From the next call on, people are asked again.",
    )
