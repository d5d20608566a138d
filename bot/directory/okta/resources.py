"""Okta's users and groups as persons and groups; what is not of the documented shape counts as not there.

Source: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/
"""

import re
from collections.abc import Sequence
from typing import Final

from bot.directory.groups import Group
from bot.directory.managers import known_as
from bot.directory.people import email_key
from bot.documents.json_reading import object_at, text_at
from bot.domain.canonical import JsonObject
from bot.domain.people import Person, PersonId, Role

OKTA_ID: Final = re.compile(r"00u[0-9A-Za-z]{17}", re.ASCII)
"""What a user's id looks like in all of Okta's examples; what looks otherwise is looked up."""
ENABLED: Final = ("ACTIVE", "PASSWORD_EXPIRED")
"""The statuses of accounts whose owner can sign in with what they have.

An expired password still opens the door to its own renewal, so it proves who somebody is. Nobody can sign in
to an account that is STAGED or PROVISIONED (its owner has never proven themselves), in RECOVERY (an admin has
taken the password away), LOCKED_OUT (somebody guessed at it), SUSPENDED or DEPROVISIONED; and a status that
Okta may yet invent opens nothing either.

Source: https://help.okta.com/en-us/Content/Topics/users-groups-profiles/usgp-end-user-states.htm
"""


def person_of(
    user: JsonObject, *, groups: frozenset[str], roles: frozenset[Role], ids: re.Pattern[str] = OKTA_ID
) -> Person:
    """Gives the person that a user describes; a manager who is not named by an id is `known_as` that."""
    return Person(
        id=PersonId(text_at(user, "id")),
        name=_name(user),
        email=email_of(user),
        title=text_at(user, "profile", "title"),
        department=text_at(user, "profile", "department"),
        manager=_manager(user, ids),
        groups=groups,
        roles=roles,
        enabled=_is_enabled(user),
    )


def email_of(user: JsonObject) -> str:
    """Gives the user's main address; a login that looks like one where there is none."""
    login = text_at(user, "profile", "login")
    return text_at(user, "profile", "email") or (login if "@" in login else "")


def names_like(said: str, ids: re.Pattern[str]) -> Sequence[str]:
    """Gives the attributes in which a manager's name of this form stands.

    A number, which people may be free to write themselves, is never taken for an address, nor an address for
    a number.
    """
    if ids.fullmatch(said):
        return ("id",)
    return ("profile.login", "profile.email") if "@" in said else ("profile.employeeNumber",)


def is_called(user: JsonObject, said: str, ids: re.Pattern[str]) -> bool:
    """Whether this is the user's id, login, address or employee number, whichever it looks like."""
    if ids.fullmatch(said):
        return text_at(user, "id") == said
    key = email_key(said)
    return bool(key) and key in [email_key(text_at(user, *name.split("."))) for name in names_like(said, ids)]


def group_of(resource: JsonObject) -> Group:
    """Gives the group that a group resource describes."""
    return Group(text_at(resource, "id"), text_at(resource, "profile", "name"))


def _is_enabled(user: JsonObject) -> bool:
    """Whether the account is open, and not about to be closed."""
    coming = user.get("transitioningToStatus")
    return user.get("status") in ENABLED and (coming is None or coming in ENABLED)


def _manager(user: JsonObject, ids: re.Pattern[str]) -> PersonId | None:
    said = (text_at(user, "profile", "managerId") or text_at(user, "profile", "manager")).strip()
    if not said:
        return None
    return PersonId(said) if ids.fullmatch(said) else known_as(said)


def _name(user: JsonObject) -> str:
    profile = object_at(user, "profile")
    joined = f"{text_at(profile, 'firstName')} {text_at(profile, 'lastName')}".strip()
    return text_at(profile, "displayName") or joined or text_at(profile, "login") or text_at(user, "id")
