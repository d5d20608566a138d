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
from bot.chat.slack.oauth import INSTALL, InstallFlow, NotServedYet
from bot.chat.slack.workspaces import SLACK, Workspace, Workspaces
from bot.chat.tidying import Tidying
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.ports.chat import Codes, Installations
from bot.ports.outside import Clock

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
    installed for somebody else. What is from nobody's workspace goes to the first office, which refuses it;
    what is for a tenant that was added since the process was started has to be sent again.
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
        theirs = await self._authors(request.body)
        if theirs is not None and theirs[0] is not office:
            office, workspace = theirs
            context["team_id"], context["enterprise_id"] = workspace.team, workspace.enterprise
        if office is None:
            return BoltResponse(status=503, body="")
        return await office.app.async_dispatch(request)

    async def _office(self, team: str, enterprise: str) -> Office | None:
        """Gives who takes it; None where that is a tenant whom this process does not serve."""
        try:
            tenant = await self._tenant(team=team, enterprise=enterprise)
        except Refusal as refusal:
            # Its listeners find out the same, and have Slack send it again.
            log.warning("slack.unplaced", why=type(refusal).__name__)
            return self._first
        if tenant is None:
            return self._first
        if tenant not in self._by_tenant:
            log.warning("slack.unserved", tenant=tenant)
        return self._by_tenant.get(tenant)

    async def _authors(self, body: JsonObject) -> tuple[Office, Workspace] | None:
        """Gives who takes what the author's own colleagues write, in a channel that organisations share.

        Slack sends it once, for whichever of the workspaces it likes: who wrote it is known in their own.
        Source: https://docs.slack.dev/apis/events-api/#authorizations
        """
        for team in _author_teams(body):
            is_above = team.startswith("E")
            place = {"team": "" if is_above else team, "enterprise": team if is_above else ""}
            try:
                tenant = await self._tenant(**place)
                office = None if tenant is None else self._by_tenant.get(tenant)
                workspace = None if office is None else await office.workspaces.find(**place)
            except Refusal as refusal:
                log.warning("slack.unplaced", why=type(refusal).__name__)
                return None
            if office is not None and workspace is not None:
                return office, workspace
        return None

    async def _tenant(self, *, team: str, enterprise: str) -> TenantId | None:
        """Gives whose the workspace is; of the environment's own token it is asked only what is known.

        Raises:
            Refusal: it cannot be found out.
        """
        if self._first.workspaces.has_own(team=team, enterprise=enterprise):
            return self._first.tenant
        found = await self._installations.find(SLACK, team=team, enterprise=enterprise)
        return None if found is None else found[0]

    async def installing(self, code: str) -> InstallFlow | None:
        """Gives what installs the app with the operator's code; None where the code is no good here.

        Raises:
            NotServedYet: it is good, for a tenant that was added since the process was started.
        """
        tenant = await self._codes.check(INSTALL, code, now=self._clock.now()) if code else None
        if tenant is None:
            return None
        if tenant not in self._by_tenant:
            raise NotServedYet
        return self._by_tenant[tenant].install


def _author_teams(body: JsonObject) -> tuple[str, ...]:
    """Gives the author's organisation or workspace, where the channel is one that organisations share."""
    if body.get("is_ext_shared_channel") is not True:
        return ()
    named = (text_at(body, "event", "user_team"), text_at(body, "event", "source_team"))
    return tuple(name for name in named if name)
