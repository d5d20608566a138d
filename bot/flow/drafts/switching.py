"""Switches connectors and single tools on and off."""

from collections.abc import Sequence

from bot.domain.errors import Refusal
from bot.domain.rule_changes import Edit, Rulebook, SwitchEdit
from bot.domain.tools import shortened
from bot.flow.change_rules import Draft


class UnknownSwitch(Refusal):
    """There is no {what} “{name}” to switch. “policy connector” lists the connectors and their tools."""

    kind = "missing"


def switch(target: str, *, is_on: bool) -> Draft:
    """Gives the draft that switches `connector` or `connector:tool`; without edits where it is so already.

    The draft raises UnknownSwitch where there is no such connector or tool.
    """
    connector, colon, tool = target.partition(":")

    def draft(rulebook: Rulebook) -> Sequence[Edit]:
        before = rulebook.is_on(connector, tool) if colon else rulebook.connectors.get(connector)
        if before is None or (colon and not tool):
            raise UnknownSwitch(what="tool" if tool else "connector", name=shortened(target))
        return () if before is is_on else (_edit(connector, tool, is_on=is_on),)

    return draft


def _edit(connector: str, tool: str, *, is_on: bool) -> SwitchEdit:
    return SwitchEdit(connector=connector, tool=tool, before=not is_on, after=is_on)
