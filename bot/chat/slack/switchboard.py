"""Hands what Slack sends to the tenant that its workspace belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.chat.slack.listeners.arrivals import Arrivals
from bot.chat.slack.listeners.homes import HomePages
from bot.chat.slack.oauth import INSTALL, InstallFlow
from bot.chat.slack.workspaces import SLACK, Workspaces
from bot.chat.tidying import Tidying
from bot.domain.people import TenantId
from bot.ports.chat import Codes, Installations
from bot.ports.outside import Clock, Unreachable
from bot.ports.store import StoreUnreachable

log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One tenant's part of the surface: what takes whatever comes from its workspaces."""

    tenant: TenantId
    workspaces: Workspaces
    app: AsyncApp
    arrivals: Arrivals
    homes: HomePages
    tidying: Tidying
    install: InstallFlow | None
    """What installs the app into further workspaces; None where it cannot be installed."""

    async def look(self) -> None:
        """Takes up what an earlier process left, has open pages drawn anew, and forgets what is old."""
        await self.arrivals.take()
        self.homes.look()
        await self.tidying()


class Switchboard:
    """Knows the office of each workspace, and of each link that installs the app.

    A workspace belongs to one tenant. Whose it is, is looked up for every event: it may be removed, and
    installed for somebody else. What is from nobody's workspace goes to the first office, which refuses it.
    """

    def __init__(
        self, offices: Sequence[Office], *, installations: Installations, codes: Codes, clock: Clock
    ) -> None:
        """Takes the offices; the first one is of the tenant that the environment's own token belongs to."""
        self._first = offices[0]
        self._by_tenant = {one.tenant: one for one in offices}
        self._installations = installations
        self._codes = codes
        self._clock = clock

    async def async_dispatch(self, request: AsyncBoltRequest) -> BoltResponse:
        """Gives what the tenant's listeners answer."""
        context = request.context
        office = await self._office(context.team_id or "", context.enterprise_id or "")
        return await office.app.async_dispatch(request)

    async def _office(self, team: str, enterprise: str) -> Office:
        if len(self._by_tenant) == 1:
            return self._first
        try:
            if await self._first.workspaces.is_own(team=team, enterprise=enterprise):
                return self._first
            found = await self._installations.find(SLACK, team=team, enterprise=enterprise)
        except (Unreachable, StoreUnreachable) as refusal:
            # Its listeners find out the same, and have Slack send it again.
            log.warning("slack.unplaced", why=type(refusal).__name__)
            return self._first
        return self._first if found is None else self._by_tenant.get(found[0], self._first)

    async def installing(self, code: str) -> InstallFlow | None:
        """Gives what installs the app with the operator's code; None where the code is no good here."""
        tenant = await self._codes.check(INSTALL, code, now=self._clock.now()) if code else None
        office = self._by_tenant.get(tenant) if tenant is not None else None
        return None if office is None else office.install
