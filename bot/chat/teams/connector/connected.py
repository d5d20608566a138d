"""The Bot Connector through Microsoft's SDK, which works on a thread of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from typing_extensions import override

from bot.chat.teams.access import Access
from bot.chat.teams.connector.calls import Connector, Member, NotHere, TeamsGone
from bot.chat.teams.connector.loop_thread import CLOSING_S, LoopThread, loop_thread
from bot.chat.teams.connector.refusals import is_no_account, is_no_member, refusal_of
from bot.chat.teams.connector.sending import Sender
from bot.chat.teams.connector.service_urls import checked
from bot.chat.teams.connector.tokens import tokens_for
from bot.chat.teams.connector.turns import CHANNEL, Turns, bot_id
from bot.chat.teams.ids import is_object_id
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.outgoing.kept_tokens import KeptTokens, Tokens
from bot.outgoing.outcomes import Declined, Lost, Unsent
from bot.outgoing.tries import Patience, tried

Answer = TypeVar("Answer")


class SdkConnector(Connector):
    """The port `Connector`; besides, it gives the bot's tokens for other services of Microsoft's."""

    def __init__(
        self, access: Access, *, thread: LoopThread, turns: Turns, tokens: KeptTokens, patience: Patience
    ) -> None:
        self._access = access
        self._thread = thread
        self._turns = turns
        self._tokens = tokens
        self._patience = patience

    async def token(self, scope: str) -> str:
        """Gives the bot's own token, good for a minute at least; empty where none is needed.

        Raises:
            BadCredentials: Entra does not give one to this bot.
            TeamsAway: Entra does not answer.
        """
        return await self._thread.run(self._tokens.token(scope))

    @override
    async def send(self, reference: JsonObject, activity: JsonObject) -> str:
        self._check(reference)
        return await self._run("send", lambda: self._turns.send(reference, activity))

    @override
    async def update(self, reference: JsonObject, activity_id: str, activity: JsonObject) -> None:
        self._check(reference)
        await self._run("update", lambda: self._turns.update(reference, activity_id, activity))

    @override
    async def open_personal(self, *, service_url: str, tenant: str, user: str) -> JsonObject:
        url = checked(service_url, is_open=self._access.is_open)

        async def work() -> str:
            try:
                return await self._turns.open(url, tenant, user)
            except Declined as error:
                if is_no_account(error):
                    why = "there is no such account"
                    raise TeamsGone(name="open", surface="Microsoft Teams", why=why) from None
                raise

        try:
            conversation = await self._run("open", work)
        except NotHere as refusal:
            raise NotHere(**{**refusal.facts, "name": "this person"}) from None
        return {
            "channelId": CHANNEL,
            "serviceUrl": service_url,
            "bot": {"id": bot_id(self._access.app_id)},
            "user": {"aadObjectId" if is_object_id(user) else "id": user},
            "conversation": {
                "id": conversation,
                "conversationType": "personal",
                "isGroup": False,
                "tenantId": tenant,
            },
            "tenantId": tenant,
        }

    @override
    async def member(self, reference: JsonObject, user: str) -> Member | None:
        self._check(reference)

        async def work() -> JsonObject | None:
            try:
                return await self._turns.member(reference, user)
            except Declined as error:
                if is_no_member(error):
                    return None
                raise

        found = await self._run("member", work)
        return None if found is None else _member(found)

    def _check(self, reference: JsonObject) -> None:
        checked(text_at(reference, "serviceUrl"), is_open=self._access.is_open)

    async def _run(self, operation: str, work: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            return await self._thread.run(tried(work, self._patience))
        except (Declined, Unsent, Lost) as error:
            raise refusal_of(operation, error) from None


@asynccontextmanager
async def connected(
    access: Access,
    *,
    tokens: Tokens | None = None,
    patience: Patience | None = None,
    closing_s: float = CLOSING_S,
) -> AsyncIterator[SdkConnector]:
    """Gives the connector; leaving the block closes it once calls under way are done, or took too long.

    Args:
        access: the bot's registration.
        tokens: where its tokens come from; without it, from Entra as the registration says.
        patience: how often calls are tried.
        closing_s: seconds that calls under way may take to end.
    """
    # Not closed in a `with`: what waits for Entra ends by itself, and nobody waits for that.
    asking = ThreadPoolExecutor(1, thread_name_prefix="teams-tokens")
    try:
        kept = KeptTokens(tokens or tokens_for(access), asking)
        sender = Sender(kept)
        async with loop_thread("teams-connector", last=sender.close, closing_s=closing_s) as thread:
            turns = Turns(sender, app_id=access.app_id)
            yield SdkConnector(
                access, thread=thread, turns=turns, tokens=kept, patience=patience or Patience()
            )
    finally:
        asking.shutdown(wait=False, cancel_futures=True)


def _member(found: JsonObject) -> Member:
    role, principal = text_at(found, "userRole").lower(), text_at(found, "userPrincipalName")
    return Member(
        id=text_at(found, "id"),
        object_id=text_at(found, "aadObjectId") or text_at(found, "objectId"),
        tenant=text_at(found, "tenantId"),
        name=text_at(found, "name"),
        principal_name=principal,
        is_guest=role in {"guest", "anonymous"} or "#ext#" in principal.lower(),
    )
