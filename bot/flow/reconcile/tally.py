"""The tally: what was done about leavers and is not reported yet, as the audit log has it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.domain.canonical import JsonValue
from bot.domain.events import AuditEntry
from bot.domain.people import PersonId
from bot.flow.reconcile.step import Effect
from bot.flow.seams import Seams
from bot.flow.tell_once import position

LEFT: Final = "person.left"
"""The kind of the entry that says of one leaver what was done."""
BACK: Final = timedelta(days=2)
"""How far back is read: a round that was cut off is finished within that time, or by hand."""
_PAGE: Final = 1000

Done = dict[Effect, list[str]]
"""The ids of what was done to a leaver's things, each once."""


@dataclass(slots=True)
class Tally:
    """What the log says, by person."""

    done: dict[PersonId, Done] = field(default_factory=dict)
    """What was done since the person was reported last."""
    reported: set[PersonId] = field(default_factory=set)
    """Who stands in the log as having left."""

    def of(self, person: PersonId) -> Done:
        """Gives what was done and is not reported yet."""
        return self.done.get(person, {})

    def read(self, entry: AuditEntry) -> None:
        """Takes an entry in; entries have to come in their order."""
        details = entry.details
        match entry.kind:
            case "grant.suspended":
                for grant in entry.grants:
                    self._count(details.get("person"), Effect.SUSPENDED, grant)
            case "approval.approver_left":
                self._count(details.get("person"), Effect.MOVED, details.get("approval"))
            case "request.requester_left":
                self._count(details.get("person"), Effect.ENDED, entry.request)
            case kind if kind == LEFT:
                person = PersonId(str(details.get("person")))
                self.done.pop(person, None)
                self.reported.add(person)
            case _:
                pass

    def _count(self, person: JsonValue, effect: Effect, thing: JsonValue) -> None:
        if not isinstance(person, str) or not isinstance(thing, str):
            return
        things = self.done.setdefault(PersonId(person), {}).setdefault(effect, [])
        if thing not in things:
            things.append(thing)


async def tally(seams: Seams) -> Tally:
    """Gives what the log of the last days says."""
    found = Tally()
    async with seams.store.view(seams.tenant) as view:
        after = await position(view, seams.clock.now() - BACK)
        while page := await view.audit.read(after=after, limit=_PAGE):
            after = page[-1].sequence
            for sealed in page:
                found.read(sealed.entry)
    return found
