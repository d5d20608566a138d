"""Suggests standing approvals: the narrowest rule that what was approved in person again and again fits."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.arguments import pinned_test
from bot.domain.canonical import JsonObject, JsonValue, canonical, digest
from bot.domain.globs import is_glob
from bot.domain.grants import (
    ArgumentScope,
    ExactArguments,
    Grant,
    GrantId,
    Holder,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
)
from bot.domain.people import Person, PersonId
from bot.domain.plans import ToolCall
from bot.domain.requests import RequestId, Verdict
from bot.domain.tool_names import vocabulary
from bot.domain.tools import ToolId

ENOUGH: Final = 5
"""Approvals in person that make a rule worth suggesting."""
WINDOW: Final = timedelta(days=30)
"""How far back approvals and denials count."""
LASTS: Final = timedelta(days=30)
"""How long a suggested standing approval holds."""

_WEIGHTY: Final = vocabulary(
    """
    access account admin amount budget code cost credential fee group key level license licence limit otp
    owner passcode passphrase password percent permission pin plan policy price privilege quantity quota
    rate right role scope seat secret sum tier token total
    """
)
"""Words in an argument's name for which its value matters too much to be left free."""
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_HAS_LETTERS: Final = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedCall:
    """One call that people decided for a technician seat."""

    request: RequestId
    tool: ToolId
    requester: Person
    """As the directory knows them now."""
    arguments: JsonObject
    agent: str
    group: str
    """The approver group of the seat."""
    verdict: Verdict
    reviewers: tuple[PersonId, ...] = ()
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A rule that would have answered for people, and what speaks for it."""

    tool: ToolId
    holder: Holder
    arguments: ArgumentScope
    agent: str
    group: str
    calls: tuple[DecidedCall, ...]
    """The approved calls that support it, oldest first."""

    @property
    def id(self) -> str:
        """The rule's digest: the same rule has the same one, whatever supports it."""
        holder = self.holder
        who: JsonObject = {}
        if isinstance(holder, HolderPerson):
            who = {"person": holder.person}
        elif isinstance(holder, HolderGroup):
            who = {"group": holder.group}
        scope = self.arguments
        what: JsonObject = {}
        if isinstance(scope, ExactArguments):
            what = {"exact": scope.arguments}
        elif isinstance(scope, PinnedArguments):
            what = {"pinned": dict(scope.paths)}
        rule: JsonObject = {
            "tool": str(self.tool),
            "who": who,
            "what": what,
            "agent": self.agent,
            "group": self.group,
        }
        return digest(rule)[:12]

    @property
    def count(self) -> int:
        """How often it was approved."""
        return len({call.request for call in self.calls})

    @property
    def approvers(self) -> tuple[tuple[PersonId, int], ...]:
        """Who approved how many of the calls, the busiest first."""
        said = {(call.request, person) for call in self.calls for person in call.reviewers}
        counts = Counter(person for _, person in said)
        return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    def grant(self, grant: GrantId, *, giver: PersonId, fingerprint: str, now: datetime) -> Grant:
        """Gives the standing approval that says exactly this rule."""
        return Grant(
            id=grant,
            tool=self.tool,
            holder=self.holder,
            arguments=self.arguments,
            agent=self.agent,
            technician_groups=frozenset({self.group}),
            fingerprint=fingerprint,
            giver=giver,
            reason=f"Suggested after {self.count} approvals.",
            created=now,
            ends=now + LASTS,
        )


def suggestions(
    calls: Iterable[DecidedCall], now: datetime, *, sizes: Mapping[str, int] | None = None
) -> list[Suggestion]:
    """Gives the narrowest rules that 5 or more approvals and no denial of the last 30 days speak for.

    One person and exactly these arguments; else one person and those arguments that never differed; else, of
    several persons with exactly the same arguments, their smallest common group.

    Args:
        calls: what was decided. Approved calls that a standing approval would answer, or may not, are left
            out by the caller; denied ones never.
        now: the present moment.
        sizes: how many members each group has; one that is not named is no choice.
    """
    recent = [call for call in calls if now - WINDOW < call.at]
    denied = [call for call in recent if call.verdict is Verdict.DENY]
    kept: dict[tuple[ToolId, str, str], list[DecidedCall]] = {}
    for call in sorted(recent, key=lambda one: one.at):
        if call.verdict is Verdict.APPROVE:
            kept.setdefault((call.tool, call.agent, call.group), []).append(call)
    found: list[Suggestion] = []
    for approved in kept.values():
        left = approved
        for step in (_exact, _pinned):
            rules = step(left)
            found += rules
            taken = {id(call) for rule in rules for call in rule.calls}
            left = [call for call in left if id(call) not in taken]
        found += _shared(left, sizes or {})
    return [
        rule
        for rule in found
        if all(_would_answer(rule, call) for call in rule.calls)
        and not any(_would_answer(rule, call) for call in denied)
    ]


