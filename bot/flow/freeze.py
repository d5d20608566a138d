"""Freeze and unfreeze: what is frozen stops at once, and another admin lets it go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.cards.visible import visible
from bot.domain.canonical import JsonValue
from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.policies import Freeze, FreezeScope
from bot.domain.requests import CallStatus, Request
from bot.domain.tools import shortened
from bot.flow import tell
from bot.flow.commands.pages import hint
from bot.flow.commands.people import people_of, shown_name
from bot.flow.commands.policy_words import moment
from bot.flow.commands.refusals import NoSuchThing
from bot.flow.seams import Seams
from bot.flow.write_edits import Author
from bot.ports.directory import DirectoryUnreachable
from bot.ports.store import Unit

REASON_LIMIT: Final = 500
_BATCH: Final = 50
"""Requests whose cards are redrawn in one transaction."""
_NAMED: Final = 5


class FrozenAlready(Refusal):
    """{what} is frozen already, by {who} since {since}. Any other admin can lift it."""

    kind = "conflict"


class NotFrozen(Refusal):
    """{what} is not frozen.{hint} “freeze list” shows what is."""

    kind = "missing"


class OwnFreeze(Refusal):
    """You froze this yourself, so another admin has to lift it: {who}."""

    kind = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Froze:
    """A freeze that was set or lifted, and how many waiting requests it stops or lets go on."""

    freeze: Freeze
    requests: int


class SetFreeze:
    """Freezes."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(
        self,
        scope: FreezeScope,
        target: str,
        author: Author,
        *,
        reason: str = "",
        name: str = "",
        dry: bool = False,
    ) -> Froze:
        """Gives the freeze, which holds from the next decision on; every card that it covers says so.

        `name` is what to call the target, where that is something else, as with a person. A dry one only
        looks.

        Raises:
            NoSuchThing: there is no such connector or tool.
            FrozenAlready: it is; it stays as it is.
        """
        seams, now = self._seams, self._seams.clock.now()
        made = Freeze(
            scope=scope, target=target, by=author.by, reason=shortened(reason, REASON_LIMIT), at=now
        )
        async with seams.store.view(seams.tenant) as view:
            await _check_known(view, made)
            zone = (await view.tenant()).zone
        known = _like(made, await _frozen_now(seams))
        people = await people_of(seams.directory, [PersonId(known.by)] if known else [])
        async with seams.store.unit(seams.tenant) as unit:
            # Whoever freezes has the rules alone, so that of two at the same moment one is told of the other.
            await unit.changes.newest()
            if (known := _like(made, await unit.policies.freezes())) is not None:
                raise FrozenAlready(
                    what=target_words(made, name=name),
                    who=shown_name(people, known.by),
                    since=moment(known.at, zone),
                )
            if dry:
                return Froze(freeze=made, requests=len(await _covered(unit, made)))
            await unit.policies.put_freeze(made)
            await unit.audit.append(_entry("freeze.set", made, author, now, reason=made.reason))
        return Froze(freeze=made, requests=await _redraw(seams, made))


