"""Records that are kept whole, as one JSON document each, and how they are read again."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from bot.domain.actions import Action, Effect
from bot.domain.connectors import OverHttp, OverStdio, Transport
from bot.domain.events import AuditDecision, AuditEntry, DecisionRecord
from bot.domain.grants import (
    AnyArguments,
    ArgumentScope,
    ExactArguments,
    Grant,
    Holder,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
)
from bot.domain.people import Person, Role
from bot.domain.plans import ToolCall
from bot.domain.policies import (
    AllTools,
    Chosen,
    Condition,
    Everyone,
    NamedTools,
    Operator,
    Policy,
    PolicySource,
    Requirement,
    Skip,
    Standing,
    Subjects,
    ToolScope,
)
from bot.domain.tools import ToolId
from bot.storage.spelling import plain

Document: TypeAlias = Mapping[str, Any]
"""What we wrote ourselves, read back from JSON."""

_TAGS: Final[Mapping[type, str]] = {
    AllTools: "all",
    NamedTools: "named",
    Everyone: "everyone",
    Chosen: "chosen",
    HolderPerson: "person",
    HolderGroup: "group",
    ExactArguments: "exact",
    PinnedArguments: "pinned",
    AnyArguments: "any",
    OverStdio: "stdio",
    OverHttp: "http",
}


def written(thing: object) -> Document:
    """Gives a record of the domain as a document, by the names of its fields."""
    document: Document = plain(thing, _TAGS)
    return document


def policy_of(document: Document) -> Policy:
    """Gives the policy that was written."""
    return Policy(
        **_whole(
            document,
            tools=lambda it: _TOOLS[it["kind"]](it),
            subjects=lambda it: _SUBJECTS[it["kind"]](it),
            conditions=lambda them: tuple(_condition(one) for one in them),
            action=Action,
            requirement=lambda it: Requirement(**it),
            otherwise=lambda word: Skip.SKIP if word == Skip.SKIP else Action(word),
            standing=Standing,
            source=PolicySource,
            created=datetime.fromisoformat,
            updated=datetime.fromisoformat,
            ends=_moment,
        )
    )


def grant_of(document: Document) -> Grant:
    """Gives the standing approval that was written."""
    return Grant(
        **_whole(
            document,
            tool=lambda it: ToolId(*it),
            holder=holder_of,
            arguments=arguments_of,
            technician_groups=frozenset,
            created=datetime.fromisoformat,
            ends=_moment,
            used_on=lambda text: None if text is None else date.fromisoformat(text),
            last_used=_moment,
            revoked=_moment,
        )
    )


def holder_of(document: Document) -> Holder:
    """Gives the holder that was written."""
    return _HOLDERS[document["kind"]](document)


def arguments_of(document: Document) -> ArgumentScope:
    """Gives the scope of arguments that was written."""
    return _ARGUMENTS[document["kind"]](document)


def transport_of(document: Document) -> Transport:
    """Gives the way to a connector that was written."""
    return _TRANSPORTS[document["kind"]](document)


def manifest_of(document: Document) -> Mapping[str, Effect]:
    """Gives the effects that were written."""
    return {tool: Effect(effect) for tool, effect in document.items()}


def entry_of(document: Document) -> AuditEntry:
    """Gives the audit entry that was written; names it does not know are its place in the chain."""
    return AuditEntry(
        **_whole(
            {name: value for name, value in document.items() if name not in {"sequence", "tenant"}},
            at=datetime.fromisoformat,
            decision=lambda word: None if word is None else AuditDecision(word),
            policies=tuple,
            grants=tuple,
        )
    )


def decision_of(document: Document) -> DecisionRecord:
    """Gives the decision that was written."""
    return DecisionRecord(
        **_whole(
            document,
            at=datetime.fromisoformat,
            call=lambda it: ToolCall(tool=ToolId(*it["tool"]), arguments=it["arguments"]),
            requester=_person,
            action=Action,
            policies=lambda them: tuple((name, version) for name, version in them),
            won=tuple,
            grants=tuple,
        )
    )


def _person(document: Document) -> Person:
    return Person(
        **_whole(
            document,
            groups=frozenset,
            roles=lambda them: frozenset(Role(word) for word in them),
            doubtful=frozenset,
        )
    )


def _condition(document: Document) -> Condition:
    return Condition(**_whole(document, operator=Operator))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _whole(document: Document, **readers: Callable[[Any], object]) -> dict[str, Any]:
    """Gives the document's values by name, those with a reader read by it."""
    return {name: readers[name](value) if name in readers else value for name, value in document.items()}


_TOOLS: Final[Mapping[str, Callable[[Document], ToolScope]]] = {
    "all": lambda it: AllTools(frozenset(it["excluded"])),
    "named": lambda it: NamedTools(frozenset(it["names"])),
}
_SUBJECTS: Final[Mapping[str, Callable[[Document], Subjects]]] = {
    "everyone": lambda _: Everyone(),
    "chosen": lambda it: Chosen(persons=frozenset(it["persons"]), groups=frozenset(it["groups"])),
}
_HOLDERS: Final[Mapping[str, Callable[[Document], Holder]]] = {
    "everyone": lambda _: Everyone(),
    "group": lambda it: HolderGroup(it["group"]),
    "person": lambda it: HolderPerson(it["person"]),
}
_ARGUMENTS: Final[Mapping[str, Callable[[Document], ArgumentScope]]] = {
    "any": lambda _: AnyArguments(),
    "exact": lambda it: ExactArguments(it["arguments"]),
    "pinned": lambda it: PinnedArguments(it["paths"]),
}
_TRANSPORTS: Final[Mapping[str, Callable[[Document], Transport]]] = {
    "http": lambda it: OverHttp(url=it["url"], headers=it["headers"]),
    "stdio": lambda it: OverStdio(
        command=it["command"], arguments=tuple(it["arguments"]), environment=it["environment"]
    ),
}
