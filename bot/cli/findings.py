"""What `check` looks at, and what it says about each."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.agent.runbook_file import load_runbooks
from bot.app import Deployment, open_deployment
from bot.cli.frame import counted
from bot.connectors.addresses import Reach
from bot.connectors.opening import probe
from bot.directory.file import FileDirectory
from bot.domain.connectors import Connector
from bot.domain.errors import Refusal
from bot.domain.people import TECHNICIANS
from bot.domain.tenants import Mode
from bot.settings import KEY_FILE, Settings
from bot.storage.engine import sqlite_file
from bot.storage.migrate import RevisionState, revision_state

_NEW_KEY: Final = 'python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'

_PEOPLE: Final = """\
version: 1
roles: {technician: [it-support], admin: [it-admins]}
fallback_group: it-admins
people:
  - {id: u1, name: Alice Archer, email: alice@acme.test, manager: u2, groups: [sales]}
  - {id: u2, name: Ada Adeyemi, email: ada@acme.test, groups: [it-admins]}"""


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Works, but somebody may want to do something."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    level: Level
    sentence: str


async def findings(settings: Settings, *, connect: bool) -> AsyncIterator[Finding]:
    """Gives what is well and what is not, in the order in which to mend it; nothing is changed.

    Args:
        settings: the deployment's, already read.
        connect: whether connectors are connected to now; else what a server last found counts.
    """
    yield _key(settings)
    database = await _database(settings)
    yield database
    async for finding in _people(settings):
        yield finding
    yield _runbooks(settings)
    if database.level is Level.WRONG:
        return
    if await revision_state(settings.database) is not RevisionState.CURRENT:
        return
    async with open_deployment(settings) as deployment:
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


async def _people(settings: Settings) -> AsyncIterator[Finding]:
    about, path = "people", settings.people
    if not path.exists():
        sentence = (
            f"There is no people file {path}. Write one there, or name another with "
            f"COUNTERSIGN_DIRECTORY_FILE. It looks like this:\n{_PEOPLE}"
        )
        yield Finding(about, Level.WRONG, sentence)
        return
    directory = FileDirectory(path)
    try:
        everyone = await directory.everyone()
        technicians = await directory.members(TECHNICIANS)
        fallback = await directory.fallback_group()
        can_stand_in = await directory.members(fallback)
    except Refusal as refusal:
        yield Finding(about, Level.WRONG, refusal.sentence)
        return
    admins = sum(person.is_admin for person in technicians)
    yield Finding(
        about,
        Level.OK,
        f"{path} has {counted(len(everyone), 'person', 'people')}, {counted(admins, 'admin')} among "
        f"{len(technicians)} who can approve.",
    )
    if not technicians:
        sentence = "Nobody has the role technician or admin, so nothing can be approved. Set roles in it."
        yield Finding(about, Level.WRONG, sentence)
    elif not admins:
        yield Finding(about, Level.NOTE, "Nobody has the role admin, so policies change on the command line.")
    if not can_stand_in:
        sentence = f"Nobody enabled is in the fallback group {fallback}, who stands in for missing managers."
        yield Finding(about, Level.WRONG, sentence)


def _runbooks(settings: Settings) -> Finding:
    if settings.runbooks.exists():
        try:
            load_runbooks(settings.runbooks)
        except Refusal as refusal:
            return Finding("runbooks", Level.WRONG, refusal.sentence)
        return Finding("runbooks", Level.OK, f"They are in {settings.runbooks}.")
    sentence = (
        f"There is no file {settings.runbooks}; name another with COUNTERSIGN_RUNBOOKS_FILE. Without one the "
        "bot recognises no request in plain words and offers its form."
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
    if tenant.mode is Mode.PLAN:
        sentence = f"{tenant.name} is in plan mode: nothing is changed. To go on: tenant set mode execute"
        yield Finding("mode", Level.NOTE, sentence)
    if not connectors:
        sentence = "There is none yet. Add one: countersign connector add NAME -- COMMAND …"
        yield Finding("connectors", Level.NOTE, sentence)
    for connector in connectors:
        yield await _connector(deployment, connector, connect=connect)
    for tool in drifted:
        sentence = f"{tool} has changed and asks each time. To accept it: countersign connector accept {tool}"
        yield Finding("tools", Level.NOTE, sentence)


async def _connector(deployment: Deployment, connector: Connector, *, connect: bool) -> Finding:
    about = f"connector {connector.name}"
    if not connector.on:
        return Finding(about, Level.NOTE, f"It is off. To use it: countersign connector on {connector.name}")
    if not connect:
        level = Level.WRONG if connector.health else Level.OK
        return Finding(about, level, connector.health or "Nothing is known to be wrong with it.")
    try:
        listing = await probe(connector, reach=Reach(deployment.settings.connector_reach))
    except Refusal as refusal:
        return Finding(about, Level.WRONG, refusal.sentence)
    return Finding(about, Level.OK, f"It answers, with {counted(len(listing.tools), 'tool')}.")
