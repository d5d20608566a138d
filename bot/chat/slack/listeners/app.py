"""The Bolt app: what Slack sends goes to its listener, which answers first and works afterwards."""

import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Final

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.access import Access
from bot.chat.slack.connection import quiet_logger
from bot.chat.slack.listeners.arrivals import Arrivals
from bot.chat.slack.listeners.assistant import Assistant
from bot.chat.slack.listeners.clicks import Clicks, card_of, click_of
from bot.chat.slack.listeners.commands import Commands
from bot.chat.slack.listeners.forms import Forms
from bot.chat.slack.listeners.front import Front, Who, who_of
from bot.chat.slack.listeners.homes import HomePages
from bot.chat.slack.listeners.pages import Pages
from bot.chat.slack.listeners.submissions import Handler, Submissions
from bot.chat.slack.manifest import COMMANDS, EVENTS, SHORTCUTS
from bot.chat.slack.modals.allow import ALLOW
from bot.chat.slack.modals.ask import ASK
from bot.chat.slack.modals.dialog import DIALOG
from bot.chat.slack.modals.form_page import FORM
from bot.chat.slack.modals.request_form import REQUEST
from bot.chat.slack.shown.answer import COMMAND
from bot.chat.slack.shown.buttons import ACT, VIEW_ALL
from bot.chat.slack.shown.home import ASK_BUTTON
from bot.chat.slack.shown.whole import NEXT, PREVIOUS
from bot.chat.slack.workspaces import Workspace
from bot.documents.json_reading import object_at, object_of, rows_at, text_at
from bot.domain.canonical import JsonObject

_OLD_BUTTON: Final = "This button is not in use any more. Use the newest card in our chat."

log = structlog.get_logger()

Acknowledge = Callable[..., Awaitable[object]]
Listener = Callable[..., Awaitable[None]]


class UnknownWorkspace(Exception):
    """The event is from a workspace that the bot is not in; Bolt has let it through by mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The listeners' parts, one for each kind of thing that people do."""

    front: Front
    arrivals: Arrivals
    clicks: Clicks
    submissions: Submissions
    forms: Forms
    pages: Pages
    commands: Commands
    homes: HomePages
    assistant: Assistant


def slack_app(access: Access, desk: Desk, client: AsyncWebClient) -> AsyncApp:
    """Gives the app with every listener that the manifest names, and no other."""
    app = AsyncApp(
        name="countersign",
        logger=quiet_logger(),
        client=client,
        # Without a secret nothing is ever verified by it: a random one that nobody knows refuses everything.
        signing_secret=access.signing_secret or secrets.token_hex(32),
        authorize=_authorize(desk.front),  # type: ignore[arg-type]  # Bolt takes None for “not installed”, untyped
        # The answer goes out when the listener returns, so that an error can neither lose it nor fake it.
        process_before_response=True,
    )
    app.error(_failed)
    _Events(app, desk).register()
    _Interactions(app, desk).register()
    return app


def _authorize(front: Front) -> Callable[..., Awaitable[AuthorizeResult | None]]:
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        found = await front.workspaces.find(team=team_id or "", enterprise=enterprise_id or "")
        if found is None:
            log.warning("slack.foreign_workspace")
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=found.bot_user,
            bot_id=found.bot_id,
            bot_token=found.token,
        )

    return authorize


async def _failed(error: Exception) -> BoltResponse:
    """Tells Slack that it was not taken, so that events come again; bodies are never logged."""
    log.error("slack.listener_failed", why=type(error).__name__)
    return BoltResponse(status=500, body="")


