"""The part of Microsoft Graph that looks people up and installs the bot for them.

Source: https://learn.microsoft.com/microsoftteams/platform/graph-api/proactive-bots-and-messages/graph-proactive-bots-and-messages
"""

import base64
import re
from collections.abc import Callable
from typing import Final

from aiohttp import web

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_object
from tests.servers.teams_front import Front, Work
from tests.servers.teams_things import ConnectorError, Json, TeamsUser
from tests.servers.teams_world import World, stable_guid

INSTALL: Final = "TeamsAppInstallation.ReadWriteSelfForUser.All"
"""The permission by which the bot installs itself, and sees whether it is installed."""
READ_USERS: Final = "User.Read.All"
READ_CATALOG: Final = "AppCatalog.Read.All"
_ANY: Final = frozenset({INSTALL, READ_USERS, READ_CATALOG})


class GraphApi:
    """What the bot may ask of the directory of its own organisation."""

    def __init__(self, world: World, front: Front, *, installed: Callable[[TeamsUser], None]) -> None:
        self.world = world
        self.permissions: set[str] = set(_ANY)
        """What an admin has consented to."""
        self.home = ""
        """The tenant for which the token is."""
        self.external_id = world.app_id
        """The app's id in its own manifest."""
        self.catalog_id = stable_guid("catalog")
        """The app's id in the organisation's catalog."""
        self.is_in_catalog = True
        self._front = front
        self._installed = installed

    def routes(self, app: web.Application, prefix: str) -> None:
        """Puts the API's addresses into a web application."""
        every: tuple[tuple[str, str, str, Work], ...] = (
            ("GET", "/users/{user}", "graph.user", self._user),
            ("GET", "/appCatalogs/teamsApps", "graph.catalog", self._catalog),
            ("GET", "/users/{user}/teamwork/installedApps", "graph.installed", self._list),
            ("POST", "/users/{user}/teamwork/installedApps", "graph.install", self._install),
            ("GET", "/users/{user}/teamwork/installedApps/{installed}/chat", "graph.chat", self._chat),
        )
        for verb, path, operation, work in every:
            handler = self._front.handler(operation, work)
            app.router.add_route(verb, f"{prefix}/v1.0{path}", handler)

    def _user(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonObject]:
        del body, size
        self._need(READ_USERS, "Authorization_RequestDenied")
        user = self._found(request)
        given, _, surname = user.name.partition(" ")
        return 200, {
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
            "id": user.object_id,
            "displayName": user.name,
            "givenName": given,
            "surname": surname,
            "mail": user.principal_name,
            "userPrincipalName": user.principal_name,
            **_asked_for(request, user),
        }

    def _catalog(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonObject]:
        del body, size
        self._need(READ_CATALOG)
        wanted = _equal(request, "externalId")
        is_it = self.is_in_catalog and wanted in {"", self.external_id}
        return 200, {"value": [self._app()] if is_it else []}

    def _list(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonObject]:
        del body, size
        self._need(INSTALL)
        user = self._found(request)
        wanted = _equal(request, "teamsApp/externalId")
        if not self.world.personal(user).has_bot or wanted not in {"", self.external_id}:
            return 200, {"value": []}
        found: Json = {"id": self._installation(user)}
        if "teamsApp" in request.query.get("$expand", ""):
            found["teamsApp"] = self._app()
        return 200, {"value": [found]}

    def _install(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonValue]:
        del size
        self._need(INSTALL)
        user = self._found(request)
        named = body.get("teamsApp@odata.bind") if is_object(body) else None
        found = re.fullmatch(r"https?://.+/appCatalogs/teamsApps/([^/]+)", str(named))
        if found is None:
            raise ConnectorError(400, "BadRequest", "Bad request: teamsApp@odata.bind names no app.")
        if found.group(1) != self.catalog_id or not self.is_in_catalog:
            raise ConnectorError(404, "NotFound", "The app is not in the organisation’s catalog.")
        chat = self.world.personal(user)
        if chat.has_bot:
            raise ConnectorError(409, "Conflict", "The app is already installed.")
        chat.has_bot = True
        self._installed(user)
        return 201, None

    def _chat(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonObject]:
        del body, size
        self._need(INSTALL)
        user = self._found(request)
        chat = self.world.personal(user)
        if request.match_info["installed"] != self._installation(user) or not chat.has_bot:
            raise ConnectorError(404, "NotFound", "There is no such installation.")
        return 200, {"id": chat.chat_id, "topic": None, "chatType": "oneOnOne"}

    def _app(self) -> Json:
        return {
            "id": self.catalog_id,
            "externalId": self.external_id,
            "displayName": self.world.bot_name,
            "distributionMethod": "organization",
        }

    def _installation(self, user: TeamsUser) -> str:
        return base64.b64encode(f"{user.object_id}##{self.catalog_id}".encode()).decode()

    def _need(self, permission: str, code: str = "Forbidden") -> None:
        if permission not in self.permissions:
            roles = ", ".join(sorted(self.permissions))
            raise ConnectorError(
                403,
                code,
                f"Missing role permissions on the request. API requires one of '{permission}'. "
                f"Roles on the request '{roles}'.",
            )

    def _found(self, request: web.Request) -> TeamsUser:
        wanted = request.match_info["user"].lower()
        for one in self.world.users.values():
            known = one.tenant == self.home and not one.is_gone
            if known and wanted in {one.object_id, one.principal_name.lower()}:
                return one
        raise ConnectorError(
            404, "Request_ResourceNotFound", f"Resource '{wanted}' does not exist in this directory."
        )


def _asked_for(request: web.Request, user: TeamsUser) -> Json:
    """Gives what Graph says of an account only where it is asked for."""
    kind = "Guest" if user.is_guest else "Member"
    every: Json = {"accountEnabled": not user.is_disabled, "userType": None if user.is_old else kind}
    asked = request.query.get("$select", "").split(",")
    return {name: value for name, value in every.items() if name in asked}


def _equal(request: web.Request, field: str) -> str:
    """Gives the text that a field must equal; empty where nothing is filtered.

    Raises:
        ConnectorError: the filter is about something else.
    """
    asked = request.query.get("$filter", "")
    if not asked:
        return ""
    found = re.fullmatch(rf"{field} eq '((?:[^']|'')*)'", asked)
    if found is None:
        raise ConnectorError(400, "BadRequest", f"Invalid filter clause: {asked}")
    return found.group(1).replace("''", "'")
