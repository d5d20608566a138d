"""What is used of Microsoft's SDK: its adapter, with our own way to the wire behind it."""

from functools import lru_cache
from typing import Final, NoReturn

from botbuilder.core import CloudAdapterBase
from botbuilder.schema import (
    Activity,
    ActivityTypes,
    ChannelAccount,
    ConversationAccount,
    ConversationReference,
)
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import BotFrameworkAuthentication
from botframework.connector.auth.connector_factory import ConnectorFactory
from msrest.authentication import Authentication
from msrest.pipeline.async_abc import AsyncPipeline
from msrest.pipeline.universal import RawDeserializer
from typing_extensions import override

from bot.chat.teams.connector.sending import Sender
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject

KEPT: Final = 32
"""Clients that are kept, one per service URL: making one takes milliseconds."""


def adapter_of(sender: Sender) -> CloudAdapterBase:
    """Gives the SDK's adapter, which goes out through the sender."""
    return CloudAdapterBase(_OutgoingOnly(_Clients(sender)))


def reference_of(reference: JsonObject) -> ConversationReference:
    """Gives what the SDK wants to know of a conversation."""
    return ConversationReference(
        channel_id=text_at(reference, "channelId"),
        service_url=text_at(reference, "serviceUrl"),
        bot=ChannelAccount(id=text_at(reference, "bot", "id")),
        conversation=ConversationAccount(id=text_at(reference, "conversation", "id")),
    )


class Verbatim(Activity):  # type: ignore[misc]  # the SDK comes without types
    """An activity that goes out as it is: the SDK's own drops and changes what it does not know."""

    _attribute_map: Final = {"additional_properties": {"key": "", "type": "{object}"}}

    def __init__(self, content: JsonObject, *, conversation: str, activity_id: str = "") -> None:
        super().__init__(
            type=ActivityTypes.message, id=activity_id, conversation=ConversationAccount(id=conversation)
        )
        self.additional_properties = dict(content)


class _Clients(ConnectorFactory):  # type: ignore[misc]  # the SDK comes without types
    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._client = lru_cache(KEPT)(self._made)

    @override
    async def create(self, service_url: str, audience: str | None = None) -> ConnectorClient:
        return self._client(service_url)

    def _made(self, service_url: str) -> ConnectorClient:
        return ConnectorClient(
            Authentication(),
            base_url=service_url,
            pipeline_type=lambda config: AsyncPipeline(
                [config.user_agent_policy, RawDeserializer()], self._sender
            ),
        )


class _OutgoingOnly(BotFrameworkAuthentication):  # type: ignore[misc]  # the SDK comes without types
    """Nothing comes in through the SDK, and nobody signs in through it."""

    def __init__(self, clients: _Clients) -> None:
        self._clients = clients

    @override
    def create_connector_factory(self, claims_identity: object) -> ConnectorFactory:
        return self._clients

    @override
    async def create_user_token_client(self, claims_identity: object) -> None:
        return None

    @override
    async def authenticate_request(self, activity: object, auth_header: str) -> NoReturn:
        # Nothing comes in through the SDK: `channel_token` and `route` see to that.
        raise NotImplementedError

    @override
    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> NoReturn:
        raise NotImplementedError