class _Registry:
    def __init__(self, app: AsyncApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk
        self._front = desk.front

    async def _workspace(self, context: AsyncBoltContext) -> Workspace:
        found = await self._front.workspaces.find(
            team=context.team_id or "", enterprise=context.enterprise_id or ""
        )
        if found is None:
            raise UnknownWorkspace
        return found

    def _later(self, work: Coroutine[object, object, None], what: str) -> None:
        self._front.background.start(work, what)


class _Events(_Registry):
    """What happens in Slack."""

    def register(self) -> None:
        listeners: dict[str, Listener] = {
            "message": self._message,
            "app_mention": self._message,
            "app_home_opened": self._home,
            "assistant_thread_started": self._assistant,
            "app_uninstalled": self._removed,
            "tokens_revoked": self._removed,
        }
        for event in dict.fromkeys(name.partition(".")[0] for name in EVENTS):
            self._app.event(event)(listeners[event])

    async def _message(self, event: JsonObject, context: AsyncBoltContext) -> None:
        workspace = await self._workspace(context)
        if await self._desk.arrivals.keep(event, workspace):
            self._later(self._desk.arrivals.take(), "arrivals")

    async def _home(self, event: JsonObject, context: AsyncBoltContext) -> None:
        workspace = await self._workspace(context)
        if text_at(event, "tab") == "messages":
            self._later(self._desk.assistant.opened(workspace, text_at(event, "channel")), "assistant")
            return
        who = Who(workspace=workspace, user=text_at(event, "user"))
        self._later(self._desk.homes.opened(who), "home")

    async def _assistant(self, event: JsonObject, context: AsyncBoltContext) -> None:
        workspace = await self._workspace(context)
        channel = text_at(event, "assistant_thread", "channel_id")
        thread = text_at(event, "assistant_thread", "thread_ts")
        self._later(self._desk.assistant.opened(workspace, channel, thread), "assistant")

    async def _removed(self, event: JsonObject, context: AsyncBoltContext) -> None:
        """Forgets the workspace; Slack tells both that the token is worthless and that the app is gone."""
        if text_at(event, "type") == "tokens_revoked" and not object_at(event, "tokens").get("bot"):
            return
        found = await self._front.workspaces.find(
            team=context.team_id or "", enterprise=context.enterprise_id or ""
        )
        if found is not None:
            await self._desk.commands.removed(found)


class _Interactions(_Registry):
    """What people press, send and type."""

    def register(self) -> None:
        app = self._app
        app.action(re.compile(f"^{re.escape(VIEW_ALL)}"))(self._view_all)
        app.action(re.compile(f"^({re.escape(PREVIOUS)}|{re.escape(NEXT)})$"))(self._turn)
        app.action(re.compile(f"^{re.escape(ACT)}"))(self._act)
        app.action(re.compile(f"^{re.escape(COMMAND)}"))(self._command_button)
        app.action(ASK_BUTTON)(self._ask_button)
        app.action(re.compile(r".*", re.DOTALL))(self._changed)
        handlers: dict[str, Handler] = {
            DIALOG: self._desk.submissions.dialog,
            ALLOW: self._desk.submissions.allow,
            REQUEST: self._desk.forms.request,
            ASK: self._desk.forms.ask,
            FORM: self._desk.pages.sent,
        }
        for callback, handler in handlers.items():
            app.view(callback)(self._sent(handler))
        for command in COMMANDS:
            app.command(command)(self._command)
        for shortcut in SHORTCUTS:
            app.shortcut(shortcut)(self._shortcut)
        app.options(re.compile(r".*", re.DOTALL))(self._options)

    async def _act(self, ack: Acknowledge, body: JsonObject, context: AsyncBoltContext) -> None:
        await ack()
        who, action = who_of(await self._workspace(context), body), _clicked(body)
        name = text_at(action, "action_id").removeprefix(ACT)
        self._later(self._desk.clicks(click_of(who, body, action=name, card=card_of(action))), "click")

    async def _view_all(self, ack: Acknowledge, body: JsonObject, context: AsyncBoltContext) -> None:
        await ack()
        who, action = who_of(await self._workspace(context), body), _clicked(body)
        click = click_of(who, body, action=VIEW_ALL, card=card_of(action))
        self._later(self._desk.clicks.view_all(click), "view-all")

    async def _turn(self, ack: Acknowledge, body: JsonObject, context: AsyncBoltContext) -> None:
        await ack()
        who, action = who_of(await self._workspace(context), body), _clicked(body)
        self._later(
            self._desk.clicks.turn(click_of(who, body, action=VIEW_ALL, card=card_of(action))), "turn"
        )

    async def _command_button(self, ack: Acknowledge, body: JsonObject, context: AsyncBoltContext) -> None:
        await ack()
        who, action = who_of(await self._workspace(context), body), _clicked(body)
        line = text_at(action, "value") or text_at(object_at(action, "selected_option"), "value")
        work = self._desk.commands.pressed(who, line, trigger=text_at(body, "trigger_id"))
        self._later(work, "command-button")

    async def _ask_button(self, ack: Acknowledge, body: JsonObject, context: AsyncBoltContext) -> None:
        await ack()
        who = who_of(await self._workspace(context), body)
        self._later(self._desk.forms.open_request(who, text_at(body, "trigger_id")), "ask-button")

    async def _changed(self, ack: Acknowledge, body: JsonObject, context: AsyncBoltContext) -> None:
        """Takes what was changed in an open modal, and answers buttons that are none of ours any more."""
        await ack()
        who, view = who_of(await self._workspace(context), body), object_of(body.get("view"))
        callback = text_at(view, "callback_id")
        if callback == ALLOW:
            self._later(self._desk.clicks.allow_again(who, view), "preview")
        elif callback == REQUEST:
            self._later(self._desk.forms.changed(who, view, _clicked(body)), "form")
        elif not callback:
            self._later(self._front.tell(who, _OLD_BUTTON), "old-button")

    def _sent(self, handler: Handler) -> Listener:
        async def sent(ack: Acknowledge, body: JsonObject, context: AsyncBoltContext) -> None:
            who = who_of(await self._workspace(context), body)
            await self._desk.submissions(who, object_of(body.get("view")), ack, handler)

        return sent

    async def _command(self, ack: Acknowledge, command: JsonObject, context: AsyncBoltContext) -> None:
        await ack()
        who = Who(
            workspace=await self._workspace(context),
            user=text_at(command, "user_id"),
            channel=text_at(command, "channel_id"),
        )
        work = self._desk.commands(
            who,
            text_at(command, "command"),
            text_at(command, "text"),
            trigger=text_at(command, "trigger_id"),
            respond=context.respond,
        )
        self._later(work, "command")

    async def _shortcut(self, ack: Acknowledge, body: JsonObject, context: AsyncBoltContext) -> None:
        await ack()
        who = who_of(await self._workspace(context), body)
        self._later(self._desk.forms.shortcut(who, body), "shortcut")

    async def _options(self, ack: Acknowledge, body: JsonObject, context: AsyncBoltContext) -> None:
        who = who_of(await self._workspace(context), body)
        is_page = text_at(body, "view", "callback_id") == FORM
        listed = self._desk.pages.options if is_page else self._desk.forms.options
        await ack(**await listed(who, body))


def _clicked(body: JsonObject) -> JsonObject:
    return next(iter(rows_at(body, "actions")), {})
