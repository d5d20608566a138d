"""Accepts a tool whose definition has changed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.actions import Action, Effect
from bot.domain.announcements import Announcement, AnnouncementStatus
from bot.domain.connectors import Connector
from bot.domain.effects import Seeding, Why
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.loosening import loosened
from bot.domain.people import PersonId, TenantId
from bot.domain.policies import EVERYONE, NamedTools, Policy, PolicyId, Requirement, Standing
from bot.domain.rule_changes import PolicyEdit, Rulebook
from bot.domain.terminal import in_terminal
from bot.domain.tools import CatalogTool, ToolDefinition, ToolId
from bot.flow.announce import close_announcement
from bot.flow.listing_changes import KEPT, graver, seeding_of
from bot.flow.wanted import standing
from bot.flow.write_edits import rulebook_of
from bot.ports.outside import Clock
from bot.ports.records import Overtaken
from bot.ports.store import Store, Unit

_NOBODY: Final = Requirement(groups={})
_ENDED: Final = frozenset({AnnouncementStatus.ACCEPTED, AnnouncementStatus.OVERTAKEN})


class UnknownTool(Refusal):
    """No connector offers {tool} now. “connector list” in the terminal shows the connectors."""

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
    suspended: int = 0
    """Those that do not, because the tool destroys something that it did not destroy when they were given."""


class AcceptTool:
    """Accepts a tool's definition as it is now."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def __call__(
        self, tenant: TenantId, tool: ToolId, *, by: str, fingerprint: str | None = None
    ) -> CatalogTool:
        """Ends the tool's drift and gives the tool; accepting it a second time changes nothing.

        The operator believes what the server says of its effect, also of a tool that an admin has accepted.
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

    What was given for a tool that destroyed nothing does not count for one that does: it stays suspended.
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
    announced = await unit.announcements.newest_of(tool)
    if announced is not None and is_unsettled(announced, known):
        await close_announcement(unit, announced, AnnouncementStatus.ACCEPTED, by=actor, now=now)
    connector = {one.name: one for one in await unit.connections.all()}[tool.connector]
    accepted = as_accepted(known, seeding_of(connector, known.definition), believes=actor is None)
    if accepted == known:
        return Acceptance(tool=known)
    if actor is not None and lets_run_unasked(await rulebook_of(unit), accepted, now=now):
        raise WouldRunUnasked(tool=tool)
    await unit.connections.put_tool(accepted)
    before = announced.before if announced is not None else None
    waiting = await waiting_for(unit, known, turned=has_turned(connector, accepted, before, known), now=now)
    if not waiting.turned:
        await unit.grants.carry_over(tool, was=known.accepted, becomes=known.fingerprint)
    entry = AuditEntry(
        at=now,
        kind="tool.accepted",
        actor=actor,
        agent="" if actor else by,
        connector_id=connector.id,
        connector=connector.name,
        tool=str(tool),
        details={
            "fingerprint": known.fingerprint,
            "before": known.accepted,
            "by": by,
            "standing": waiting.resumed,
            "suspended": waiting.suspended,
            "effect": accepted.effect.value,
            "effect_before": known.effect.value,
        },
    )
    await unit.audit.append(entry)
    return Acceptance(tool=accepted, standing=waiting.resumed, suspended=waiting.suspended)


def is_unsettled(announced: Announcement, known: CatalogTool) -> bool:
    """Whether what was announced is what the tool is now, and nobody has accepted it yet."""
    return announced.status not in _ENDED and announced.after.fingerprint == known.fingerprint


def as_accepted(known: CatalogTool, seeding: Seeding, *, believes: bool) -> CatalogTool:
    """Gives the tool as it counts once it is accepted.

    A server that calls its own tool harmless proves nothing: that lowers an effect only if somebody
    `believes` it, which is the operator; our own settings are believed always.
    """
    is_lowered = graver(known.effect, seeding.effect) and seeding.why is not Why.MANIFEST
    if not known.drifted and not (is_lowered and believes):
        return known
    if is_lowered and not believes:
        return replace(known, accepted=known.fingerprint, why=KEPT)
    return replace(known, accepted=known.fingerprint, effect=seeding.effect, why=seeding.why.value)


def still_says(tool: CatalogTool, tenant: TenantId) -> str:
    """Gives what to know of an accepted tool that its server calls more harmless; nothing of any other."""
    if tool.why != KEPT:
        return ""
    return (
        f"It goes on counting as {tool.effect}, because a server’s own word lowers nothing. If its server is "
        f"right, the operator believes it with: {in_terminal(f'connector accept {tool.id}', tenant)}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many standing approvals in force wait for a changed tool to be accepted."""

    turned: bool
    """Whether the tool destroys something now that it did not destroy when they were given."""
    resumed: int = 0
    """Those that count again once it is accepted."""
    suspended: int = 0
    """Those that do not."""


async def waiting_for(unit: Unit, drifted: CatalogTool, *, turned: bool, now: datetime) -> Waiting:
    """Gives how many wait for it; none for a tool that has not changed."""
    if not drifted.drifted:
        return Waiting(turned=turned)
    given = standing(await unit.grants.all(), now)
    own = [one.fingerprint for one in given if one.tool == drifted.id and not one.suspended]
    earlier, later = own.count(drifted.accepted), own.count(drifted.fingerprint)
    if turned:
        return Waiting(turned=True, resumed=later, suspended=earlier)
    return Waiting(turned=False, resumed=earlier + later)


def has_turned(
    connector: Connector, accepted: CatalogTool, before: ToolDefinition | None, drifted: CatalogTool
) -> bool:
    """Whether the tool destroys something that, as far as anybody knows, it did not destroy when accepted.

    Args:
        connector: the tool's own.
        accepted: the tool as it counts once it is accepted.
        before: the definition that was accepted, if it is known.
        drifted: the tool as it is.
    """
    if accepted.effect is not Effect.DESTROY or not drifted.drifted:
        return False
    if before is None or before.fingerprint != drifted.accepted:
        return True
    return seeding_of(connector, before).effect is not Effect.DESTROY


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
