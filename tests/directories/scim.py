"""SCIM on a stage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.directory.scim.access import ScimAccess
from bot.directory.scim.directory import ScimDirectory
from tests.directories.http import HASTY, QUICK, ROLES, HttpStage
from tests.servers.scim import TOKEN, ScimServer


@asynccontextmanager
async def scim_stage(folder: Path, *, lists_groups: bool = True) -> AsyncIterator[HttpStage]:
    _ = folder
    server = ScimServer(lists_groups=lists_groups)
    async with server.running():
        access = ScimAccess(url=server.url, token=TOKEN)
        async with (
            ScimDirectory(access, ROLES, patience=QUICK) as provider,
            ScimDirectory(access, ROLES, patience=HASTY) as hasty,
        ):
            yield HttpStage(server, provider, hasty)


@asynccontextmanager
async def terse_scim_stage(folder: Path) -> AsyncIterator[HttpStage]:
    """A server whose users do not say which groups they are in."""
    async with scim_stage(folder, lists_groups=False) as stage:
        yield stage
