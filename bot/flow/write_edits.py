"""Writes edits of what is laid down, with one audit entry each and a numbered change for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.canonical import JsonValue
from bot.domain.events import AuditEntry
from bot.domain.people import Person, PersonId
from bot.domain.policies import Defaults
from bot.domain.rule_changes import (
    DefaultEdit,
    Edit,
    GrantEdit,
    PolicyEdit,
    Rulebook,
    RuleChange,
    SwitchEdit,
)
from bot.domain.tools import ToolId
from bot.ports.records import Overtaken
from bot.ports.store import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who changes something: a person, or the operator of the deployment, who needs nobody's consent."""

    by: str
    """The person's id, or the operator's name."""
    actor: PersonId | None = None

    @classmethod
    def of(cls, person: Person, *, is_operator: bool = False) -> "Author":
        """Gives the person as author; the operator of the deployment is nobody of the directory."""
        return cls(by=person.id, actor=None if is_operator else person.id)

    @property
    def is_operator(self) -> bool:
        """Whether it is nobody of the directory."""
        return self.actor is None


async def rulebook_of(unit: Unit) -> Rulebook:
    """Gives all that is laid down, as this transaction sees it."""
    return Rulebook(
        policies={policy.id: policy for policy in await unit.policies.all()},
        defaults=await unit.policies.defaults(),
        grants=await unit.grants.all(),
        freezes=await unit.policies.freezes(),
        catalog=await unit.connections.catalog(),
        connectors={one.name: one.on for one in await unit.connections.all()},
    )


async def write_edits(
    unit: Unit,
    edits: Sequence[Edit],
    author: Author,
    *,
    now: datetime,
    reason: str = "",
    approved_by: PersonId | None = None,
    undoes: int | None = None,
    audited: bool = True,
) -> RuleChange:
    """Gives the stored change; without edits nothing is stored, and its number is 0.

    `audited` is False where the audit log tells of the edits already.

    Raises:
        Overtaken: another policy has a name that one of these is given, its connector was removed, or a
            standing approval was given or revoked already.
    """
    change = RuleChange(
        at=now,
        by=author.by,
        actor=author.actor,
        reason=reason,
        edits=(),
        approved_by=approved_by,
        undoes=undoes,
    )
    if not edits:
        return change
    written = [await _written(unit, edit, author, now) for edit in edits]
    stored = await unit.changes.add(replace(change, edits=tuple(written)))
    for edit in written if audited else ():
        await unit.audit.append(_entry(edit, stored))
    return stored


async def _written(unit: Unit, edit: Edit, author: Author, now: datetime) -> Edit:
    match edit:
        case PolicyEdit(before=before, after=None):
            if before is not None:
                await unit.policies.remove(before.id, by=author.by)
        case PolicyEdit(after=after):
            if after is not None:
                return replace(edit, after=await unit.policies.put(after, by=author.by))
        case DefaultEdit(connector=connector, after=action):
            await unit.policies.put_default(connector or None, action, by=author.by)
        case SwitchEdit():
            await _switch(unit, edit)
        case GrantEdit(after=None, grant=grant):
            if not await unit.grants.revoke(grant.id, now=now, by=author.by):
                raise Overtaken
        case GrantEdit(grant=grant):
            await unit.grants.add(grant)
    return edit


async def _switch(unit: Unit, edit: SwitchEdit) -> None:
    if edit.tool:
        known = (await unit.connections.catalog())[ToolId(edit.connector, edit.tool)]
        await unit.connections.put_tool(replace(known, enabled=edit.after))
        return
    for one in await unit.connections.all():
        if one.name == edit.connector:
            await unit.connections.put(replace(one, on=edit.after, health=""))


def _entry(edit: Edit, change: RuleChange) -> AuditEntry:
    details: dict[str, JsonValue] = {
        "name": edit.name,
        "reason": change.reason,
        "by": change.by,
        "change": change.number,
    }
    if change.approved_by is not None:
        details["approved_by"] = change.approved_by
    entry = AuditEntry(
        at=change.at,
        kind=_kind(edit),
        actor=change.actor,
        agent="" if change.actor else change.by,
        connector=edit.connector,
    )
    match edit:
        case PolicyEdit(after=after):
            details["action"] = after.action.value if after else None
            is_own = after is not None and after.name.startswith(f"{edit.connector}:")
            return replace(entry, policies=(edit.name,), tool=edit.name if is_own else "", details=details)
        case DefaultEdit(before=before, after=action):
            becomes = action or (Defaults().tenant if not edit.connector else None)
            words: dict[str, JsonValue] = {
                "name": edit.connector or "*",
                "before": before.value if before else None,
                "after": becomes.value if becomes else None,
            }
            return replace(entry, details=details | words)
        case SwitchEdit(tool=tool):
            return replace(entry, tool=edit.name if tool else "", details=details)
        case GrantEdit(grant=grant):
            details["ends"] = grant.ends.isoformat() if grant.ends else None
            return replace(entry, tool=edit.name, grants=(grant.id,), details=details)


def _kind(edit: Edit) -> str:
    match edit:
        case PolicyEdit(before=before, after=after):
            return f"policy.{'removed' if after is None else 'changed' if before else 'added'}"
        case DefaultEdit(connector=connector, after=after):
            return f"default.{'changed' if after or not connector else 'removed'}"
        case SwitchEdit(tool=tool, after=is_on):
            return f"{'tool' if tool else 'connector'}.switched_{'on' if is_on else 'off'}"
        case GrantEdit(after=given):
            return "grant.given" if given is not None else "grant.revoked"
