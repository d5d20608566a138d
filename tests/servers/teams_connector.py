"""The Bot Connector: conversations, what the bot writes into them, and who is there.

Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

import asyncio

from aiohttp import web

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.teams_faults import Rates
from tests.servers.teams_front import Front, Work
from tests.servers.teams_rules import check_activity
from tests.servers.teams_things import THREAD_MARK, ConnectorError, Conversation, Json, Message
from tests.servers.teams_world import World


class ConnectorApi:
    """What the bot may ask of conversations."""

    def __init__(self, world: World, front: Front, *, rates: Rates | None) -> None:
        self.world = world
        self.rates = rates
        """How fast conversations take messages; None takes everything."""
        self._front = front

    def routes(self, app: web.Application, prefix: str) -> None:
        """Puts the API's addresses into a web application."""
        every: tuple[tuple[str, str, str, Work], ...] = (
            ("POST", "", "create", self._create),
            ("POST", "/{conversation}/activities", "post", self._post),
            ("POST", "/{conversation}/activities/{activity}", "post", self._post),
            ("PUT", "/{conversation}/activities/{activity}", "update", self._update),
            ("DELETE", "/{conversation}/activities/{activity}", "delete", self._delete),
            ("GET", "/{conversation}/members", "members", self._members),
            ("GET", "/{conversation}/members/{member}", "member", self._member),
            ("GET", "/{conversation}/pagedmembers", "members", self._paged),
        )
        for verb, path, operation, work in every:
            handler = self._front.handler(operation, work)
            app.router.add_route(verb, f"{prefix}/v3/conversations{path}", handler)

    def _create(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonObject]:
        del request
        if not is_object(body):
            raise _bad("The body is no object.")
        channel = _at(body, "channelData", "channel", "id")
        if channel:
            return self._new_thread(channel, body, size)
        tenant = str(body.get("tenantId") or "") or _at(body, "channelData", "tenant", "id")
        members = body.get("members")
        if not tenant:
            raise _bad("The tenant is missing.")
        if not is_list(members) or len(members) != 1 or not is_object(members[0]) or body.get("isGroup"):
            raise _bad("A personal chat has exactly one member.")
        name = str(members[0].get("id") or "")
        if name.startswith("29:") and name not in self.world.users:
            raise ConnectorError(400, "BadArgument", "Failed to decrypt pairwise id")
        user = self.world.user(name, tenant)
        if user is None or not self.world.personal(user).has_bot:
            raise ConnectorError(
                403, "ForbiddenOperationException", "The bot is not installed in user’s personal scope"
            )
        chat, _ = self.world.find(self.world.personal(user).id)
        return 201, {"id": chat.id}

    def _new_thread(self, channel: str, body: JsonObject, size: int) -> tuple[int, JsonObject]:
        conversation, _ = self.world.find(channel)
        self._pace(conversation)
        activity = check_activity(body.get("activity"), size, self.world.bot_id)
        made = self.world.post(conversation, self.world.bot_id, activity)
        return 201, {"id": f"{conversation.id}{THREAD_MARK}{made.id}", "activityId": made.id}

    def _post(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonObject]:
        conversation, thread = self.world.find(request.match_info["conversation"])
        replied = request.match_info.get("activity", "")
        answered = conversation.find(replied) if replied else None
        if replied and answered is None:
            raise ConnectorError(404, "ActivityNotFoundInConversation", "Conversation not found.")
        self._pace(conversation)
        activity = check_activity(body, size, self.world.bot_id)
        if activity["type"] == "typing":
            conversation.typing += 1
            return 201, {"id": self.world.numbers.message()}
        thread = thread or (answered.thread if answered else "")
        return 201, {"id": self.world.post(conversation, self.world.bot_id, activity, thread).id}

    def _update(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonObject]:
        conversation, found = self._own(request)
        self._pace(conversation)
        activity = check_activity(body, size, self.world.bot_id)
        if activity["type"] != "message":
            raise _bad("Only a message can be put in place of a message.")
        found.change(dict(activity))
        for key in [one for one in self.world.put if one[1] == found.id]:
            del self.world.put[key]
        return 200, {"id": found.id}

    def _delete(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, None]:
        del body, size
        conversation, found = self._own(request)
        self._pace(conversation)
        found.is_deleted = True
        return 200, None

    def _own(self, request: web.Request) -> tuple[Conversation, Message]:
        conversation, _ = self.world.find(request.match_info["conversation"])
        found = conversation.find(request.match_info["activity"])
        if found is None:
            raise ConnectorError(404, "ActivityNotFoundInConversation", "Conversation not found.")
        if found.by != self.world.bot_id:
            raise ConnectorError(403, "NotEnoughPermissions", "The bot may change its own messages only.")
        return conversation, found

    def _member(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonObject]:
        del body, size
        conversation, _ = self.world.find(request.match_info["conversation"])
        user = self.world.user(request.match_info["member"], conversation.tenant)
        if user is None or user.id not in conversation.members:
            raise ConnectorError(404, "MemberNotFoundInConversation", "Member not found in conversation.")
        return 200, user.member()

    def _members(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonValue]:
        return 200, self._paged(request, body, size)[1]["members"]

    def _paged(self, request: web.Request, body: JsonValue, size: int) -> tuple[int, JsonObject]:
        del body, size
        conversation, _ = self.world.find(request.match_info["conversation"])
        users = [self.world.users[one] for one in conversation.members]
        begin = int(request.query.get("continuationToken", "0"))
        after = begin + int(request.query.get("pageSize", "200"))
        page: Json = {"members": [one.member() for one in users[begin:after] if not one.is_gone]}
        if after < len(users):
            page["continuationToken"] = str(after)
        return 200, page

    def _pace(self, conversation: Conversation) -> None:
        if self.rates is None:
            return
        wait = self.rates.wait(conversation.id, asyncio.get_running_loop().time())
        if wait:
            raise ConnectorError(429, "Throttled", "Too many requests.", after_s=wait)


def _bad(why: str) -> ConnectorError:
    return ConnectorError(400, "BadSyntax", why)


def _at(value: JsonObject, *path: str) -> str:
    found: JsonValue = value
    for name in path:
        found = found.get(name) if is_object(found) else None
    return found if isinstance(found, str) else ""
