"""Which calls a standing approval covers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from bot.domain.arguments import ArgumentTest, pinned_test
from bot.domain.audience import Audience, Key
from bot.domain.canonical import NotJson, TooDeep
from bot.domain.decisions import Situation
from bot.domain.grants import (
    AnyArguments,
    ExactArguments,
    Grant,
    Holder,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
)
from bot.domain.people import Person
from bot.domain.plans import ToolCall
from bot.domain.policies import Everyone
from bot.domain.tools import ToolId


def covers(grant: Grant, situation: Situation) -> bool:
    """Whether the grant stands for its giver's approval of this call, now.

    Whether the call's policies let standing approvals answer at all is for `decide` to say.
    """
    return in_force(grant, situation) and in_scope(grant, situation)


def in_scope(grant: Grant, situation: Situation) -> bool:
    """Whether tool, agent, holder and arguments are the grant's, whatever has become of the grant since."""
    return (
        grant.tool == situation.call.tool
        and grant.agent in (None, situation.agent)
        and _holder_covers(grant.holder, situation.requester)
        and _arguments_cover(grant, situation)
    )


def in_force(grant: Grant, situation: Situation) -> bool:
    """Whether the grant may be used now for the agent's call, leaving aside tool, holder and arguments.

    It is not revoked, suspended, ended or used up, the tool's definition is the accepted one that it was
    given for, and its giver is not the one who would profit: nobody approves their own request.
    """
    tool = situation.tool
    return (
        tool is not None
        and grant.revoked is None
        and not grant.suspended
        and (grant.ends is None or situation.now < grant.ends)
        and grant.fingerprint == tool.fingerprint == tool.accepted
        and grant.agent in (None, situation.agent)
        and grant.giver != situation.requester.id
        and grant.id not in situation.spent
        and has_uses(grant, situation.now, situation.zone)
    )


def has_uses(grant: Grant, now: datetime, zone: tzinfo) -> bool:
    """Whether its limits leave one more use, in all and on today's date in the tenant's zone."""
    if grant.uses_limit is not None and grant.uses >= grant.uses_limit:
        return False
    if grant.daily_limit is None:
        return True
    today = now.astimezone(zone).date()
    return (grant.uses_today if grant.used_on == today else 0) < grant.daily_limit


class GrantIndex:
    """A tenant's grants, so filed that a lookup is short: exact ones by the call's digest, others by tool."""

    __slots__ = ("_about", "_exact", "_free", "groups")

    def __init__(self, grants: Iterable[Grant]) -> None:
        self.groups: set[str] = set()
        """The names of the groups that hold one."""
        self._about: dict[ToolId, list[Grant]] = {}
        self._exact: Audience[str, _Filed] = Audience()
        self._free: Audience[ToolId, _Filed] = Audience()
        for grant in grants:
            if grant.revoked is None and not grant.suspended:
                self._file(grant)

    def covering(self, situation: Situation) -> list[Grant]:
        """Gives the grants that cover the situation, in no promised order, but none for a group in doubt."""
        if situation.requester.doubtful:
            situation = replace(situation, requester=situation.requester.certain)
        arguments = situation.call.arguments
        exact = self._exact.meant_for(situation.digest, situation.requester)
        free = self._free.meant_for(situation.call.tool, situation.requester)
        return [
            filed.grant
            for filed in (*exact, *free)
            if in_force(filed.grant, situation) and (filed.test is None or filed.test(arguments))
        ]

    def about(self, tool: ToolId) -> Sequence[Grant]:
        """Gives the tool's grants that are neither revoked nor suspended, whoever they are for."""
        return self._about.get(tool, ())

    def _file(self, grant: Grant) -> None:
        self._about.setdefault(grant.tool, []).append(grant)
        if isinstance(grant.holder, HolderGroup):
            self.groups.add(grant.holder.group)
        if isinstance(grant.arguments, ExactArguments):
            try:
                digest = ToolCall(tool=grant.tool, arguments=grant.arguments.arguments).digest
            except (NotJson, TooDeep):
                return  # no call can have such arguments
            _file_under(self._exact, digest, _Filed(grant, None), grant.holder)
        else:
            scope = grant.arguments
            test = pinned_test(scope) if isinstance(scope, PinnedArguments) else None
            _file_under(self._free, grant.tool, _Filed(grant, test), grant.holder)


@dataclass(frozen=True, slots=True, eq=False)
class _Filed:
    """A grant and what is left to test once it is found; hashed by identity, as two are never one."""

    grant: Grant
    test: ArgumentTest | None


def _file_under(audience: Audience[Key, _Filed], key: Key, filed: _Filed, holder: Holder) -> None:
    match holder:
        case HolderPerson(person):
            audience.add(key, filed, persons=(person,))
        case HolderGroup(group):
            audience.add(key, filed, groups=(group,))
        case Everyone():
            audience.add_for_everyone(key, filed)


def _holder_covers(holder: Holder, requester: Person) -> bool:
    match holder:
        case HolderPerson(person):
            return person == requester.id
        case HolderGroup(group):
            return group in requester.groups and group not in requester.doubtful
        case Everyone():
            return True


def _arguments_cover(grant: Grant, situation: Situation) -> bool:
    match grant.arguments:
        case ExactArguments(arguments):
            return ToolCall(tool=grant.tool, arguments=arguments).digest == situation.digest
        case PinnedArguments() as pinned:
            return pinned_test(pinned)(situation.call.arguments)
        case AnyArguments():
            return True
