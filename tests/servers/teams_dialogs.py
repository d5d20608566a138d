"""Dialogs: how a button or a message extension opens one, its steps, and how it closes."""

from typing import Final

from bot.domain.canonical import JsonObject
from tests.servers.teams_activities import invoke, payload_of
from tests.servers.teams_answers import Pressed, read_dialog
from tests.servers.teams_sight import Place
from tests.servers.teams_speech import Speech
from tests.servers.teams_things import Dialog, Json, Message, NotPossible, TeamsUser

FETCH: Final = "task/fetch"
SUBMIT: Final = "task/submit"


class Dialogs(Speech):
    """Each person has at most one dialog; a new one takes the place of the old."""

    async def composes(
        self, user: TeamsUser, command: str, place: Place | None = None, *, message: Message | None = None
    ) -> Pressed:
        """Chooses a command of the bot's message extension, under the compose box or at a message.

        Raises:
            BadAnswer: the bot opens nothing.
            Unanswered: it answered with an error, or not in time.
        """
        conversation = self._conversation(place or user)
        if message is not None:
            conversation = self._where(message, user)
        asked: Json = {
            "commandId": command,
            "commandContext": "message" if message is not None else "compose",
            "requestId": self.world.numbers.guid(),
        }
        thread = ""
        if message is not None:
            thread = message.thread
            asked["messagePayload"] = payload_of(self.world, message)
        origin = Dialog(
            user=user.id, title="", card={}, conversation=conversation.id, thread=thread, command=asked
        )
        return await self._steps(user, origin, {}, is_first=True)

    async def closes(self, user: TeamsUser) -> None:
        """Closes the open dialog; the bot does not hear of it.

        Raises:
            NotPossible: none is open.
        """
        if self.world.dialogs.pop(user.id, None) is None:
            raise NotPossible("no dialog is open")

    def _open_dialog(self, user: TeamsUser) -> Dialog:
        found = self.dialog(user)
        if found is None:
            raise NotPossible("no dialog is open")
        return found

    async def _fetches(self, user: TeamsUser, message: Message, data: JsonObject) -> Pressed:
        """Asks for the dialog of a button."""
        origin = Dialog(
            user=user.id,
            title="",
            card={},
            conversation=message.conversation,
            thread=message.thread,
            replies_to=message.id,
        )
        return await self._steps(user, origin, {**data, "type": FETCH}, is_first=True)

    async def _steps(self, user: TeamsUser, before: Dialog, data: JsonObject, *, is_first: bool) -> Pressed:
        """Sends the first or a further step of a dialog, and does what the bot answers."""
        value: Json = {**before.command, "context": {"theme": user.client.theme}}
        if not before.command or not is_first:
            value["data"] = data
        if before.command:
            name = "composeExtension/fetchTask" if is_first else "composeExtension/submitAction"
        else:
            name = FETCH if is_first else SUBMIT
        given = invoke(
            self.world,
            user,
            self.world.conversations[before.conversation],
            name,
            value,
            thread=before.thread,
            replies_to=before.replies_to,
        )
        found = read_dialog(await self.deliveries.sends(given), before, must_open=is_first)
        if found.dialog is not None:
            self.world.dialogs[user.id] = found.dialog
        else:
            self.world.dialogs.pop(user.id, None)
        if found.text:
            self.notices(user).append(found.text)
        return found
