"""What people put into cards and dialogs and press there, and what comes of it."""

from collections.abc import Mapping
from typing import Literal

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.teams_activities import activity, channel_data, invoke
from tests.servers.teams_answers import MOST_FOUND, Pressed, read_action, read_search
from tests.servers.teams_dialogs import Dialogs
from tests.servers.teams_inputs import complaints, input_named, sent, taken
from tests.servers.teams_things import Dialog, Json, Message, NotPossible, TeamsUser
from tests.servers.teams_words import Button, ByTitleOrData, button_of, buttons, card_of, titles

Wanted = ByTitleOrData | Button
"""A button by its title, by its data, or as it was seen earlier, even if it is gone by now."""


class Organisation(Dialogs):
    """One organisation, and everything that its people can do.

    What a person presses is sent as it shows now; what Teams' client would not let them do raises
    `NotPossible`, what the bot does not answer `Unanswered`, and what Teams does not understand `BadAnswer`.
    """

    def fills(self, user: TeamsUser, seen: Message | Dialog, values: Mapping[str, JsonValue]) -> None:
        """Puts values into inputs, by their ids or labels; see `teams_inputs.taken`."""
        self._check_seen(user, seen)
        card, put = card_of(seen, user), self._put(seen, user)
        for name, entry in values.items():
            one = input_named(card, name)
            found = self.world.found.get((user.id, one.id), ())
            put[one.id] = taken(card, name, entry, found)

    async def types(
        self, user: TeamsUser, seen: Message | Dialog, name: str, typed: str
    ) -> list[tuple[str, str]]:
        """Types into a field that finds things meanwhile; gives title and value of each, to be chosen.

        Raises:
            NotPossible: the field is not searched.
            BadAnswer: the bot's answer is not as Teams wants it.
        """
        self._check_seen(user, seen)
        one = input_named(card_of(seen, user), name)
        searched = one.content.get("choices.data")
        if not is_object(searched):
            raise NotPossible(f"{name} is not searched while one types")
        asked: Json = {
            "kind": "search",
            "queryText": typed,
            "queryOptions": {"skip": 0, "top": MOST_FOUND},
            "dataset": searched["dataset"],
        }
        conversation = self.world.conversations[seen.conversation]
        given = invoke(self.world, user, conversation, "application/search", asked, thread=seen.thread)
        found = read_search(await self.deliveries.sends(given))
        self.world.found[user.id, one.id] = found
        return found

    async def presses(
        self,
        user: TeamsUser,
        seen: Message | Dialog,
        button: Wanted,
        values: Mapping[str, JsonValue] | None = None,
    ) -> Pressed:
        """Puts the values in and presses a button; what shows has changed as the answer says."""
        self._check_seen(user, seen)
        if values:
            self.fills(user, seen, values)
        found = button if isinstance(button, Button) else _find(seen, user, button)
        if not found.is_enabled:
            raise NotPossible(f"{found.title} is switched off")
        data = {**found.data, **self._inputs_for(user, seen, found)}
        if found.kind == "Action.OpenUrl":
            return Pressed(kind="link", text=str(found.content["url"]))
        if isinstance(seen, Dialog):
            if found.kind != "Action.Submit":
                raise NotPossible(f"a dialog does not know {found.kind}")
            return await self._steps(user, seen, data, is_first=False)
        if found.kind == "Action.Execute":
            return await self._executes(user, seen, found, data)
        if found.kind != "Action.Submit":
            raise NotPossible(f"{found.kind} is not acted out here")
        if found.opens_dialog and user.client.opens_dialogs:
            return await self._fetches(user, seen, data)
        return await self._submits(user, seen, data)

    async def submits(
        self, user: TeamsUser, values: Mapping[str, JsonValue] | None = None, button: Wanted | None = None
    ) -> Pressed:
        """Fills in the person's open dialog and presses a button there, the first unless another is named."""
        dialog = self._open_dialog(user)
        offered = buttons(dialog, user)
        if not offered:
            raise NotPossible("the dialog has no button")
        return await self.presses(user, dialog, button or offered[0], values)

    async def refreshes(self, user: TeamsUser, message: Message) -> Pressed | None:
        """Looks at a card that may refresh itself for this person; None when it does not."""
        self._check_seen(user, message)
        refresh = (message.card or {}).get("refresh")
        if not is_object(refresh) or not is_object(refresh["action"]):
            return None
        users = refresh.get("userIds")
        if is_list(users) and user.id not in users:
            return None
        action = refresh["action"]
        data = action.get("data")
        sent_data = dict(data) if is_object(data) else {}
        return await self._invokes(user, message, str(action["verb"]), sent_data, trigger="automatic")

    async def forges(
        self,
        user: TeamsUser,
        seen: Message,
        data: JsonObject,
        *,
        how: Literal["Action.Execute", "Action.Submit", "task/fetch", "task/submit"] = "Action.Execute",
        verb: str = "act",
    ) -> Pressed:
        """Sends a press that no client would, with this data, in the person's name."""
        match how:
            case "Action.Execute":
                return await self._invokes(user, seen, verb, data)
            case "Action.Submit":
                return await self._submits(user, seen, data)
            case "task/fetch":
                return await self._fetches(user, seen, data)
            case "task/submit":
                origin = Dialog(
                    user=user.id,
                    title="",
                    card={},
                    conversation=seen.conversation,
                    thread=seen.thread,
                    replies_to=seen.id,
                )
                return await self._steps(user, origin, data, is_first=False)

    def removes(self, message: Message) -> None:
        """Takes a message away, as its reader or an admin can."""
        message.is_deleted = True

    async def _executes(self, user: TeamsUser, message: Message, button: Button, data: JsonObject) -> Pressed:
        named: Json = {name: button.content[name] for name in ("id", "title") if name in button.content}
        return await self._invokes(user, message, button.verb, data, named=named)

    async def _invokes(
        self,
        user: TeamsUser,
        message: Message,
        verb: str,
        data: JsonObject,
        *,
        trigger: str = "manual",
        named: JsonObject | None = None,
    ) -> Pressed:
        """Sends an `adaptiveCard/action`, and does what the bot answers."""
        action: Json = {"type": "Action.Execute", **(named or {}), "verb": verb, "data": data}
        conversation = self.world.conversations[message.conversation]
        given = invoke(
            self.world,
            user,
            conversation,
            "adaptiveCard/action",
            {"action": action, "trigger": trigger},
            thread=message.thread,
            replies_to=message.id,
        )
        found = read_action(await self.deliveries.sends(given))
        if found.card is not None:
            message.shown[user.id] = found.card
            self.world.put.pop((user.id, message.id), None)
        if found.text:
            self.notices(user).append(found.text)
        return found

    async def _submits(self, user: TeamsUser, message: Message, data: JsonObject) -> Pressed:
        """Sends a press as a message with a value, without words unless the button has some.

        An `imBack` is a message like any other, as if the person had typed it.
        Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-actions
        """
        conversation = self.world.conversations[message.conversation]
        told = data.get("msteams")
        if is_object(told) and told.get("type") == "imBack":
            said = await self.says(user, str(told["value"]), conversation, thread=message.thread)
            return Pressed(kind="sent", text=said.text)
        made = activity(
            self.world,
            user,
            conversation,
            "message",
            message.thread,
            id=self.world.numbers.message(),
            value=data,
            replyToId=message.id,
        )
        if is_object(told) and told.get("type") == "messageBack":
            made["text"] = told.get("text")
        made["channelData"] = {
            **channel_data(conversation, "message"),
            "legacy": {"replyToId": message.id},
        }
        return Pressed(kind="sent", answer=await self.deliveries.tells(made))

    def _inputs_for(self, user: TeamsUser, seen: Message | Dialog, button: Button) -> Json:
        """Gives what the inputs add to a button's data.

        Raises:
            NotPossible: an input does not let the person send.
        """
        sends = button.kind in {"Action.Execute", "Action.Submit"}
        if not sends or str(button.content.get("associatedInputs", "auto")).lower() == "none":
            return {}
        card, put = card_of(seen, user), self._put(seen, user)
        found = complaints(card, put)
        if found:
            raise NotPossible(f"{button.title} cannot be pressed yet: {found}")
        return sent(card, put, user.client)

    def _check_seen(self, user: TeamsUser, seen: Message | Dialog) -> None:
        if isinstance(seen, Message):
            self._where(seen, user)
        elif self.dialog(user) is not seen:
            raise NotPossible("this dialog is not open to this person any more")


def _find(seen: Message | Dialog, user: TeamsUser, wanted: ByTitleOrData) -> Button:
    found = button_of(seen, user, wanted)
    if found is None:
        raise NotPossible(f"there is no such button; there are {titles(seen, user)}")
    return found
