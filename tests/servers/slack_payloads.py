"""The words in which Slack tells the app what people did.

Source: https://docs.slack.dev/apis/events-api, https://docs.slack.dev/reference/interaction-payloads
"""

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_world import Channel, Json, Message, SlackUser, World


def event(world: World, inner: JsonObject, *, shared: bool = False) -> Json:
    """Gives an event in its outer form."""
    now = int(world.numbers.clock.now().timestamp())
    authorization: Json = {
        "enterprise_id": world.enterprise_id,
        "team_id": world.team_id,
        "user_id": world.bot.id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    outer: Json = {
        "token": "verification",
        "team_id": world.team_id,
        "context_team_id": world.team_id,
        "context_enterprise_id": world.enterprise_id,
        "api_app_id": world.app_id,
        "event": {**inner, "event_ts": inner.get("event_ts", world.numbers.ts())},
        "type": "event_callback",
        "event_id": world.numbers.id("Ev"),
        "event_time": now,
        "authorizations": [authorization],
        "is_ext_shared_channel": shared,
        "event_context": world.numbers.id("4-"),
    }
    return {**outer, "enterprise_id": world.enterprise_id} if world.enterprise_id else outer


def message_event(channel: Channel, message: Message, user: SlackUser, kind: str = "message") -> Json:
    """Gives the inner event of what somebody wrote; `kind` is message or app_mention."""
    found = message.as_json()
    found |= {"type": kind, "channel": channel.id, "event_ts": message.ts}
    found["client_msg_id"] = f"client-{message.ts}"
    if kind == "message":
        found["channel_type"] = channel.kind
    if message.thread_ts is not None:
        root = next((one for one in channel.messages if one.ts == message.thread_ts), None)
        if root is not None and kind == "message":
            found["parent_user_id"] = root.user
    if user.is_stranger:
        found |= {"team": user.team_id, "user_team": user.team_id, "source_team": user.team_id}
    return found


def person(user: SlackUser) -> Json:
    """Gives a person as interactions name them."""
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}


def interaction(world: World, kind: str, user: SlackUser, **more: JsonValue) -> Json:
    """Gives an interaction in its outer form."""
    return {
        "type": kind,
        "user": person(user),
        "api_app_id": world.app_id,
        "token": "verification",
        "team": world.team_json(),
        "enterprise": world.enterprise_json(),
        "is_enterprise_install": False,
        **more,
    }


def at_message(channel: Channel, message: Message) -> Json:
    """Gives where something was done, when it was done at a message."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    found: Json = {"container": container, "channel": {"id": channel.id, "name": channel.name}}
    return found if message.only_for is not None else {**found, "message": message.as_json()}


def command(world: World, user: SlackUser, channel: Channel, name: str, text: str) -> Json:
    """Gives what a slash command says of itself."""
    found: Json = {
        "token": "verification",
        "team_id": world.team_id,
        "team_domain": world.domain,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": world.app_id,
        "is_enterprise_install": False,
    }
    if world.enterprise_id is not None:
        found |= {"enterprise_id": world.enterprise_id, "enterprise_name": f"{world.name} Group"}
    return found
