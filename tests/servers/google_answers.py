"""What the Directory API does with queries and field masks, and how it refuses.

Source: https://developers.google.com/workspace/admin/directory/v1/guides/search-users,
https://developers.google.com/workspace/admin/directory/v1/guides/search-groups,
https://developers.google.com/workspace/admin/directory/v1/guides/performance (field masks)
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.domain.canonical import JsonObject, JsonValue

Made = Callable[[], JsonObject]
_PREFIX: Final = re.compile(r"(givenName|familyName|email):([\w.+@-]+)\*")
_TRUTH: Final = re.compile(r"(isSuspended|isArchived)=(true|false)")
_MASK: Final = re.compile(r"[(),/]|[A-Za-z0-9]+")
_FIELDS: Final = frozenset(
    {
        "kind", "id", "primaryEmail", "aliases", "nonEditableAliases", "name", "fullName", "givenName",
        "familyName", "suspended", "archived", "isGuestUser", "organizations", "title", "department",
        "primary", "relations", "type", "value", "email", "adminCreated", "nextPageToken", "users", "groups",
        "members", "role", "status", "isAdmin",
    }
)  # fmt: skip


class BadRequest(Exception):
    """The call is refused."""

    def __init__(self, status: int, reason: str, said: str) -> None:
        """Takes the status, the reason in the body, and the message."""
        super().__init__(said)
        self.status = status
        self.reason = reason
        self.said = said


def refusal(status: int, reason: str, said: str) -> web.Response:
    """Gives a refusal as Google words it."""
    error = {
        "code": status,
        "message": said,
        "errors": [{"message": said, "domain": "global", "reason": reason}],
    }
    return web.json_response({"error": error}, status=status)


@dataclass(frozen=True, slots=True)
class UserQuery:
    """What is asked of users; all of it has to fit."""

    prefixes: Sequence[tuple[str, str]]
    """How fields begin, without case."""
    marks: Sequence[tuple[str, bool]]


def user_query(query: str) -> UserQuery:
    """Gives what a query asks.

    Raises:
        BadRequest: it is no query.
    """
    prefixes, marks = [], []
    for clause in query.split():
        if match := _TRUTH.fullmatch(clause):
            marks.append((match[1], match[2] == "true"))
        elif match := _PREFIX.fullmatch(clause):
            prefixes.append((match[1], match[2].casefold()))
        else:
            raise BadRequest(400, "invalid", "Invalid Input: query")
    return UserQuery(prefixes, marks)


def group_prefix(query: str) -> str:
    """Gives how the addresses begin that are looked for.

    Raises:
        BadRequest: it is no query.
    """
    match = _PREFIX.fullmatch(query)
    if query and (match is None or match[1] != "email"):
        raise BadRequest(400, "invalid", "Invalid Input: query")
    return match[2].casefold() if match else ""


def masked(resource: JsonObject, mask: str) -> JsonObject:
    """Gives the fields of the mask; all of them where there is none.

    Raises:
        BadRequest: the mask names what no resource has, or cannot be read.
    """
    if not mask:
        return resource
    words = _MASK.findall(mask)
    tree, rest = _fields(words)
    if "".join(words) != mask or rest:
        raise BadRequest(400, "invalidParameter", f"Invalid field selection {mask}")
    found = _kept(resource, tree)
    assert isinstance(found, dict)
    return found


class Fields(dict[str, "Fields"]):
    """The fields that are wanted, each with those within; none within for all of it."""


def _fields(words: list[str]) -> tuple[Fields, list[str]]:
    """Gives the fields up to the end or a closing bracket, and the words from there on."""
    found = Fields()
    while words and words[0] != ")":
        name, words = words[0], words[1:]
        if name not in _FIELDS:
            raise BadRequest(400, "invalidParameter", f"Invalid field selection {name}")
        found[name] = Fields()
        if words[:1] == ["/"]:
            found[name][words[1]] = Fields()
            words = words[2:]
        elif words[:1] == ["("]:
            found[name], words = _fields(words[1:])
            words = words[1:]
        words = words[1:] if words[:1] == [","] else words
    return found, words


def _kept(value: JsonValue, wanted: Fields) -> JsonValue:
    if not wanted:
        return value
    if isinstance(value, list):
        return [_kept(one, wanted) for one in value]
    if isinstance(value, dict):
        return {name: _kept(one, wanted[name]) for name, one in value.items() if name in wanted}
    return value
