"""What people see in an organisation’s Teams: chats, channels, cards and dialogs; and waiting for them."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from tests.servers.teams_delivery import Deliveries
from tests.servers.teams_inputs import Input, inputs_of
from tests.servers.teams_things import Client, Conversation, Dialog, Message, NotPossible, TeamsUser
from tests.servers.teams_words import ByTitleOrData, Seen, button_of, card_of, words
from tests.servers.teams_world import World, stable_guid

PATIENT_S: Final = 60.0
"""Seconds after which a test gives up; a machine under load is slow."""
LOOK_S: Final = 0.03
"""Seconds between looks; more of them would take from what is waited for."""

T = TypeVar("T")
Place = Conversation | TeamsUser
"""A conversation; a person stands for their chat with the bot."""


async def eventually(look: Callable[[], T | None], what: str = "what the test waits for") -> T:
    """Gives what the look finds, as soon as it finds something; fails when that takes too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENT_S
    while not (found := look()):
        assert loop.time() < deadline, f"in {PATIENT_S:g} seconds it did not come about: {what}"
        await asyncio.sleep(LOOK_S)
    return found


class Sight:
    """One organisation as its people see it; tests add the people and conversations they need."""

    def __init__(self, world: World, deliveries: Deliveries, tenant: str, name: str) -> None:
        self.world = world
        self.deliveries = deliveries
        self.tenant = tenant
        """The Entra tenant’s id."""
        self.name = name

    def adds_user(
        self,
        name: str,
        *,
        principal_name: str = "",
        object_id: str = "",
        is_guest: bool = False,
        home_tenant: str = "",
        installed: bool = True,
        client: Client | None = None,
    ) -> TeamsUser:
        """Gives a new person.

        Args:
            name: as Teams shows it.
            principal_name: what they sign in with.
            object_id: theirs in this organisation; the same for the same principal name when not given.
            is_guest: whether their account lives elsewhere.
            home_tenant: where a guest's account lives.
            installed: whether they have the bot; it is not told of this.
            client: what their Teams can do.
        """
        first = name.split(maxsplit=1)[0].lower()
        principal = principal_name or f"{first}@{self.name.lower()}.test"
        user = TeamsUser(
            id=f"29:1{stable_guid(f'pairwise {self.tenant} {object_id or principal}')}",
            object_id=object_id or stable_guid(f"{self.tenant} {principal}"),
            tenant=self.tenant,
            name=name,
            principal_name=principal,
            is_guest=is_guest,
            home_tenant=home_tenant,
            client=client or Client(),
        )
        return self.world.add_user(user, installed=installed)

    def adds_group(self, name: str, *people: TeamsUser, with_bot: bool = True) -> Conversation:
        """Gives a new group chat."""
        members = [one.id for one in people]
        return self.world.add_conversation("groupChat", self.tenant, members, has_bot=with_bot, name=name)

    def adds_channel(
        self, name: str, *people: TeamsUser, team: str = "Acme", with_bot: bool = True
    ) -> Conversation:
        """Gives a new channel of a team."""
        members = [one.id for one in people]
        made = self.world.add_conversation("channel", self.tenant, members, has_bot=with_bot, name=name)
        made.team = f"19:{stable_guid(f'{self.tenant} {team}').replace('-', '')}@thread.tacv2"
        made.team_name = team
        return made

    def chat(self, user: TeamsUser) -> Conversation:
        """Gives the person's chat with the bot."""
        return self.world.personal(user)

    def conversations(self, user: TeamsUser) -> list[Conversation]:
        """Gives where the person is a member, their chat with the bot first."""
        return self.world.conversations_of(user)

    def messages(self, place: Place) -> list[Message]:
        """Gives all that is there, by people and the bot, oldest first."""
        return [one for one in self._conversation(place).messages if not one.is_deleted]

    def thread(self, place: Place, message: Message | str) -> list[Message]:
        """Gives a channel's message and the answers to it, oldest first."""
        root = message if isinstance(message, str) else message.thread
        return [one for one in self.messages(place) if one.thread == root]

    def answers(self, place: Place) -> list[Message]:
        """Gives all that the bot wrote there, oldest first."""
        return [one for one in self.messages(place) if one.by == self.world.bot_id]

    def deleted(self, place: Place) -> list[Message]:
        """Gives what the bot or a test took away."""
        return [one for one in self._conversation(place).messages if one.is_deleted]

    def dialog(self, user: TeamsUser) -> Dialog | None:
        """Gives the dialog that is open to the person."""
        return self.world.dialogs.get(user.id)

    def notices(self, user: TeamsUser) -> list[str]:
        """Gives what only this person's client showed for a press or a dialog, oldest first."""
        return self.world.notices.setdefault(user.id, [])

    def words(self, seen: Seen, user: TeamsUser | None = None) -> str:
        """Gives everything that the person reads there, a line for each text."""
        return words(seen, user)

    def inputs(self, seen: Seen, user: TeamsUser | None = None) -> list[Input]:
        """Gives the inputs there with what stands in them, in order."""
        return inputs_of(card_of(seen, user), self._put(seen, user) if user else None)

    async def eventually(self, look: Callable[[], T | None], what: str = "what the test waits for") -> T:
        """Gives what the look finds, as soon as it finds something."""
        return await eventually(look, what)

    def offering(self, place: Place, wanted: ByTitleOrData) -> list[Message]:
        """Gives the bot's messages there that have such a button now, oldest first."""
        user = place if isinstance(place, TeamsUser) else None
        return [one for one in self.answers(place) if button_of(one, user, wanted)]

    async def card(self, place: Place, wanted: ByTitleOrData, *, nth: int = -1) -> Message:
        """Waits for a message of the bot there with such a button; the newest unless told otherwise."""

        def look() -> Message | None:
            found = self.offering(place, wanted)
            return found[nth] if found else None

        return await eventually(look, f"a card with {wanted!r} in {self.name}’s Teams")

    async def shows(self, message: Message, part: str, user: TeamsUser | None = None) -> None:
        """Waits until the message says these words, to this person or to everybody."""
        await eventually(lambda: part in words(message, user) or None, f"“{part}” in the message")

    async def told(self, place: Place, part: str, *, since: int = 0) -> Message:
        """Waits until a message of the bot there says these words; gives the newest such.

        Args:
            place: where.
            part: the words.
            since: how many of the bot's messages there are not looked at.
        """
        user = place if isinstance(place, TeamsUser) else None

        def look() -> Message | None:
            found = self.answers(place)[since:]
            return next((one for one in reversed(found) if part in words(one, user)), None)

        return await eventually(look, f"“{part}” in {self.name}’s Teams")

    def _conversation(self, place: Place) -> Conversation:
        return place if isinstance(place, Conversation) else self.chat(place)

    def _put(self, seen: Seen, user: TeamsUser) -> dict[str, str]:
        """Gives what the person has put into the inputs there, to be changed."""
        if isinstance(seen, Dialog):
            return seen.put
        if isinstance(seen, Message):
            return self.world.put.setdefault((user.id, seen.id), {})
        raise NotPossible("a card alone is nowhere; give the message or the dialog that it is in")

    def _where(self, seen: Message, user: TeamsUser) -> Conversation:
        """Gives where the person sees the message.

        Raises:
            NotPossible: it is gone, or this person does not see it.
        """
        conversation = self.world.conversations[seen.conversation]
        if conversation.find(seen.id) is None:
            raise NotPossible("the message is not there any more")
        if user.id not in conversation.members:
            raise NotPossible(f"{user.name} does not see this message")
        return conversation
