"""Shows Google who asks: a service account, in the name of an administrator."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from typing_extensions import override

from bot.directory.calls import Proof, ProviderRefuses, ProviderRejects
from bot.directory.google.access import GoogleAccess
from bot.directory.google.tokens import DelegatedTokens, GoogleAway, NotDelegatedYet, NoToken
from bot.documents.json_reading import object_of, text_at
from bot.outgoing.kept_tokens import KeptTokens
from bot.outgoing.outcomes import Unsent

PROVIDER: Final = "Google Workspace"
USERS: Final = "https://www.googleapis.com/auth/admin.directory.user.readonly"
GROUPS: Final = "https://www.googleapis.com/auth/admin.directory.group.readonly"
"""Members of groups may be read with it, too.

Source: https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/list
"""
SCOPES: Final = (USERS, GROUPS)


class NotDelegated(ProviderRefuses):
    """{provider} gives me no token with the scope {permission}. {remedy}; until then nobody can be asked."""


class Delegation:
    """A proof for each scope. Of many who need a token at once one asks, on a thread of its own."""

    def __init__(self, access: GoogleAccess) -> None:
        """Takes what the bot was given; nothing is asked for yet."""
        self._client = _client_in(access.key)
        self._source = DelegatedTokens(access)
        # Not closed in a `with`: what waits for Google ends by itself, and nobody waits for that.
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="google-tokens")
        self._kept = KeptTokens(self._source, self._threads)

    def proof(self, scope: str) -> Proof:
        """Gives what shows that the bot has this scope."""
        return _Scoped(self, scope)

    async def token(self, scope: str) -> str:
        """Gives a token with the scope that is good for a minute at least.

        Raises:
            NotDelegated: the service account may not have the scope.
            ProviderRejects: Google takes neither key nor administrator.
            Unsent: Google does not answer.
        """
        try:
            return await self._kept.token(scope)
        except NotDelegatedYet:
            remedy = (
                "In the Admin console, under Security → API controls → Domain-wide delegation, let the "
                f"client {self._client} have the scopes {','.join(SCOPES)}"
            )
            raise NotDelegated(provider=PROVIDER, permission=scope, remedy=remedy) from None
        except NoToken as error:
            raise ProviderRejects(provider=PROVIDER, why=str(error)) from None
        except GoogleAway as error:
            raise Unsent(f"no token: {error}") from None

    def forget(self, scope: str) -> None:
        """Has a new token asked for."""
        self._source.forget(scope)
        self._kept.forget(scope)

    def close(self) -> None:
        """Asks for no more tokens."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Scoped(Proof):
    def __init__(self, delegation: Delegation, scope: str) -> None:
        self._delegation = delegation
        self._scope = scope

    @override
    async def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {await self._delegation.token(self._scope)}"}

    @override
    def forget(self) -> None:
        self._delegation.forget(self._scope)


def _client_in(key: str) -> str:
    """Gives the client id as the Admin console wants it; the account's address where the key has none."""
    try:
        found = object_of(json.loads(key))
    except (ValueError, RecursionError):
        return "of the service account"
    return text_at(found, "client_id") or text_at(found, "client_email")
