"""What a new list of a connector's tools changes in what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.domain.actions import Effect
from bot.domain.connectors import Connector
from bot.domain.effects import Seeding, Why, annotations_of, seed
from bot.domain.tools import Catalog, CatalogTool, ToolDefinition, ToolId

KEPT: Final = "kept"
"""Why a tool has its effect: it had it when its server called it more harmless, and an admin accepted it."""
_GRAVITY: Final = {Effect.READ: 0, Effect.WRITE: 1, Effect.DESTROY: 2}


def graver(effect: Effect, other: Effect) -> bool:
    """Whether an effect is worse than the other."""
    return _GRAVITY[effect] > _GRAVITY[other]


@dataclass(slots=True, kw_only=True)
class Changes:
    """What is different in the catalog, tool by tool."""

    new: list[tuple[CatalogTool, Seeding]] = field(default_factory=list)
    altered: list[tuple[CatalogTool, CatalogTool, Seeding]] = field(default_factory=list)
    """Before, after, and what the definition would be seeded with now."""
    vanished: list[CatalogTool] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.altered or self.vanished)


def of_connector(catalog: Catalog, connector: str) -> dict[ToolId, CatalogTool]:
    """Gives what is known of one connector's tools."""
    return {tool: known for tool, known in catalog.items() if tool.connector == connector}


def changes_of(connector: Connector, definitions: Sequence[ToolDefinition], known: Catalog) -> Changes:
    """Gives what the offered definitions change in what is known; nothing when they are the same."""
    changes = Changes()
    for definition in definitions:
        before = known.get(definition.id)
        after, seeding = _becomes(connector, definition, before)
        if before is None:
            changes.new.append((after, seeding))
        elif after != before:
            changes.altered.append((before, after, seeding))
    offered = {definition.id for definition in definitions}
    changes.vanished = [tool for tool in known.values() if tool.present and tool.id not in offered]
    return changes


def _becomes(
    connector: Connector, definition: ToolDefinition, before: CatalogTool | None
) -> tuple[CatalogTool, Seeding]:
    """Gives the tool as it is to be stored, and what its definition would be seeded with."""
    seeding = seeding_of(connector, definition)
    fingerprint = definition.fingerprint
    if before is None:
        after = CatalogTool(
            definition=definition,
            fingerprint=fingerprint,
            accepted=fingerprint,
            effect=seeding.effect,
            why=seeding.why.value,
            connector_on=connector.on,
        )
        return after, seeding
    effect, why = seeding.effect, seeding.why.value
    is_kept = before.why == KEPT and seeding.why is not Why.MANIFEST
    if is_kept:
        effect, why = (before.effect if graver(before.effect, effect) else effect), KEPT
    elif fingerprint != before.accepted and graver(before.effect, effect):
        effect, why = before.effect, before.why
    known = before.definition if fingerprint == before.fingerprint else definition
    after = replace(before, definition=known, fingerprint=fingerprint, effect=effect, why=why, present=True)
    return after, seeding


def seeding_of(connector: Connector, definition: ToolDefinition) -> Seeding:
    """Gives what the tool starts with by its definition and the connector's manifest."""
    return seed(
        name=definition.id.name,
        description=definition.description,
        input_schema=definition.input_schema,
        annotations=annotations_of(definition.annotations),
        manifest=connector.manifest.get(definition.id.name),
    )


def kind_of(before: CatalogTool, after: CatalogTool) -> str:
    """Gives the audit log's word for a change of a known tool."""
    if after.drifted and after.fingerprint != before.fingerprint:
        return "tool.drifted"
    if (before.drifted and not after.drifted) or not before.present:
        return "tool.restored"
    return "tool.judged"
