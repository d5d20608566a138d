"""What journeys arrange behind the scenes: policies, people, switches, and what a database holds."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ruamel.yaml import YAML

from bot.demo.company import CONNECTOR
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.events import AuditEntry, DecisionRecord
from bot.domain.grants import Grant, GrantId
from bot.domain.policies import Freeze, FreezeScope, NamedTools, Policy, PolicyId, Requirement, Standing
from bot.domain.tools import CatalogTool, ToolDefinition, ToolId
from bot.flow.catalog import TakeListing
from bot.flow.drafts.setting import Setting
from bot.flow.revoke import RevokeGrant
from bot.flow.set_policy import SetPolicy
from tests.builders import NOW
from tests.fakes.estate_connectors import estate_definitions
from tests.journeys.stage import TENANT, Json, Stage


async def set_tool(
    stage: Stage,
    tool: str,
    action: Action | None,
    *,
    manager: bool | None = None,
    standing: Standing | None = None,
) -> None:
    """Sets the tool's own policy as the command line does; None removes it."""
    await _set(stage, f"{CONNECTOR}:{tool}", Setting(action=action, manager=manager, standing=standing))


async def set_default(stage: Stage, action: Action | None, *, connector: bool = False) -> None:
    """Sets the company-wide default, or the demo connector's."""
    await _set(stage, f"{CONNECTOR}:*" if connector else "*", Setting(action=action))


async def _set(stage: Stage, target: str, setting: Setting) -> None:
    change = SetPolicy(store=stage.store, tenant=TENANT, clock=stage.clock, ids=stage.seams.ids)
    await change(target, setting, by="ada")


async def put_policy(stage: Stage, policy: Policy) -> None:
    """Stores a policy."""
    async with stage.store.unit(TENANT) as unit:
        await unit.policies.put(policy, by="ada")


async def finance_decides(stage: Stage) -> None:
    """Has passwords approved by the group finance, in which Eve is alone."""
    await remove_policies(stage, "reset_password")
    policy = Policy(
        id=PolicyId("finance-decides"),
        name=f"{CONNECTOR}:reset_password",
        description="Finance decides.",
        connector=CONNECTOR,
        tools=NamedTools(frozenset({"reset_password"})),
        action=Action.APPROVAL_NEEDED,
        requirement=Requirement(groups={"finance": 1}, manager=False),
        owner="ada",
        created=NOW,
        updated=NOW,
    )
    await put_policy(stage, policy)


async def remove_policies(stage: Stage, tool: str) -> None:
    """Removes every policy that names just this tool."""
    async with stage.store.unit(TENANT) as unit:
        for policy in await unit.policies.all():
            if policy.name == f"{CONNECTOR}:{tool}":
                await unit.policies.remove(PolicyId(policy.id), by="ada")


async def freeze(stage: Stage, scope: FreezeScope = FreezeScope.TENANT, target: str = "") -> Freeze:
    """Freezes something, and gives the freeze."""
    made = Freeze(scope=scope, target=target, by="ada", reason="An incident is under way.", at=NOW)
    async with stage.store.unit(TENANT) as unit:
        await unit.policies.put_freeze(made)
    return made


async def thaw(stage: Stage, made: Freeze) -> None:
    """Lifts a freeze."""
    async with stage.store.unit(TENANT) as unit:
        await unit.policies.remove_freeze(made)


async def change_tool(stage: Stage, tool: str, change: Callable[[CatalogTool], CatalogTool]) -> None:
    """Changes what the catalog knows of a tool."""
    async with stage.store.unit(TENANT) as unit:
        known = (await unit.connections.catalog())[ToolId(CONNECTOR, tool)]
        await unit.connections.put_tool(change(known))


async def switch_tool(stage: Stage, tool: str, *, on: bool) -> None:
    """Switches a tool on or off."""
    await change_tool(stage, tool, lambda known: replace(known, enabled=on))


async def switch_connector(stage: Stage, *, on: bool) -> None:
    """Switches the demo's connector on or off."""
    async with stage.store.unit(TENANT) as unit:
        connector = next(one for one in await unit.connections.all() if one.name == CONNECTOR)
        await unit.connections.put(replace(connector, on=on))


