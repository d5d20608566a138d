"""Runs migrations on the connection that `bot.storage.migrate` hands over.

By the alembic command line, to write a new revision, on a scratch database that is migrated already:
`alembic -x url=sqlite:///scratch.db revision --autogenerate -m "what changes"`.
"""

import asyncio
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.types import TypeDecorator

from bot.storage.engine import driver_url
from bot.storage.tables import METADATA


def plain_types(kind: str, thing: object, _: AutogenContext) -> str | Literal[False]:
    """Writes the database's types into revisions, so that these do not change with our classes."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl_instance!r}"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_item=plain_types,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


async def from_command_line() -> None:
    engine = create_async_engine(driver_url(context.get_x_argument(as_dictionary=True)["url"]))
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


handed_over = context.config.attributes.get("connection")
if isinstance(handed_over, Connection):
    run(handed_over)
else:
    asyncio.run(from_command_line())
