"""`policy why`: why a request was decided as it was, call by call and decision by decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.cards.words import STATUSES
from bot.domain.errors import Refusal
from bot.domain.events import DecisionRecord
from bot.domain.people import PersonId, Role
from bot.domain.requests import CallRecord, Request, RequestId
from bot.domain.tools import shortened
from bot.flow.commands.form import Asker, Command, Form, Given, Slot, entry
from bot.flow.commands.pages import PER_PAGE
from bot.flow.commands.people import people_of, shown_name
from bot.flow.commands.policy_words import moment
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.seams import Seams
from bot.ports.store import Unit

_WORDS: Final = 120


class NoSuchRequest(Refusal):
    """There is no request “{start}”. “policy why” lists the newest ones."""

    kind = "missing"


class SeveralRequests(Refusal):
    """“{start}” begins the ids of several requests. Write more of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWhyCommand(Command):
    """Which request, by its id or the beginning of it; empty for a list of the newest."""

    start: str = ""

    @property
    @override
    def text(self) -> str:
        return spelled("policy why", quoted(self.start))

    @property
    @override
    def about(self) -> str:
        return self.start


class ExplainRequest:
    """Explains what was decided about a request."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: PolicyWhyCommand, _: Asker) -> Answer:
        """Gives each call with every decision about it, which policies spoke, and which won.

        Raises:
            NoSuchRequest, SeveralRequests: the id is of none, or of more than one.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            found = await view.requests.starting(command.start, limit=2 if command.start else PER_PAGE)
            zone = (await view.tenant()).zone
            if not found and command.start:
                raise NoSuchRequest(start=shortened(command.start))
            if command.start and len(found) > 1 and found[0].id != command.start:
                raise SeveralRequests(start=shortened(command.start))
            request = found[0] if found and command.start else None
            calls = await view.requests.calls(request.id) if request else ()
            records = await view.audit.decisions_on([call.id for call in calls])
            abouts = {one.id: await _about(view, one) for one in ((request,) if request else found)}
        if request is None:
            return await self._newest(found, abouts, zone)
        people = await people_of(self._seams.directory, {request.requester})
        facts = (
            Fact("Asked by", shown_name(people, request.requester)),
            Fact("Asked", moment(request.created, zone)),
            Fact("Now", STATUSES[request.status]),
            Fact("Id", request.id[:8]),
        )
        rows = [row for call in calls for row in _rows(call, records, zone)]
        return Answer(
            title=f"Why “{abouts[request.id]}” was decided so",
            facts=facts,
            lines=tuple(rows),
            note="" if rows else "Nothing was decided about it yet.",
        )

    async def _newest(
        self, requests: Sequence[Request], abouts: Mapping[RequestId, str], zone: tzinfo
    ) -> Answer:
        people = await people_of(self._seams.directory, {PersonId(one.requester) for one in requests})
        rows = tuple(
            AnswerRow(
                label=abouts[one.id],
                badge=one.status.value,
                facts=(
                    Fact("Asked by", f"{shown_name(people, one.requester)}, {moment(one.created, zone)}"),
                    Fact("Id", one.id[:8]),
                ),
                button=AnswerButton(label="Why", press=Press.RUN, value=spelled("policy why", one.id)),
            )
            for one in requests
        )
        return Answer(
            title="The newest requests", lines=rows, note="" if rows else "Nobody asked for anything yet."
        )


async def _about(view: Unit, request: Request) -> str:
    """Gives what was asked for: in the requester's words, or what the form was for."""
    said = " ".join(request.text.split())
    if not said:
        catalog = await view.connections.catalog()
        tools = [call.tool for call in await view.requests.calls(request.id) if call.position >= 0]
        titles = [catalog[tool].definition.plain_title if tool in catalog else str(tool) for tool in tools]
        said = ", ".join(titles) or "A form"
    return visible(shortened(said, _WORDS), set())


def _rows(call: CallRecord, records: Sequence[DecisionRecord], zone: tzinfo) -> list[AnswerRow]:
    """Gives one row per decision about the call, the oldest first; equal ones in a row once."""
    rows: list[AnswerRow] = []
    last: tuple[object, ...] = ()
    for record in records:
        said = (record.action, record.reason, record.policies, record.grants)
        if record.call_id != call.id or said == last:
            continue
        last = said
        rows.append(_row(record, zone))
    return rows


def _row(record: DecisionRecord, zone: tzinfo) -> AnswerRow:
    facts = [Fact("Decided", moment(record.at, zone)), Fact("Because", visible(record.reason, set()))]
    # The reason names the only one that spoke.
    facts += [
        Fact(
            "Policy",
            visible(
                f"{name} (version {version}) {'spoke, and won' if name in record.won else 'spoke'}", set()
            ),
        )
        for name, version in record.policies
        if len(record.policies) > 1 or name not in record.reason
    ]
    if record.grants:
        facts.append(Fact("Standing approvals", ", ".join(record.grants)))
    runs = " and runs" if record.runs else ""
    return AnswerRow(label=str(record.call.tool), badge=f"{record.action.value}{runs}", facts=tuple(facts))


def _read(given: Given) -> PolicyWhyCommand:
    return PolicyWhyCommand(start=given.word("REQUEST"))


ENTRY: Final = entry(
    Form(
        words=("policy", "why"),
        slots=(Slot(name="REQUEST", required=False),),
        needs=Role.TECHNICIAN,
        may="see why requests were decided so",
        purpose="Explain what was decided about a request; without one, list the newest.",
        examples=("policy why", "policy why 123524a2"),
        read=_read,
    ),
    PolicyWhyCommand,
    ExplainRequest,
)
