"""Changes of what admins lay down: what each edit turns into what, who made it, and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from bot.domain.actions import Action
from bot.domain.decide import PolicySet
from bot.domain.grants import Grant, GrantId
from bot.domain.people import PersonId
from bot.domain.policies import Defaults, Freeze, Policy, PolicyId
from bot.domain.tools import Catalog, CatalogTool, ToolId


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


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantEdit:
    """One standing approval before and after; None before it was given, and after it was revoked."""

    before: Grant | None
    after: Grant | None

    @property
    def backwards(self) -> "GrantEdit":
        """The edit that takes this one back; what was revoked cannot be stored again, though."""
        return GrantEdit(before=self.after, after=self.before)

    @property
    def key(self) -> str:
        """What the edit is of."""
        return f"grant/{self.grant.id}"

    @property
    def name(self) -> str:
        """The tool that it is for."""
        return str(self.grant.tool)

    @property
    def connector(self) -> str:
        """Whose tool it is for."""
        return self.grant.tool.connector

    @property
    def grant(self) -> Grant:
        """What is given or revoked."""
        found = self.after or self.before
        if found is None:
            raise ValueError("an edit of nothing")
        return found


Edit: TypeAlias = PolicyEdit | DefaultEdit | SwitchEdit | GrantEdit


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
            case GrantEdit(before=before, grant=grant):
                return (self.grant(grant.id) is None) is (before is None)

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
            case GrantEdit(after=given, grant=grant):
                return GrantEdit(before=given, after=self.grant(grant.id))

    def default(self, connector: str) -> Action | None:
        """Gives the connector's own default, or the tenant's for an empty name."""
        return self.defaults.connectors.get(connector) if connector else self.defaults.tenant

    def grant(self, grant: GrantId) -> Grant | None:
        """Gives the standing approval of this id; None when there is none, or it is revoked."""
        return next((one for one in self.grants if one.id == grant and one.revoked is None), None)

    def is_on(self, connector: str, tool: str = "") -> bool | None:
        """Whether the connector or the tool is switched on; None when there is no such thing."""
        if tool:
            known = self.catalog.get(ToolId(connector, tool))
            return None if known is None else known.enabled
        return self.connectors.get(connector)

    def after(self, edits: Iterable[Edit]) -> "Rulebook":
        """Gives the rulebook as it is after these edits, whatever it was before."""
        policies, catalog, switches = dict(self.policies), dict(self.catalog), dict(self.connectors)
        grants, defaults = {one.id: one for one in self.grants}, self.defaults
        for edit in edits:
            match edit:
                case PolicyEdit():
                    _lay_down(policies, edit)
                case DefaultEdit():
                    defaults = _defaulted(defaults, edit)
                case SwitchEdit():
                    catalog.update(_switched(catalog.values(), edit))
                    if not edit.tool:
                        switches[edit.connector] = edit.after
                case GrantEdit(after=None, grant=grant):
                    grants.pop(grant.id, None)
                case GrantEdit(grant=grant):
                    grants[grant.id] = grant
        return replace(
            self,
            policies=policies,
            defaults=defaults,
            grants=tuple(grants.values()),
            catalog=catalog,
            connectors=switches,
        )


def _lay_down(policies: dict[PolicyId, Policy], edit: PolicyEdit) -> None:
    if edit.before is not None:
        policies.pop(edit.before.id, None)
    if edit.after is not None:
        policies[edit.after.id] = edit.after


def _defaulted(defaults: Defaults, edit: DefaultEdit) -> Defaults:
    if not edit.connector:
        return replace(defaults, tenant=edit.after or Defaults().tenant)
    others = {name: action for name, action in defaults.connectors.items() if name != edit.connector}
    own = {} if edit.after is None else {edit.connector: edit.after}
    return replace(defaults, connectors={**others, **own})


def _switched(tools: Iterable[CatalogTool], edit: SwitchEdit) -> dict[ToolId, CatalogTool]:
    mine = [tool for tool in tools if tool.id.connector == edit.connector]
    if not edit.tool:
        return {tool.id: replace(tool, connector_on=edit.after) for tool in mine}
    return {tool.id: replace(tool, enabled=edit.after) for tool in mine if tool.id.name == edit.tool}
