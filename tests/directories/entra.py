"""Microsoft Entra ID on a stage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bot.directory.entra.access import EntraAccess, Proof
from bot.directory.entra.directory import EntraDirectory
from tests.directories.http import HASTY, QUICK, ROLES, HttpStage
from tests.servers.entra import TENANT, entra_server
from tests.servers.graph_directory import GraphServer

CLIENT: Final = "00000000-0000-0000-0000-00000000c0de"
SECRET: Final = "entra-secret"  # noqa: S105 - nothing is behind it


@asynccontextmanager
async def entra_stage(folder: Path) -> AsyncIterator[HttpStage]:
    _ = folder
    async with entra_server() as entra:
        entra.secret = SECRET
        server = GraphServer(entra)
        async with server.running():
            access = EntraAccess(
                tenant=TENANT,
                client=CLIENT,
                proof=Proof.SECRET,
                secret=SECRET,
                login_url=entra.url,
                graph_url=server.url,
            )
            async with (
                EntraDirectory(access, ROLES, patience=QUICK) as provider,
                EntraDirectory(access, ROLES, patience=HASTY) as hasty,
            ):
                yield HttpStage(server, provider, hasty)