class LiftFreeze:
    """Unfreezes."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(
        self,
        scope: FreezeScope,
        target: str,
        author: Author,
        *,
        reason: str = "",
        name: str = "",
        dry: bool = False,
    ) -> Froze:
        """Gives the freeze that was lifted; the cards that it covered can be approved again.

        The operator may always; of admins only another than the one who froze. A dry one only looks.

        Raises:
            NotFrozen: there is no such freeze.
            OwnFreeze: the same admin set it.
        """
        seams, now = self._seams, self._seams.clock.now()
        wanted = Freeze(scope=scope, target=target, by="", reason="", at=now)
        others = await _other_admins(seams, author)
        async with seams.store.unit(seams.tenant) as unit:
            await unit.changes.newest()
            freezes = await unit.policies.freezes()
            found = _like(wanted, freezes)
            if found is None:
                alike = hint(target, [one.target for one in freezes if one.scope is scope])
                raise NotFrozen(what=target_words(wanted, name=name), hint=alike if not name else "")
            if found.by == author.by and not author.is_operator:
                raise OwnFreeze(who=others)
            if dry:
                return Froze(freeze=found, requests=len(await _covered(unit, found)))
            await unit.policies.remove_freeze(found)
            words = shortened(reason, REASON_LIMIT)
            await unit.audit.append(
                _entry(
                    "freeze.lifted", found, author, now, reason=words, set_by=found.by, because=found.reason
                )
            )
        return Froze(freeze=found, requests=await _redraw(seams, found))


def target_words(freeze: Freeze, *, name: str = "") -> str:
    """Gives what is frozen, to begin a sentence with; `name` is what to call the target, if anything else."""
    shown = visible(shortened(name or freeze.target), set())
    match freeze.scope:
        case FreezeScope.TENANT:
            return "Everything"
        case FreezeScope.CONNECTOR | FreezeScope.TOOL:
            return shown
        case FreezeScope.PERSON:
            return f"What {shown} asks for"


def _like(freeze: Freeze, others: Sequence[Freeze]) -> Freeze | None:
    return next((one for one in others if (one.scope, one.target) == (freeze.scope, freeze.target)), None)


async def _frozen_now(seams: Seams) -> tuple[Freeze, ...]:
    async with seams.store.view(seams.tenant) as view:
        return await view.policies.freezes()


async def _check_known(view: Unit, freeze: Freeze) -> None:
    """Passes if there is what is to be frozen; a person was looked up before.

    Raises:
        NoSuchThing: there is no such connector or tool.
    """
    match freeze.scope:
        case FreezeScope.CONNECTOR:
            known = {one.name for one in await view.connections.all()}
        case FreezeScope.TOOL:
            known = {str(tool) for tool in await view.connections.catalog()}
        case _:
            return
    if freeze.target not in known:
        alike = hint(freeze.target, known)
        raise NoSuchThing(what=freeze.scope.value, name=shortened(freeze.target), hint=alike)


async def _other_admins(seams: Seams, author: Author) -> str:
    """Gives the names of the admins who may lift what this one froze."""
    try:
        members = await seams.directory.members(TECHNICIANS)
    except DirectoryUnreachable:
        return "any other admin"
    others: list[Person] = [one for one in members if one.is_admin and one.id != author.actor]
    if not others:
        return "there is none but you, so ask the operator"
    names = ", ".join(visible(one.name, set()) for one in others[:_NAMED])
    return names if len(others) <= _NAMED else f"{names}, or any other admin"


async def _covered(unit: Unit, freeze: Freeze) -> list[Request]:
    """Gives the waiting requests that have something to do that it covers."""
    return [one for one in await unit.requests.waiting() if await _is_covered(unit, one, freeze)]


async def _redraw(seams: Seams, freeze: Freeze) -> int:
    """Has the cards of the waiting requests that it covers drawn anew, and gives how many those are.

    The freeze holds by then: with many requests this takes a while, and nothing may run meanwhile.
    """
    seams.bell.ring()
    async with seams.store.view(seams.tenant) as view:
        found = await _covered(view, freeze)
    for start in range(0, len(found), _BATCH):
        async with seams.store.unit(seams.tenant) as unit:
            for request in found[start : start + _BATCH]:
                await tell.refresh(unit, request)
        seams.bell.ring()
    return len(found)


async def _is_covered(unit: Unit, request: Request, freeze: Freeze) -> bool:
    calls = await unit.requests.calls(request.joined_to or request.id)
    leading = await unit.requests.get(request.joined_to) if request.joined_to else None
    asking = {request.requester, *([leading.requester] if leading else [])}
    return any(
        call.position >= 0
        and call.status is CallStatus.PROPOSED
        and any(freeze.covers(call.tool, who) for who in asking)
        for call in calls
    )


def _entry(kind: str, freeze: Freeze, author: Author, now: datetime, **details: JsonValue) -> AuditEntry:
    is_tool = freeze.scope is FreezeScope.TOOL
    is_connector = freeze.scope is FreezeScope.CONNECTOR
    return AuditEntry(
        at=now,
        kind=kind,
        actor=author.actor,
        agent="" if author.actor else author.by,
        connector=freeze.target.partition(":")[0] if is_tool or is_connector else "",
        tool=freeze.target if is_tool else "",
        details={"scope": freeze.scope.value, "target": freeze.target, "by": author.by, **details},
    )
