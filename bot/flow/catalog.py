"""Takes a connector's list of tools into the catalog: seeds what is new, and suspends what has changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from bot.domain.connectors import Connector
from bot.domain.effects import Seeding, Why
from bot.domain.events import AuditEntry
from bot.domain.people import TECHNICIANS, PersonId, TenantId
from bot.domain.policies import DESCRIPTION_LIMIT, EVERYONE, NamedTools, Policy, PolicyId, PolicySource
from bot.domain.rule_changes import PolicyEdit
from bot.domain.tools import CatalogTool, ToolDefinition, ToolId, shortened
from bot.flow.announce import announce, notices_of
from bot.flow.listing_changes import Changes, changes_of, kind_of, of_connector
from bot.flow.listing_report import ListingReport, SeededTool
from bot.flow.write_edits import Author, write_edits
from bot.ports.directory import Directory, DirectoryUnreachable
from bot.ports.outside import Clock, Ids
from bot.ports.store import Store, Unit

_BY: Final = "countersign"
"""Who lays down a seeded policy."""


class TakeListing:
    """Takes what a connector offers into the catalog."""

    def __init__(
        self, *, store: Store, clock: Clock, ids: Ids, directory: Callable[[TenantId], Directory]
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._directory = directory

    async def __call__(
        self,
        tenant: TenantId,
        connector: Connector,
        definitions: Sequence[ToolDefinition],
        *,
        refused: Sequence[str] = (),
    ) -> ListingReport:
        """Stores what is new, other or gone in one transaction, and gives it; a second time changes nothing.

        A new tool is accepted as it is and gets a policy from its effect, unless there is one for it. A tool
        whose definition changes drifts until it is accepted; its effect and its seeded policy only become
        stricter by that. What an admin has laid down is left alone. After the first time the admins are told.

        Raises:
            Overtaken: the connector was removed, or somebody else takes the same list at this moment.
            StoreUnreachable: nothing was stored.
        """
        async with self._store.view(tenant) as view:
            known = of_connector(await view.connections.catalog(), connector.name)
        if not changes_of(connector, definitions, known):
            return ListingReport(connector=connector.name, is_first=not known, refused=tuple(refused))
        # Before the transaction, because the directory may be slow.
        admins = await self._admins(tenant) if known else ()
        async with self._store.unit(tenant) as unit:
            await unit.changes.newest()
            known = of_connector(await unit.connections.catalog(), connector.name)
            changes = changes_of(connector, definitions, known)
            report = await self._stored(unit, connector, changes, is_first=not known)
            report = replace(report, refused=tuple(refused))
            if not report.is_first:
                opened = await announce(unit, changes, ids=self._ids, now=self._clock.now())
                await unit.outbox.add(*notices_of(opened, report, admins))
        return report

    async def _admins(self, tenant: TenantId) -> tuple[PersonId | None, ...]:
        """Gives the admins; None alone, which stands for all of them, while nobody knows who they are."""
        try:
            members = await self._directory(tenant).members(TECHNICIANS)
        except DirectoryUnreachable:
            return (None,)
        return tuple(person.id for person in members if person.is_admin)

    async def _stored(
        self, unit: Unit, connector: Connector, changes: Changes, *, is_first: bool
    ) -> ListingReport:
        policies = await unit.policies.all()
        edits: list[PolicyEdit] = []
        seeded = [await self._seeded(unit, connector, *new, policies, edits) for new in changes.new]
        drifted, restored = [], []
        for before, after, seeding in changes.altered:
            await unit.connections.put_tool(after)
            edits += self._tightened(after, seeding, policies)
            kind = kind_of(before, after)
            if kind == "tool.drifted":
                drifted.append(after.id)
            elif kind == "tool.restored":
                restored.append(after.id)
            await self._audited(
                unit, connector, after, kind, before=before.fingerprint, effect=after.effect, why=after.why
            )
        for tool in changes.vanished:
            await unit.connections.put_tool(replace(tool, present=False))
            await self._audited(unit, connector, tool, "tool.vanished")
        reason = f"What {connector.name} offers has changed." if not is_first else f"{connector.name} is new."
        author = Author(by=_BY)
        await write_edits(unit, edits, author, now=self._clock.now(), reason=reason, audited=False)
        return ListingReport(
            connector=connector.name,
            is_first=is_first,
            seeded=tuple(sorted(seeded, key=lambda one: (one.why is not Why.CONFLICT, one.tool))),
            drifted=tuple(sorted(drifted)),
            restored=tuple(sorted(restored)),
            vanished=tuple(sorted(tool.id for tool in changes.vanished)),
        )

    async def _seeded(
        self,
        unit: Unit,
        connector: Connector,
        tool: CatalogTool,
        seeding: Seeding,
        policies: Iterable[Policy],
        edits: list[PolicyEdit],
    ) -> SeededTool:
        await unit.connections.put_tool(tool)
        now = self._clock.now()
        needs_policy = not any(_settles(policy, tool.id) for policy in policies)
        if needs_policy:
            policy = Policy(
                id=PolicyId(self._ids.new()),
                name=str(tool.id),
                description=shortened(seeding.sentence, DESCRIPTION_LIMIT),
                connector=tool.id.connector,
                tools=NamedTools(frozenset({tool.id.name})),
                action=seeding.action,
                source=PolicySource.SEED,
                created=now,
                updated=now,
            )
            edits.append(PolicyEdit(before=None, after=policy))
        await self._audited(
            unit, connector, tool, "tool.seeded", effect=tool.effect, why=tool.why, action=seeding.action
        )
        return SeededTool.of(tool.id, seeding, has_policy=needs_policy)

    def _tightened(
        self, tool: CatalogTool, seeding: Seeding, policies: Iterable[Policy]
    ) -> Iterable[PolicyEdit]:
        """Makes the tool's seeded policy as strict as the definition asks for now; never less strict."""
        for policy in policies:
            is_seed = policy.source is PolicySource.SEED and policy.name == str(tool.id)
            if is_seed and seeding.action.rung > policy.action.rung:
                stricter = replace(
                    policy,
                    action=seeding.action,
                    description=shortened(seeding.sentence, DESCRIPTION_LIMIT),
                    updated=self._clock.now(),
                )
                yield PolicyEdit(before=policy, after=stricter)

    async def _audited(
        self, unit: Unit, connector: Connector, tool: CatalogTool, kind: str, **details: str
    ) -> None:
        entry = AuditEntry(
            at=self._clock.now(),
            kind=kind,
            connector_id=connector.id,
            connector=connector.name,
            tool=str(tool.id),
            details={
                "fingerprint": tool.fingerprint,
                **{name: str(value) for name, value in details.items()},
            },
        )
        await unit.audit.append(entry)


def _settles(policy: Policy, tool: ToolId) -> bool:
    """Whether the policy has the seed's name, or speaks for everybody's calls of just this tool."""
    if policy.name == str(tool):
        return True
    return (
        policy.source is not PolicySource.SEED
        and policy.enabled
        and policy.connector == tool.connector
        and policy.tools == NamedTools(frozenset({tool.name}))
        and policy.subjects == EVERYONE
        and not policy.conditions
    )
