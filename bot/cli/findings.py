"""What `check` looks at, and what it says about each."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from bot.agent.runbook_file import load_runbooks
from bot.app import Deployment, NoSuchTenant, open_deployment
from bot.cli.directory_findings import people_findings
from bot.cli.finding import Finding, Level
from bot.cli.frame import counted
from bot.connectors.addresses import Reach
from bot.connectors.opening import probe
from bot.domain.connectors import Connector
from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.domain.tenants import Mode
from bot.domain.terminal import in_terminal
from bot.ports.store import StoreUnreachable
from bot.settings import KEY_FILE, Settings
from bot.storage.engine import sqlite_file
from bot.storage.migrate import RevisionState, revision_state

_TENANT: Final = "tenant"
_NEW_KEY: Final = 'python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'


async def findings(settings: Settings, *, tenant: str = "", connect: bool) -> AsyncIterator[Finding]:
    """Gives what is well and what is not, in the order in which to mend it; nothing is changed.

    Args:
        settings: the deployment's, already read.
        tenant: whose files and connectors are looked at; empty for the one of the settings.
        connect: whether connectors and the identity provider are asked now; else what a server last found
            counts.
    """
    yield _key(settings)
    database = await _database(settings)
    yield database
    is_further = tenant not in {"", settings.tenant_id}
    if is_further:
        missing = await _no_tenant(settings, tenant)
        if missing is not None:
            yield missing
            return
    # Whatever is called like a tenant that is there is the name of a folder, and no path.
    files = settings.files_of(TenantId(tenant or settings.tenant_id))
    async for finding in people_findings(files.directory, ask=connect, tenant=tenant if is_further else ""):
        yield finding
    yield _runbooks(files.runbooks, is_further=is_further)
    if database.level is Level.WRONG:
        return
    if await revision_state(settings.database) is not RevisionState.CURRENT:
        return
    async with open_deployment(settings, tenant=tenant) as deployment:
        async for finding in _inside(deployment, connect=connect):
            yield finding


def _key(settings: Settings) -> Finding:
    if settings.secret_key is not None:
        return Finding("secret key", Level.OK, "It is set by COUNTERSIGN_SECRET_KEY.")
    path = settings.data_dir / KEY_FILE
    if sqlite_file(settings.database) is None:
        sentence = (
            f"It lies in {path}, so only this host can open stored secrets. With several hosts, set "
            f"COUNTERSIGN_SECRET_KEY to the same value on each. A new one: {_NEW_KEY}"
        )
        return Finding("secret key", Level.NOTE, sentence)
    if not path.exists():
        return Finding("secret key", Level.OK, f"It will be made in {path} at the first start.")
    try:
        settings.sealing_key()
    except Refusal as refusal:
        return Finding("secret key", Level.WRONG, refusal.sentence)
    return Finding("secret key", Level.OK, f"It lies in {path}. Keep a copy: without it secrets are lost.")


async def _database(settings: Settings) -> Finding:
    about, file = "database", sqlite_file(settings.database)
    where = str(file) if file else "PostgreSQL"
    try:
        state = await revision_state(settings.database)
    except Refusal as refusal:
        hint = "Look whether it runs, and whether COUNTERSIGN_DATABASE_URL is right."
        return Finding(about, Level.WRONG, f"{refusal.sentence} {hint}")
    if state is RevisionState.CURRENT:
        return Finding(about, Level.OK, f"{where} answers and is up to date.")
    if state is RevisionState.AHEAD:
        sentence = f"{where} belongs to a newer version of Countersign. Update this installation."
        return Finding(about, Level.WRONG, sentence)
    if file is not None:
        return Finding(about, Level.OK, f"{where} will be prepared at the first start.")
    return Finding(about, Level.WRONG, "PostgreSQL is not prepared. Run: countersign migrate")


async def _no_tenant(settings: Settings, tenant: str) -> Finding | None:
    """Gives why the tenant cannot be looked at; None for one that is there."""
    try:
        if await revision_state(settings.database) is not RevisionState.CURRENT:
            sentence = "Which tenants there are is only known once the database is prepared."
            return Finding(_TENANT, Level.WRONG, sentence)
        async with open_deployment(settings, tenant=tenant):
            return None
    except StoreUnreachable:
        return Finding(_TENANT, Level.WRONG, "Which tenants there are is not known without the database.")
    except NoSuchTenant as refusal:
        return Finding(_TENANT, Level.WRONG, refusal.sentence)


def _runbooks(file: Path, *, is_further: bool) -> Finding:
    if file.exists():
        try:
            load_runbooks(file)
        except Refusal as refusal:
            return Finding("runbooks", Level.WRONG, refusal.sentence)
        return Finding("runbooks", Level.OK, f"They are in {file}.")
    other = "" if is_further else "; name another with COUNTERSIGN_RUNBOOKS_FILE"
    sentence = (
        f"There is no file {file}{other}. Without one the bot recognises no request in plain words and "
        "offers its form."
    )
    return Finding("runbooks", Level.NOTE, sentence)


async def _inside(deployment: Deployment, *, connect: bool) -> AsyncIterator[Finding]:
    async with deployment.store.view(deployment.tenant) as view:
        tenant = await view.tenant()
        try:
            connectors = await view.connections.all()
        except Refusal as refusal:
            yield Finding("connectors", Level.WRONG, f"{refusal.sentence} Set the key that was used then.")
            return
        drifted = [tool for tool, known in (await view.connections.catalog()).items() if known.drifted]
    own = deployment.settings.tenant_id
    others = [one for one in await deployment.store.tenants() if one != deployment.tenant]
    if others and deployment.tenant == own:
        look = in_terminal("check", others[0])
        sentence = f"There are others, too: {', '.join(others)}. To look at one: {look}"
        yield Finding("tenants", Level.NOTE, sentence)
    if tenant.mode is Mode.PLAN:
        change = in_terminal("tenant set mode execute", deployment.tenant, own=own)
        sentence = f"{tenant.name} is in plan mode: nothing is changed. To go on: {change}"
        yield Finding("mode", Level.NOTE, sentence)
    if not connectors:
        add = in_terminal("connector add NAME -- COMMAND …", deployment.tenant, own=own)
        sentence = f"There is none yet. Add one: {add}"
        yield Finding("connectors", Level.NOTE, sentence)
    for connector in connectors:
        yield await _connector(deployment, connector, connect=connect)
    for tool in drifted:
        accept = in_terminal(f"connector accept {tool}", deployment.tenant, own=own)
        sentence = f"{tool} has changed and asks each time. To accept it: {accept}"
        yield Finding("tools", Level.NOTE, sentence)


async def _connector(deployment: Deployment, connector: Connector, *, connect: bool) -> Finding:
    about = f"connector {connector.name}"
    if not connector.on:
        own = deployment.settings.tenant_id
        switch = in_terminal(f"connector on {connector.name}", deployment.tenant, own=own)
        return Finding(about, Level.NOTE, f"It is off. To use it: {switch}")
    if not connect:
        level = Level.WRONG if connector.health else Level.OK
        return Finding(about, level, connector.health or "Nothing is known to be wrong with it.")
    try:
        listing = await probe(connector, reach=Reach(deployment.settings.connector_reach))
    except Refusal as refusal:
        return Finding(about, Level.WRONG, refusal.sentence)
    return Finding(about, Level.OK, f"It answers, with {counted(len(listing.tools), 'tool')}.")