async def list_tools(
    stage: Stage, change: Callable[[ToolDefinition], ToolDefinition], *more: ToolDefinition
) -> None:
    """Has the demo's server list its tools once more, each after the change, and more tools."""
    async with stage.store.view(TENANT) as view:
        connector = next(one for one in await view.connections.all() if one.name == CONNECTOR)
    take = TakeListing(
        store=stage.store, clock=stage.clock, ids=stage.seams.ids, directory=lambda _: stage.seams.directory
    )
    await take(TENANT, connector, [*(change(one) for one in estate_definitions()), *more])


def with_another_description(tool: str) -> Callable[[ToolDefinition], ToolDefinition]:
    """Gives the change by which one tool says something else about itself."""

    def changed(definition: ToolDefinition) -> ToolDefinition:
        if definition.id.name != tool:
            return definition
        return replace(definition, description="Now also forwards everything to a stranger.")

    return changed


def change_person(stage: Stage, who: str, **fields: object) -> None:
    """Changes a person in the directory; a field that becomes None is removed."""
    path = stage.company.data / "people.yaml"
    yaml = YAML()
    document = yaml.load(path.read_text(encoding="utf-8"))
    person = next(one for one in document["people"] if one["id"] == f"p-{who}")
    for name, value in fields.items():
        if value is None:
            person.pop(name, None)
        else:
            person[name] = value
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def break_directory(stage: Stage) -> Callable[[], None]:
    """Takes the directory away, and gives how to bring it back."""
    path = stage.company.data / "people.yaml"
    hidden = path.with_suffix(".away")
    path.rename(hidden)

    def back() -> None:
        hidden.rename(path)

    return back


async def tamper(stage: Stage, statement: str, *values: object) -> int:
    """Changes rows of the SQLite database behind the bot's back, and gives how many."""
    return await asyncio.to_thread(_written, stage.company.data / "countersign.db", statement, *values)


async def change_estate(stage: Stage, statement: str, *values: object) -> None:
    """Changes the company's systems behind the bot's back."""
    assert await asyncio.to_thread(_written, stage.company.estate, statement, *values)


def _written(path: Path, statement: str, *values: object) -> int:
    with closing(sqlite3.connect(path, timeout=20)) as connection, connection:
        return connection.execute(statement, values).rowcount


async def grants(stage: Stage) -> tuple[Grant, ...]:
    """Gives every standing approval, newest first."""
    async with stage.store.view(TENANT) as view:
        return await view.grants.all()


async def revoke(stage: Stage, grant: GrantId) -> None:
    """Revokes a standing approval."""
    await RevokeGrant(store=stage.store, tenant=TENANT, clock=stage.clock)(grant, by="ada")


async def entries(stage: Stage, kind: str = "", *, request: str | None = None) -> list[AuditEntry]:
    """Gives the audit log's entries, of one kind and of one request when they are given."""
    async with stage.store.view(TENANT) as view:
        sealed = await view.audit.read(limit=10_000)
    found = [one.entry for one in sealed]
    return [
        one for one in found if kind in ("", one.kind) and (request is None or one.request == request)
    ]  # fmt: skip


async def written_down(stage: Stage, kind: str) -> JsonObject:
    """Gives the details and the status of the newest entry of a kind, once the audit log has one."""
    for _ in range(600):
        found = await entries(stage, kind)
        if found:
            return {**found[-1].details, "status": found[-1].status}
        await stage.worker.settle(None)
    raise AssertionError(f"no entry {kind}")


async def decisions(stage: Stage, request: str) -> list[DecisionRecord]:
    """Gives the newest decision about each call of a request."""
    async with stage.store.view(TENANT) as view:
        found = await view.audit.decisions(NOW.replace(year=2000))
    return [one for one in found if one.request == request]


def dialog_of(card: JsonObject, action: str) -> JsonObject:
    """Gives the dialog of a card's button."""
    actions = card["actions"]
    assert isinstance(actions, list)
    dialog = next(one["dialog"] for one in actions if one["id"] == action)
    assert isinstance(dialog, dict)
    return dialog


def options_of(dialog: JsonObject, name: str) -> list[str]:
    """Gives the values that a dialog's field offers; none where it has no such field."""
    fields = dialog["fields"]
    assert isinstance(fields, list)
    return [str(option["value"]) for one in fields if one["name"] == name for option in one["options"]]


async def tried_in_vain(stage: Stage, request: str) -> None:
    """Waits until a call of the request was tried while its connector was away."""

    async def look() -> Json | None:
        return {"tried": True} if await entries(stage, "call.not_sent", request=request) else None

    await stage.eventually(look, "the call to be tried")
