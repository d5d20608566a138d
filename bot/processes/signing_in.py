"""Where the people of a process's tenants sign in to prove who they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from aiohttp.web import RouteDef

from bot.app import Deployment
from bot.chat.proving import Proving
from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.flow.seams import Seams
from bot.ports.memory import Memory
from bot.ports.outside import Clock
from bot.settings.directories import directory_settings
from bot.settings.public_url import NoPublicUrl, public_url
from bot.signin.access import SignInAccess
from bot.signin.oidc import OpenIdProvider
from bot.signin.routes import SignInDesk, link_to, signin_routes

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIn:
    """The tenants whose people can sign in, and where."""

    desks: Mapping[TenantId, SignInDesk]
    public_url: str

    def proving(self, seams: Seams, memory: Memory) -> Proving | None:
        """Gives what has a tenant's accounts prove who they are; None where its people cannot sign in."""
        if seams.tenant not in self.desks:
            return None
        return Proving(seams, memory.sign_ins, link_to=partial(link_to, self.public_url))

    def routes(self, memory: Memory, clock: Clock) -> list[RouteDef]:
        """Gives the routes of the sign-in pages, for all tenants; none where nobody can sign in."""
        if not self.desks:
            return []
        return signin_routes(
            self.desks.get, sign_ins=memory.sign_ins, clock=clock, public_url=self.public_url
        )


def signing_in(deployments: Sequence[Deployment]) -> SigningIn:
    """Gives where people sign in, by the directory files of these tenants; the deployment's own is the first.

    A further tenant's wish that cannot be met is logged, and holds up nobody else.

    Raises:
        NoPublicUrl: people of the own tenant can, and it is not said where browsers reach the pages.
        BadPublicUrl: what is said is no address for that.
    """
    desks = {}
    for one in deployments:
        access = _access(one)
        if access is not None:
            provider = OpenIdProvider(access, clock=one.clock)
            desks[one.tenant] = SignInDesk(provider=provider, directory=one.directory)
    if not desks:
        return SigningIn(desks={}, public_url="")
    try:
        found = public_url()
        if found is None:
            raise NoPublicUrl
    except Refusal as refusal:
        if deployments[0].tenant in desks:
            raise
        log.warning("sign_in.off", tenants=sorted(desks), why=refusal.sentence)
        return SigningIn(desks={}, public_url="")
    return SigningIn(desks=desks, public_url=found)


def _access(deployment: Deployment) -> SignInAccess | None:
    """Gives what a tenant's directory file says; where that cannot be read, its directory says why."""
    try:
        return directory_settings(deployment.settings.files_of(deployment.tenant).directory).sign_in
    except Refusal as refusal:
        log.warning("sign_in.unusable", tenant=deployment.tenant, why=type(refusal).__name__)
        return None
