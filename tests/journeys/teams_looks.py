"""What Teams' journeys of asking look at: channels, group chats, threads, and what stands in them."""

from tests.journeys.teams_stage import TeamsStage
from tests.servers.teams_activities import activity, invoke, said
from tests.servers.teams_delivery import Answer
from tests.servers.teams_sight import Place
from tests.servers.teams_things import THREAD_MARK, Conversation, Json, Message
from tests.servers.teams_words import button_of, words

IN_PRIVATE = "I have answered you in our own chat, because others can read this."
POINTER = "This belongs to a request of yours that is open already. I go on where you asked first."


def a_channel(stage: TeamsStage, *who: str) -> Conversation:
    """Gives a new channel with the bot and these people in it."""
    return stage.acme.adds_channel("it-help", *(stage.user(one) for one in who))


def a_group(stage: TeamsStage, *who: str) -> Conversation:
    """Gives a new group chat with the bot and these people in it."""
    return stage.acme.adds_group("Desk move", *(stage.user(one) for one in who))


async def mentions(
    stage: TeamsStage, who: str, place: Conversation, text: str, *, thread: Message | None = None
) -> Message:
    """Has a person mention the bot."""
    return await stage.acme.mentions(stage.user(who), place, text, thread=thread)


async def replies(stage: TeamsStage, who: str, root: Message, text: str) -> Answer:
    """Tells the bot of a reply in a channel's thread that does not mention it."""
    channel = stage.teams.world.conversations[root.conversation]
    given = stage.acme.drafts(stage.user(who), text, channel)
    conversation = given["conversation"]
    assert isinstance(conversation, dict)
    conversation["id"] = f"{channel.id}{THREAD_MARK}{root.id}"
    return await stage.acme.sends(given)


def told_of(
    stage: TeamsStage, who: str, text: str, place: Conversation | None = None, *mentioned: tuple[str, Json]
) -> Json:
    """Gives the activity of a message that a person has written and the bot was not told of yet.

    Args:
        stage: where.
        who: wrote it.
        text: as Teams gives it to the bot; in a channel or a group chat with the bot's name in it.
        place: where it is written; None for their chat with the bot.
        *mentioned: further accounts that are mentioned, each with how the text spells it.
    """
    user = stage.user(who)
    conversation = place or stage.acme.chat(user)
    message = stage.acme.writes(user, text, conversation)
    given = said(stage.teams.world, user, conversation, message, mentions=conversation.kind != "personal")
    entities = given["entities"]
    assert isinstance(entities, list)
    more: list[Json] = [{"type": "mention", "text": name, "mentioned": one} for name, one in mentioned]
    return {**given, "entities": [*entities, *more]}


def pressed(stage: TeamsStage, who: str, seen: Message, title: str) -> Json:
    """Gives the activity of a press that the bot was not told of yet; not of one that opens a dialog."""
    user, world = stage.user(who), stage.teams.world
    found = button_of(seen, user, title)
    assert found is not None
    place = world.conversations[seen.conversation]
    if found.kind == "Action.Execute":
        value: Json = {"action": {"type": found.kind, "verb": found.verb, "data": found.data}}
        value["trigger"] = "manual"
        return invoke(
            world, user, place, "adaptiveCard/action", value, thread=seen.thread, replies_to=seen.id
        )
    given = activity(world, user, place, "message", seen.thread, value=found.data, replyToId=seen.id)
    return {**given, "id": world.numbers.message()}


def bots_in(stage: TeamsStage, place: Place, root: Message) -> list[Message]:
    """Gives what the bot wrote in a channel's thread, oldest first."""
    return [one for one in stage.acme.thread(place, root) if one.by == stage.teams.world.bot_id]


async def answered(stage: TeamsStage, place: Place, root: Message, part: str) -> Message:
    """Waits for a message of the bot in a channel's thread that says this."""

    def look() -> Message | None:
        return next((one for one in bots_in(stage, place, root) if part in words(one)), None)

    return await stage.acme.eventually(look, f"the thread to say “{part}”")
