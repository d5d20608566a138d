"""References to conversations in the Teams of tests."""

from bot.domain.canonical import JsonObject
from tests.servers.teams_acme import AcmeInTeams
from tests.servers.teams_things import Conversation


def reference_to(stage: AcmeInTeams, place: Conversation, *, thread: str = "") -> JsonObject:
    """Gives the reference of a conversation, or of a thread in it."""
    return {
        "channelId": "msteams",
        "serviceUrl": stage.teams.service_url,
        "bot": stage.teams.world.bot(),
        "conversation": {"id": f"{place.id};messageid={thread}" if thread else place.id},
        "tenantId": stage.acme.tenant,
    }


def chat_of(stage: AcmeInTeams, who: str = "alice") -> JsonObject:
    """Gives the reference of somebody's chat with the bot."""
    return reference_to(stage, stage.acme.chat(stage.user(who)))