def _is_enough(calls: Sequence[DecidedCall]) -> bool:
    """Whether they were approved often; steps of one request were approved once."""
    return len({call.request for call in calls}) >= ENOUGH


def _exact(calls: Sequence[DecidedCall]) -> list[Suggestion]:
    alike: dict[tuple[PersonId, str], list[DecidedCall]] = {}
    for call in calls:
        alike.setdefault((call.requester.id, _digest(call)), []).append(call)
    return [
        _suggestion(same, HolderPerson(person), ExactArguments(same[0].arguments))
        for (person, _), same in alike.items()
        if _is_enough(same)
    ]


def _pinned(calls: Sequence[DecidedCall]) -> list[Suggestion]:
    by_person: dict[PersonId, list[DecidedCall]] = {}
    for call in calls:
        by_person.setdefault(call.requester.id, []).append(call)
    found = []
    for person, own in by_person.items():
        pins = _pins([call.arguments for call in own]) if _is_enough(own) else None
        if pins:
            found.append(_suggestion(own, HolderPerson(person), PinnedArguments(pins)))
    return found


def _pins(every: Sequence[JsonObject]) -> dict[str, JsonValue] | None:
    """Gives the arguments that were always equal; None where one that differed may not be left free."""
    pins: dict[str, JsonValue] = {}
    for name in sorted({name for arguments in every for name in arguments}):
        values = [arguments.get(name) for arguments in every]
        is_same = all(name in arguments for arguments in every) and len(set(map(canonical, values))) == 1
        if not is_same:
            if not _may_be_free(name, values):
                return None
        elif not _may_be_pinned(name, values[0]):
            return None
        else:
            pins[name] = values[0]
    return pins


def _may_be_pinned(name: str, value: JsonValue) -> bool:
    """Whether a pin means just this: a name with a dot would be read as a path, a * or ? as a pattern."""
    return "." not in name and not (isinstance(value, str) and is_glob(value))


def _may_be_free(name: str, values: Sequence[JsonValue]) -> bool:
    """Whether the argument may be anything: texts in words only, whose name speaks of nothing weighty."""
    words = {word.lower() for word in _WORDS.findall(name)}
    weighty = any(word in _WEIGHTY or word.removesuffix("s") in _WEIGHTY for word in words)
    return not weighty and all(isinstance(value, str) and _HAS_LETTERS.search(value) for value in values)


def _shared(calls: Sequence[DecidedCall], sizes: Mapping[str, int]) -> list[Suggestion]:
    alike: dict[str, list[DecidedCall]] = {}
    for call in calls:
        alike.setdefault(_digest(call), []).append(call)
    found = []
    for same in alike.values():
        common = frozenset.intersection(*(call.requester.groups for call in same)) & sizes.keys()
        if _is_enough(same) and len({call.requester.id for call in same}) > 1 and common:
            group = min(common, key=lambda one: (sizes[one], one))
            found.append(_suggestion(same, HolderGroup(group), ExactArguments(same[0].arguments)))
    return found


def _suggestion(calls: Sequence[DecidedCall], holder: Holder, arguments: ArgumentScope) -> Suggestion:
    first = calls[0]
    return Suggestion(
        tool=first.tool,
        holder=holder,
        arguments=arguments,
        agent=first.agent,
        group=first.group,
        calls=tuple(calls),
    )


def _would_answer(rule: Suggestion, call: DecidedCall) -> bool:
    """Whether the rule is for such a call, through whichever agent and for whichever seat."""
    if call.tool != rule.tool:
        return False
    match rule.holder:
        case HolderPerson(person) if person != call.requester.id:
            return False
        case HolderGroup(group) if group not in call.requester.groups:
            return False
    if isinstance(rule.arguments, PinnedArguments):
        return pinned_test(rule.arguments)(call.arguments)
    if isinstance(rule.arguments, ExactArguments):
        return ToolCall(tool=rule.tool, arguments=rule.arguments.arguments).digest == _digest(call)
    return False


def _digest(call: DecidedCall) -> str:
    return ToolCall(tool=call.tool, arguments=call.arguments).digest
