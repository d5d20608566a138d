"""The demo company moves into a data directory: people, runbooks, its systems, and a few policies."""

import asyncio
import sys
from importlib.resources import files
from pathlib import Path
from typing import Final

from bot.demo.estate import recent_changes
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.connectors import Connector, OverStdio
from bot.domain.errors import Refusal
from bot.domain.people import TECHNICIANS, TenantId
from bot.domain.policies import NamedTools, Policy, PolicyId, Requirement
from bot.domain.tenants import Mode, Tenant
from bot.flow.seams import Seams
from bot.ports.outside import Clock, Ids
from bot.ports.store import Store, StoreUnreachable
from bot.scheduler.alone import working_on
from bot.settings import DATABASE_FILE, DEPLOYMENT_FILE, KEY_FILE, write_deployment

CONNECTOR: Final = "acme-it"
PEOPLE: Final = "people.yaml"
RUNBOOKS: Final = "runbooks.yaml"
ESTATE: Final = "estate.db"

_START_S: Final = 20.0
"""Seconds that the demo's tool server has to start."""

_POLICIES: Final = (
    ("list_app_access", Action.AUTO, False, "Looking up who has what is open to everyone."),
    ("grant_app_access", Action.APPROVAL_NEEDED, True, "Access costs a licence, so the manager agrees too."),
    ("reset_password", Action.APPROVAL_NEEDED, False, "A technician makes sure that it is really them."),
    ("add_user_to_group", Action.APPROVAL_NEEDED, False, "Groups open doors, so a technician looks first."),
    ("delete_user", Action.DISABLED, False, "Accounts are closed by people, never by the bot."),
)


class DemoRuns(Refusal):
    """Another demo is running on {data}. Stop it first, or name another directory with --data."""

    kind = "conflict"


class DemoDirectory(Refusal):
    """{data} cannot be used for the demo: {why}. Name another directory with --data."""

    kind = "unavailable"


class Company:
    """Acme, in one data directory."""

    def __init__(self, data: Path) -> None:
        self.data = data

    @property
    def estate(self) -> Path:
        """The file with the state of Acme's systems."""
        return self.data / ESTATE

    def forget(self) -> None:
        """Removes everything that an earlier demo left here, and nothing else.

        Raises:
            DemoRuns: a demo is running on it.
            DemoDirectory: it cannot be written.
        """
        if not self.data.exists():
            return
        names = (DEPLOYMENT_FILE, KEY_FILE, PEOPLE, RUNBOOKS)
        databases = [f"{name}{suffix}" for name in (DATABASE_FILE, ESTATE) for suffix in ("", "-wal", "-shm")]
        try:
            with working_on(self.data) as alone:
                if not alone:
                    raise DemoRuns(data=self.data)
                for name in (*databases, *names):
                    (self.data / name).unlink(missing_ok=True)
        except OSError as error:
            raise DemoDirectory(data=self.data, why=error.strerror or "it cannot be written") from None

    def prepare(self) -> None:
        """Writes the files that say how Acme is set up; what is there already stays.

        Raises:
            DemoDirectory: it cannot be written.
        """
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in (PEOPLE, RUNBOOKS):
                if not (self.data / name).exists():
                    text = files("bot.demo").joinpath(name).read_text(encoding="utf-8")
                    (self.data / name).write_text(text, encoding="utf-8")
            if not (self.data / DEPLOYMENT_FILE).exists():
                write_deployment(
                    self.data,
                    {
                        "directory_file": PEOPLE,
                        "runbooks_file": RUNBOOKS,
                        "tenant_id": "acme",
                        "tenant_name": "Acme",
                        "mode": "execute",
                    },
                )
        except OSError as error:
            raise DemoDirectory(data=self.data, why=error.strerror or "it cannot be written") from None

    async def move_in(self, store: Store, tenant: TenantId, clock: Clock, ids: Ids) -> None:
        """Stores Acme's connector and policies, all or none; what is there already stays as it is."""
        wanted = OverStdio(
            command=sys.executable,
            arguments=("-m", "bot.demo.server", "--database", str(self.estate.absolute())),
        )
        now = clock.now()
        async with store.unit(tenant) as unit:
            known = {connector.name: connector for connector in await unit.connections.all()}
            found = known.get(CONNECTOR)
            if found is not None and found.transport == wanted:
                return
            connector = Connector(
                id=found.id if found else ids.new(),
                name=CONNECTOR,
                transport=wanted,
                on=found is None or found.on,
            )
            await unit.connections.put(connector)
            if found is not None:
                return
            await unit.put_tenant(Tenant(id=tenant, name="Acme", mode=Mode.EXECUTE))
            for tool, action, manager, description in _POLICIES:
                policy = Policy(
                    id=PolicyId(ids.new()),
                    name=f"{CONNECTOR}:{tool}",
                    description=description,
                    connector=CONNECTOR,
                    tools=NamedTools(frozenset({tool})),
                    action=action,
                    requirement=Requirement(groups={TECHNICIANS: 1}, manager=manager),
                    owner="the demo",
                    created=now,
                    updated=now,
                )
                await unit.policies.put(policy, by="the demo")

    async def is_connected(self, seams: Seams) -> bool:
        """Whether Acme's tools are known and its server answers."""
        async with seams.store.view(seams.tenant) as view:
            catalog = await view.connections.catalog()
            connectors = await view.connections.all()
        known = any(tool.connector == CONNECTOR for tool in catalog)
        return known and any(one.name == CONNECTOR and not one.health for one in connectors)

    async def connected(self, seams: Seams) -> None:
        """Waits until Acme's tools are known, but not for ever: the bot serves without them too."""
        try:
            async with asyncio.timeout(_START_S):
                while not await self._is_known_to_be_connected(seams):  # noqa: ASYNC110 - another task's work
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return

    async def _is_known_to_be_connected(self, seams: Seams) -> bool:
        try:
            return await self.is_connected(seams)
        except StoreUnreachable:
            # It was there a moment ago; whoever asks for something meanwhile is told.
            return False


def changes_json(estate: Path) -> JsonObject:
    """Gives the newest changes in Acme's systems, for the page."""
    return {
        "changes": [
            {"at": change.at.isoformat(), "tool": change.tool, "text": change.summary}
            for change in recent_changes(estate, limit=50)
        ]
    }
