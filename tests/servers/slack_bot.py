"""A small Bolt app, to try the test server with, over sockets and signed requests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import SlackServer
from tests.servers.slack_sight import eventually

Body = dict[str, Any]
Ack = Callable[..., Awaitable[None]]

MODAL: Body = {
    "type": "modal",
    "callback_id": "note",
    "notify_on_close": True,
    "title": {"type": "plain_text", "text": "Note"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "note",
            "label": {"type": "plain_text", "text": "Note"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        },
        {
            "type": "input",
            "block_id": "who",
            "optional": True,
            "label": {"type": "plain_text", "text": "Who"},
            "element": {"type": "external_select", "action_id": "find", "min_query_length": 1},
        },
    ],
}
CARD: list[Body] = [
    {"type": "section", "text": {"type": "plain_text", "text": "May it?"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "approve",
                "value": "7",
                "text": {"type": "plain_text", "text": "Approve"},
            }
        ],
    },
]


def authorize_by(slack: SlackServer) -> Callable[..., Awaitable[AuthorizeResult]]:
    async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        world = slack.api.places[team_id or ""].world
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=world.bot.id,
            bot_id=world.bot_id,
            bot_token=world.bot_token,
        )

    return authorize


class Bot:
    """A bot that answers direct messages with a card, whose button opens a modal."""

    def __init__(self, slack: SlackServer) -> None:
        self.slack = slack
        self.retries: list[str] = []
        self.submitted: list[Body] = []
        self.seen: list[Body] = []
        self.fail_next = False
        client = AsyncWebClient(base_url=slack.api_url)
        self.app = AsyncApp(
            client=client,
            signing_secret=slack.keys.signing_secret,
            authorize=authorize_by(slack),
            process_before_response=True,
        )
        self.app.event("message")(self._message)
        self.app.event("app_mention")(self._event)
        self.app.event("assistant_thread_started")(self._event)
        self.app.event("app_home_opened")(self._home)
        self.app.action("approve")(self._approve)
        self.app.view("note")(self._submit)
        self.app.view_closed("note")(self._event)
        self.app.options("find")(self._options)
        self.app.command("/policy")(self._command)
        self.app.shortcut("ask")(self._shortcut)

    async def _message(self, event: Body, request: Any, client: AsyncWebClient) -> None:
        self.retries += request.headers.get("x-slack-retry-num", ["0"])
        if self.fail_next:
            self.fail_next = False
            raise RuntimeError("out of paper")
        self.seen.append(event)
        await client.chat_postMessage(channel=event["channel"], text="May it?", blocks=CARD)

    async def _event(self, body: Body, ack: Ack) -> None:
        await ack()
        self.seen.append(body)

    async def _home(self, event: Body, client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": CARD})

    async def _approve(self, ack: Ack, body: Body, client: AsyncWebClient) -> None:
        await ack()
        self.seen.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    async def _submit(self, ack: Ack, view: Body) -> None:
        if view["state"]["values"]["note"]["text"]["value"] == "no":
            await ack(response_action="errors", errors={"note": "Say more."})
            return
        self.submitted.append(view["state"]["values"])
        await ack()

    async def _options(self, ack: Ack, payload: Body) -> None:
        found = payload["value"]
        await ack(options=[{"text": {"type": "plain_text", "text": found.title()}, "value": found}])

    async def _command(self, ack: Ack, command: Body, respond: Any) -> None:
        await ack(f"You said {command['text']}")
        await respond(text="And this later.")

    async def _shortcut(self, ack: Ack, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)


@asynccontextmanager
async def over_sockets(bot: Bot, slack: SlackServer, sockets: int = 1) -> AsyncIterator[None]:
    """Runs the bot on so many sockets."""
    async with AsyncExitStack() as stack:
        for _ in range(sockets):
            token = slack.keys.app_token
            client = AsyncWebClient(token=token, base_url=slack.api_url)
            handler = AsyncSocketModeHandler(bot.app, token, web_client=client, ping_interval=0.2)
            await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt does not type it
            stack.push_async_callback(handler.close_async)
        await eventually(lambda: slack.sockets.open == sockets, "the sockets are open")
        yield


@asynccontextmanager
async def over_http(bot: Bot, slack: SlackServer) -> AsyncIterator[str]:
    """Runs the bot on an address that Slack posts to; gives the address."""

    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await bot.app.async_dispatch(await to_bolt_request(request)))

    async with an_app(handle) as url:
        slack.posts_to(url)
        yield url


@asynccontextmanager
async def an_app(handle: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """Runs anything that answers requests; gives its address."""
    app = web.Application()
    app.router.add_post("/slack/events", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()
