"""Modals and Homes of a workspace, and the short-lived rights to open and to answer them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue
from bot.ports.outside import Clock
from tests.servers.slack_elements import actionable
from tests.servers.slack_rules import error_in, problems_of_view
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.slack_state import Place, initial_state, kept
from tests.servers.slack_world import Json, SlackError, World

TRIGGER_LIFE: Final = timedelta(seconds=3)
RESPONSE_URL_LIFE: Final = timedelta(minutes=30)
RESPONSE_URL_USES: Final = 5
DEEPEST: Final = 3
"""Modals that may lie upon each other."""


@dataclass(kw_only=True)
class View:
    """A modal or a Home as a person sees it now, with what they have put in."""

    id: str
    user: str
    content: JsonObject
    hash: str
    root_id: str
    previous_id: str | None = None
    state: dict[Place, Json] = field(default_factory=dict)
    errors: JsonObject = field(default_factory=dict)
    """What the app said against the last submission, by block."""
    offered: dict[Place, list[JsonObject]] = field(default_factory=dict)
    """The options that the app suggested last."""

    @property
    def blocks(self) -> list[JsonObject]:
        found = self.content["blocks"]
        return [block for block in found if is_object(block)] if is_list(found) else []

    def elements(self) -> dict[Place, JsonObject]:
        """Gives every element that people use, by block and action."""
        return {
            (str(self.blocks[at]["block_id"]), str(element["action_id"])): element
            for at, element in actionable(self.blocks)
        }

    def values(self) -> Json:
        """Gives `state.values`: every input, with null where nothing was put in."""
        found: dict[str, Json] = {}
        for (block, action), state in self.state.items():
            found.setdefault(block, {})[action] = state
        return dict(found)


@dataclass(kw_only=True)
class _Trigger:
    user: str
    at: datetime
    view: str | None
    used: bool = False


@dataclass(kw_only=True)
class ResponseUrl:
    """Where an interaction may be answered."""

    world: World
    channel: str
    user: str
    at: datetime
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0

    def use(self, now: datetime) -> None:
        """Counts one use.

        Raises:
            SlackError: `expired_url` or `used_url`.
        """
        if now - self.at > RESPONSE_URL_LIFE:
            raise SlackError("expired_url")
        if self.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        self.uses += 1


class Views:
    """Who sees which modal and Home in one workspace."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.homes: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self._triggers: dict[str, _Trigger] = {}

    @property
    def _clock(self) -> Clock:
        return self.world.numbers.clock

    def trigger(self, user: str, *, view: str | None = None) -> str:
        """Gives a trigger of what the person just did."""
        number = self.world.numbers.id("")
        trigger = f"{int(number)}.{self.world.team_id}.{number}"
        self._triggers[trigger] = _Trigger(user=user, at=self._clock.now(), view=view)
        return trigger

    def open(self, trigger: str, content: JsonObject) -> View:
        """Shows a modal in place of what the person had open.

        Raises:
            SlackError: of the trigger, or the view is not as Slack wants it.
        """
        modal = self._checked(content, "modal")
        used = self._take(trigger)
        view = self._made(used.user, modal)
        self.stacks[used.user] = [view]
        return view

    def push(self, trigger: str, content: JsonObject) -> View:
        """Lays a modal upon the one that the person used.

        Raises:
            SlackError: of the trigger, or nothing is open, or too many are, or the view is bad.
        """
        modal = self._checked(content, "modal")
        used = self._take(trigger)
        if used.view is None or not self.stacks.get(used.user):
            raise SlackError("not_found")
        return self.lay(used.user, modal)

    def lay(self, user: str, content: JsonObject) -> View:
        """Lays a modal upon the person's top one.

        Raises:
            SlackError: `push_limit_reached`, or the view is bad.
        """
        modal = self._checked(content, "modal")
        stack = self.stacks[user]
        if len(stack) == DEEPEST:
            raise SlackError("push_limit_reached")
        view = self._made(user, modal, below=stack[-1])
        stack.append(view)
        return view

    def publish(self, user: str, content: JsonObject, hash_: str | None) -> View:
        """Shows a Home to the person.

        Raises:
            SlackError: `user_not_found`, `hash_conflict`, or the view is bad.
        """
        self.world.user(user)
        home = self._checked(content, "home")
        old = self.homes.get(user)
        if old is None:
            self.homes[user] = self._made(user, home)
        else:
            self._replace(old, home, hash_)
        return self.homes[user]

    def update(self, view: View, content: JsonObject, hash_: str | None = None) -> View:
        """Shows something else in a view; what was put in stays where block and action stay.

        Raises:
            SlackError: `hash_conflict`, or the view is bad.
        """
        self._replace(view, self._checked(content, str(view.content["type"])), hash_)
        return view

    def find(self, *, view_id: str | None = None, external_id: str | None = None) -> View:
        """Gives an open view.

        Raises:
            SlackError: `not_found`.
        """
        everything = [*self.homes.values(), *(view for stack in self.stacks.values() for view in stack)]
        for view in everything:
            named = external_id is not None and view.content.get("external_id") == external_id
            if named or view.id == view_id:
                return view
        raise SlackError("not_found")

    def as_json(self, view: View) -> Json:
        """Gives the view as Slack shows it to the app."""
        empty: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "blocks": []}
        if view.content["type"] == "modal":
            empty |= {"close": None, "submit": None, "clear_on_close": False, "notify_on_close": False}
        return {
            **empty,
            **view.content,
            "id": view.id,
            "team_id": self.world.team_id,
            "state": {"values": view.values()},
            "hash": view.hash,
            "previous_view_id": view.previous_id,
            "root_view_id": view.root_id,
            "app_id": self.world.app_id,
            "app_installed_team_id": self.world.team_id,
            "bot_id": self.world.bot_id,
        }

    def _take(self, trigger: str) -> _Trigger:
        found = self._triggers.get(trigger)
        if found is None:
            raise SlackError("invalid_trigger_id")
        if found.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock.now() - found.at > TRIGGER_LIFE + self.world.grace:
            raise SlackError("expired_trigger_id")
        found.used = True
        return found

    def _checked(self, content: JsonObject, kind: str) -> JsonObject:
        problems = problems_of_view(content)
        if not problems and content["type"] != kind:
            problems = [f"must be a {kind} [json-pointer:/view/type]"]
        if problems:
            raise SlackError(error_in(problems, "invalid_arguments"), problems)
        return content

    def _stored(self, content: JsonObject) -> JsonObject:
        blocks = content["blocks"]
        return {**content, "blocks": self.world.block_ids(blocks if is_list(blocks) else [])}

    def _made(self, user: str, content: JsonObject, below: View | None = None) -> View:
        self._refuse_used_name(content, None)
        name = self.world.numbers.id("V")
        view = View(
            id=name,
            user=user,
            content=self._stored(content),
            hash=self._new_hash(),
            root_id=below.root_id if below else name,
            previous_id=below.id if below else None,
        )
        view.state = initial_state(view.elements())
        return view

    def _replace(self, view: View, content: JsonObject, hash_: str | None) -> None:
        if hash_ is not None and hash_ != view.hash:
            raise SlackError("hash_conflict")
        self._refuse_used_name(content, view)
        before = view.state
        view.content = self._stored(content)
        elements = view.elements()
        view.hash = self._new_hash()
        view.errors = {}
        view.state = {
            place: kept(before.get(place), fresh, elements[place])
            for place, fresh in initial_state(elements).items()
        }

    def _refuse_used_name(self, content: JsonObject, own: View | None) -> None:
        name: JsonValue = content.get("external_id")
        if isinstance(name, str) and name:
            try:
                found = self.find(external_id=name)
            except SlackError:
                return
            if found is not own:
                raise SlackError("duplicate_external_id")

    def _new_hash(self) -> str:
        return f"{self.world.numbers.ts()}.h"
