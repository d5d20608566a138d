"""What is stored as a policy file would say it, and how two policies differ, in words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from bot.domain.canonical import canonical
from bot.domain.grants import (
    AnyArguments,
    ExactArguments,
    Grant,
    GrantId,
    Holder,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
)
from bot.domain.policies import (
    AllTools,
    Chosen,
    Policy,
    PolicyId,
    PolicySource,
    Subjects,
    ToolScope,
)
from bot.ports.policy_files import Emails

NOBODY: Final[Emails] = {}

NOWHEN: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The dates of what is wanted but not stored yet."""


class ChangeKind(StrEnum):
    """What happens to a thing."""

    ADD = "add"
    REPLACE = "replace"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference, in words."""

    kind: ChangeKind
    thing: str
    """policy, default or standing approval."""
    name: str
    fields: tuple[str, ...] = ()
    """What changes, each as `key: before → after`; for what is new, `key: value`."""


def bare(policy: Policy) -> Policy:
    """Gives the policy without what only storing gives it: id, version, source, owner and dates."""
    return replace(
        policy,
        id=PolicyId(""),
        version=0,
        source=PolicySource.IMPORT,
        owner="",
        created=NOWHEN,
        updated=NOWHEN,
    )


def bare_grant(grant: Grant) -> Grant:
    """Gives the standing approval without its id, its fingerprint, and what using it has left behind."""
    return replace(
        grant,
        id=GrantId(""),
        fingerprint="",
        created=NOWHEN,
        uses=0,
        uses_today=0,
        used_on=None,
        last_used=None,
        revoked=None,
        suspended=False,
        suspended_why="",
    )


def standing(grants: Iterable[Grant], now: datetime) -> list[Grant]:
    """Gives the grants that are neither revoked, ended nor used up."""
    return [
        grant
        for grant in grants
        if grant.revoked is None
        and (grant.ends is None or grant.ends > now)
        and (grant.uses_limit is None or grant.uses < grant.uses_limit)
    ]


def policy_change(wanted: Policy | None, stored: Policy | None, emails: Emails) -> Change | None:
    """Gives what changes from the stored policy to the wanted one; None when they say the same."""
    now = policy_words(stored, emails) if stored else {}
    then = policy_words(wanted, emails) if wanted else {}
    named = wanted or stored
    if named is None or (wanted and stored and now == then and bare(wanted) == bare(stored)):
        return None
    if wanted is None:
        return Change(kind=ChangeKind.REMOVE, thing="policy", name=named.name)
    kind = ChangeKind.REPLACE if stored else ChangeKind.ADD
    fields = tuple(
        f"{key}: {now.get(key, 'nothing')} → {then.get(key, 'nothing')}" if stored else f"{key}: {then[key]}"
        for key in dict.fromkeys([*then, *now])
        if now.get(key) != then.get(key)
    )
    return Change(kind=kind, thing="policy", name=named.name, fields=fields)


def policy_words(policy: Policy, emails: Emails = NOBODY) -> dict[str, str]:
    """Gives what the policy says, key by key, for people to compare."""
    requirement = policy.requirement
    approvers = ", ".join(f"{count} of {group}" for group, count in sorted(requirement.groups.items()))
    words = {
        "action": policy.action.value,
        "connector": policy.connector,
        "tools": _tools(policy.tools),
        "subjects": _subjects(policy.subjects, emails),
        "when": " and ".join(
            f"{condition.attribute} {condition.operator} {canonical(condition.value)}"
            for condition in policy.conditions
        ),
        "otherwise": policy.otherwise.value,
        "manager": "yes" if requirement.manager else "",
        "approvers": approvers,
        "standing": policy.standing.value,
        "ends": _moment(policy.ends) if policy.ends else "",
        "enabled": "yes" if policy.enabled else "no",
        "description": policy.description,
    }
    return {key: word for key, word in words.items() if word}


def grant_words(grant: Grant, emails: Emails = NOBODY) -> dict[str, str]:
    """Gives what the standing approval says, key by key; equal ones have equal words."""
    words = {
        "tool": str(grant.tool),
        "holder": _holder(grant.holder, emails),
        "arguments": _arguments(grant),
        "agent": canonical(grant.agent),
        "groups": canonical(sorted(grant.technician_groups)),
        "manager": "yes" if grant.manager else "",
        "giver": emails.get(grant.giver, grant.giver),
        "ends": grant.ends.astimezone(UTC).isoformat() if grant.ends else "never",
        "uses": str(grant.uses_limit or ""),
        "uses_per_day": str(grant.daily_limit or ""),
        "reason": grant.reason,
    }
    return {key: word for key, word in words.items() if word}


def _moment(at: datetime) -> str:
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M:%S} UTC".replace(":00 UTC", " UTC")


def _tools(tools: ToolScope) -> str:
    if isinstance(tools, AllTools):
        return "all" + (f" except {', '.join(sorted(tools.excluded))}" if tools.excluded else "")
    return ", ".join(sorted(tools.names))


def _subjects(subjects: Subjects, emails: Emails) -> str:
    if not isinstance(subjects, Chosen):
        return "everyone"
    persons = sorted(emails.get(person, f"person {person}") for person in subjects.persons)
    return ", ".join([*persons, *sorted(f"group {group}" for group in subjects.groups)])


def _holder(holder: Holder, emails: Emails) -> str:
    match holder:
        case HolderPerson(person=person):
            return emails.get(person, f"person {person}")
        case HolderGroup(group=group):
            return f"group {group}"
        case _:
            return "everyone"


def _arguments(grant: Grant) -> str:
    match grant.arguments:
        case ExactArguments(arguments=arguments):
            return f"exactly {canonical(arguments)}"
        case PinnedArguments(paths=paths):
            return f"with {canonical(paths)}"
        case AnyArguments():
            return "any"
