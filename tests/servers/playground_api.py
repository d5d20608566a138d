"""The playground's HTTP API over a made-up company, on a real port.

For the browser tests, and for working on the page: `python -m tests.servers.playground_api 8099`.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import jsonschema_rs
from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from tests.servers.playground_cards import item, sentence
from tests.servers.playground_story import (
    ALICE,
    BEN,
    MIA,
    NAMES,
    PEOPLE,
    SUGGESTIONS,
    TOM,
    TOOL,
    TOOLS,
    CardPlace,
    Json,
    Story,
)

PAGE: Final = Path(__file__).parents[2] / "bot" / "chat" / "web" / "page"
CONTENT_SECURITY: Final = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'"


class Refused(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, error: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.body: dict[str, Json] = {"error": error}
        if fields:
            self.body["fields"] = {path: text for path, text in fields.items()}  # noqa: C416 - widens str to Json


@web.middleware
async def _polite(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        response = await handler(request)
    except Refused as refused:
        response = web.json_response(refused.body, status=refused.status)
    if not response.prepared:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY
        response.headers["Cache-Control"] = "no-store"
    return response


class PlaygroundApi:
    """Serves the page and the API. `stop` and `start` again keep the port and the story."""

    def __init__(self, story: Story | None = None, port: int = 0) -> None:
        self.story = story or Story()
        self._port = port
        self._runner: web.AppRunner | None = None
        self._streams: set[EventSourceResponse] = set()
        self._messages: dict[str, str] = {}

    @property
    def url(self) -> str:
        """The page's address, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listens; the first time on a free port unless one was given."""
        app = web.Application(middlewares=[_polite])
        app.router.add_get("/", self._file)
        app.router.add_get("/page/{file}", self._file)
        app.router.add_get("/api/people", self._people)
        app.router.add_get("/api/tools", self._tools)
        app.router.add_get("/api/suggestions", self._suggestions)
        app.router.add_get("/api/estate", self._estate)
        app.router.add_get("/api/events", self._events)
        app.router.add_get("/api/chats/{email}", self._chat)
        app.router.add_get("/api/requests/{id}", self._request)
        app.router.add_post("/api/chats", self._message)
        app.router.add_post("/api/requests", self._form)
        app.router.add_post("/api/actions", self._action)
        app.router.add_post("/api/previews", self._preview)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Ends every connection, as a server that goes away does."""
        for stream in list(self._streams):
            stream.stop_streaming()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def tell(self) -> None:
        """Tells the open pages whose chats changed since the last time."""
        touched, self.story.touched = sorted(self.story.touched), set()
        for stream in list(self._streams):
            with contextlib.suppress(ConnectionError):
                await stream.send(json.dumps({"chats": touched}), event="changed")

    async def _file(self, request: web.Request) -> web.FileResponse:
        path = PAGE / request.match_info.get("file", "index.html")
        if path.parent != PAGE or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path)

    async def _people(self, _: web.Request) -> web.Response:
        return web.json_response(PEOPLE)

    async def _tools(self, _: web.Request) -> web.Response:
        return web.json_response(TOOLS)

    async def _suggestions(self, request: web.Request) -> web.Response:
        return web.json_response(SUGGESTIONS if request.query["as"] in {ALICE, BEN, MIA} else SUGGESTIONS[:2])

    async def _estate(self, _: web.Request) -> web.Response:
        return web.json_response({"changes": self.story.changes})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        async with sse_response(request) as stream:
            self._streams.add(stream)
            try:
                await stream.wait()
            finally:
                self._streams.discard(stream)
        return stream

    async def _chat(self, request: web.Request) -> web.Response:
        entries = self.story.chats.get(request.match_info["email"])
        if entries is None:
            raise Refused(404, "Nobody here has this address.")
        return web.json_response({"items": [item(self.story, entry) for entry in entries]})

    async def _request(self, request: web.Request) -> web.Response:
        found = self.story.requests.get(request.match_info["id"])
        if found is None:
            raise Refused(404, "There is no such request.")
        call = {
            "tool": found.tool,
            "arguments": found.arguments,
            "decision": TOOL[found.tool]["decision"],
            "status": found.status,
            "result": found.result,
        }
        approvals = [
            {"seat": seat.name, "status": seat.status, "by": seat.by or None, "reason": seat.reason or None}
            for seat in found.seats
        ]
        return web.json_response(
            {"status": found.status, "requester": found.requester, "calls": [call], "approvals": approvals}
        )

    async def _message(self, request: web.Request) -> web.Response:
        body = await request.json()
        known = self._messages.get(body.get("id", ""))
        opened = known or self.story.hear(body["as"], body["text"])
        if body.get("id"):
            self._messages[body["id"]] = opened
        await self.tell()
        return web.json_response({"request": opened})

    async def _form(self, request: web.Request) -> web.Response:
        body = await request.json()
        tool, arguments = TOOL[body["tool"]], body["arguments"]
        fields = {
            "/".join(str(step) for step in error.instance_path): error.message
            for error in jsonschema_rs.validator_for(tool["schema"], validate_formats=True).iter_errors(
                arguments
            )
        }
        if "event" in arguments and "fair" in arguments["event"].lower() and arguments.get("laptops", 0) > 20:
            fields["laptops"] = "A fair gets 20 laptops at most."
        if fields:
            raise Refused(422, "Some fields need another look.", fields)
        self.story.line(body["as"], body["as"], f"{tool['title']}: {body.get('note') or 'no note'}")
        opened = self.story.ask(body["as"], body["tool"], arguments, body.get("note") or "")
        await self.tell()
        return web.json_response({"request": opened})

    def _card(self, body: dict[str, Json]) -> tuple[CardPlace, str]:
        place, email = self.story.cards.get(str(body["card"])), str(body["as"])
        allowed = place and (
            email in place.seat.approvers if place.seat else email == place.request.requester
        )
        if place is None or not allowed:
            raise Refused(404, "There is no such card for you.")
        return place, email

    async def _action(self, request: web.Request) -> web.Response:
        body = await request.json()
        place, email = self._card(body)
        values = body.get("values") or {}
        seat = place.seat
        if seat is not None and seat.status in {"approved", "denied"}:
            raise Refused(409, f"{NAMES[seat.by]} already {seat.status} this.")
        if not place.request.is_open:
            raise Refused(409, f"This request is {place.request.status} already.")
        message = self._run_action(place, email, body["action"], values)
        await self.tell()
        return web.json_response({"message": message})

    def _run_action(self, place: CardPlace, email: str, action: str, values: dict[str, str]) -> str:
        story, request = self.story, place.request
        if action == "approve":
            return story.decide(place, email, approved=True, reason="")
        if action == "deny":
            if len(values.get("reason", "")) < 3:
                raise Refused(
                    400, "Check the reason.", {"reason": "Say a little more, so that they can act on it."}
                )
            return story.decide(place, email, approved=False, reason=values["reason"])
        if action == "always_allow":
            story.rules.append((request.tool, request.arguments))
            return story.decide(place, email, approved=True, reason="") + " The rule is saved."
        if action == "nudge":
            return "Nudged. They were reminded just now."
        if action == "withdraw":
            request.status = "withdrawn"
            story.touch(request)
            return "Withdrawn. Nothing was changed."
        raise Refused(400, "This card does not offer that.")

    async def _preview(self, request: web.Request) -> web.Response:
        body = await request.json()
        place, _ = self._card(body)
        values = body["values"]
        if values["holder"] == "group" and not values.get("group"):
            raise Refused(400, "Choose a group to see the rule in words.")
        if values["arguments"] == "pinned" and not values.get("pinned"):
            raise Refused(400, "Choose which arguments stay fixed to see the rule in words.")
        settled = [f"{NAMES[other.requester]}: {other.title}" for other in self.story.matching(place, values)]
        history = "Matches 14 of the last 60 requests; none was denied."
        return web.json_response(
            {"sentence": sentence(place, values), "history": history, "settles": settled}
        )


def lived_in() -> Story:
    """A story with some history, for looking at the page."""
    story = Story()
    story.long_ago(timedelta(hours=20))
    story.hear(BEN, "When does my VPN certificate expire?")
    story.long_ago(timedelta(minutes=50))
    first = story.hear(ALICE, "I need access to Zendesk, I start in support on Monday")
    story.decide(story.cards[f"{first}-technician"], TOM, approved=True, reason="")
    story.decide(story.cards[f"{first}-manager"], MIA, approved=True, reason="")
    story.long_ago(timedelta(minutes=6))
    story.hear(ALICE, "My laptop was stolen, please wipe it")
    story.long_ago(timedelta(minutes=2))
    story.hear(BEN, "I need access to Zendesk")
    return story


async def _main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8099
    api = PlaygroundApi(lived_in(), port)
    await api.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
