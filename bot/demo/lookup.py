"""Finds people, apps, groups and devices in the estate by what a caller names them."""

import sqlite3

from bot.demo.records import Account, AppRecord, DeviceRecord
from bot.demo.refusals import UnknownAccount, UnknownApp, UnknownDevice, UnknownGroup

_ACCOUNTS = """
    SELECT account.*, boss.email AS manager_email, (
        SELECT group_concat(group_id, ' ') FROM memberships WHERE account = account.id
    ) AS group_ids
    FROM accounts AS account LEFT JOIN accounts AS boss ON boss.id = account.manager"""

_APPS = """
    SELECT app.*, (SELECT count(*) FROM access WHERE access.app = app.id) AS used FROM apps AS app"""

_DEVICES = """
    SELECT device.*, owner.email AS owner_email
    FROM devices AS device LEFT JOIN accounts AS owner ON owner.id = device.owner"""


def _account(row: sqlite3.Row) -> Account:
    return Account(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        title=row["title"],
        department=row["department"],
        manager=row["manager_email"],
        enabled=bool(row["enabled"]),
        locked=bool(row["locked"]),
        mfa=row["mfa"],
        groups=tuple(sorted((row["group_ids"] or "").split())),
    )


def _app(row: sqlite3.Row) -> AppRecord:
    return AppRecord(
        id=row["id"],
        name=row["name"],
        description=row["description"],
        category=row["category"],
        licences=row["licences"],
        used=row["used"],
        free=max(row["licences"] - row["used"], 0),
        yearly_price_usd=row["yearly_price_usd"],
    )


def _device(row: sqlite3.Row) -> DeviceRecord:
    return DeviceRecord(
        id=row["id"],
        name=row["name"],
        model=row["model"],
        kind=row["kind"],
        owner=row["owner_email"],
        state=row["state"],
    )


def account(connection: sqlite3.Connection, user: str) -> Account:
    """Gives the account with this e-mail address; case does not matter.

    Raises:
        UnknownAccount: There is none.
    """
    row = connection.execute(f"{_ACCOUNTS} WHERE account.email = ?", (user,)).fetchone()
    if row is None:
        raise UnknownAccount(user=user)
    return _account(row)


def accounts(connection: sqlite3.Connection, *, words: str, limit: int) -> list[Account]:
    """Gives people in whose data every word occurs, by name; case does not matter."""
    wanted = words.casefold().split()
    found = [_account(row) for row in connection.execute(f"{_ACCOUNTS} ORDER BY account.name, account.id")]
    texts = {who.id: f"{who.name} {who.email} {who.title} {who.department}".casefold() for who in found}
    return [who for who in found if all(word in texts[who.id] for word in wanted)][:limit]


def apps(connection: sqlite3.Connection) -> list[AppRecord]:
    """Gives every app, by name."""
    return [_app(row) for row in connection.execute(f"{_APPS} ORDER BY app.name")]


def app(connection: sqlite3.Connection, name: str) -> AppRecord:
    """Gives the app with this id or name; case does not matter.

    Raises:
        UnknownApp: There is none.
    """
    row = connection.execute(f"{_APPS} WHERE app.id = :name OR app.name = :name", {"name": name}).fetchone()
    if row is None:
        raise UnknownApp(app=name, known=", ".join(each.name for each in apps(connection)))
    return _app(row)


def group(connection: sqlite3.Connection, name: str) -> str:
    """Gives the id of the group with this id or name; case does not matter.

    Raises:
        UnknownGroup: There is none.
    """
    row = connection.execute(
        "SELECT id FROM groups WHERE id = :name OR name = :name", {"name": name}
    ).fetchone()
    if row is None:
        known = [each["id"] for each in connection.execute("SELECT id FROM groups ORDER BY id")]
        raise UnknownGroup(group=name, known=", ".join(known))
    return str(row["id"])


def devices(connection: sqlite3.Connection, owner: str) -> list[DeviceRecord]:
    """Gives the devices of the account with this id, by name."""
    rows = connection.execute(f"{_DEVICES} WHERE device.owner = ? ORDER BY device.name", (owner,))
    return [_device(row) for row in rows]


def device(connection: sqlite3.Connection, name: str) -> DeviceRecord:
    """Gives the device with this id or name; case does not matter.

    Raises:
        UnknownDevice: There is none.
    """
    row = connection.execute(
        f"{_DEVICES} WHERE device.id = :name OR device.name = :name", {"name": name}
    ).fetchone()
    if row is None:
        raise UnknownDevice(device=name)
    return _device(row)
