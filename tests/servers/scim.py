"""A SCIM 2.0 server for tests.

Source: https://www.rfc-editor.org/rfc/rfc7644 (protocol), https://www.rfc-editor.org/rfc/rfc7643 (resources)
"""

import json
import re
from collections.abc import Sequence
from typing import Final

from aiohttp import web
from typing_extensions import override

from bot.directory.scim.directory import GROUPS, USERS
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.people import Person, PersonId
from tests.servers.provider import Directory, ProviderServer

TOKEN: Final = "scim-token"  # noqa: S105 - nothing is behind it
_ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_TERM: Final = re.compile(r'([A-Za-z.]+) (eq|sw) ("(?:[^"\\]|\\.)*")')
_NOT_EXACT: Final = frozenset({"userName", "displayName", "emails.value"})
"""Attributes that are compared without case, as RFC 7643 has them."""


class ScimServer(ProviderServer):
    """Knows users and groups."""

    permissions = frozenset({USERS, GROUPS})
    has_links = False
    missing_body = b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404"}'

    def __init__(self, *, page: int = 2, lists_groups: bool = True) -> None:
        """Takes the size of its pages, and whether users carry their groups, which a server need not do."""
        super().__init__(page=page)
        self._lists_groups = lists_groups

    @override
    def is_known(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {TOKEN}"

    @override
    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/Users", self._users),
            web.get("/Users/{id}", self._user),
            web.get("/Groups", self._groups),
            web.get("/Groups/{id}", self._group),
        ]

    async def _user(self, request: web.Request) -> web.Response:
        person = self.now.people.get(PersonId(request.match_info["id"]))
        return self.denial(USERS) or _said(None if person is None else self._user_json(person, self.now))

    async def _group(self, request: web.Request) -> web.Response:
        group = request.match_info["id"]
        found = self._group_json(group, self.now) if group in self.now.groups else None
        return self.denial(GROUPS) or _said(found)

    async def _users(self, request: web.Request) -> web.Response:
        everybody = [self._user_json(one, self.listed) for one in self.listed.people.values()]
        return self.denial(USERS) or self._listed(request, everybody)

    async def _groups(self, request: web.Request) -> web.Response:
        groups = [self._group_json(group, self.listed) for group in self.listed.groups]
        return self.denial(GROUPS) or self._listed(request, groups)

    def _user_json(self, person: Person, directory: Directory) -> JsonObject:
        given, _, family = person.name.partition(" ")
        enterprise: dict[str, JsonValue] = {"department": person.department}
        if person.manager:
            enterprise["manager"] = {"value": person.manager}
        user: dict[str, JsonValue] = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", _ENTERPRISE],
            "id": person.id,
            "userName": person.email,
            "name": {"givenName": given, "familyName": family},
            "displayName": person.name,
            "emails": [
                {"value": f"private-{person.email}", "type": "home"},
                {"value": person.email, "type": "work", "primary": True},
            ],
            "title": person.title,
            "active": person.enabled,
            _ENTERPRISE: enterprise,
        }
        if self._lists_groups:
            groups = directory.groups_of(person.id)
            user["groups"] = [{"value": group, "display": directory.groups[group]} for group in groups]
        return user

    def _group_json(self, group: str, directory: Directory) -> JsonObject:
        members = sorted(directory.members[group])
        return {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "id": group,
            "displayName": directory.groups[group],
            "members": [{"value": member, "type": "User"} for member in members],
        }

    def _listed(self, request: web.Request, resources: Sequence[JsonObject]) -> web.Response:
        """Gives a page of those that fit; a filter that is none is refused."""
        terms = request.query.get("filter", "")
        try:
            fitting = [one for one in resources if _fits(one, terms)]
        except ValueError:
            return _error(400, "invalidFilter")
        start, count = int(request.query.get("startIndex", "1")), int(request.query.get("count", "100"))
        if self.faults.has_endless_pages:
            start = 1
        page = fitting[start - 1 : start - 1 + min(count, self.page)]
        hidden = request.query.get("excludedAttributes", "").split(",")
        shown = [{name: value for name, value in one.items() if name not in hidden} for one in page]
        total = 10**9 if self.faults.has_endless_pages else len(fitting)
        return web.json_response(
            {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": total,
                "startIndex": start,
                "itemsPerPage": len(shown),
                "Resources": shown,
            },
            content_type="application/scim+json",
        )


def _fits(resource: JsonObject, terms: str) -> bool:
    """Whether the resource fits a filter of comparisons with “or” between them.

    Raises:
        ValueError: it is no such filter.
    """
    if not terms:
        return True
    found = list(_TERM.finditer(terms))
    if " or ".join(match[0] for match in found) != terms:
        raise ValueError(terms)
    return any(_compares(resource, match[1], match[2], json.loads(match[3])) for match in found)


def _compares(resource: JsonObject, attribute: str, operator: str, wanted: str) -> bool:
    for value in _values(resource, attribute):
        text, other = (value, wanted) if attribute not in _NOT_EXACT else (value.lower(), wanted.lower())
        if text == other or (operator == "sw" and text.startswith(other)):
            return True
    return False


def _values(resource: JsonObject, attribute: str) -> list[str]:
    first, _, rest = attribute.partition(".")
    found: JsonValue = resource.get(first)
    if not rest:
        return [found] if isinstance(found, str) else []
    rows = found if isinstance(found, list) else []
    return [str(row[rest]) for row in rows if isinstance(row, dict) and rest in row]


def _said(resource: JsonObject | None) -> web.Response:
    if resource is None:
        return _error(404, "")
    return web.json_response(resource, content_type="application/scim+json")


def _error(status: int, kind: str) -> web.Response:
    """Gives an error; its kind is said only where the standard has one.

    Source: https://www.rfc-editor.org/rfc/rfc7644#section-3.12
    """
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": str(status),
        "detail": f"This is refused with {status}.",
        **({"scimType": kind} if kind else {}),
    }
    return web.json_response(body, status=status, content_type="application/scim+json")
