"""Users and groups of Microsoft Graph as persons and groups.

Source: https://learn.microsoft.com/graph/api/resources/user
"""

from typing import Final

from bot.directory.groups import Group
from bot.directory.people import email_key
from bot.documents.json_reading import object_at, text_at
from bot.domain.canonical import JsonObject
from bot.domain.people import Person, PersonId, Role

SELECT: Final = "id,displayName,mail,userPrincipalName,jobTitle,department,accountEnabled,userType"
"""What is asked for of a user, about 400 bytes; Graph leaves most of it out where nobody asks."""
EXPAND: Final = "manager($select=id,userType)"


class NotDescribed(Exception):
    """Graph says that something is there, but not what it is: the bot may not read it, or nobody asked."""


def person_of(user: JsonObject, *, groups: frozenset[str], roles: frozenset[Role]) -> Person:
    """Gives the person that a user describes; a guest has no role but the employee's, and fills no seat.

    So a manager who is a guest is nobody's manager either. Their account is enabled as Graph says.

    Raises:
        NotDescribed: it is not said whether the account is enabled, or of which kind it is.
    """
    enabled = user.get("accountEnabled")
    if not isinstance(enabled, bool) or "userType" not in user:
        raise NotDescribed
    guest = is_guest(user)
    return Person(
        id=PersonId(text_at(user, "id")),
        name=text_at(user, "displayName") or text_at(user, "userPrincipalName") or text_at(user, "id"),
        email=text_at(user, "mail") or text_at(user, "userPrincipalName"),
        title=text_at(user, "jobTitle"),
        department=text_at(user, "department"),
        manager=_manager(user),
        groups=groups,
        roles=frozenset({Role.EMPLOYEE}) if guest else roles,
        enabled=enabled,
        is_guest=guest,
    )


def is_guest(user: JsonObject) -> bool:
    """Whether another organisation vouches for the account; accounts from before 2014 have no type."""
    kind = user.get("userType")
    return kind is not None and kind != "Member"


def has_address(user: JsonObject, key: str) -> bool:
    """Whether this is the user's main address or the name that they sign in with.

    Args:
        user: as Graph describes them.
        key: what `email_key` gives for the address.
    """
    return key in {email_key(text_at(user, name)) for name in ("mail", "userPrincipalName")}


def group_of(group: JsonObject) -> Group:
    """Gives the group that a group describes.

    Raises:
        NotDescribed: its id or its name is not said.
    """
    found = Group(text_at(group, "id"), text_at(group, "displayName"))
    if not found.id or not found.name:
        raise NotDescribed
    return found


def _manager(user: JsonObject) -> PersonId | None:
    """Gives the manager; a user without one has no such property.

    Raises:
        NotDescribed: there is one without an id.
    """
    if user.get("manager") is None:
        return None
    manager = object_at(user, "manager")
    if not text_at(manager, "id"):
        raise NotDescribed
    return None if is_guest(manager) else PersonId(text_at(manager, "id"))
