"""Sets what a tool may do for everyone, or what holds where no policy speaks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.actions import Action
from bot.domain.errors import Refusal
from bot.domain.policies import (
    DESCRIPTION_LIMIT,
    EVERYONE,
    NamedTools,
    Policy,
    PolicyId,
    PolicySource,
    Requirement,
    Standing,
)
from bot.domain.rule_changes import DefaultEdit, Edit, PolicyEdit, Rulebook
from bot.domain.tools import ToolId, shortened
from bot.flow.change_rules import Draft
from bot.flow.wanted import bare
from bot.ports.outside import Ids

TENANT: Final = "*"
"""The target that stands for the tenant's default."""


class UnknownTarget(Refusal):
    """There is no {what} {name}. “connector list” and “connector tools” show what there is."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """When something is laid down, by whom, and where its id comes from."""

    now: datetime
    by: str
    """The person's id, or the operator's name."""
    ids: Ids


def set_target(target: str, setting: Setting, stamp: Stamp) -> Draft:
    """Gives the draft that sets `connector:tool`, `connector:*` or `*`; several settings join with `all_of`.

    The draft raises UnknownTarget where there is no such tool or connector.

    Raises:
        NotATarget: the text is none of the three.
        OnlyForTools: a manager or standing approvals for a default.
        ManagerNotAsked: a manager with an action that asks nobody.
    """
    if setting.manager and setting.action is not Action.APPROVAL_NEEDED:
        raise ManagerNotAsked(action=setting.action or "default")
    connector, colon, name = target.partition(":")
    is_default = target == TENANT or (bool(colon) and bool(connector) and name == TENANT)
    if not is_default and not (colon and name and connector):
        raise NotATarget(text=shortened(target))
    if is_default:
        if setting.manager is not None or setting.standing is not None:
            raise OnlyForTools
        return lambda rulebook: _default(rulebook, "" if target == TENANT else connector, setting.action)
    return lambda rulebook: _own_policy(rulebook, ToolId(connector, name), setting, stamp)


def all_of(drafts: Sequence[Draft]) -> Draft:
    """Gives the draft of all these together; each sees what the ones before it did."""

    def draft(rulebook: Rulebook) -> list[Edit]:
        found: list[Edit] = []
        for one in drafts:
            edits = one(rulebook)
            rulebook = rulebook.after(edits)
            found.extend(edits)
        return found

    return draft


def _default(rulebook: Rulebook, connector: str, action: Action | None) -> list[Edit]:
    known = {tool.connector for tool in rulebook.catalog} | set(rulebook.connectors)
    if connector and connector not in known:
        raise UnknownTarget(what="connector", name=shortened(connector))
    before = rulebook.default(connector)
    after = action if connector else action or Action.APPROVAL_NEEDED
    return [] if before is after else [DefaultEdit(connector=connector, before=before, after=after)]


def _own_policy(rulebook: Rulebook, tool: ToolId, setting: Setting, stamp: Stamp) -> list[Edit]:
    if tool not in rulebook.catalog:
        raise UnknownTarget(what="tool", name=shortened(str(tool)))
    known = rulebook.named(str(tool))
    if setting.action is None:
        return [] if known is None else [PolicyEdit(before=known, after=None)]
    after = _policy(tool, setting, setting.action, known, stamp)
    if known is not None and known.source is not PolicySource.SEED and bare(known) == bare(after):
        return []
    return [PolicyEdit(before=known, after=after)]


def _policy(tool: ToolId, setting: Setting, action: Action, known: Policy | None, stamp: Stamp) -> Policy:
    fresh = Policy(
        id=PolicyId(stamp.ids.new()),
        name=str(tool),
        connector=tool.connector,
        tools=NamedTools(frozenset({tool.name})),
        action=action,
        created=stamp.now,
        updated=stamp.now,
    )
    was = known or fresh
    manager = was.requirement.manager if setting.manager is None else setting.manager
    asks = action is Action.APPROVAL_NEEDED
    is_said = known is not None and known.source is not PolicySource.SEED
    kept = was.description if is_said and not setting.reason else setting.reason
    return replace(
        fresh,
        id=was.id,
        version=was.version,
        description=shortened(kept, DESCRIPTION_LIMIT),
        subjects=EVERYONE,
        requirement=Requirement(groups=was.requirement.groups, manager=asks and manager),
        standing=was.standing if setting.standing is None else setting.standing,
        source=PolicySource.ADMIN,
        owner=stamp.by,
        created=was.created,
    )
