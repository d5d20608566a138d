"""Slash commands: the common grammar, with Slack's mentions; each is answered to its writer alone."""

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import ClientError
from slack_sdk.errors import SlackClientError

from bot.cards.answer import Answer, AsMessage, OpenForm, Outcome
from bot.cards.form import FormPage
from bot.chat.commands import parse_command
from bot.chat.slack.api import BadToken, answer
from bot.chat.slack.listeners.forms import SENT, Forms
from bot.chat.slack.listeners.front import BROKEN, Front, Who
from bot.chat.slack.listeners.pages import Pages
from bot.chat.slack.oauth import StoredInstallations
from bot.chat.slack.posting import Words
from bot.chat.slack.shown.answer import answer_words
from bot.chat.slack.shown.says import spoken
from bot.chat.slack.workspaces import SLACK, Workspace
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.form import Asker, MentionRef
from bot.flow.commands.help import HelpCommand
from bot.flow.commands.request import RequestCommand
from bot.ports.outside import Gone, Unreachable

Respond = Callable[..., Awaitable[object]]
"""Answers at the place of the command, to its writer alone."""

log = structlog.get_logger()


class Commands:
    """Takes commands."""

    def __init__(self, front: Front, forms: Forms, pages: Pages, stored: StoredInstallations) -> None:
        self._front = front
        self._forms = forms
        self._pages = pages
        self._stored = stored
        self._dispatch = Dispatch(front.seams)

    async def __call__(
        self, who: Who, command: str, text: str, *, trigger: str, respond: Respond | None = None
    ) -> None:
        """Does what the command says and answers it.

        Args:
            who: whose command it is.
            command: its name with the slash.
            text: what stands behind it.
            trigger: what a form can be opened with, for 3 seconds.
            respond: how it is answered where it was written; None answers in the direct message.
        """
        line = f"{command.removeprefix('/')} {_unescaped(text)}"
        await self._line(who, line, trigger=trigger, respond=respond, written=text)

    async def pressed(self, who: Who, line: str, *, trigger: str) -> None:
        """Does what a button or a selector of an answer says."""
        await self._line(who, line, trigger=trigger, respond=None)

    async def _line(
        self, who: Who, line: str, *, trigger: str, respond: Respond | None, written: str | None = None
    ) -> None:
        """Does what a line says; `written` is what stood behind the command's name, as Slack spells it."""
        try:
            outcome, person = await self._outcome(who, line)
            match outcome:
                case Answer():
                    await self._answer(who, answer_words(outcome), respond)
                case OpenForm():
                    await self._forms.open_request(who, trigger)
                case FormPage():
                    await self._pages.opened(who, trigger, outcome)
                case AsMessage(text=words):
                    text = words if written is None else await self._front.read(who.workspace, written)
                    await self._forms.take_words(who, person, text, key=f"command/{trigger}")
                    await self._answer(who, spoken(SENT), respond)
        except Refusal as refusal:
            await self._answer(who, spoken(refusal.sentence), respond)
        except Exception:
            log.exception("command.failed")
            await self._answer(who, spoken(BROKEN), respond)

    async def _outcome(self, who: Who, line: str) -> tuple[Outcome, Person]:
        command = parse_command(line)
        is_open = isinstance(command, RequestCommand | HelpCommand)
        person = await self._front.person(who, action="command", deciding=not is_open)

        async def find(mention: MentionRef) -> Person | None:
            try:
                return await self._front.people.person(who.workspace, mention.surface_id)
            except Gone:
                return None
            except Unreachable:
                raise
            except Refusal:
                return None

        return await self._dispatch(command, Asker(person=person, surface=SLACK, find=find)), person

    async def _answer(self, who: Who, words: list[Words], respond: Respond | None) -> None:
        for one in words:
            if respond is None or not await _is_answered(respond, one):
                await self._front.show(who, one)

    async def removed(self, workspace: Workspace) -> None:
        """Forgets a workspace from which the app was removed; one where it was put back by now stays."""
        try:
            await answer("auth.test", workspace.client.auth_test)
        except BadToken:
            team = "" if workspace.is_whole else workspace.team
            await self._stored.async_delete_all(enterprise_id=workspace.enterprise, team_id=team)


async def _is_answered(respond: Respond, words: Words) -> bool:
    """Answers at the place of the command; False where Slack does not take it there."""
    try:
        told = await respond(
            text=words.text, blocks=list(words.blocks), response_type="ephemeral", replace_original=False
        )
    except (ClientError, SlackClientError, TimeoutError, OSError, ValueError) as error:
        log.info("command.unanswered", why=type(error).__name__)
        return False
    return getattr(told, "status_code", 200) == 200


def _unescaped(text: str) -> str:
    """Gives the text with the signs that Slack wrote as entities; its own marks stay."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
