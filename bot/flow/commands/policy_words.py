"""Policies as answers show them: what each says, and about whom."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from bot.cards.answer import AnswerButton, AnswerRow, Press
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.domain.actions import Action
from bot.domain.people import Person, PersonId
from bot.domain.policies import Chosen, NamedTools, Policy, Standing
from bot.domain.tools import shortened
from bot.flow.commands.people import shown_name
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.edit_words import LABELS
from bot.flow.wanted import policy_words
from bot.ports.policy_files import Emails

SOURCES = {"seed": "set up with the connector", "admin": "set by an admin", "import": "from a policy file"}

_LONGEST: Final = 160
"""Characters that a list shows of one thing that a policy says."""

_SAID: Final = ("connector", "tools", "subjects", "when", "otherwise", "standing")


def subjects_of(policies: Iterable[Policy]) -> set[PersonId]:
    """Gives the persons whom the policies name."""
    return {
        person
        for policy in policies
        if isinstance(policy.subjects, Chosen)
        for person in policy.subjects.persons
    }


def emails_of(people: Mapping[PersonId, Person]) -> Emails:
    """Gives everybody's address."""
    return {person.id: person.email for person in people.values()}


def short_row(policy: Policy, emails: Emails, zone: tzinfo) -> AnswerRow:
    """Gives the policy as a line of a list: what is not as usual, and nothing else."""
    words = policy_words(policy, emails)
    facts = []
    if policy.tools != NamedTools(frozenset({policy.name.removeprefix(f"{policy.connector}:")})):
        facts.append(Fact("Tools", f"{policy.connector}: {words['tools']}"))
    if isinstance(policy.subjects, Chosen):
        facts.append(Fact("For", words["subjects"]))
    if "when" in words:
        facts.append(Fact(LABELS["when"], words["when"]))
    if asks := asks_words(policy):
        facts.append(Fact("Asks", asks))
    if policy.ends is not None:
        facts.append(Fact(LABELS["ends"], moment(policy.ends, zone)))
    if not policy.enabled:
        facts.append(Fact("State", "switched off"))
    return AnswerRow(
        label=visible(policy.name, set()),
        badge=policy.action.value,
        facts=tuple(Fact(one.label, shortened(one.value, _LONGEST)) for one in _made_visible(facts)),
        button=AnswerButton(label="Show", press=Press.RUN, value=spelled("policy show", quoted(policy.name))),
    )


def full_facts(policy: Policy, people: Mapping[PersonId, Person], zone: tzinfo) -> tuple[Fact, ...]:
    """Gives everything that the policy says, and where it comes from."""
    words = policy_words(policy, emails_of(people))
    if not policy.conditions:
        words.pop("otherwise")
    if policy.standing is Standing.UNSAID:
        words.pop("standing")
    facts = [Fact("Description", policy.description)] if policy.description else []
    facts += [Fact(LABELS[key], words[key]) for key in _SAID if key in words]
    if asks := asks_words(policy):
        facts.append(Fact("Asks", asks))
    if policy.ends is not None:
        facts.append(Fact("Ends", moment(policy.ends, zone)))
    if not policy.enabled:
        facts.append(Fact("State", "switched off"))
    by = f" by {shown_name(people, policy.owner)}" if policy.owner else ""
    facts.append(Fact("Source", SOURCES[policy.source.value]))
    facts.append(Fact("Version", f"{policy.version}, of {moment(policy.updated, zone)}{by}"))
    return _made_visible(facts)


def asks_words(policy: Policy) -> str:
    """Gives who is asked; empty where nobody is, whatever the conditions say."""
    if Action.APPROVAL_NEEDED not in {policy.action, policy.otherwise}:
        return ""
    groups = [
        group if quorum == 1 else f"{quorum} of {group}"
        for group, quorum in sorted(policy.requirement.groups.items())
    ]
    return " and ".join([*groups, *(["the requester’s manager"] if policy.requirement.manager else [])])


def moment(at: datetime, zone: tzinfo) -> str:
    """Gives the time as people write it."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M} {local:%Z}"


def by_action(actions: Sequence[Action]) -> str:
    """Gives how many of each there are, e.g. `2 auto, 1 disabled`."""
    counts = [(action, actions.count(action)) for action in Action]
    return ", ".join(f"{count} {action}" for action, count in counts if count)


def _made_visible(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(Fact(fact.label, visible(fact.value, set())) for fact in facts)
