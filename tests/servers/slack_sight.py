"""What people see in a workspace: its conversations, modals and Homes; and waiting for them."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from tests.servers.slack_delivery import Deliveries
from tests.servers.slack_methods import Place
from tests.servers.slack_rules import texts_of
from tests.servers.slack_state import NotPossible
from tests.servers.slack_views import View
from tests.servers.slack_world import Channel, Message, SlackUser

PATIENT_S: Final = 60.0
"""Seconds after which a test gives up; a machine under load is slow."""
LOOK_S: Final = 0.03
"""Seconds between looks; more of them would take from what is waited for."""

T = TypeVar("T")


async def eventually(look: Callable[[], T | None], what: str = "what the test waits for") -> T:
    """Gives what the look finds, as soon as it finds something; fails when that takes too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENT_S
    while not (found := look()):
        assert loop.time() < deadline, f"in {PATIENT_S:g} seconds it did not come about: {what}"
        await asyncio.sleep(LOOK_S)
    return found


def words(seen: Message | View) -> str:
    """Gives everything that can be read there, a line for each text."""
    blocks = seen.blocks if isinstance(seen, Message) else seen.content
    return "\n".join(texts_of(blocks)) or (seen.text if isinstance(seen, Message) else "")


class Sight:
    """A workspace with the app in it, as its people see it; tests add the people and channels they need."""

    def __init__(
        self, place: Place, deliveries: Deliveries, base_url: str, *, subscribed: frozenset[str] | None
    ) -> None:
        self.place = place
        self.world = place.world
        self.views = place.views
        self.deliveries = deliveries
        self.subscribed = subscribed
        """The events that the app asked for, such as message.im; None for all there are."""
        self._base_url = base_url

    @property
    def team_id(self) -> str:
        return self.world.team_id

    @property
    def bot_token(self) -> str:
        return self.world.bot_token

    @property
    def bot(self) -> SlackUser:
        """The app's own account."""
        return self.world.bot

    def adds_user(
        self, name: str, *, email: str | None = None, user_id: str | None = None, team_id: str | None = None
    ) -> SlackUser:
        """Gives a new person; set `is_restricted` and the like on them afterwards.

        A `team_id` of another workspace makes them a stranger from a shared channel.
        """
        user = SlackUser(
            id=user_id or self.world.numbers.id("U"),
            team_id=team_id or self.team_id,
            name=name.split(maxsplit=1)[0].lower(),
            real_name=name,
            email=f"{name.split(maxsplit=1)[0].lower()}@example.com" if email is None else email,
            is_stranger=team_id not in {None, self.team_id},
        )
        self.world.users[user.id] = user
        return user

    def adds_channel(
        self,
        name: str,
        *people: SlackUser,
        private: bool = False,
        shared: bool = False,
        with_bot: bool = True,
    ) -> Channel:
        """Gives a new channel with these people in it."""
        members = [*([self.bot.id] if with_bot else []), *(person.id for person in people)]
        return self.world.add_channel(name, "group" if private else "channel", members, shared=shared)

    def dm(self, user: SlackUser) -> Channel:
        """Gives the direct conversation of the person with the app."""
        return self.world.dm([user.id])

    def messages(self, channel: Channel | SlackUser) -> list[Message]:
        """Gives the messages that begin no thread's answer, oldest first; a person stands for their DM."""
        found = self._channel(channel).messages
        return [one for one in found if one.only_for is None and one.thread_ts in {None, one.ts}]

    def thread(self, channel: Channel | SlackUser, ts: str) -> list[Message]:
        """Gives a message and the answers to it, oldest first; none when nothing is there."""
        found = self._channel(channel).messages
        return [one for one in found if one.only_for is None and ts in {one.ts, one.thread_ts}]

    def answers(self, channel: Channel | SlackUser) -> list[Message]:
        """Gives all that the app wrote there, in threads too, oldest first."""
        found = self._channel(channel).messages
        return [one for one in found if one.only_for is None and one.bot_id == self.world.bot_id]

    def ephemerals(self, user: SlackUser) -> list[Message]:
        """Gives what only this person was shown, oldest first."""
        return [
            one
            for channel in self.world.channels.values()
            for one in channel.messages
            if one.only_for == user.id
        ]

    def modal(self, user: SlackUser) -> View | None:
        """Gives the person's top modal."""
        stack = self.views.stacks.get(user.id)
        return stack[-1] if stack else None

    def home(self, user: SlackUser) -> View | None:
        """Gives the person's Home."""
        return self.views.homes.get(user.id)

    async def eventually(self, look: Callable[[], T | None], what: str = "what the test waits for") -> T:
        """Gives what the look finds, as soon as it finds something."""
        return await eventually(look, what)

    def _channel(self, place: Channel | SlackUser) -> Channel:
        return place if isinstance(place, Channel) else self.dm(place)

    def _now(self, seen: Message | View, user: SlackUser) -> Message | View:
        """Gives what is there now of what the person has seen.

        Raises:
            NotPossible: it is gone, or this person does not see it.
        """
        if isinstance(seen, View):
            current = [self.home(user), *self.views.stacks.get(user.id, [])]
            if not any(one is seen for one in current):
                raise NotPossible("this view is not open to this person any more")
            return seen
        channel = self.world.channels[seen.channel]
        found = next((one for one in channel.messages if one.ts == seen.ts), None)
        if found is None:
            raise NotPossible("the message is not there any more")
        if user.id not in channel.members or found.only_for not in {None, user.id}:
            raise NotPossible(f"{user.name} does not see this message")
        return found
