"""`policy connector`: a connector's tools with what each may do, to look at and to change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer
from bot.domain.actions import Action
from bot.domain.connectors import Connector
from bot.domain.decisions import Decision
from bot.domain.errors import Refusal
from bot.domain.people import Role
from bot.domain.policies import Policy
from bot.domain.tools import CatalogTool, ToolId, shortened
from bot.flow.commands.connector_words import (
    ToolStand,
    connector_facts,
    connector_row,
    connector_switch,
    tool_row,
)
from bot.flow.commands.form import Asker, Command, Flag, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.pages import NOTHING_FITS, counted, hint, page_of, paged_answer
from bot.flow.commands.policy_words import by_action
from bot.flow.commands.refusals import NoSuchThing
from bot.flow.commands.spelling import flagged, on_page, quoted, spelled
from bot.flow.commands.tool_words import is_covered, usual_decision
from bot.flow.judge import Bench, bench_of
from bot.flow.seams import Seams

PER_PAGE: Final = 8
"""Rows of a page; each has so much to press that Slack takes them in two messages, and Teams in two cards."""
_BADGES: Final = (
    "Beside each tool stands what an employee’s call gets now. A default holds where no policy speaks."
)


class ActionWithoutConnector(Refusal):
    """Name the connector whose tools you mean, for example: policy connector acme-it --action {action}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyConnectorCommand(Command):
    """Whose tools are wanted, which of them, and which page; without a connector, the connectors."""

    connector: str = ""
    action: Action | None = None
    search: str = ""
    page: int = 1

    @property
    @override
    def text(self) -> str:
        return spelled(
            "policy connector",
            quoted(self.connector),
            flagged("action", self.action.value if self.action else ""),
            flagged("search", quoted(self.search)),
            on_page(self.page),
        )

    @property
    @override
    def about(self) -> str:
        return self.connector


class ShowConnector:
    """Shows the tools of one connector, or the connectors."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: PolicyConnectorCommand, asker: Asker) -> Answer:
        """Gives one page; with what changes something, where an admin asks.

        Raises:
            NoSuchThing: no connector is called so.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            bench = await bench_of(view)
            connectors = {one.name: one for one in await view.connections.all()}
        if not command.connector:
            return _connectors(command, connectors.values(), bench)
        connector = connectors.get(command.connector)
        if connector is None:
            known = hint(command.connector, connectors)
            raise NoSuchThing(what="connector", name=shortened(command.connector), hint=known)
        return self._tools(command, connector, bench, asker)

    def _tools(
        self, command: PolicyConnectorCommand, connector: Connector, bench: Bench, asker: Asker
    ) -> Answer:
        now, words = self._seams.clock.now(), command.search.casefold()
        mine = [tool for tool in bench.catalog.values() if tool.id.connector == connector.name]
        usual = {
            tool.id: usual_decision(bench, tool, surface=asker.surface, now=now)
            for tool in mine
            if _has(tool, words)
        }
        found = [
            tool for tool in mine if tool.id in usual and command.action in {None, usual[tool.id].action}
        ]
        page = page_of(found, command.page, per_page=PER_PAGE)
        is_admin = asker.person.is_admin
        stands = _stands(page.items, bench.policy_set.policies, usual)
        actions = by_action([usual[tool.id].action for tool in found])
        answer = paged_answer(
            f"{counted(len(found), 'tool')} of {connector.name}{': ' if actions else ''}{actions}",
            page,
            (tool_row(stand, for_admin=is_admin) for stand in stands),
            command=lambda number: replace(command, page=number).text,
            facts=connector_facts(connector, bench.policy_set.defaults),
            note=_note(connector, mine, found, is_admin=is_admin),
        )
        return replace(answer, buttons=(connector_switch(connector),)) if is_admin else answer


def _connectors(command: PolicyConnectorCommand, all_of_them: Iterable[Connector], bench: Bench) -> Answer:
    words = command.search.casefold()
    found = [one for one in all_of_them if words in one.name.casefold()]
    tools: dict[str, list[CatalogTool]] = {}
    for tool in bench.catalog.values():
        tools.setdefault(tool.id.connector, []).append(tool)
    page = page_of(found, command.page, per_page=PER_PAGE)
    return paged_answer(
        counted(len(found), "connector"),
        page,
        (
            connector_row(one, tools.get(one.name, []), PolicyConnectorCommand(connector=one.name).text)
            for one in page.items
        ),
        command=lambda number: replace(command, page=number).text,
        note="" if found else NOTHING_FITS if words else "There is no connector yet. The operator adds one.",
    )


def _stands(
    tools: Sequence[CatalogTool], policies: Iterable[Policy], usual: Mapping[ToolId, Decision]
) -> Iterable[ToolStand]:
    connectors = {tool.id.connector for tool in tools}
    near = [policy for policy in policies if policy.connector in connectors]
    own = {policy.name: policy for policy in near}
    for tool in tools:
        name = str(tool.id)
        others = [policy for policy in near if policy.name != name and is_covered(policy, tool.id)]
        yield ToolStand(tool=tool, usual=usual[tool.id], own=own.get(name), others=others)


def _has(tool: CatalogTool, words: str) -> bool:
    definition = tool.definition
    texts = (tool.id.name, definition.title, definition.description)
    return any(words in text.casefold() for text in texts)


def _note(
    connector: Connector, mine: Sequence[CatalogTool], found: Sequence[CatalogTool], *, is_admin: bool
) -> str:
    if not mine:
        return "Its server has not offered any tools yet."
    if not found:
        return NOTHING_FITS
    if not is_admin:
        return _BADGES
    typed = spelled("policy set", quoted(f"{connector.name}:*"), "ACTION")
    return f"{_BADGES} To set it, write: {typed}"


def _read(given: Given) -> PolicyConnectorCommand:
    action, connector = given.action("action"), given.word("CONNECTOR")
    if action is not None and not connector:
        raise ActionWithoutConnector(action=action)
    return PolicyConnectorCommand(
        connector=connector, action=action, search=given.flag("search"), page=given.page()
    )


ENTRY: Final = entry(
    Form(
        words=("policy", "connector"),
        slots=(Slot(name="CONNECTOR", required=False),),
        flags=(
            Flag(name="action", takes="ACTION", kind=SlotKind.ACTION),
            Flag(name="search", takes="TEXT"),
            Flag(name="page", takes="N"),
        ),
        needs=Role.TECHNICIAN,
        may="see policies",
        purpose="Show a connector’s tools and what each may do; admins can change it there.",
        examples=("policy connector acme-it", "policy connector acme-it --action auto --search user"),
        read=_read,
    ),
    PolicyConnectorCommand,
    ShowConnector,
)
