"""Changes of what admins lay down: what each edit turns into what, who made it, and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, TypeAlias

from bot.domain.actions import Action
from bot.domain.decide import PolicySet
from bot.domain.grants import Grant
from bot.domain.people import PersonId
from bot.domain.policies import Defaults, Freeze, Policy, PolicyId
from bot.domain.tools import Catalog, CatalogTool, ToolId

ProposalId = NewType("ProposalId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEdit:
    """One policy before and after; None before it existed, and after it was deleted."""

    before: Policy | None
    after: Policy | None

    @property
    def backwards(self) -> "PolicyEdit":
        """The edit that takes this one back."""
        return PolicyEdit(before=self.after, after=self.before)

    @property
    def key(self) -> str:
        """What the edit is of; edits of the same thing have the same key."""
        return f"policy/{self._either.id}"

    @property
    def name(self) -> str:
        """The policy's name, the newer one where it was renamed."""
        return self._either.name

    @property
    def connector(self) -> str:
        """Whose tools it is about."""
        return self._either.connector

    @property
    def _either(self) -> Policy:
        found = self.after or self.before
        if found is None:
            raise ValueError("an edit of nothing")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultEdit:
    """The default of a connector, or the tenant's (connector empty); None for none of its own."""

    connector: str
    before: Action | None
    after: Action | None

    @property
    def backwards(self) -> "DefaultEdit":
        """The edit that takes this one back."""
        return replace(self, before=self.after, after=self.before)

    @property
    def key(self) -> str:
        """What the edit is of."""
        return f"default/{self.connector}"

    @property
    def name(self) -> str:
        """The default as one writes it: `connector:*`, or `*`."""
        return f"{self.connector}:*" if self.connector else "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchEdit:
    """A connector (tool empty) or a tool that is switched on or off."""

    connector: str
    tool: str = ""
    before: bool
    after: bool

    @property
    def backwards(self) -> "SwitchEdit":
        """The edit that takes this one back."""
        return replace(self, before=self.after, after=self.before)

    @property
    def key(self) -> str:
        """What the edit is of."""
        return f"switch/{self.name}"

    @property
    def name(self) -> str:
        """The connector, or `connector:tool`."""
        return f"{self.connector}:{self.tool}" if self.tool else self.connector


Edit: TypeAlias = PolicyEdit | DefaultEdit | SwitchEdit


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """One stored change: what was written together. Changes of a tenant are numbered from 1."""

    number: int = 0
    """0 until it is stored."""
    at: datetime
    by: str
    """The person's id, or the operator's name."""
    actor: PersonId | None = None
    """The person, where it was one."""
    reason: str = ""
    edits: tuple[Edit, ...]
    approved_by: PersonId | None = None
    """The second admin, where it took one."""
    undoes: int | None = None
    """The number of the change that this one takes back."""


