"""A small bot for trying the Teams for tests: it notes what it hears, and answers as it is told."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import ClientSession, web

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_object
from tests.servers.teams_server import TeamsServer
from tests.servers.teams_things import ADAPTIVE, Json

Reply = Callable[[JsonObject], web.Response]

APPROVE: Final[JsonObject] = {
    "type": "Action.Execute",
    "title": "Approve",
    "verb": "act",
    "data": {"which": "7"},
    "fallback": {"type": "Action.Submit", "title": "Approve", "data": {"which": "7"}},
}
DENY: Final[JsonObject] = {
    "type": "Action.Submit",
    "title": "Deny",
    "data": {"msteams": {"type": "task/fetch"}, "which": "7"},
}
NOTE: Final[JsonObject] = {"type": "Input.Text", "id": "note", "label": "Why?", "isRequired": True}
SEND: Final[JsonObject] = {"type": "Action.Submit", "title": "Send", "data": {"which": "7"}}


def card(*body: JsonValue, actions: list[JsonValue] | None = None, **more: JsonValue) -> Json:
    """Gives a card."""
    made: Json = {"type": "AdaptiveCard", "version": "1.5", "body": list(body), **more}
    if actions:
        made["actions"] = actions
    return made


def text(words: str) -> Json:
    """Gives an element that says this."""
    return {"type": "TextBlock", "text": words, "wrap": True}


def message(content: str | JsonObject) -> Json:
    """Gives an activity with a text or a card."""
    if isinstance(content, str):
        return {"type": "message", "text": content, "textFormat": "plain"}
    return {"type": "message", "attachments": [{"contentType": ADAPTIVE, "content": content}]}


def shows(content: JsonObject) -> web.Response:
    """Gives the answer that puts a card in place of the pressed one."""
    return web.json_response({"statusCode": 200, "type": ADAPTIVE, "value": content})


def opens(content: JsonObject, title: str = "A dialog") -> web.Response:
    """Gives the answer that opens a dialog, or shows its next step."""
    attachment: Json = {"contentType": ADAPTIVE, "content": content}
    value: Json = {"title": title, "height": "medium", "width": "medium", "card": attachment}
    return web.json_response({"task": {"type": "continue", "value": value}})


def ends(words: str) -> web.Response:
    """Gives the answer that closes a dialog with words."""
    return web.json_response({"task": {"type": "message", "value": words}})


@dataclass(kw_only=True)
class Bot:
    """`heard` has every activity; an invoke is answered with `replies[name]`, all else with 200."""

    teams: TeamsServer
    session: ClientSession
    heard: list[JsonObject] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.tokens.append(request.headers.get("Authorization", ""))
        found = await request.json()
        assert is_object(found)
        self.heard.append(found)
        reply = self.replies.get(str(found.get("name") or found["type"]))
        return reply(found) if reply else web.Response()

    async def calls(self, verb: str, path: str, body: JsonValue = None) -> tuple[int, JsonValue]:
        """Gives the status and the body of a call of the connector."""
        url = f"{self.teams.service_url}v3/conversations{path}"
        headers = {"Authorization": f"Bearer {self.teams.bot_token}"}
        async with self.session.request(verb, url, json=body, headers=headers) as response:
            has_json = response.content_type == "application/json"
            return response.status, await response.json() if has_json else None

    async def posts(self, conversation: str, content: str | JsonObject) -> str:
        """Gives the id of a message that was taken."""
        status, body = await self.calls("POST", f"/{conversation}/activities", message(content))
        assert status == 201, body
        assert is_object(body)
        return str(body["id"])

    async def graphs(self, verb: str, path: str, body: JsonValue = None) -> tuple[int, JsonValue]:
        """Gives the status and the body of a call of Graph."""
        url = f"{self.teams.graph_url}/v1.0{path}"
        headers = {"Authorization": f"Bearer {self.teams.bot_token}"}
        async with self.session.request(verb, url, json=body, headers=headers) as response:
            has_json = response.content_type == "application/json"
            return response.status, await response.json() if has_json else None


@asynccontextmanager
async def a_bot(teams: TeamsServer) -> AsyncIterator[Bot]:
    """Gives a bot that listens to this Teams."""
    async with ClientSession() as session:
        bot = Bot(teams=teams, session=session)
        app = web.Application()
        app.router.add_post("/api/messages", bot.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            teams.posts_to(f"http://127.0.0.1:{runner.addresses[0][1]}/api/messages")
            yield bot
        finally:
            await runner.cleanup()
