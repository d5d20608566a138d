"""`approvals`: what waits for me, and what I wait for."""

from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer, AnswerButton, AnswerRow, Press
from bot.cards.model import Fact
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, entry
from bot.flow.commands.pages import PER_PAGE, Page, counted, paged_answer
from bot.flow.commands.policy_words import moment
from bot.flow.commands.spelling import on_page, spelled
from bot.flow.queue import MOST, MyQueue, Queue, QueueItem
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalsCommand(Command):
    """Which page of what waits is wanted."""

    page: int = 1

    @property
    @override
    def text(self) -> str:
        return spelled("approvals", on_page(self.page))


class MyApprovals:
    """Lists what a person may decide now, and their own open requests."""

    def __init__(self, seams: Seams) -> None:
        self._queue = MyQueue(seams)

    async def __call__(self, command: ApprovalsCommand, asker: Asker) -> Answer:
        """Gives one page of the approvals, oldest first; the own requests stand on the first."""
        queue = await self._queue(asker.person, limit=command.page * PER_PAGE)
        here = min(command.page, _pages(len(queue.approvals)))
        items = queue.approvals[(here - 1) * PER_PAGE : here * PER_PAGE]
        pages = _pages(min(MOST, len(queue.approvals) + queue.approvals_left))
        own = queue.requests if here == 1 else ()
        lines = [
            *(_row(item, "waits for you", queue.zone) for item in items),
            *(_row(item, "your request", queue.zone) for item in own),
        ]
        return paged_answer(
            _title(queue),
            Page(items, here, pages),
            lines,
            command=lambda number: replace(command, page=number).text,
            note="" if lines else "Nothing waits for you, and you wait for nothing.",
        )


def _pages(count: int) -> int:
    return max(1, -(-count // PER_PAGE))


def _title(queue: Queue) -> str:
    count = len(queue.approvals) + queue.approvals_left
    waiting = f"{'up to ' if queue.approvals_left else ''}{counted(count, 'approval')}"
    verb = "waits" if count == 1 else "wait"
    return f"{waiting} {verb} for you; {counted(len(queue.requests), 'request')} of yours under way"


def _row(item: QueueItem, badge: str, zone: tzinfo) -> AnswerRow:
    facts = [Fact("Why", item.why)] if item.why else []
    facts += [Fact("Status", item.status), Fact("Since", moment(item.since, zone))]
    if item.until is not None:
        facts.append(Fact("Open until", moment(item.until, zone)))
    button = AnswerButton(label="Open", press=Press.OPEN, value=item.card)
    return AnswerRow(label=item.title, badge=badge, facts=tuple(facts), button=button)


def _read(given: Given) -> ApprovalsCommand:
    return ApprovalsCommand(page=given.page())


ENTRY: Final = entry(
    Form(
        words=("approvals",),
        flags=(Flag(name="page", takes="N"),),
        purpose="List what waits for you, and your own open requests.",
        examples=("approvals", "approvals --page 2"),
        read=_read,
    ),
    ApprovalsCommand,
    MyApprovals,
)
