"""Sets what a tool may do, or what holds where no policy speaks."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.actions import Action
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import PersonId, TenantId
from bot.domain.policies import (
    DESCRIPTION_LIMIT,
    EVERYONE,
    Defaults,
    NamedTools,
    Policy,
    PolicyId,
    PolicySource,
    Requirement,
    Standing,
)
from bot.domain.tools import ToolId, shortened
from bot.ports.outside import Clock, Ids
from bot.ports.store import Store, Unit


class UnknownTarget(Refusal):
    """There is no {what} {name}. “countersign connector list” and “connector tools” show what there is."""

    kind = "missing"


class NotATarget(Refusal):
    """“{text}” is not a target. Write connector:tool, connector:* for a connector's default, or *."""


class OnlyForTools(Refusal):
    """A default can only have an action. Managers and standing approvals are set tool by tool."""


class ManagerNotAsked(Refusal):
    """A manager is asked only where the action is approval_needed, and this says {action}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is to hold; None leaves a field as it is, or as it is by itself."""

    action: Action | None
    """None removes the tool's own policy, or the default."""
    manager: bool | None = None
    standing: Standing | None = None
    reason: str = ""


class SetPolicy:
    """Writes a tool's own policy, which is for everyone and named like the tool, or a default."""

    def __init__(self, *, store: Store, tenant: TenantId, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._tenant = tenant
        self._clock = clock
        self._ids = ids

    async def __call__(self, target: str, setting: Setting, *, by: str, actor: PersonId | None = None) -> str:
        """Gives one sentence on what holds now. Targets: `connector:tool`, `connector:*` and `*`.

        `by` stands in the policy's history; `actor` is the person who did it, where it was one.

        Raises:
            UnknownTarget: no such connector or tool.
            NotATarget: the text is none of the three.
            OnlyForTools: a manager or standing approvals for a default.
            ManagerNotAsked: a manager with an action that asks nobody.
        """
        if setting.manager and setting.action is not Action.APPROVAL_NEEDED:
            raise ManagerNotAsked(action=setting.action or "default")
        connector, colon, name = target.partition(":")
        is_tenant, is_connector = target == "*", bool(colon) and name == "*"
        if not is_tenant and (not colon or not name or not connector):
            raise NotATarget(text=shortened(target))
        if (is_tenant or is_connector) and (setting.manager is not None or setting.standing is not None):
            raise OnlyForTools
        now = self._clock.now()
        async with self._store.unit(self._tenant) as unit:
            if is_tenant or is_connector:
                return await _put_default(
                    unit, None if is_tenant else connector, setting, now=now, by=by, actor=actor
                )
            return await self._put_policy(unit, ToolId(connector, name), setting, now=now, by=by, actor=actor)

    async def _put_policy(
        self, unit: Unit, tool: ToolId, setting: Setting, *, now: datetime, by: str, actor: PersonId | None
    ) -> str:
        if tool not in await unit.connections.catalog():
            raise UnknownTarget(what="tool", name=shortened(str(tool)))
        known = next((policy for policy in await unit.policies.all() if policy.name == str(tool)), None)
        if setting.action is None:
            if known is not None:
                await unit.policies.remove(known.id, by=by)
                await _audited(unit, "policy.removed", tool, setting, now=now, by=by, actor=actor)
            return f"{tool} has no policy of its own now; the defaults and other policies decide."
        policy = self._policy(tool, setting, setting.action, known, now=now, by=by)
        stored = await unit.policies.put(policy, by=by)
        kind = "policy.changed" if known else "policy.added"
        await _audited(unit, kind, tool, setting, now=now, by=by, actor=actor)
        manager = ", and the requester’s manager is asked too" if stored.requirement.manager else ""
        return f"{tool} is {stored.action} for everyone now{manager} (version {stored.version})."

    def _policy(
        self, tool: ToolId, setting: Setting, action: Action, known: Policy | None, *, now: datetime, by: str
    ) -> Policy:
        fresh = Policy(
            id=PolicyId(self._ids.new()),
            name=str(tool),
            connector=tool.connector,
            tools=NamedTools(frozenset({tool.name})),
            action=action,
            created=now,
            updated=now,
        )
        was = known or fresh
        manager = was.requirement.manager if setting.manager is None else setting.manager
        asks = action is Action.APPROVAL_NEEDED
        return replace(
            fresh,
            id=was.id,
            description=shortened(setting.reason, DESCRIPTION_LIMIT),
            subjects=EVERYONE,
            requirement=Requirement(groups=was.requirement.groups, manager=asks and manager),
            standing=was.standing if setting.standing is None else setting.standing,
            source=PolicySource.ADMIN,
            owner=by,
            created=was.created,
        )


async def _put_default(
    unit: Unit, connector: str | None, setting: Setting, *, now: datetime, by: str, actor: PersonId | None
) -> str:
    if connector is not None and connector not in {one.name for one in await unit.connections.all()}:
        raise UnknownTarget(what="connector", name=shortened(connector))
    before = await unit.policies.defaults()
    was = before.tenant if connector is None else before.connectors.get(connector)
    becomes = setting.action or (Defaults().tenant if connector is None else None)
    await unit.policies.put_default(connector, setting.action, by=by)
    entry = AuditEntry(
        at=now,
        kind="default.changed" if becomes else "default.removed",
        actor=actor,
        agent="" if actor else by,
        connector=connector or "",
        details={
            "name": connector or "*",
            "before": was.value if was else None,
            "after": becomes.value if becomes else None,
            "reason": setting.reason,
            "by": by,
        },
    )
    await unit.audit.append(entry)
    if connector is None:
        return f"Where neither a policy nor a connector’s default speaks, a call is {becomes} now."
    if becomes is None:
        return f"{connector} has no default of its own now; the tenant’s is {before.tenant}."
    return f"Where no policy speaks, a call of {connector} is {becomes} now."


async def _audited(
    unit: Unit, kind: str, tool: ToolId, setting: Setting, *, now: datetime, by: str, actor: PersonId | None
) -> None:
    await unit.audit.append(
        AuditEntry(
            at=now,
            kind=kind,
            actor=actor,
            agent="" if actor else by,
            connector=tool.connector,
            tool=str(tool),
            policies=(str(tool),),
            details={
                "name": str(tool),
                "action": setting.action.value if setting.action else None,
                "reason": setting.reason,
                "by": by,
            },
        )
    )
