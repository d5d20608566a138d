"""Microsoft Entra ID on a stage, and by itself."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.directory.entra.access import EntraAccess, Proof
from bot.directory.entra.directory import EntraDirectory
from bot.directory.roles import RoleGroups
from bot.outgoing.tries import Patience
from tests.directories.http import HASTY, QUICK, ROLES, HttpStage
from tests.servers.entra import TENANT, Entra, entra_server
from tests.servers.graph_directory import GraphServer

CLIENT: Final = "00000000-0000-0000-0000-00000000c0de"
SECRET: Final = "entra-secret"  # noqa: S105 - nothing is behind it


@dataclass(frozen=True)
class Company:
    """A Graph with its Entra, and the bot's access to it."""

    entra: Entra
    graph: GraphServer
    access: EntraAccess

    def provider(
        self, roles: RoleGroups = ROLES, *, patience: Patience = QUICK
    ) -> AbstractAsyncContextManager[EntraDirectory]:
        return EntraDirectory(self.access, roles, patience=patience)


@asynccontextmanager
async def entra_company(*, page: int = 100) -> AsyncIterator[Company]:
    """Gives a company whose Graph puts so many things on a page at most."""
    async with entra_server() as entra:
        entra.secret = SECRET
        graph = GraphServer(entra, page=page)
        async with graph.running():
            access = EntraAccess(
                tenant=TENANT,
                client=CLIENT,
                proof=Proof.SECRET,
                secret=SECRET,
                login_url=entra.url,
                graph_url=graph.url,
            )
            yield Company(entra, graph, access)


@asynccontextmanager
async def entra_stage(folder: Path) -> AsyncIterator[HttpStage]:
    _ = folder
    async with (
        entra_company(page=2) as company,
        company.provider() as provider,
        company.provider(patience=HASTY) as hasty,
    ):
        yield HttpStage(company.graph, provider, hasty)
