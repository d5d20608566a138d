"""The activities that Teams sends: what is common to all, messages with mentions, and messages as payloads.

Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
"""

import re
from html import escape
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.teams_things import THREAD_MARK, Conversation, Json, Message, TeamsUser
from tests.servers.teams_world import World

_AT: Final = re.compile("<at>([^<>]*)</at>")


def place_json(conversation: Conversation, thread: str) -> Json:
    """Gives the conversation as activities name it."""
    found: Json = {
        "conversationType": conversation.kind,
        "tenantId": conversation.tenant,
        "id": f"{conversation.id}{THREAD_MARK}{thread}" if thread else conversation.id,
    }
    if conversation.kind != "personal":
        found["isGroup"] = True
    if conversation.kind == "groupChat" and conversation.name:
        found["name"] = conversation.name
    return found


def channel_data(conversation: Conversation, source: str = "") -> Json:
    """Gives what Teams adds of its own."""
    found: Json = {"tenant": {"id": conversation.tenant}}
    if conversation.kind == "channel":
        found["teamsChannelId"] = conversation.id
        found["teamsTeamId"] = conversation.team
        found["channel"] = {"id": conversation.id, "name": conversation.name}
        found["team"] = {"id": conversation.team, "name": conversation.team_name}
    if source:
        found["source"] = {"name": source}
    return found


def activity(
    world: World, user: TeamsUser, conversation: Conversation, kind: str, thread: str = "", **more: JsonValue
) -> Json:
    """Gives an activity by a person."""
    now = world.numbers.clock.now()
    stamp = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "type": kind,
        "id": f"f:{world.numbers.guid()}",
        "timestamp": stamp,
        "localTimestamp": now.isoformat(timespec="milliseconds"),
        "localTimezone": "Europe/London",
        "serviceUrl": world.service_url,
        "channelId": "msteams",
        "from": user.account(),
        "conversation": place_json(conversation, thread),
        "recipient": world.bot(),
        "channelData": channel_data(conversation),
        "locale": user.client.locale,
        "entities": [_client_info(user)],
        **more,
    }


def said(
    world: World, user: TeamsUser, conversation: Conversation, message: Message, *, mentions: bool
) -> Json:
    """Gives the activity of a message that a person wrote; the bot's name begins it when it is mentioned.

    A person is mentioned in it as `<at>Eve Ericsson</at>`.
    """
    text = message.text
    entities: list[JsonValue] = [_client_info(user)]
    for one in _mentioned(world, user.tenant, text):
        account: Json = {"id": one.id, "name": one.name}
        entities.append({"type": "mention", "text": f"<at>{one.name}</at>", "mentioned": account})
    name = f"<at>{world.bot_name}</at>"
    if mentions:
        text = text if name in text else f"{name} {text}"
        mentioned: Json = {"type": "mention", "text": name, "mentioned": world.bot()}
        entities.insert(0, mentioned)
    html: Json = {
        "contentType": "text/html",
        "content": f"<p>{_html(world, user.tenant, message.text)[0]}</p>",
    }
    return activity(
        world,
        user,
        conversation,
        "message",
        message.thread,
        id=message.id,
        text=text,
        textFormat="plain",
        attachments=[html],
        entities=entities,
    )


def invoke(
    world: World,
    user: TeamsUser,
    conversation: Conversation,
    name: str,
    value: JsonObject,
    *,
    thread: str = "",
    replies_to: str = "",
) -> Json:
    """Gives an invoke; `replies_to` is the message whose button was pressed."""
    made = activity(world, user, conversation, "invoke", thread, name=name, value=value)
    if replies_to:
        made["replyToId"] = replies_to
        made["channelData"] = {
            **channel_data(conversation, "message"),
            "legacy": {"replyToId": replies_to},
        }
    return made


def payload_of(world: World, message: Message) -> Json:
    """Gives a message as message extensions are told of it.

    Source: https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/create-task-module
    """
    author = world.users.get(message.by)
    user: Json | None = None
    application: Json | None = None
    if author is not None:
        user = {"userIdentityType": "aadUser", "id": author.object_id, "displayName": author.name}
    else:
        application = {
            "applicationIdentityType": "bot",
            "id": world.app_id,
            "displayName": world.bot_name,
        }
    content, mentions = _html(world, world.conversations[message.conversation].tenant, message.text)
    return {
        "id": message.id,
        "replyToId": message.thread if message.thread not in {"", message.id} else None,
        "createdDateTime": world.numbers.clock.now().isoformat(timespec="milliseconds"),
        "lastModifiedDateTime": None,
        "deleted": False,
        "subject": None,
        "summary": None,
        "importance": "normal",
        "locale": "en-gb",
        "linkToMessage": f"https://teams.microsoft.com/l/message/{message.conversation}/{message.id}",
        "body": {"contentType": "html", "content": f"<div><div>{content}</div></div>"},
        "from": {"device": None, "conversation": None, "user": user, "application": application},
        "reactions": [],
        "mentions": mentions,
        "attachments": [],
    }


def _mentioned(world: World, tenant: str, text: str) -> list[TeamsUser]:
    """Gives the people of the organisation whom the text mentions, in order."""
    known = {one.name: one for one in world.users.values() if one.tenant == tenant}
    return [known[name] for name in _AT.findall(text) if name in known]


def _html(world: World, tenant: str, text: str) -> tuple[str, list[JsonValue]]:
    """Gives the text as HTML, and whom it mentions."""
    content, mentions = escape(text), list[JsonValue]()
    for number, one in enumerate(_mentioned(world, tenant, text)):
        spelled = escape(f"<at>{one.name}</at>")
        content = content.replace(spelled, f'<at id="{number}">{escape(one.name)}</at>', 1)
        user: Json = {"userIdentityType": "aadUser", "id": one.object_id, "displayName": one.name}
        mentions.append({"id": number, "mentionText": one.name, "mentioned": {"user": user}})
    return content, mentions


def _client_info(user: TeamsUser) -> Json:
    return {
        "locale": user.client.locale,
        "country": "GB",
        "platform": "Windows",
        "timezone": "Europe/London",
        "type": "clientInfo",
    }
