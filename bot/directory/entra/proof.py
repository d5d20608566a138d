"""Shows Microsoft Graph who asks: with a token that Entra gives the app, or the machine it runs on."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from typing_extensions import override

from bot.directory.calls import Proof as ProofPort
from bot.directory.calls import ProviderRejects
from bot.directory.entra.access import GRAPH_URL, EntraAccess, Proof
from bot.outgoing.entra_tokens import AppTokens, EntraAway, MachineTokens, NoToken, scope_of
from bot.outgoing.kept_tokens import KeptTokens
from bot.outgoing.outcomes import Unsent

PROVIDER: Final = "Microsoft Entra ID"


class EntraProof(ProofPort):
    """Of many who need a token at once one asks, on a thread of its own."""

    def __init__(self, access: EntraAccess) -> None:
        """Takes what the bot was given; nothing is asked for yet."""
        self._scope = scope_of(access.graph_url, official=GRAPH_URL)
        self._source = _source(access)
        # Not closed in a `with`: what waits for Entra ends by itself, and nobody waits for that.
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="entra-tokens")
        self._kept = KeptTokens(self._source, self._threads)

    @override
    async def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {await self.token()}"}

    async def token(self) -> str:
        """Gives a token for Graph that is good for a minute at least.

        Raises:
            ProviderRejects: Entra gives none to this app.
            Unsent: Entra does not answer, so nothing can be asked of Graph.
        """
        try:
            return await self._kept.token(self._scope)
        except NoToken as error:
            raise ProviderRejects(provider=PROVIDER, why=str(error)) from None
        except EntraAway as error:
            raise Unsent(f"no token: {error}") from None

    @override
    def forget(self) -> None:
        self._source.forget()
        self._kept.forget(self._scope)

    def close(self) -> None:
        """Asks for no more tokens."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _source(access: EntraAccess) -> AppTokens | MachineTokens:
    if access.proof is Proof.MANAGED_IDENTITY:
        return MachineTokens(access.client)
    return AppTokens(
        tenant=access.tenant,
        client=access.client,
        credential=access.secret,
        is_certificate=access.proof is Proof.CERTIFICATE,
        login_url=access.login_url,
    )