class ProposalStatus(StrEnum):
    """How a change that waits for a second admin stands."""

    DRAFT = "draft"
    """Its author looks at what it would mean."""
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"
    """What it would change was changed meanwhile."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change that a second admin has to approve before it is written."""

    id: ProposalId
    at: datetime
    by: PersonId
    reason: str
    edits: tuple[Edit, ...]
    tools: tuple[ToolId, ...]
    """The tools of effect destroy that it loosens."""
    effect: str = ""
    """What it would have meant for the last 30 days, in a sentence."""
    undoes: int | None = None
    expires: datetime
    status: ProposalStatus = ProposalStatus.PENDING
    decided_by: PersonId | None = None
    decided: datetime | None = None
    note: str = ""
    """The reason of a denial, or why it ended by itself."""
    number: int = 0
    """The change that it became; 0 for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """All that is laid down at one moment, and the tools that it is about."""

    policies: Mapping[PolicyId, Policy]
    defaults: Defaults
    grants: tuple[Grant, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    catalog: Catalog = field(default_factory=dict)
    connectors: Mapping[str, bool] = field(default_factory=dict)
    """Every connector, and whether it is switched on."""

    @property
    def policy_set(self) -> PolicySet:
        """The rulebook made ready for decisions; takes time for every policy."""
        return PolicySet.of(
            policies=self.policies.values(),
            defaults=self.defaults,
            grants=self.grants,
            freezes=self.freezes,
        )

    def named(self, name: str) -> Policy | None:
        """Gives the policy of this name; None when there is none."""
        return next((policy for policy in self.policies.values() if policy.name == name), None)

    def _same(self, edit: PolicyEdit) -> bool:
        either = edit.before or edit.after
        return either is not None and self.policies.get(either.id) == edit.before

    def stands(self, edit: Edit) -> bool:
        """Whether what the edit is of is still as it was before the edit."""
        match edit:
            case PolicyEdit():
                return self._same(edit)
            case DefaultEdit(connector=connector, before=before):
                return self.default(connector) == before
            case SwitchEdit(connector=connector, tool=tool, before=before):
                return self.is_on(connector, tool) == before

    def since(self, edit: Edit) -> Edit:
        """Gives what became by now of what the edit ended with, as an edit."""
        match edit:
            case PolicyEdit(after=after):
                either = after or edit.before
                now = None if either is None else self.policies.get(either.id)
                return PolicyEdit(before=after, after=now)
            case DefaultEdit(connector=connector, after=action):
                return DefaultEdit(connector=connector, before=action, after=self.default(connector))
            case SwitchEdit(connector=connector, tool=tool, after=is_on):
                now_on = bool(self.is_on(connector, tool))
                return replace(edit, before=is_on, after=now_on)

    def default(self, connector: str) -> Action | None:
        """Gives the connector's own default, or the tenant's for an empty name."""
        return self.defaults.connectors.get(connector) if connector else self.defaults.tenant

    def is_on(self, connector: str, tool: str = "") -> bool | None:
        """Whether the connector or the tool is switched on; None when there is no such thing."""
        if tool:
            known = self.catalog.get(ToolId(connector, tool))
            return None if known is None else known.enabled
        return self.connectors.get(connector)

    def after(self, edits: Iterable[Edit]) -> "Rulebook":
        """Gives the rulebook as it is after these edits, whatever it was before."""
        policies, connectors = dict(self.policies), dict(self.defaults.connectors)
        tenant, catalog, switches = self.defaults.tenant, dict(self.catalog), dict(self.connectors)
        for edit in edits:
            match edit:
                case PolicyEdit(before=before, after=after):
                    if before is not None:
                        policies.pop(before.id, None)
                    if after is not None:
                        policies[after.id] = after
                case DefaultEdit(connector=connector, after=action):
                    if not connector:
                        tenant = action or Defaults().tenant
                    elif action is None:
                        connectors.pop(connector, None)
                    else:
                        connectors[connector] = action
                case SwitchEdit():
                    catalog.update(_switched(catalog.values(), edit))
                    if not edit.tool:
                        switches[edit.connector] = edit.after
        defaults = Defaults(tenant=tenant, connectors=connectors)
        return replace(self, policies=policies, defaults=defaults, catalog=catalog, connectors=switches)


def _switched(tools: Iterable[CatalogTool], edit: SwitchEdit) -> dict[ToolId, CatalogTool]:
    mine = [tool for tool in tools if tool.id.connector == edit.connector]
    if not edit.tool:
        return {tool.id: replace(tool, connector_on=edit.after) for tool in mine}
    return {tool.id: replace(tool, enabled=edit.after) for tool in mine if tool.id.name == edit.tool}


def reverted(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Gives the edits that take these back, the last one first."""
    return tuple(edit.backwards for edit in reversed(edits))


def joined(changes: Iterable[RuleChange]) -> tuple[Edit, ...]:
    """Gives what several changes, oldest first, amount to: per thing its first before and its last after.

    What ends as it began is left out.
    """
    found: dict[str, Edit] = {}
    for change in changes:
        for edit in change.edits:
            found[edit.key] = _followed(found.get(edit.key), edit)
    return tuple(edit for edit in found.values() if not _is_nothing(edit))


def _is_nothing(edit: Edit) -> bool:
    """Whether it ends as it began, but for who laid it down and when."""
    if isinstance(edit, PolicyEdit) and edit.before is not None and edit.after is not None:
        was, now = edit.before, edit.after
        return now == replace(
            was, version=now.version, updated=now.updated, owner=now.owner, source=now.source
        )
    return edit.before == edit.after


def _followed(first: Edit | None, last: Edit) -> Edit:
    match first, last:
        case PolicyEdit(), PolicyEdit():
            return PolicyEdit(before=first.before, after=last.after)
        case DefaultEdit(), DefaultEdit():
            return replace(last, before=first.before)
        case SwitchEdit(), SwitchEdit():
            return replace(last, before=first.before)
        case _:
            return last
