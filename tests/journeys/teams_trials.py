"""What attackers and bad luck do in Teams' journeys, and what has to be the same afterwards."""

import json
from collections.abc import Mapping
from typing import Literal, TypeVar

from sqlalchemy import text

from bot.domain.canonical import JsonObject, JsonValue
from bot.storage.tables import METADATA
from tests.journeys.stage import Stage
from tests.journeys.teams_decisions import approval_id
from tests.journeys.teams_stage import TeamsStage
from tests.servers.teams_answers import Pressed
from tests.servers.teams_things import Json, Message

How = Literal["Action.Execute", "Action.Submit", "task/fetch", "task/submit"]
Found = TypeVar("Found")

OWN = "You asked for this yourself, so somebody else has to decide it."


def data_of(do: str, inputs: JsonObject | None = None, **kept: JsonValue) -> Json:
    """Gives the data of a button of ours, with what was put into inputs."""
    return {"countersign": {"do": do, **kept}, **(inputs or {})}


async def forges(
    stage: TeamsStage,
    who: str,
    seen: Message,
    do: str,
    *,
    how: How = "Action.Execute",
    inputs: JsonObject | None = None,
    **kept: JsonValue,
) -> Pressed:
    """Sends a press that no client would, in a person's name; about this card unless told otherwise."""
    named = {} if "card" in kept else {"card": approval_id(seen)}
    return await stage.acme.forges(stage.user(who), seen, data_of(do, inputs, **named, **kept), how=how)


def read_by(pressed: Pressed) -> str:
    """Gives what a person reads at once for a press, in a dialog or below a card."""
    return json.dumps(pressed.dialog.card, ensure_ascii=False) if pressed.dialog else pressed.text


async def rows(stage: Stage, statement: str, **values: str) -> list[tuple[object, ...]]:
    """Gives what the database holds."""
    async with stage.store._engine.read() as session:
        found = await (await session.connection()).execute(text(statement), values)
        return [tuple(row) for row in found]


async def stored(stage: Stage) -> Mapping[str, list[str]]:
    """Gives all rows of all tables."""
    tables = [table.name for table in METADATA.sorted_tables]
    found = {}
    for table in tables:
        found[table] = sorted(map(repr, await rows(stage, f"SELECT * FROM {table}")))  # noqa: S608 - our own
    return found


def given(stage: TeamsStage) -> str:
    """Gives all that the bot gave Teams as one text, to be searched."""
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in stage.teams.given())


async def quiet(stage: TeamsStage) -> None:
    """Waits until all that is due was told."""
    await stage.teams.deliveries.settle()
    await stage.stage.worker.settle(None)


async def copied(stage: Stage, tenant: str, *tables: str) -> None:
    """Gives another tenant of the database what Acme has, in these tables or in all, under the same ids."""
    async with stage.store._engine.write() as session:
        connection = await session.connection()
        for table in METADATA.sorted_tables:
            mine = "id" if table.name == "tenants" else "tenant"
            given = {one.name for one in table.primary_key} == {"number"}
            left_out = {mine, "number"} if given else {mine}
            named = [f'"{one.name}"' for one in table.columns if one.name not in left_out]
            kept = ", ".join(named)
            statement = (
                f"INSERT INTO {table.name} ({mine}, {kept}) "  # noqa: S608 - our own names
                f"SELECT :new, {kept} FROM {table.name} WHERE {mine} = 'acme'"
            )
            if table.name in tables or not tables:
                await connection.execute(text(statement), {"new": tenant})


async def rows_of(stage: Stage, tenant: str) -> Mapping[str, list[str]]:
    """Gives all rows of one tenant."""
    found = {}
    for table in METADATA.sorted_tables:
        mine = "id" if table.name == "tenants" else "tenant"
        statement = f"SELECT * FROM {table.name} WHERE {mine} = :tenant"  # noqa: S608 - our own names
        found[table.name] = sorted(map(repr, await rows(stage, statement, tenant=tenant)))
    return found
