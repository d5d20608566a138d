"""What people do with what the app shows them: pressing, choosing, submitting, commands and shortcuts."""

from collections.abc import Mapping

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_answers import apply_submission, options_in, post_answer
from tests.servers.slack_delivery import Answer, Envelope
from tests.servers.slack_elements import actionable, options_of
from tests.servers.slack_events import Events
from tests.servers.slack_payloads import at_message, command, interaction
from tests.servers.slack_shapes import is_object, length
from tests.servers.slack_state import NotPossible, Place, chosen_in, is_empty, state_of
from tests.servers.slack_views import ResponseUrl, View
from tests.servers.slack_world import Channel, Json, Message, SlackUser

Values = Mapping[str, Mapping[str, JsonValue]]
"""What is put into a view, by block and action: see `slack_state.state_of`."""


class Workspace(Events):
    """A workspace and everything that its people can do.

    What a person does with a thing that shows is sent as it is stored now, whatever the test holds; what
    Slack's client would not let them do raises `NotPossible`, and what the app does not answer `Unanswered`.
    `forged=True` sends what no client would.
    """

    async def presses(
        self,
        user: SlackUser,
        seen: Message | View,
        action_id: str,
        value: str | None = None,
        block_id: str | None = None,
        *,
        forged: bool = False,
    ) -> Answer:
        """Presses a button."""
        if forged:
            button: JsonObject = {"type": "button", "action_id": action_id, "text": {"type": "plain_text"}}
            place = (block_id or "forged", action_id)
            return await self._acts(user, seen, place, {**button, "value": value})
        now = self._now(seen, user)
        place, button = _find(now, action_id, block_id, value)
        if button["type"] != "button":
            raise NotPossible(f"{action_id} is a {button['type']}; it is not pressed but chosen from")
        shown = {key: inner for key, inner in button.items() if key not in {"confirm", "accessibility_label"}}
        return await self._acts(user, now, place, shown)

    async def chooses(
        self,
        user: SlackUser,
        seen: Message | View,
        action_id: str,
        entry: JsonValue,
        block_id: str | None = None,
    ) -> Answer | None:
        """Chooses from a menu or puts something in; None when that tells the app nothing."""
        now = self._now(seen, user)
        place, element = _find(now, action_id, block_id, None)
        shown: Json = {"type": element["type"], "action_id": action_id}
        if element["type"] == "overflow":
            shown["selected_option"] = next(one for one in options_of(element) if one["value"] == entry)
            return await self._acts(user, now, place, shown)
        offered = now.offered.get(place, []) if isinstance(now, View) else []
        state = state_of(element, entry, offered)
        if isinstance(now, View):
            now.state[place] = state
            block = next(one for one in now.blocks if one["block_id"] == place[0])
            if block["type"] == "input" and not block.get("dispatch_action"):
                return None
        return await self._acts(user, now, place, {**shown, **chosen_in(state)})

    async def types(
        self, user: SlackUser, seen: Message | View, action_id: str, typed: str, block_id: str | None = None
    ) -> list[JsonObject]:
        """Types into a menu whose options the app suggests; gives the options that it shows."""
        now = self._now(seen, user)
        place, element = _find(now, action_id, block_id, None)
        least = element.get("min_query_length", 3)
        if "external" not in str(element["type"]) or not isinstance(least, int) or length(typed) < least:
            raise NotPossible(f"typing {typed!r} there asks for nothing")
        asked: Json = {"action_id": action_id, "block_id": place[0], "value": typed}
        payload = interaction(self.world, "block_suggestion", user, **asked, **self._where(now))
        options = options_in((await self._asks(payload)).payload)
        if isinstance(now, View):
            now.offered[place] = options
        return options

    async def submits(
        self, user: SlackUser, view: View, values: Values | None = None, *, forged: bool = False
    ) -> JsonObject:
        """Puts in the values and submits; gives the app's answer, which has been done to the views.

        Raises:
            NotPossible: the view is not on top, or a required input is empty.
            BadAnswer: Slack would show that the app answered badly.
        """
        elements = view.elements()
        for block, actions in (values or {}).items():
            for action, entry in actions.items():
                place = (block, action)
                if place not in elements:
                    raise NotPossible(f"there is no input {place}; there are {sorted(elements)}")
                view.state[place] = state_of(elements[place], entry, view.offered.get(place, []))
        if not forged:
            self._check_complete(user, view)
        view.errors = {}
        payload = interaction(self.world, "view_submission", user, response_urls=[], **self._view(view))
        answer = await self._asks({**payload, "trigger_id": self.views.trigger(user.id, view=view.id)})
        apply_submission(self.views, view, answer.payload)
        return answer.payload

    async def closes(self, view: View) -> Answer | None:
        """Closes a modal; None when the app did not ask to hear of it."""
        user = self.world.users[view.user]
        self._now(view, user)
        stack = self.views.stacks[user.id]
        all_of_it = bool(view.content.get("clear_on_close"))
        self.views.stacks[user.id] = [] if all_of_it else [one for one in stack if one is not view]
        if not view.content.get("notify_on_close"):
            return None
        payload = interaction(self.world, "view_closed", user, is_cleared=all_of_it, **self._view(view))
        return await self._asks(payload)

    async def commands(self, user: SlackUser, channel: Channel, name: str, text: str = "") -> Answer:
        """Types a slash command; what the app answers at once is shown."""
        if user.id not in channel.members:
            raise NotPossible(f"{user.name} is not in {channel.name}")
        payload = command(self.world, user, channel, name, text)
        payload |= {
            "response_url": self.response_url(user, channel),
            "trigger_id": self.views.trigger(user.id),
        }
        answer = await self.deliveries.ask(Envelope(kind="slash_commands", payload=payload))
        post_answer(self.world, channel, user, answer.payload)
        return answer

    async def shortcut(self, user: SlackUser, callback_id: str) -> Answer:
        """Picks a global shortcut."""
        more: Json = {"callback_id": callback_id, "action_ts": self.world.numbers.ts()}
        trigger = self.views.trigger(user.id)
        return await self._asks(interaction(self.world, "shortcut", user, trigger_id=trigger, **more))

    async def message_shortcut(self, user: SlackUser, callback_id: str, channel: Channel, ts: str) -> Answer:
        """Picks a shortcut from a message's menu."""
        message = self._now(self.world.message(channel, ts), user)
        assert isinstance(message, Message)
        payload = interaction(
            self.world,
            "message_action",
            user,
            callback_id=callback_id,
            action_ts=self.world.numbers.ts(),
            trigger_id=self.views.trigger(user.id),
            response_url=self.response_url(user, channel, message),
            message_ts=ts,
            message=message.as_json(),
            channel={"id": channel.id, "name": channel.name},
        )
        return await self._asks(payload)

    async def _acts(self, user: SlackUser, seen: Message | View, place: Place, action: JsonObject) -> Answer:
        said = {**action, "block_id": place[0], "action_ts": self.world.numbers.ts()}
        payload = interaction(self.world, "block_actions", user, actions=[said], **self._where(seen))
        if isinstance(seen, View):
            payload["trigger_id"] = self.views.trigger(
                user.id, view=seen.id if seen.content["type"] == "modal" else None
            )
        else:
            payload["trigger_id"] = self.views.trigger(user.id)
            payload["state"] = {"values": {}}
            payload["response_url"] = self.response_url(user, self.world.channels[seen.channel], seen)
        return await self._asks(payload)

    async def _asks(self, payload: JsonObject) -> Answer:
        return await self.deliveries.ask(Envelope(kind="interactive", payload=payload))

    def _where(self, seen: Message | View) -> Json:
        if isinstance(seen, Message):
            return at_message(self.world.channels[seen.channel], seen)
        return {"container": {"type": "view", "view_id": seen.id}, **self._view(seen)}

    def _view(self, view: View) -> Json:
        return {"view": self.views.as_json(view)}

    def response_url(self, user: SlackUser, channel: Channel, message: Message | None = None) -> str:
        """Gives a fresh `response_url`."""
        name = self.world.numbers.id("R")
        self.place.response_urls[name] = ResponseUrl(
            world=self.world,
            channel=channel.id,
            user=user.id,
            at=self.world.numbers.clock.now(),
            message_ts=message.ts if message else None,
        )
        return f"{self._base_url}/response/{name}"

    def _check_complete(self, user: SlackUser, view: View) -> None:
        if self.modal(user) is not view:
            raise NotPossible("this modal is not on top of what this person has open")
        if "submit" not in view.content:
            raise NotPossible("this modal has nothing to submit")
        for block in view.blocks:
            element = block.get("element")
            if not is_object(element) or block.get("optional"):
                continue
            place = (str(block["block_id"]), str(element["action_id"]))
            if is_empty(view.state[place]):
                raise NotPossible(f"the required input {place} is empty")


def _find(
    seen: Message | View, action_id: str, block_id: str | None, value: str | None
) -> tuple[Place, JsonObject]:
    """Gives the one element that is meant.

    Raises:
        NotPossible: there is none, or it could be several.
    """
    blocks = [block for block in seen.blocks if is_object(block)]
    elements = [(str(blocks[at]["block_id"]), one) for at, one in actionable(blocks)]
    found = [
        (block, one)
        for block, one in elements
        if one["action_id"] == action_id and block_id in {None, block} and value in {None, one.get("value")}
    ]
    if len(found) != 1:
        there = sorted({str(one["action_id"]) for _, one in elements})
        raise NotPossible(f"{len(found)} elements are {action_id!r} (value {value!r}); there are {there}")
    block, element = found[0]
    return (block, action_id), element
