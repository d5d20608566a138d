"""The playground's HTTP API: act as any person of the demo, over the same stages as every surface."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp_sse import sse_response

from bot.chat.web.body import body_of, object_in, text_in
from bot.chat.web.render import chat_json, person_json, story_json, tool_json
from bot.chat.web.surface import WebSurface
from bot.domain.canonical import JsonObject
from bot.domain.people import Person
from bot.domain.requests import ApprovalId, RequestId
from bot.domain.tools import NotATool, ToolId, shortened
from bot.flow.act import Act
from bot.flow.form import Form, TakeForm
from bot.flow.gather import gather
from bot.flow.intake import MAX_TEXT, Intake, Message
from bot.flow.judge import bench_of
from bot.flow.plan import visible_tools
from bot.flow.preview import PreviewGrant
from bot.flow.refusals import BadForm, UnknownPerson, UnknownRequest
from bot.flow.seams import AGENT, Seams
from bot.flow.vouched import vouched_now
from bot.ports.store import ChatItem, ChatLog

POLL_S: Final = 0.2
"""Seconds between looks for changes that another process may have made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playground:
    """What the API works with."""

    seams: Seams
    surface: WebSurface
    log: ChatLog
    settle: Callable[[RequestId | None], Awaitable[None]]
    """Brings what the outbox holds for a request to the chats before the answer goes out."""
    people: Callable[[], Awaitable[Sequence[Person]]]
    """Everyone one can act as."""
    estate: Callable[[], JsonObject]
    """The last changes in the demo company's systems."""


