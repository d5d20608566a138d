"""What the demo's tools do with accounts and groups."""

import sqlite3

from bot.demo import lookup
from bot.demo.records import (
    Account,
    Accounts,
    CreateUser,
    Deleted,
    GroupList,
    GroupRecord,
    MemberList,
    Membership,
    MembershipRecord,
    Nothing,
    OfGroup,
    OfUser,
    ResetSent,
    SearchUsers,
)
from bot.demo.refusals import AddressTaken, ForeignAddress, IsMember, IsNotLocked, IsNotMember
from bot.demo.wording import Answer, counted, listed

DOMAIN = "acme.test"


def get_user(connection: sqlite3.Connection, arguments: OfUser) -> Answer[Account]:
    """Reads one account."""
    who = lookup.account(connection, arguments.user)
    state = "disabled" if not who.enabled else "locked" if who.locked else "in good order"
    boss = f"reports to {who.manager}" if who.manager else "has no manager"
    return Answer(f"{who.name}, {who.title} in {who.department}, {boss}. Their account is {state}.", who)


def search_users(connection: sqlite3.Connection, arguments: SearchUsers) -> Answer[Accounts]:
    """Finds people by words."""
    found = lookup.accounts(connection, words=arguments.query, limit=arguments.limit + 1)
    shown, more = found[: arguments.limit], len(found) > arguments.limit
    if not shown:
        return Answer("Nobody matches. Try fewer letters.", Accounts(users=(), more=False))
    tail = " There are more; search for something narrower." if more else ""
    names = listed(f"{who.name} ({who.email})" for who in shown)
    return Answer(
        f"{counted(len(shown), 'person', 'people')}: {names}.{tail}", Accounts(users=tuple(shown), more=more)
    )


def create_user(connection: sqlite3.Connection, arguments: CreateUser) -> Answer[Account]:
    """Makes an account, in the group of all staff."""
    email = arguments.email.lower()
    short, _, domain = email.rpartition("@")
    if domain != DOMAIN:
        raise ForeignAddress(user=arguments.email, domain=DOMAIN)
    manager = lookup.account(connection, arguments.manager).id if arguments.manager else None
    taken = connection.execute("SELECT name FROM accounts WHERE email = ?", (email,)).fetchone()
    if taken is not None:
        raise AddressTaken(user=email, name=taken["name"])
    connection.execute(
        "INSERT INTO accounts (id, email, name, title, department, manager) VALUES (?, ?, ?, ?, ?, ?)",
        (f"p-{short}", email, arguments.name, arguments.title, arguments.department, manager),
    )
    connection.execute("INSERT INTO memberships (group_id, account) VALUES ('all-staff', ?)", (f"p-{short}",))
    return Answer(f"{arguments.name} now has the account {email}.", lookup.account(connection, email))


def delete_user(connection: sqlite3.Connection, arguments: OfUser) -> Answer[Deleted]:
    """Deletes an account with everything that hangs on it; devices and reports stay, without their owner."""
    who = lookup.account(connection, arguments.user)
    apps = connection.execute("SELECT app FROM access WHERE account = ? ORDER BY app", (who.id,)).fetchall()
    devices = lookup.devices(connection, who.id)
    connection.execute("DELETE FROM accounts WHERE id = ?", (who.id,))
    freed = counted(len(apps), "licence is", "licences are")
    return Answer(
        f"The account of {who.name} ({who.email}) is deleted; {freed} free again.",
        Deleted(
            user=who.email, apps=tuple(row["app"] for row in apps), devices=tuple(each.id for each in devices)
        ),
    )


def unlock_account(connection: sqlite3.Connection, arguments: OfUser) -> Answer[Account]:
    """Lets someone sign in again after too many wrong passwords."""
    who = lookup.account(connection, arguments.user)
    if not who.locked:
        raise IsNotLocked(name=who.name)
    connection.execute("UPDATE accounts SET locked = 0 WHERE id = ?", (who.id,))
    return Answer(
        f"The account of {who.name} is unlocked; they can sign in again.",
        lookup.account(connection, who.email),
    )


def reset_password(connection: sqlite3.Connection, arguments: OfUser) -> Answer[ResetSent]:
    """Sends a one-time link; the old password works until the link is used."""
    who = lookup.account(connection, arguments.user)
    row = connection.execute(
        "UPDATE accounts SET reset_sent_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = ?"
        " RETURNING reset_sent_at",
        (who.id,),
    ).fetchone()
    return Answer(
        f"{who.name} was sent a one-time link, to the phone on file, to choose a new password.",
        ResetSent(user=who.email, sent_to="the phone on file", sent_at=row["reset_sent_at"]),
    )


def list_groups(connection: sqlite3.Connection, _: Nothing) -> Answer[GroupList]:
    """Reads every group."""
    rows = connection.execute(
        "SELECT id, name, description,"
        " (SELECT count(*) FROM memberships WHERE group_id = groups.id) AS members FROM groups ORDER BY id"
    )
    groups = tuple(GroupRecord(**dict(row)) for row in rows)
    return Answer(
        f"{counted(len(groups), 'group', 'groups')}: {listed(each.id for each in groups)}.",
        GroupList(groups=groups),
    )


def _members(connection: sqlite3.Connection, group: str) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT email FROM memberships JOIN accounts ON accounts.id = account"
        " WHERE group_id = ? ORDER BY email",
        (group,),
    )
    return tuple(row["email"] for row in rows)


def list_group_members(connection: sqlite3.Connection, arguments: OfGroup) -> Answer[MemberList]:
    """Reads who is in a group."""
    group = lookup.group(connection, arguments.group)
    members = _members(connection, group)
    sentence = f"In {group}: {listed(members)}." if members else f"Nobody is in {group}."
    return Answer(sentence, MemberList(group=group, members=members))


def add_user_to_group(connection: sqlite3.Connection, arguments: Membership) -> Answer[MembershipRecord]:
    """Puts a person in a group."""
    who, group = lookup.account(connection, arguments.user), lookup.group(connection, arguments.group)
    if group in who.groups:
        raise IsMember(name=who.name, group=group)
    connection.execute("INSERT INTO memberships (group_id, account) VALUES (?, ?)", (group, who.id))
    return Answer(
        f"{who.name} is now in {group}.", MembershipRecord(user=who.email, group=group, member=True)
    )


def remove_user_from_group(connection: sqlite3.Connection, arguments: Membership) -> Answer[MembershipRecord]:
    """Takes a person out of a group."""
    who, group = lookup.account(connection, arguments.user), lookup.group(connection, arguments.group)
    if group not in who.groups:
        raise IsNotMember(name=who.name, group=group)
    connection.execute("DELETE FROM memberships WHERE group_id = ? AND account = ?", (group, who.id))
    return Answer(
        f"{who.name} is no longer in {group}.", MembershipRecord(user=who.email, group=group, member=False)
    )
