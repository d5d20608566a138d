"""Resources of the Directory API as persons and groups.

Source: https://developers.google.com/workspace/admin/directory/reference/rest/v1/users,
https://developers.google.com/workspace/admin/directory/reference/rest/v1/groups,
https://developers.google.com/workspace/admin/directory/reference/rest/v1/members
"""

from typing import Final

from bot.directory.groups import Group
from bot.directory.managers import known_as
from bot.directory.people import email_key
from bot.documents.json_reading import rows_at, text_at
from bot.domain.canonical import JsonObject
from bot.domain.people import Person, PersonId, Role

USER: Final = (
    "kind,id,primaryEmail,aliases,nonEditableAliases,name/fullName,suspended,archived,isGuestUser,"
    "organizations(title,department,primary),relations(type,value)"
)
"""What is asked for of a user."""
GROUP: Final = "kind,id,email,adminCreated"
MEMBER: Final = "id,email,type"


def person_of(user: JsonObject, *, groups: frozenset[str], roles: frozenset[Role]) -> Person:
    """Gives the person that a user resource describes; whoever is suspended or archived is disabled.

    A guest has no role but the employee's.
    """
    post = _post(user)
    return Person(
        id=PersonId(text_at(user, "id")),
        name=text_at(user, "name", "fullName") or text_at(user, "primaryEmail"),
        email=text_at(user, "primaryEmail"),
        title=text_at(post, "title"),
        department=text_at(post, "department"),
        manager=_manager(user),
        groups=groups,
        roles=frozenset({Role.EMPLOYEE}) if is_guest(user) else roles,
        enabled=user.get("suspended") is False and user.get("archived", False) is False,
        is_guest=is_guest(user),
    )


def is_guest(user: JsonObject) -> bool:
    """Whether another organisation vouches for the account."""
    return user.get("isGuestUser", False) is not False


def is_whole(user: JsonObject) -> bool:
    """Whether it says of a user what decisions need: who they are, and whether the account is enabled."""
    marks = (user.get("suspended"), user.get("archived", False), user.get("isGuestUser", False))
    named = text_at(user, "id") and text_at(user, "primaryEmail")
    return bool(named) and all(isinstance(mark, bool) for mark in marks)


def addresses_of(user: JsonObject) -> frozenset[str]:
    """Gives every address at which the user gets mail, as `email_key` has them."""
    found = [text_at(user, "primaryEmail")]
    for name in ("aliases", "nonEditableAliases"):
        said = user.get(name)
        found += [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
    return frozenset(email_key(one) for one in found if one)


def group_of(resource: JsonObject, domain: str) -> Group:
    """Gives the group that a group resource describes, as groups of this domain's organisation are called."""
    return Group(text_at(resource, "id"), group_name(text_at(resource, "email").lower(), domain))


def group_name(said: str, domain: str) -> str:
    """Gives the name of the group with this address: in the domain only the part before the @."""
    name, at, where = said.rpartition("@")
    return name if at and where.lower() == domain else said


def group_address(name: str, domain: str) -> str:
    """Gives the address of the group with this name."""
    return name if "@" in name else f"{name}@{domain}"


def is_user(member: JsonObject) -> bool:
    """Whether the member of a group is a single account, be it of another organisation."""
    return text_at(member, "type") == "USER" and bool(text_at(member, "id"))


def _post(user: JsonObject) -> JsonObject:
    """Gives the user's main post; nothing where there are several and none is the main one."""
    posts = rows_at(user, "organizations")
    main = [post for post in posts if post.get("primary") is True]
    found = main or posts
    return found[0] if len(found) == 1 else {}


def _manager(user: JsonObject) -> PersonId | None:
    """Gives the manager by their address; None where there is none, or more than one."""
    rows = [row for row in rows_at(user, "relations") if text_at(row, "type") == "manager"]
    found = {email_key(text_at(row, "value")) for row in rows} - {""}
    return known_as(found.pop()) if len(found) == 1 else None
