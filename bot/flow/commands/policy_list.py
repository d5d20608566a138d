"""`policy list`: the policies and the defaults, filtered, sorted, and in pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.cards.model import Fact
from bot.domain.actions import Action
from bot.domain.people import Role
from bot.domain.policies import AllTools, Defaults, Policy
from bot.domain.tools import shortened
from bot.flow.commands.connector_words import default_facts
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.pages import NOTHING_FITS, PER_PAGE, Page, counted, hint, page_of, paged_answer
from bot.flow.commands.people import people_of
from bot.flow.commands.policy_words import by_action, emails_of, short_row, subjects_of
from bot.flow.commands.refusals import NoSuchThing, NotASorting
from bot.flow.commands.spelling import flagged, on_page, quoted, spelled
from bot.flow.seams import Seams

_SORTINGS: Final[dict[str, Callable[[Policy], float] | None]] = {
    "name": None,
    "action": lambda policy: -policy.action.rung,
    "changed": lambda policy: -policy.updated.timestamp(),
}
"""What each order looks at, the smallest first and equals by name; the store gives them by name."""
_OLDER_WORDS: Final = {"newest": "changed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyListCommand(Command):
    """Which policies are wanted, in which order, and which page of them."""

    connector: str = ""
    action: Action | None = None
    search: str = ""
    sort: str = "name"
    page: int = 1

    @property
    @override
    def text(self) -> str:
        return spelled(
            "policy list",
            quoted(self.connector),
            flagged("action", self.action.value if self.action else ""),
            flagged("search", quoted(self.search)),
            flagged("sort", self.sort if self.sort != "name" else ""),
            on_page(self.page),
        )

    @property
    @override
    def about(self) -> str:
        return self.connector


def _read(given: Given) -> PolicyListCommand:
    said = given.flag("sort").casefold() or "name"
    sort = _OLDER_WORDS.get(said, said)
    if sort not in _SORTINGS:
        raise NotASorting(text=shortened(sort), known=", ".join(_SORTINGS))
    return PolicyListCommand(
        connector=given.word("CONNECTOR"),
        action=given.action("action"),
        search=given.flag("search"),
        sort=sort,
        page=given.page(),
    )


class ListPolicies:
    """Lists policies."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: PolicyListCommand, _: Asker) -> Answer:
        """Gives one page of the policies that fit, with the defaults above them.

        Raises:
            NoSuchThing: no connector has the name.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            stored = await view.policies.all()
            defaults = await view.policies.defaults()
            connectors = {one.name for one in await view.connections.all()}
            zone = (await view.tenant()).zone
        wanted = command.connector
        if wanted and wanted not in connectors:
            connectors |= {policy.connector for policy in stored}
            if wanted not in connectors:
                raise NoSuchThing(what="connector", name=shortened(wanted), hint=hint(wanted, connectors))
        found = _found(stored, command)
        page = _page(found, command)
        people = await people_of(self._seams.directory, subjects_of(page.items))
        actions = by_action([policy.action for policy in found])
        return paged_answer(
            counted(len(found), "policy", "policies") + (f": {actions}" if found else ""),
            page,
            (short_row(policy, emails_of(people), zone) for policy in page.items),
            command=lambda number: replace(command, page=number).text,
            facts=_defaults(defaults, command.connector),
            note="" if found else NOTHING_FITS,
        )


def _found(stored: Sequence[Policy], command: PolicyListCommand) -> Sequence[Policy]:
    """Gives the policies that fit, by name."""
    found = stored
    if command.connector:
        found = [policy for policy in found if policy.connector == command.connector]
    if command.action is not None:
        found = [policy for policy in found if policy.action is command.action]
    if command.search:
        found = [policy for policy in found if has_text(policy, command.search)]
    return found


def has_text(policy: Policy, text: str) -> bool:
    """Whether its name, description, connector or a tool of it holds the text, without case."""
    names = policy.tools.excluded if isinstance(policy.tools, AllTools) else policy.tools.names
    texts = (policy.name, policy.description, policy.connector, *names)
    return any(text.casefold() in one.casefold() for one in texts)


def _page(found: Sequence[Policy], command: PolicyListCommand) -> Page[Policy]:
    """Gives the page in the order that is wanted; only as many are put in order as stand up to its end."""
    page = page_of(found, command.page)
    key = _SORTINGS[command.sort]
    if key is None:
        return page
    return page_of(nsmallest(page.number * PER_PAGE, found, key=key), page.number)._replace(pages=page.pages)


def _defaults(defaults: Defaults, connector: str) -> list[Fact]:
    own = {name: action for name, action in defaults.connectors.items() if connector in {"", name}}
    return default_facts(own, defaults.tenant)


ENTRY: Final = entry(
    Form(
        words=("policy", "list"),
        slots=(Slot(name="CONNECTOR", required=False),),
        flags=(
            Flag(name="action", takes="ACTION", kind=SlotKind.ACTION),
            Flag(name="search", takes="TEXT"),
            Flag(name="sort", takes="name|action|changed"),
            Flag(name="page", takes="N"),
        ),
        needs=Role.TECHNICIAN,
        may="see policies",
        purpose="List the policies and the defaults.",
        examples=("policy list", "policy list acme-it --action approval_needed --sort changed --page 2"),
        read=_read,
    ),
    PolicyListCommand,
    ListPolicies,
)
