"""SCIM resources as persons and groups; what is not of the standard's shape counts as not there.

Source: https://www.rfc-editor.org/rfc/rfc7643#section-4
"""

from typing import Final

from bot.directory.groups import Group
from bot.documents.json_reading import object_at, rows_at, text_at
from bot.domain.canonical import JsonObject
from bot.domain.people import Person, PersonId, Role

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def is_user(resource: JsonObject) -> bool:
    """Whether the resource is a user with an id."""
    schemas = resource.get("schemas")
    is_said = isinstance(schemas, list) and USER in schemas
    return bool(text_at(resource, "id")) and (is_said or bool(text_at(resource, "userName")))


def person_of(user: JsonObject, *, groups: frozenset[str], roles: frozenset[Role]) -> Person:
    """Gives the person that a user resource describes."""
    more = object_at(user, ENTERPRISE)
    return Person(
        id=PersonId(text_at(user, "id")),
        name=_name(user),
        email=email_of(user),
        title=text_at(user, "title"),
        department=text_at(more, "department"),
        manager=PersonId(text_at(more, "manager", "value")) if text_at(more, "manager", "value") else None,
        groups=groups,
        roles=roles,
        # A server need not say it; one that says it strangely means nobody whom we would let in.
        enabled=user.get("active", True) is True,
    )


def email_of(user: JsonObject) -> str:
    """Gives the user's main address: the one called primary, else the first, else a fitting user name."""
    rows = [row for row in rows_at(user, "emails") if text_at(row, "value")]
    best = next((row for row in rows if row.get("primary") is True), rows[0] if rows else {})
    name = text_at(user, "userName")
    return text_at(best, "value") or (name if "@" in name else "")


def groups_of(user: JsonObject) -> list[Group] | None:
    """Gives the groups that the user resource lists, nameless ones too; None where it says nothing."""
    if not isinstance(user.get("groups"), list):
        return None
    return [Group(text_at(row, "value"), text_at(row, "display")) for row in rows_at(user, "groups")]


def group_of(resource: JsonObject) -> Group:
    """Gives the group that a group resource describes."""
    return Group(text_at(resource, "id"), text_at(resource, "displayName"))


def page_of(answer: JsonObject) -> tuple[list[JsonObject], int] | None:
    """Gives the resources of a list's page, and how many the whole list has; None for what is no such page.

    A page of a list with nothing in it need not have resources.
    """
    total, said = answer.get("totalResults"), answer.get("Resources") or []
    rows = rows_at(answer, "Resources")
    if not isinstance(total, int) or isinstance(total, bool) or not isinstance(said, list):
        return None
    is_whole = len(rows) == len(said) and all(text_at(row, "id") for row in rows)
    return (rows, total) if is_whole else None


def member_ids(resource: JsonObject) -> list[str]:
    """Gives the ids of the persons in a group; groups within it are left out, which can only be too few."""
    return [
        text_at(row, "value")
        for row in rows_at(resource, "members")
        if text_at(row, "value") and text_at(row, "type").casefold() in {"", "user"}
    ]


def _name(user: JsonObject) -> str:
    given, family = text_at(user, "name", "givenName"), text_at(user, "name", "familyName")
    joined = f"{given} {family}".strip()
    said = text_at(user, "displayName") or text_at(user, "name", "formatted") or joined
    return said or text_at(user, "userName") or text_at(user, "id")
