"""Web API: writing, changing and reading messages, and what the assistant shows."""

from collections.abc import Iterable, Mapping
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_methods import Arguments, Method, Place, need, need_for, page
from tests.servers.slack_rules import error_in, problems_of_message
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.slack_world import Channel, Json, Message, SlackError, World

_PROMPTS: Final = 4


def checked(given: JsonObject) -> tuple[str, list[JsonValue], JsonObject | None]:
    """Gives the text, the blocks and the metadata of a message that Slack accepts.

    Raises:
        SlackError: what is wrong with it.
    """
    problems = problems_of_message(given)
    if problems:
        raise SlackError(error_in(problems), problems)
    text, blocks, metadata = given.get("text") or "", given.get("blocks") or [], given.get("metadata")
    assert isinstance(text, str)
    return text, list(blocks) if is_list(blocks) else [], metadata if is_object(metadata) else None


def writable(world: World, channel: str) -> Channel:
    """Gives the conversation if the app may write there; a person's id stands for the conversation with them.

    Raises:
        SlackError: `channel_not_found`, `is_archived` or `not_in_channel`.
    """
    found = world.dm([channel]) if channel in world.users else world.channel(channel)
    if found.is_archived:
        raise SlackError("is_archived")
    outside = world.bot.id not in found.members
    if outside and (found.kind != "channel" or "chat:write.public" not in world.scopes):
        raise SlackError("not_in_channel")
    return found


def post(world: World, channel: Channel, given: JsonObject, *, only_for: str | None = None) -> Message:
    """Stores a message of the app.

    Raises:
        SlackError: what is wrong with it, or `thread_not_found`.
    """
    text, blocks, metadata = checked(given)
    thread = given.get("thread_ts")
    if thread is not None:
        world.thread(channel, str(thread))
    made = Message(
        channel=channel.id,
        ts=world.numbers.ts(),
        user=world.bot.id,
        text=text,
        team=world.team_id,
        blocks=world.block_ids(blocks),
        bot_id=world.bot_id,
        app_id=world.app_id,
        thread_ts=str(thread) if thread is not None else None,
        metadata=metadata,
        only_for=only_for,
        unfurl=(given.get("unfurl_links") is not False, given.get("unfurl_media") is not False),
    )
    channel.messages.append(made)
    return made


def _post_message(place: Place, arguments: Arguments) -> JsonObject:
    channel = writable(place.world, arguments.text("channel"))
    made = post(place.world, channel, arguments.given)
    return {"channel": channel.id, "ts": made.ts, "message": made.as_json(with_metadata=True)}


def _post_ephemeral(place: Place, arguments: Arguments) -> JsonObject:
    channel = writable(place.world, arguments.text("channel"))
    user = arguments.text("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    return {"message_ts": post(place.world, channel, arguments.given, only_for=user).ts}


def _update(place: Place, arguments: Arguments) -> JsonObject:
    channel = place.world.channel(arguments.text("channel"))
    found = place.world.message(channel, arguments.text("ts"))
    if found.bot_id != place.world.bot_id:
        raise SlackError("cant_update_message")
    change(place.world, found, arguments.given)
    return {"channel": channel.id, "ts": found.ts, "text": found.text, "message": found.as_json()}


def change(world: World, message: Message, given: JsonObject) -> None:
    """Changes a message; what is not given stays.

    Raises:
        SlackError: what is wrong with it.
    """
    old: Json = {"text": message.text, "blocks": message.blocks, "metadata": message.metadata}
    text, blocks, metadata = checked({**old, **given})
    message.text, message.blocks, message.metadata = text, world.block_ids(blocks), metadata
    message.edited = world.numbers.ts()


def _delete(place: Place, arguments: Arguments) -> JsonObject:
    channel = place.world.channel(arguments.text("channel"))
    found = place.world.message(channel, arguments.text("ts"))
    if found.bot_id != place.world.bot_id:
        raise SlackError("cant_delete_message")
    channel.messages.remove(found)
    return {"channel": channel.id, "ts": found.ts}


def _history(place: Place, arguments: Arguments) -> JsonObject:
    channel = _readable(place, arguments, "conversations.history")
    top = [one for one in channel.messages if one.only_for is None and one.thread_ts in {None, one.ts}]
    return _page(channel, reversed(top), arguments)


def _replies(place: Place, arguments: Arguments) -> JsonObject:
    channel = _readable(place, arguments, "conversations.replies")
    return _page(channel, place.world.thread(channel, arguments.text("ts")), arguments)


def _page(channel: Channel, messages: Iterable[Message], arguments: Arguments) -> JsonObject:
    shown = [_shown(channel, one, arguments) for one in messages if _within(one, arguments)]
    found = page(shown, "messages", arguments)
    return {**found, "has_more": found["response_metadata"] != {"next_cursor": ""}}


def _readable(place: Place, arguments: Arguments, method: str) -> Channel:
    channel = place.world.channel(arguments.text("channel"))
    need_for(place.world, method, channel)
    if place.world.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _within(message: Message, arguments: Arguments) -> bool:
    oldest, latest = arguments.maybe("oldest"), arguments.maybe("latest")
    at = float(message.ts)
    if arguments.flag("inclusive") and message.ts in {oldest, latest}:
        return True
    return (oldest is None or at > float(oldest)) and (latest is None or at < float(latest))


def _shown(channel: Channel, message: Message, arguments: Arguments) -> Json:
    found = message.as_json(with_metadata=arguments.flag("include_all_metadata"))
    answers = sum(one.thread_ts == message.ts != one.ts for one in channel.messages)
    return {**found, "reply_count": answers, "thread_ts": message.ts} if answers else found


def _set_status(place: Place, arguments: Arguments) -> JsonObject:
    place.world.statuses[_assistant_thread(place, arguments)] = arguments.text("status")
    return {}


def _set_prompts(place: Place, arguments: Arguments) -> JsonObject:
    need(place.world, "assistant:write")
    prompts = arguments.given.get("prompts")
    good = is_list(prompts) and all(is_object(one) and {"title", "message"} == set(one) for one in prompts)
    if not good or not is_list(prompts) or len(prompts) > _PROMPTS:
        raise SlackError("invalid_arguments", ["must provide up to 4 prompts [json-pointer:/prompts]"])
    thread = (arguments.text("channel_id"), arguments.maybe("thread_ts") or "")
    place.world.channel(thread[0])
    place.world.prompts[thread] = list(prompts)
    return {}


def _set_title(place: Place, arguments: Arguments) -> JsonObject:
    place.world.titles[_assistant_thread(place, arguments)] = arguments.text("title")
    return {}


def _assistant_thread(place: Place, arguments: Arguments) -> tuple[str, str]:
    channel, thread = place.world.channel(arguments.text("channel_id")), arguments.text("thread_ts")
    place.world.thread(channel, thread)
    return channel.id, thread


CHAT_METHODS: Final[Mapping[str, Method]] = {
    "assistant.threads.setStatus": _set_status,
    "assistant.threads.setSuggestedPrompts": _set_prompts,
    "assistant.threads.setTitle": _set_title,
    "chat.delete": _delete,
    "chat.postEphemeral": _post_ephemeral,
    "chat.postMessage": _post_message,
    "chat.update": _update,
    "conversations.history": _history,
    "conversations.replies": _replies,
}
