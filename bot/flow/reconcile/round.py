"""One round: everybody is looked up afresh, what leavers leave behind is dealt with, and admins are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.domain.leavers import night_of, too_many
from bot.domain.people import PersonId
from bot.domain.terminal import in_terminal
from bot.flow.reconcile.end_requests import EndRequests
from bot.flow.reconcile.looking import LookedUp, look_up
from bot.flow.reconcile.marks import Marks
from bot.flow.reconcile.move_approvals import MoveApprovals
from bot.flow.reconcile.report import Departed, departed_entry, report_text
from bot.flow.reconcile.step import Step
from bot.flow.reconcile.suspend_grants import SuspendGrants
from bot.flow.reconcile.tally import Done, tally
from bot.flow.seams import Seams
from bot.flow.tell_once import TellOnce
from bot.ports.chat import Postings
from bot.ports.records import Overtaken

STEPS: Final[tuple[Callable[[Seams], Step], ...]] = (SuspendGrants, EndRequests, MoveApprovals)
"""What is done about leavers, in this order; whatever else they may leave behind is a further step."""


class TooManyGone(Refusal):
    """{gone} of {count} people seem to have left the directory. That is so many that it may be answering wrongly, so nothing was changed. If it is true, the operator does it with “{command}”."""  # noqa: E501 - read as a whole

    kind = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What came of a round, or would come of it."""

    count: int
    """How many people were looked up."""
    departed: tuple[Departed, ...]
    """Those who left and were not reported before, or of whom something was still there; by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What a round goes by."""

    seams: Seams
    """With a directory that answers nothing from before this round."""
    night: date
    found: LookedUp
    known: frozenset[PersonId]
    """Who was gone before, and is reported."""

    @property
    def new(self) -> int:
        """How many are gone of whom nobody was told."""
        return sum(one.id not in self.known for one in self.found.leavers)

    def check(self) -> None:
        """Passes if it can be believed.

        Raises:
            TooManyGone: it can hardly.
        """
        count = self.found.count - len(self.found.leavers) + self.new
        if too_many(self.new, count):
            command = in_terminal("reconcile --anyway", self.seams.tenant)
            raise TooManyGone(gone=self.new, count=count, command=command)


class Reconcile:
    """Makes rounds: made twice at once, they do nothing twice; one that is cut off the next one finishes."""

    def __init__(self, seams: Seams, postings: Postings) -> None:
        self._seams = seams
        self._marks = Marks(seams, postings)
        self._tell = TellOnce(seams, postings)

    async def foresee(self, *, anyway: bool = False) -> Round:
        """Gives what a round would do now; nothing changes.

        Raises:
            DirectoryUnreachable: nothing is concluded.
            TooManyGone: so many seem to have left that it would do nothing; not where it is done `anyway`.
        """
        look = await self._look()
        if not anyway:
            look.check()
        done: dict[PersonId, Done] = {}
        for step in STEPS:
            for due in await step(look.seams).due(look.found.leavers):
                done.setdefault(due.leaver.id, {}).setdefault(due.effect, []).append(due.thing)
        return Round(count=look.found.count, departed=_departed(look, done))

    async def __call__(self, *, anyway: bool = False) -> Round:
        """Does it now, tells the admins unless nobody left, and gives what was done.

        Raises:
            DirectoryUnreachable: somebody cannot be looked up. Nothing is concluded where that is at the
                beginning; what was done by then stays done, and the next round goes on.
            TooManyGone: so many seem to have left that nothing was changed; not where it is done `anyway`.
            Overtaken: another round is just reporting; a later one finds out whether it did.
        """
        look = await self._look()
        for leaver in look.found.leavers:
            if leaver.id in look.known:
                await self._marks.keep(leaver.id, look.night)
        if not anyway:
            look.check()
        for step in [made(look.seams) for made in STEPS]:
            for due in await step.due(look.found.leavers):
                await step.do(due)
        departed = await self._reported(look) if look.found.leavers else ()
        for leaver in look.found.leavers:
            await self._marks.keep(leaver.id, look.night)
        await self._marks.close(look.night)
        return Round(count=look.found.count, departed=departed)

    async def _look(self) -> _Look:
        seams = self._seams.afresh()
        async with seams.store.view(seams.tenant) as view:
            zone = (await view.tenant()).zone
        night = night_of(seams.clock.now(), zone)
        said = await tally(seams)
        found = await look_up(seams, also=said.done)
        last = await self._marks.last(night)
        nights = {night, *([last] if last else [])}
        known = {one.id for one in found.leavers if await self._marks.was_gone(one.id, nights)}
        return _Look(seams=seams, night=night, found=found, known=frozenset(known | said.reported))

    async def _reported(self, look: _Look) -> tuple[Departed, ...]:
        """Tells the admins, with an entry in the audit log for each leaver; gives those it tells of.

        Raises:
            Overtaken: another process is at it, and it is not certain that it tells of all of them.
        """
        seams, now = self._seams, self._seams.clock.now()
        about = await self._untold(look.night)
        # Read after that: who is told of under an earlier name is not told of again.
        said = await tally(seams)
        departed = _departed(look, said.done, said.reported)
        if not departed:
            return ()
        entry = AuditEntry(
            at=now,
            kind="leavers.reported",
            details={"count": len(departed), "looked_up": look.found.count},
        )
        notice = Notice(kind=NoticeKind.SAY, text=report_text(departed, seams.tenant))
        also = [departed_entry(one, now) for one in departed]
        if not await self._tell(about, entry, [notice], also=also):
            said = await tally(seams)
            if _departed(look, said.done, said.reported):
                raise Overtaken
        return departed

    async def _untold(self, night: date) -> str:
        """Gives what to call the report of this round; further ones of a night are made by hand, or late."""
        number, about = 1, f"leavers/{night}"
        while (mark := await self._tell.mark(about)) is not None and mark.reference:
            number += 1
            about = f"leavers/{night}/{number}"
        return about


def _departed(
    look: _Look, done: Mapping[PersonId, Done], reported: set[PersonId] | None = None
) -> tuple[Departed, ...]:
    known = look.known | (reported or set())
    return tuple(
        Departed(
            leaver=leaver, done=dict(done.get(leaver.id, {})), accounts=look.found.accounts_of(leaver.id)
        )
        for leaver in look.found.leavers
        if leaver.id not in known or done.get(leaver.id)
    )
