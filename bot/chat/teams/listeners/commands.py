"""Commands: the common grammar, written as messages or carried by buttons; answered to their writer alone."""

from bot.cards import answer
from bot.cards.answer import Answer, AsMessage, OpenForm
from bot.cards.form import FormPage
from bot.chat.command_in_chat import command_in
from bot.chat.commands import parse_command
from bot.chat.teams.conversations import TEAMS
from bot.chat.teams.events import Turn
from bot.chat.teams.kit.actions import Do
from bot.chat.teams.listeners.forms import Forms, sent_words
from bot.chat.teams.listeners.front import IN_OUR_CHAT, Front, NoChatWithYou
from bot.chat.teams.listeners.outcome import Outcome, Shown, Told
from bot.chat.teams.listeners.pages import Pages
from bot.chat.teams.shown.answer import answer_cards
from bot.chat.teams.shown.openers import opener
from bot.chat.teams.shown.says import notified
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.flow.commands.dispatch import Dispatch
from bot.flow.commands.form import Asker, Command, MentionRef
from bot.flow.commands.help import HelpCommand
from bot.flow.commands.request import RequestCommand

ASK_IT = "Ask IT"
FORM_WAITS = "The form shows what holds now, and what your choice would change, before anything is saved."
BEGUN = (
    "I had begun with your command, and could not tell you how it ended. Look with “policy show” or “grants "
    "list” how things are now, and write it once more if it was not done."
)


class Commands:
    """Takes commands."""

    def __init__(self, front: Front, forms: Forms, pages: Pages) -> None:
        self._front = front
        self._forms = forms
        self._pages = pages
        self._dispatch = Dispatch(front.seams)

    async def written(self, turn: Turn, person: Person, text: str, *, key: str) -> bool:
        """Does what a message says, and answers it to its writer alone; False for words that are no command.

        Raises:
            NoChatWithYou: it cannot be answered to them alone; nothing is said then.
            Refusal: something is away.
        """
        try:
            command = command_in(text)
            if command is None:
                return False
            await self._answered(turn, person, command, key=key)
        except NoChatWithYou:
            raise
        except Refusal as refusal:
            if refusal.kind == "unavailable":
                raise
            place = await self._front.private(turn)
            await self._front.surface.say(place, refusal.sentence, key=f"refused/{key}")
            await self._point(turn, place, key)
        return True

    async def _answered(self, turn: Turn, person: Person, command: Command, *, key: str) -> None:
        if isinstance(command, RequestCommand) and command.words:
            text = await self._front.read(turn, command.words)
            await self._forms.take_words(turn, person, text, key=key, is_here=True)
            return
        # Nothing is done that could not be answered to its writer alone.
        place = await self._front.private(turn)
        if command.changes and not await self._front.is_first(turn, f"command/{key}"):
            await self._front.surface.say(place, BEGUN, key=f"answer/{key}/begun")
            return
        try:
            outcome = await self._done(turn, person, command)
        except Refusal:
            await self._front.forget(f"command/{key}")
            raise
        match outcome:
            case Answer():
                await self._front.show_answer(turn, outcome, key=f"answer/{key}")
            case OpenForm():
                card = opener("Choose what you need, or say it in your own words.", Do.REQUEST)
                await self._show(turn, place, card, ASK_IT, key)
            case FormPage(dialog=dialog):
                card = opener(FORM_WAITS, Do.COMMAND, title=dialog.title, line=command.text)
                await self._show(turn, place, card, notified(dialog.title), key)
            case AsMessage(text=words):
                await self._forms.take_words(turn, person, words, key=key)

    async def _show(self, turn: Turn, place: str, card: JsonObject, title: str, key: str) -> None:
        await self._front.surface.show(place, card, summary=title, key=f"form/{key}")
        await self._point(turn, place, key)

    async def _point(self, turn: Turn, place: str, key: str) -> None:
        if place != turn.place:
            await self._front.point(turn, IN_OUR_CHAT, key=f"pointer/{key}")

    async def pressed(self, turn: Turn, line: str) -> Outcome:
        """Does what a button of an answer says.

        Raises:
            Refusal: it may not or cannot be done.
        """
        person = await self._front.person(turn, action="command")
        outcome = await self._done(turn, person, parse_command(line))
        match outcome:
            case Answer():
                return Shown(title=outcome.title, cards=tuple(answer_cards(outcome)))
            case OpenForm():
                return await self._forms.request(turn)
            case FormPage():
                return self._pages.shown(outcome)
            case AsMessage(text=words):
                await self._forms.take_words(turn, person, words, key=f"command/{turn.id}")
                return Told(sentence=sent_words(turn), is_news=True)

    async def _done(self, turn: Turn, person: Person, command: Command) -> answer.Outcome:
        if not isinstance(command, RequestCommand | HelpCommand):
            person = await self._front.person(turn, action="command", deciding=True)

        async def find(mention: MentionRef) -> Person | None:
            return await self._front.people.mentioned(turn, mention.surface_id)

        return await self._dispatch(command, Asker(person=person, surface=TEAMS, find=find))
