"""Suggests standing approvals to those who approve the same again and again; it never gives one itself."""

from datetime import UTC, datetime, timedelta
from typing import Final

from bot.cards.visible import visible
from bot.domain.events import AuditEntry, Notice, NoticeKind
from bot.domain.grants import GrantId, HolderGroup, HolderPerson
from bot.domain.people import Person
from bot.domain.suggesting import WINDOW, Suggestion
from bot.flow.commands.grant_words import People, in_words
from bot.flow.commands.people import people_of
from bot.flow.judge import Bench
from bot.flow.seams import Seams
from bot.flow.suggestions import Suggestions
from bot.flow.tell_once import TellOnce
from bot.ports.chat import Postings

PERIOD: Final = WINDOW / 2
"""How often it is noted anew that a suggestion which stands was told; marks are kept for twice as long."""
_EPOCH: Final = datetime(2024, 1, 1, tzinfo=UTC)
OVERLAP: Final = timedelta(minutes=5)
"""By how much two looks overlap, since what is just being stored may be missed by the first."""


class Suggest:
    """Tells approvers what they could allow in advance."""

    def __init__(self, seams: Seams, postings: Postings) -> None:
        self._seams = seams
        self._suggestions = Suggestions(seams)
        self._tell = TellOnce(seams, postings)
        self._looked: datetime | None = None

    async def __call__(self) -> int:
        """Gives how many suggestions were told now; only tools in use since the last call are looked at.

        Each is told once for as long as it stands; what stood no more for a month may be told again.

        Raises:
            DirectoryUnreachable: it is not known whom to tell; the next call tells them.
        """
        now = self._seams.clock.now()
        found = await self._suggestions(since=self._looked and self._looked - OVERLAP)
        count = 0
        for rule in found.suggestions:
            count += await self._told(rule, found.bench, now)
        self._looked = now
        return count

    async def _told(self, rule: Suggestion, bench: Bench, now: datetime) -> bool:
        told, key = await self._known(rule, now)
        approver = None if told else await self._approver(rule)
        if approver is None:
            return False
        people = await people_of(self._seams.directory, [one.requester.id for one in rule.calls])
        entry = AuditEntry(
            at=now,
            kind="grant.suggested",
            connector=rule.tool.connector,
            tool=str(rule.tool),
            details={"suggestion": rule.id, "to": approver.id},
        )
        text = _text(rule, approver, people, bench, now)
        return await self._tell(key, entry, [Notice(kind=NoticeKind.SAY, person=approver.id, text=text)])

    async def _known(self, rule: Suggestion, now: datetime) -> tuple[bool, str]:
        """Gives whether it was told, and the key to tell it under; what was told stays so while it stands."""
        keys = [_key(rule, now - ago * PERIOD) for ago in range(3)]
        marks = [await self._tell.mark(key) for key in keys]
        if any(mark is not None and mark.reference for mark in marks):
            if marks[0] is None or not marks[0].reference:
                await self._tell.keep(keys[0])
            return True, keys[0]
        begun = [key for key, mark in zip(keys, marks, strict=True) if mark is not None]
        return False, begun[0] if begun else keys[0]

    async def _approver(self, rule: Suggestion) -> Person | None:
        """Gives who approved most of the calls, of those who may sit there still and do not profit."""
        for person, _ in rule.approvers:
            found = await self._seams.directory.person(person)
            if found is not None and found.sits_in(rule.group) and HolderPerson(person) != rule.holder:
                return found
        return None


def _key(rule: Suggestion, at: datetime) -> str:
    return f"suggestion/{rule.id}/{(at - _EPOCH) // PERIOD}"


def _text(rule: Suggestion, approver: Person, people: People, bench: Bench, now: datetime) -> str:
    tool = bench.catalog.get(rule.tool)
    title = visible(tool.definition.plain_title if tool else rule.tool.name, set())
    grant = rule.grant(GrantId(""), giver=approver.id, fingerprint="", now=now)
    own = dict(rule.approvers)[approver.id]
    days = f"in {WINDOW.days} days"
    approved = (
        f"You approved “{title}” for {holder_words(rule, people)} {rule.count} times {days}"
        if own == rule.count
        else f"“{title}” for {holder_words(rule, people)} was approved {rule.count} times {days}, "
        f"{own} times by you"
    )
    return (
        f"{approved}, and nobody denied it. A standing approval could answer it: "
        f"“{in_words(grant, people, bench.catalog, bench.tenant.zone)}” Look at it: grants suggestions"
    )


def holder_words(rule: Suggestion, people: People) -> str:
    """Gives for whom the rule is, by address or group."""
    if isinstance(rule.holder, HolderGroup):
        return visible(f"people in {rule.holder.group}", set())
    known = people.get(rule.holder.person) if isinstance(rule.holder, HolderPerson) else None
    return visible(known.email if known else "somebody who is gone", set())
