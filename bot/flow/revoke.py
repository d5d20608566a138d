"""Revokes a standing approval, which holds from the next decision on."""

from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.grants import Grant, GrantId
from bot.domain.people import PersonId, TenantId
from bot.ports.outside import Clock
from bot.ports.store import Store


class UnknownGrant(Refusal):
    """There is no standing approval {grant}. “grants list” shows those there are."""

    kind = "missing"


class RevokedAlready(Refusal):
    """This standing approval was revoked already."""

    kind = "conflict"


class RevokeGrant:
    """Ends a standing approval for good."""

    def __init__(self, *, store: Store, tenant: TenantId, clock: Clock) -> None:
        self._store = store
        self._tenant = tenant
        self._clock = clock

    async def __call__(self, grant: GrantId, *, by: str, actor: PersonId | None = None) -> Grant:
        """Gives the grant as it was; `by` is who revokes, for the audit log, and `actor` their person.

        Raises:
            UnknownGrant: there is none of this id.
            RevokedAlready: somebody did it before.
        """
        now = self._clock.now()
        async with self._store.unit(self._tenant) as unit:
            known = await unit.grants.get(grant)
            if known is None:
                raise UnknownGrant(grant=grant)
            if not await unit.grants.revoke(grant, now=now, by=by):
                raise RevokedAlready
            entry = AuditEntry(
                at=now,
                kind="grant.revoked",
                actor=actor,
                agent="" if actor else by,
                connector=known.tool.connector,
                tool=str(known.tool),
                grants=(grant,),
                details={"by": by},
            )
            await unit.audit.append(entry)
        return known