class Api:
    """The handlers, one per route."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._seams = playground.seams
        self._intake = Intake(playground.seams)
        self._form = TakeForm(playground.seams)
        self._act = Act(playground.seams)
        self._preview = PreviewGrant(playground.seams)

    def routes(self) -> list[web.RouteDef]:
        """Gives the routes of the API."""
        return [
            web.get("/api/people", self.people),
            web.post("/api/chats", self.message),
            web.post("/api/requests", self.form),
            web.get("/api/requests/{request}", self.request),
            web.get("/api/chats/{email}", self.chat),
            web.post("/api/actions", self.action),
            web.post("/api/previews", self.preview),
            web.get("/api/tools", self.tools),
            web.get("/api/suggestions", self.suggestions),
            web.get("/api/estate", self.estate),
            web.get("/api/events", self.events),
        ]

    async def people(self, _: web.Request) -> web.Response:
        """Answers with everyone one can act as."""
        everyone = await self._playground.people()
        names = {person.id: person.name for person in everyone}
        return web.json_response(
            [person_json(one, names.get(one.manager) if one.manager else None) for one in everyone]
        )

    async def message(self, request: web.Request) -> web.Response:
        """Takes a message in, as if the person had written it."""
        body = await body_of(request, '{"as": "alice@acme.test", "text": "I need access to Zendesk"}')
        person = await self._person(text_in(body, "as"))
        text = text_in(body, "text")
        key = text_in(body, "id", required=False) or self._seams.ids.new()
        if text.strip() and len(text) <= MAX_TEXT:
            await self._echo(person, text.strip(), key)
        message = Message(
            surface="web", place=person.id, person=person.id, text=text, key=f"{person.id}/{key}"
        )
        opened = await self._intake(message)
        await self._playground.settle(opened)
        return web.json_response({"request": opened})

    async def form(self, request: web.Request) -> web.Response:
        """Takes a filled request form in."""
        example = '{"as": "alice@acme.test", "tool": "acme-it:reset_password", "arguments": {…}}'
        body = await body_of(request, example)
        person = await self._person(text_in(body, "as"))
        try:
            tool = ToolId.parse(text_in(body, "tool"))
        except NotATool as refusal:
            raise BadForm(fields={"tool": refusal.sentence}) from None
        key = text_in(body, "id", required=False)
        opened = await self._form(
            Form(
                surface="web",
                place=person.id,
                person=person.id,
                tool=tool,
                arguments=object_in(body, "arguments"),
                note=text_in(body, "note", required=False),
                key=f"{person.id}/{key}" if key else None,
            )
        )
        await self._playground.settle(opened)
        return web.json_response({"request": opened})

    async def request(self, request: web.Request) -> web.Response:
        """Answers with a request, its calls and its approvals."""
        story = await gather(self._seams, RequestId(request.match_info["request"]))
        if story is None:
            raise UnknownRequest
        return web.json_response(story_json(story))

    async def chat(self, request: web.Request) -> web.Response:
        """Answers with a person's chat, oldest item first."""
        person = await self._person(request.match_info["email"])
        await self._playground.settle(None)
        items = await self._playground.log.items(self._seams.tenant, person.id)
        return web.json_response(
            chat_json([(item.content, item.at.isoformat(timespec="milliseconds")) for item in items])
        )

    async def action(self, request: web.Request) -> web.Response:
        """Takes a click on a card."""
        body = await body_of(request, '{"as": "bob@acme.test", "card": "…", "action": "approve"}')
        person = await self._person(text_in(body, "as"))
        values = object_in(body, "values")
        sentence = await self._act(text_in(body, "card"), person.id, text_in(body, "action"), values)
        await self._playground.settle(None)
        return web.json_response({"message": sentence})

    async def preview(self, request: web.Request) -> web.Response:
        """Answers what Always allow would do with these values."""
        body = await body_of(request, '{"as": "bob@acme.test", "card": "…", "values": {…}}')
        person = await self._person(text_in(body, "as"))
        values = object_in(body, "values")
        preview = await self._preview(ApprovalId(text_in(body, "card")), person.id, values)
        return web.json_response(
            {"sentence": preview.sentence, "history": preview.history, "settles": list(preview.settles)}
        )

    async def tools(self, request: web.Request) -> web.Response:
        """Answers with the tools that the person may ask for by form."""
        person = await vouched_now(self._seams, await self._person(request.query.get("as", "")))
        async with self._seams.store.view(self._seams.tenant) as view:
            bench = await bench_of(view)
        now = self._seams.clock.now()
        found = visible_tools(bench, person, agent=AGENT, surface="web", now=now)
        shown = [found[tool] for tool in sorted(found)]
        return web.json_response([tool_json(tool, decision.action.value) for tool, decision in shown])

    async def suggestions(self, request: web.Request) -> web.Response:
        """Answers with a few things to try."""
        await self._person(request.query.get("as", ""))
        return web.json_response(list(await self._seams.planner.suggestions()))

    async def estate(self, _: web.Request) -> web.Response:
        """Answers with the last changes in the company's systems."""
        changes = await asyncio.to_thread(self._playground.estate)
        return web.json_response(changes)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Streams whose chats change, until the page goes away."""
        tenant = self._seams.tenant
        revision, _ = await self._playground.log.changed_since(tenant, 0)
        async with sse_response(request) as response:
            await response.send(json.dumps({"chats": []}), event="changed")
            while response.is_connected():
                revision, changed = await self._playground.log.changed_since(tenant, revision)
                if changed:
                    found = [await self._seams.directory.person(person) for person in sorted(changed)]
                    emails = [person.email for person in found if person is not None]
                    await response.send(json.dumps({"chats": emails}), event="changed")
                await asyncio.sleep(POLL_S)
        return response

    async def _person(self, email: str) -> Person:
        found = await self._seams.directory.by_email(email)
        if found is None:
            raise UnknownPerson(email=shortened(email))
        return found

    async def _echo(self, person: Person, text: str, key: str) -> None:
        await self._playground.log.append(
            self._seams.tenant,
            ChatItem(
                id=f"message-{shortened(key)}/{person.id}",
                person=person.id,
                at=self._seams.clock.now(),
                content={"kind": "text", "from": person.email, "text": text},
            ),
        )
