"""What Graph for tests makes of one question: its options, filters, properties and pages.

Source: https://learn.microsoft.com/graph/query-parameters, https://learn.microsoft.com/graph/paging
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.graph_world import World
from tests.servers.odata import NoFilter, options_of, read_filter

USUAL: Final = frozenset(
    {"id", "displayName", "givenName", "surname", "mail", "userPrincipalName", "jobTitle"}
)
"""What a user says of themselves where nobody asks for more.

Source: https://learn.microsoft.com/graph/api/resources/user#properties
"""
_MORE: Final = frozenset({"proxyAddresses", "department", "accountEnabled", "userType"})
_BEGUN: Final = frozenset({"displayName", "givenName", "surname", "mail", "userPrincipalName"})
_FILTERED: Final = {"users": _BEGUN | {"proxyAddresses", "accountEnabled"}, "groups": {"displayName"}}
MANAGER: Final = re.compile(r"manager\(\$select=([A-Za-z,]+)\)")
_PAGE: Final = 100
_PAGE_AT_MOST: Final = 999

Key = TypeVar("Key", int, str)


class Refused(Exception):
    """What Graph says instead of answering."""

    def __init__(self, status: int, code: str, why: str, *, retry_after: str = "") -> None:
        self.status, self.retry_after = status, retry_after
        self.body: JsonObject = {"error": {"code": code, "message": why}}
        super().__init__(why)


@dataclass(frozen=True)
class Asked:
    path: str
    options: Mapping[str, str]
    is_eventual: bool

    @property
    def is_advanced(self) -> bool:
        return self.is_eventual and self.options.get("count") == "true"


def fitting(asked: Asked, kind: str, world: World) -> list[str]:
    """Gives the ids of those that the filter asks for, by name."""
    text, order = asked.options.get("filter", ""), asked.options.get("orderby", "")
    if order not in {"", "displayName"} or (order and text and not asked.is_advanced):
        raise Refused(400, "Request_UnsupportedQuery", "Sorting not supported for current query.")
    if not text:
        return world.every(kind)
    try:
        filter_ = read_filter(text)
    except NoFilter as error:
        raise Refused(400, "Request_UnsupportedQuery", str(error)) from None
    if strange := filter_.properties - _FILTERED[kind]:
        raise Refused(400, "Request_UnsupportedQuery", f"Unsupported property filter: {sorted(strange)}.")
    index = world.users if kind == "users" else world.groups
    some = filter_.candidates(index)
    rows = {key: (world.user(key) or {}) if kind == "users" else world.group(key)
            for key in (world.every(kind) if some is None else some)}  # fmt: skip
    found = [key for key, row in rows.items() if filter_.fits(row)]
    return sorted(found, key=lambda key: (str(rows[key]["displayName"]).lower(), key))


def selected(user: JsonObject, asked: Asked) -> JsonObject:
    names = asked.options["select"].split(",") if "select" in asked.options else sorted(USUAL)
    if strange := set(names) - USUAL - _MORE:
        raise Refused(400, "BadRequest", f"Could not find a property named '{min(strange)}' on type 'user'.")
    return {name: user.get(name) for name in names}


def missing(key: str) -> Refused:
    why = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
    return Refused(404, "Request_ResourceNotFound", why)


def error_of(refused: Refused) -> web.Response:
    return web.json_response(refused.body, status=refused.status)


def asked_in(target: str, headers: Mapping[str, str]) -> Asked:
    """Gives what a path with its query asks for."""
    path, _, query = target.partition("?")
    try:
        options = options_of(dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))))
    except (NoFilter, ValueError) as error:
        raise Refused(400, "BadRequest", str(error)) from None
    return Asked(path, options, is_eventual=headers.get("ConsistencyLevel", "").lower() == "eventual")


def page_of(
    asked: Asked,
    found: Sequence[Key],
    row: Callable[[Key], JsonObject],
    *,
    most: int,
    endless: bool,
    url: str,
) -> JsonObject:
    """Gives a page, and where the next one is.

    Args:
        asked: the question.
        found: what fits it.
        row: makes something shown of it.
        most: how many there are on a page, whatever is asked for.
        endless: whether there is always a next one.
        url: where Graph is.
    """
    top = asked.options.get("top", str(_PAGE))
    if not top.isdecimal() or not 0 < int(top) <= _PAGE_AT_MOST:
        raise Refused(400, "Request_BadRequest", f"Invalid page size specified: '{top}'.")
    start = int(asked.options.get("skiptoken", "0"))
    end = start + min(int(top), most)
    page: dict[str, JsonValue] = {"value": [row(key) for key in found[start:end]]}
    if asked.is_advanced:
        page["@odata.count"] = len(found)
    if end < len(found) or endless:
        options = {**asked.options, "skiptoken": "0" if endless else str(end)}
        query = urlencode({f"${name}": value for name, value in options.items()})
        page["@odata.nextLink"] = f"{url}v1.0/{asked.path}?{query}"
    return page
