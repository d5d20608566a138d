"""`policy history`: every change of what is laid down, newest first."""

from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.domain.people import Role
from bot.domain.tools import shortened
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.history_words import change_row, named_in_changes
from bot.flow.commands.pages import Page, counted, paged_answer
from bot.flow.commands.people import people_of
from bot.flow.commands.spelling import on_page, quoted, spelled
from bot.flow.seams import Seams

_PER_PAGE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyHistoryCommand(Command):
    """Whose history is wanted; of everything where nothing is named."""

    name: str = ""
    page: int = 1

    @property
    @override
    def text(self) -> str:
        page = on_page(self.page)
        return spelled("policy history", quoted(self.name), page)

    @property
    @override
    def about(self) -> str:
        return self.name


class ShowHistory:
    """Lists changes."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: PolicyHistoryCommand, asker: Asker) -> Answer:
        """Gives one page of the changes that touched the policy, default, connector or tool of this name."""
        async with self._seams.store.view(self._seams.tenant) as view:
            count, found = await view.changes.page(
                about=command.name, offset=(command.page - 1) * _PER_PAGE, limit=_PER_PAGE
            )
            pages = max(1, -(-count // _PER_PAGE))
            here = min(command.page, pages)
            if here != command.page:
                _, found = await view.changes.page(
                    about=command.name, offset=(here - 1) * _PER_PAGE, limit=_PER_PAGE
                )
            zone = (await view.tenant()).zone
        people = await people_of(self._seams.directory, named_in_changes(found))
        of = f" of {shortened(command.name)}" if command.name else ""
        nothing = "Nothing of this name was changed. “policy history” shows all changes." if of else ""
        return paged_answer(
            f"{counted(count, 'change')}{of}",
            Page(found, here, pages),
            [change_row(one, people, zone, may_undo=asker.person.is_admin) for one in found],
            command=lambda number: replace(command, page=number).text,
            note="" if found else nothing or "Nothing was changed yet.",
        )


def _read(given: Given) -> PolicyHistoryCommand:
    return PolicyHistoryCommand(name=given.word("NAME"), page=given.page())


ENTRY: Final = entry(
    Form(
        words=("policy", "history"),
        slots=(Slot(name="NAME", kind=SlotKind.NAME, required=False),),
        flags=(Flag(name="page", takes="N"),),
        needs=Role.TECHNICIAN,
        may="see policies",
        purpose="Show who changed what, when and why.",
        examples=("policy history", "policy history acme-it:reset_password"),
        read=_read,
    ),
    PolicyHistoryCommand,
    ShowHistory,
)
