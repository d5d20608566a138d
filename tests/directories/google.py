"""Google Workspace on a stage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.directory.google.access import GoogleAccess
from bot.directory.google.directory import GoogleDirectory
from tests.directories.http import HASTY, QUICK, ROLES, HttpStage
from tests.servers.google_directory import GoogleServer
from tests.servers.google_tokens import ADMIN, DOMAIN


def google_access(server: GoogleServer, *, key: str = "") -> GoogleAccess:
    """Gives the access to a server; with another key file, if one is given."""
    return GoogleAccess(key=key or server.key_file(), admin=ADMIN, domain=DOMAIN, api_url=server.url)


@asynccontextmanager
async def google_stage(folder: Path) -> AsyncIterator[HttpStage]:
    _ = folder
    server = GoogleServer()
    async with server.running():
        access = google_access(server)
        async with (
            GoogleDirectory(access, ROLES, patience=QUICK) as provider,
            GoogleDirectory(access, ROLES, patience=HASTY) as hasty,
        ):
            yield HttpStage(server, provider, hasty)
