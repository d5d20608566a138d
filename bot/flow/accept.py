"""Accepts a tool whose definition has changed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.actions import Action, Effect
from bot.domain.announcements import AnnouncementStatus
from bot.domain.effects import Why
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.loosening import loosened
from bot.domain.people import PersonId, TenantId
from bot.domain.policies import EVERYONE, NamedTools, Policy, PolicyId, Requirement, Standing
from bot.domain.rule_changes import PolicyEdit, Rulebook
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.announce import close_announcement
from bot.flow.listing_changes import graver, seeding_of
from bot.flow.wanted import standing
from bot.flow.write_edits import rulebook_of
from bot.ports.outside import Clock
from bot.ports.records import Overtaken
from bot.ports.store import Store, Unit

_NOBODY: Final = Requirement(groups={})


class UnknownTool(Refusal):
    """No connector offers {tool} now. Check the name with: countersign connector list."""

    kind = "missing"


class WouldRunUnasked(Refusal):
    """{tool} destroys something now, and calls of it would run with nobody asked. First set its policy to approval_needed with: policy set {tool} approval_needed. Then accept it."""  # noqa: E501 - read as a whole

    kind = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A tool as it is accepted."""

    tool: CatalogTool
    standing: int = 0
    """The standing approvals in force that were given for the definition before, and go for this one now."""


class AcceptTool:
    """Accepts a tool's definition as it is now."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(
        self, tenant: TenantId, tool: ToolId, *, by: str, fingerprint: str | None = None
    ) -> CatalogTool:
        """Ends the tool's drift and gives the tool; accepting it a second time changes nothing.

        `by` is the operator who accepts, for the audit log. With `fingerprint`, exactly the definition that
        was looked at.

        Raises:
            UnknownTool: the connector does not offer it now.
            Overtaken: the definition is another one than the one that was looked at.
        """
        now = self._clock.now()
        async with self._store.unit(tenant) as unit:
            await unit.changes.newest()
            accepted = await accept_tool(unit, tool, by=by, fingerprint=fingerprint, now=now)
        return accepted.tool


async def accept_tool(
    unit: Unit,
    tool: ToolId,
    *,
    by: str,
    now: datetime,
    actor: PersonId | None = None,
    fingerprint: str | None = None,
) -> Acceptance:
    """Ends the tool's drift, closes what was announced of it, and has its standing approvals count again.

    `actor` is the person who accepts, where it is not the operator.

    Raises:
        UnknownTool: the connector does not offer it now.
        Overtaken: the definition is another one than the one that was looked at.
        WouldRunUnasked: a person accepts what destroys something, and calls of it would not be asked about.
    """
    known = (await unit.connections.catalog()).get(tool)
    if known is None or not known.present:
        raise UnknownTool(tool=tool)
    if fingerprint is not None and fingerprint != known.fingerprint:
        raise Overtaken
    announced = await unit.announcements.open_of(tool)
    if announced is not None and announced.after.fingerprint == known.fingerprint:
        await close_announcement(unit, announced, AnnouncementStatus.ACCEPTED, by=actor, now=now)
    if not known.drifted:
        return Acceptance(tool=known)
    connector = {one.name: one for one in await unit.connections.all()}[tool.connector]
    seeding = seeding_of(connector, known.definition)
    accepted = replace(known, accepted=known.fingerprint, effect=seeding.effect, why=seeding.why.value)
    if actor is not None and seeding.why is not Why.MANIFEST and graver(known.effect, seeding.effect):
        # A server that calls its tool harmless proves nothing; only the operator may believe it.
        accepted = replace(accepted, effect=known.effect, why=known.why)
    if actor is not None and lets_run_unasked(await rulebook_of(unit), accepted, now=now):
        raise WouldRunUnasked(tool=tool)
    await unit.connections.put_tool(accepted)
    carried = await resumed_by(unit, known, now=now)
    await unit.grants.carry_over(tool, was=known.accepted, becomes=known.fingerprint)
    entry = AuditEntry(
        at=now,
        kind="tool.accepted",
        actor=actor,
        agent="" if actor else by,
        connector_id=connector.id,
        connector=connector.name,
        tool=str(tool),
        details={"fingerprint": known.fingerprint, "before": known.accepted, "by": by, "standing": carried},
    )
    await unit.audit.append(entry)
    return Acceptance(tool=accepted, standing=carried)


async def resumed_by(unit: Unit, drifted: CatalogTool, *, now: datetime) -> int:
    """Gives how many standing approvals count again once the tool is accepted."""
    given_for = {drifted.accepted, drifted.fingerprint}
    return sum(
        grant.tool == drifted.id and grant.fingerprint in given_for
        for grant in standing(await unit.grants.all(), now)
    )


def lets_run_unasked(rulebook: Rulebook, accepted: CatalogTool, *, now: datetime) -> bool:
    """Whether some call of a tool that destroys may run unasked once it is accepted.

    Drift is like a policy that has every call asked about; accepting takes it away.
    """
    if accepted.effect is not Effect.DESTROY:
        return False
    drift = Policy(
        id=PolicyId("drift"),
        name="drift",
        connector=accepted.id.connector,
        tools=NamedTools(frozenset({accepted.id.name})),
        subjects=EVERYONE,
        action=Action.APPROVAL_NEEDED,
        requirement=_NOBODY,
        standing=Standing.ALLOWED,
        created=now,
        updated=now,
    )
    drifting = replace(
        rulebook,
        policies={**rulebook.policies, drift.id: drift},
        catalog={**rulebook.catalog, accepted.id: accepted},
    )
    return accepted.id in loosened(drifting, [PolicyEdit(before=drift, after=None)])
