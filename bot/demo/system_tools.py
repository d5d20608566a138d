"""What the demo's tools do with apps, licences and devices."""

import sqlite3

from bot.demo import lookup
from bot.demo.records import (
    LEVELS,
    Account,
    AddLicences,
    AppAccess,
    AppAccessList,
    AppList,
    AppRecord,
    DeviceList,
    DeviceRecord,
    GrantAccess,
    LockDevice,
    Nothing,
    OfDevice,
    OfUser,
    OfUserAndApp,
    RecoveryKey,
    Revoked,
)
from bot.demo.refusals import (
    DeviceIsLocked,
    DeviceIsWiped,
    HasAccess,
    HasMoreAccess,
    HasNoRecoveryKey,
    NoAccess,
    NoFreeLicence,
)
from bot.demo.wording import Answer, counted, listed


def _access(connection: sqlite3.Connection, who: Account) -> dict[str, AppAccess]:
    rows = connection.execute(
        "SELECT app, name, level, since FROM access JOIN apps ON apps.id = app"
        " WHERE account = ? ORDER BY name",
        (who.id,),
    )
    return {row["app"]: AppAccess(user=who.email, **dict(row)) for row in rows}


def list_apps(connection: sqlite3.Connection, _: Nothing) -> Answer[AppList]:
    """Reads every app."""
    apps = lookup.apps(connection)
    return Answer(
        f"{counted(len(apps), 'app', 'apps')}: {listed(each.name for each in apps)}.",
        AppList(apps=tuple(apps)),
    )


def list_licences(connection: sqlite3.Connection, _: Nothing) -> Answer[AppList]:
    """Reads how many licences of each app are free."""
    apps = lookup.apps(connection)
    free = listed(f"{each.name} {each.free} of {each.licences}" for each in apps)
    return Answer(f"Free licences: {free}.", AppList(apps=tuple(apps)))


def add_licences(connection: sqlite3.Connection, arguments: AddLicences) -> Answer[AppRecord]:
    """Buys licences."""
    app = lookup.app(connection, arguments.app)
    connection.execute("UPDATE apps SET licences = licences + ? WHERE id = ?", (arguments.count, app.id))
    bought = counted(arguments.count, "licence", "licences")
    cost = arguments.count * app.yearly_price_usd
    return Answer(
        f"{bought} of {app.name} bought, for {cost} US dollars a year.", lookup.app(connection, app.id)
    )


def list_app_access(connection: sqlite3.Connection, arguments: OfUser) -> Answer[AppAccessList]:
    """Reads what a person has access to."""
    who = lookup.account(connection, arguments.user)
    access = tuple(_access(connection, who).values())
    has = listed(f"{each.name} ({each.level})" for each in access) or "no apps"
    return Answer(f"{who.name} has access to {has}.", AppAccessList(user=who.email, access=access))


def grant_app_access(connection: sqlite3.Connection, arguments: GrantAccess) -> Answer[AppAccess]:
    """Gives a person access, or more than they had; it takes a licence if they had none."""
    who, app = lookup.account(connection, arguments.user), lookup.app(connection, arguments.app)
    held = _access(connection, who).get(app.id)
    if held is None and app.free < 1:
        raise NoFreeLicence(app=app.name, total=app.licences)
    if held is not None and held.level == arguments.level:
        raise HasAccess(name=who.name, app=app.name, level=held.level)
    if held is not None and LEVELS.index(held.level) > LEVELS.index(arguments.level):
        raise HasMoreAccess(name=who.name, app=app.name, level=held.level)
    connection.execute(
        "INSERT INTO access (app, account, level) VALUES (?, ?, ?)"
        " ON CONFLICT (app, account) DO UPDATE SET level = excluded.level, since = excluded.since",
        (app.id, who.id, arguments.level),
    )
    return Answer(
        f"{who.name} now has {arguments.level} access to {app.name}.", _access(connection, who)[app.id]
    )


def revoke_app_access(connection: sqlite3.Connection, arguments: OfUserAndApp) -> Answer[Revoked]:
    """Takes access away; the licence is free again."""
    who, app = lookup.account(connection, arguments.user), lookup.app(connection, arguments.app)
    held = _access(connection, who).get(app.id)
    if held is None:
        raise NoAccess(name=who.name, app=app.name)
    connection.execute("DELETE FROM access WHERE app = ? AND account = ?", (app.id, who.id))
    return Answer(
        f"{who.name} no longer has access to {app.name}.",
        Revoked(user=who.email, app=app.id, level=held.level),
    )


def list_devices(connection: sqlite3.Connection, arguments: OfUser) -> Answer[DeviceList]:
    """Reads a person's devices."""
    who = lookup.account(connection, arguments.user)
    devices = tuple(lookup.devices(connection, who.id))
    has = listed(f"{each.name} ({each.model}, {each.state.replace('_', ' ')})" for each in devices)
    return Answer(f"{who.name} has {has or 'no devices'}.", DeviceList(devices=devices))


def get_recovery_key(connection: sqlite3.Connection, arguments: OfDevice) -> Answer[RecoveryKey]:
    """Reads a laptop's recovery key. The sentence does not hold it."""
    device = lookup.device(connection, arguments.device)
    row = connection.execute("SELECT recovery_key FROM devices WHERE id = ?", (device.id,)).fetchone()
    if row["recovery_key"] is None:
        raise HasNoRecoveryKey(device=device.name)
    return Answer(
        f"The recovery key of {device.name} was read. Keep it secret.",
        RecoveryKey(device=device.id, recovery_key=row["recovery_key"]),
    )


def lock_device(connection: sqlite3.Connection, arguments: LockDevice) -> Answer[DeviceRecord]:
    """Locks a device; its data stays."""
    device = lookup.device(connection, arguments.device)
    if device.state == "wiped":
        raise DeviceIsWiped(device=device.name)
    if device.state == "locked":
        raise DeviceIsLocked(device=device.name)
    connection.execute(
        "UPDATE devices SET state = 'locked', lock_message = ? WHERE id = ?", (arguments.message, device.id)
    )
    return Answer(f"{device.name} is locked.", lookup.device(connection, device.id))


def wipe_device(connection: sqlite3.Connection, arguments: OfDevice) -> Answer[DeviceRecord]:
    """Erases a device, with its recovery key."""
    device = lookup.device(connection, arguments.device)
    if device.state == "wiped":
        raise DeviceIsWiped(device=device.name)
    connection.execute("UPDATE devices SET state = 'wiped', recovery_key = NULL WHERE id = ?", (device.id,))
    return Answer(f"{device.name} is wiped; everything on it is gone.", lookup.device(connection, device.id))
