"""Resumes a standing approval that was suspended because somebody left."""

from typing import Final

from bot.domain.actions import Effect
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.grants import Grant, GrantId
from bot.domain.people import PersonId
from bot.domain.tools import Catalog
from bot.flow.reconcile.suspend_grants import parts_of
from bot.flow.revoke import RevokedAlready, UnknownGrant
from bot.flow.seams import Seams
from bot.flow.standing import state_of
from bot.ports.records import Overtaken

_OVER: Final = frozenset({"ended", "used up"})


class NotSuspended(Refusal):
    """This standing approval is not suspended, so there is nothing to resume."""

    kind = "conflict"


class OverAlready(Refusal):
    """This standing approval is {state}, so it cannot be resumed. It can be given anew: press “Always allow…” on the next card."""  # noqa: E501 - read as a whole

    kind = "conflict"


class ToolChanged(Refusal):
    """This standing approval does not count because {tool} is not the tool it was given for. Accept the tool as it is with “tools accept {tool}”."""  # noqa: E501 - read as a whole

    kind = "conflict"


class StillGone(Refusal):
    """{name} is still gone or disabled, and this standing approval cannot stand without them. Revoke it, and have somebody else give it anew: press “Always allow…” on the next card."""  # noqa: E501 - read as a whole

    kind = "conflict"


class OwnResumption(Refusal):
    """This standing approval was suspended because you had left, so another admin has to resume it."""

    kind = "forbidden"


class TakesTwo(Refusal):
    """{tool} destroys something, so one admin alone cannot have it run unasked. Revoke this standing approval and give it anew."""  # noqa: E501 - read as a whole

    kind = "forbidden"


class ResumeGrant:
    """Has a suspended standing approval count again."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, grant: GrantId, *, by: str, actor: PersonId | None = None) -> Grant:
        """Gives the grant as it was; `by` is who resumes, for the audit log, and `actor` their person.

        That they are an admin is checked by whoever asks.

        Raises:
            UnknownGrant: there is none of this id.
            RevokedAlready, OverAlready, NotSuspended: it cannot count again, or does.
            ToolChanged: its tool is not the one it was given for; that is answered by accepting the tool.
            TakesTwo: its tool destroys something; the operator alone resumes that.
            OwnResumption: they gave it, or it is for them.
            StillGone: its giver or its holder is not there.
            DirectoryUnreachable: nobody can be looked up.
            Overtaken: somebody else changed it at this moment.
        """
        seams = self._seams.afresh()
        async with seams.store.view(seams.tenant) as view:
            known = await view.grants.get(grant)
            catalog = await view.connections.catalog()
        if known is None:
            raise UnknownGrant(grant=grant)
        now = seams.clock.now()
        _check(known, catalog, state=state_of(known, now))
        if actor is not None and catalog[known.tool].effect is Effect.DESTROY:
            raise TakesTwo(tool=known.tool)
        for person in parts_of(known):
            if person == actor:
                raise OwnResumption
            found = await seams.directory.entry(person)
            if found is None or not found.enabled:
                raise StillGone(name=found.name if found else person)
        async with seams.store.unit(seams.tenant) as unit:
            if not await unit.grants.resume(grant, why=known.suspended_why):
                raise Overtaken
            entry = AuditEntry(
                at=now,
                kind="grant.resumed",
                actor=actor,
                agent="" if actor else by,
                connector=known.tool.connector,
                tool=str(known.tool),
                grants=(grant,),
                details={"by": by, "was": known.suspended_why},
            )
            await unit.audit.append(entry)
        return known


def _check(grant: Grant, catalog: Catalog, *, state: str) -> None:
    if state == "revoked":
        raise RevokedAlready
    if state in _OVER:
        raise OverAlready(state=state)
    tool = catalog.get(grant.tool)
    is_same = tool is not None and grant.fingerprint == tool.fingerprint == tool.accepted
    if not is_same or (grant.suspended and not grant.suspended_why):
        raise ToolChanged(tool=grant.tool)
    if not grant.suspended:
        raise NotSuspended
