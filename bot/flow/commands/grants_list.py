"""`grants list`: the standing approvals that are in force, as far as one may see them."""

from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.domain.grants import Holder, HolderGroup, HolderPerson
from bot.domain.people import TECHNICIANS
from bot.domain.policies import EVERYONE
from bot.domain.tools import ToolId
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, PersonRef, SlotKind, entry
from bot.flow.commands.grant_words import grant_row, named_in, seen_by
from bot.flow.commands.pages import counted, page_of, paged_answer
from bot.flow.commands.people import people_of, person_of
from bot.flow.commands.spelling import flagged, on_page, spelled, written_person
from bot.flow.seams import Seams
from bot.flow.standing import is_unused, short_id
from bot.flow.wanted import standing


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantsListCommand(Command):
    """Which standing approvals are wanted, and which page of them."""

    holder: PersonRef | str | None = None
    """A person, the name of a group, or `everyone`."""
    tool: ToolId | None = None
    unused: bool = False
    """Only those that were given at least 30 days ago and not used since then, or for as long."""
    page: int = 1

    @property
    @override
    def text(self) -> str:
        return spelled(
            "grants list",
            flagged("holder", written_person(self.holder)),
            flagged("tool", str(self.tool) if self.tool else ""),
            "--unused" if self.unused else "",
            on_page(self.page),
        )


class ListGrants:
    """Lists standing approvals."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: GrantsListCommand, asker: Asker) -> Answer:
        """Gives one page of them, newest first.

        Raises:
            UnknownPerson, UnknownMention: the holder is nobody known.
        """
        holder = await self._holder(command, asker)
        now = self._seams.clock.now()
        async with self._seams.store.view(self._seams.tenant) as view:
            stored = await view.grants.all()
            catalog = await view.connections.catalog()
            zone = (await view.tenant()).zone
        found = [
            grant
            for grant in seen_by(asker.person, standing(stored, now))
            if command.tool in {None, grant.tool}
            and (holder is None or grant.holder == holder)
            and not (command.unused and not is_unused(grant, now))
        ]
        page = page_of(found, command.page)
        ids = [grant.id for grant in stored]
        people = await people_of(self._seams.directory, named_in(page.items))
        return paged_answer(
            counted(len(found), "standing approval"),
            page,
            (
                grant_row(
                    grant, asker.person, people, catalog, zone=zone, now=now, short=short_id(grant.id, ids)
                )
                for grant in page.items
            ),
            command=lambda number: replace(command, page=number).text,
            note=_note(asker, is_empty=not found),
        )

    async def _holder(self, command: GrantsListCommand, asker: Asker) -> Holder | None:
        wanted = command.holder
        if wanted is None:
            return None
        if isinstance(wanted, str):
            return EVERYONE if wanted.casefold() == "everyone" else HolderGroup(wanted)
        return HolderPerson((await person_of(self._seams.directory, asker, wanted)).id)


def _note(asker: Asker, *, is_empty: bool) -> str:
    none = "There are no such standing approvals." if is_empty else ""
    own = "" if asker.person.sits_in(TECHNICIANS) else "You see those that are about you or that you gave."
    return " ".join(part for part in (none, own) if part)


def _read(given: Given) -> GrantsListCommand:
    tool = given.flag("tool")
    return GrantsListCommand(
        holder=given.who("holder"),
        tool=ToolId.parse(tool) if tool else None,
        unused=given.switch("unused"),
        page=given.page(),
    )


ENTRY: Final = entry(
    Form(
        words=("grants", "list"),
        also=(("grants",),),
        flags=(
            Flag(name="holder", takes="WHO", kind=SlotKind.PERSON),
            Flag(name="tool", takes="CONNECTOR:TOOL"),
            Flag(name="unused"),
            Flag(name="page", takes="N"),
        ),
        purpose="List the standing approvals; --unused: those that nobody used for 30 days.",
        examples=("grants list", "grants list --holder alice@acme.test --unused"),
        read=_read,
    ),
    GrantsListCommand,
    ListGrants,
)
