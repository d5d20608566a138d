"""A connector as answers show it: how it stands, and each of its tools with what one can do about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.cards.answer import AnswerButton, AnswerRow, AnswerSelect, Press
from bot.cards.model import Fact, Option, Style
from bot.cards.visible import visible
from bot.domain.actions import Action
from bot.domain.connectors import Connector
from bot.domain.decisions import Decision
from bot.domain.policies import Defaults, Policy
from bot.domain.tools import CatalogTool, shortened
from bot.flow.commands.policy_set import DEFAULT, PolicySetCommand
from bot.flow.commands.policy_show import PolicyShowCommand
from bot.flow.commands.policy_switch import SwitchCommand
from bot.flow.commands.tool_words import effect_words, state_words

_DESCRIPTION: Final = 200
"""Characters of a description that a row shows."""
_WHY: Final = 160
_NAMED: Final = 3
"""Other policies that a row names."""
_CHOICES: Final = (*(action.value for action in Action), DEFAULT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStand:
    """How a tool stands now."""

    tool: CatalogTool
    usual: Decision
    """What an ordinary employee's call gets."""
    own: Policy | None
    """The policy that has the tool's name."""
    others: Sequence[Policy]
    """The other policies that cover it."""


def tool_row(stand: ToolStand, *, for_admin: bool) -> AnswerRow:
    """Gives the tool as a row; with what an admin can do about it, where it is for one."""
    tool, own = stand.tool, stand.own
    name = str(tool.id)
    show = AnswerButton(label="Show", press=Press.RUN, value=PolicyShowCommand(name=name).text)
    row = AnswerRow(
        label=tool.id.name, badge=stand.usual.action.value, facts=tuple(_facts(stand)), button=show
    )
    if not for_admin:
        return row
    select = AnswerSelect(
        label=f"Policy of {shortened(tool.id.name, 60)}",
        options=tuple(Option(PolicySetCommand(target=name, action=one).text, one) for one in _CHOICES),
        chosen=own.action.value if own else DEFAULT,
    )
    return replace(row, more=_buttons(tool, own), select=select)


def connector_facts(connector: Connector, defaults: Defaults) -> tuple[Fact, ...]:
    """Gives how the connector stands, and what holds where no policy speaks."""
    own = defaults.connectors.get(connector.name)
    return (
        Fact("Connector", standing_words(connector)),
        *default_facts({connector.name: own} if own else {}, defaults.tenant),
    )


def default_facts(own: Mapping[str, Action], tenant: Action) -> list[Fact]:
    """Gives what holds where no policy speaks: connector by connector, then for all others."""
    found = [Fact(f"Default of {name}:*", action.value) for name, action in sorted(own.items())]
    return [*found, Fact("Default of *", tenant.value)]


def standing_words(connector: Connector) -> str:
    """Gives whether it is on, and what is wrong with it."""
    if not connector.on:
        return "switched off, so every call of its tools is refused"
    health = _short(connector.health, _WHY)
    return f"on. {health}" if health else "on, and nothing is wrong with it"


def connector_switch(connector: Connector) -> AnswerButton:
    """Gives the button that switches it to the other state."""
    name, is_on = connector.name, connector.on
    return AnswerButton(
        label=f"Switch {'off' if is_on else 'on'} {name}",
        press=Press.RUN,
        value=SwitchCommand(target=name, is_on=not is_on).text,
        style=Style.DANGER if is_on else Style.PLAIN,
    )


def connector_row(connector: Connector, tools: Sequence[CatalogTool], show: str) -> AnswerRow:
    """Gives the connector as a row; `show` is the command that shows its tools."""
    facts = [Fact("Tools", _tool_counts(tools))]
    if not connector.on or connector.health:
        facts.append(Fact("Connector", standing_words(connector)))
    return AnswerRow(
        label=connector.name,
        badge="on" if connector.on else "off",
        facts=tuple(facts),
        button=AnswerButton(label="Show", press=Press.RUN, value=show),
    )


def _facts(stand: ToolStand) -> Iterable[Fact]:
    tool, own = stand.tool, stand.own
    if tool.definition.title:
        yield Fact("Called", _short(tool.definition.title, _WHY))
    if tool.definition.description:
        yield Fact("Description", _short(tool.definition.description, _DESCRIPTION))
    yield Fact("Effect", effect_words(tool))
    states = [state_words(tool)]
    if own is not None and not own.enabled:
        states.append("its own policy is switched off")
    if state := "; ".join(filter(None, states)):
        yield Fact("State", state)
    if own is None or own.action is not stand.usual.action:
        yield Fact("Why", _short(stand.usual.reason, _WHY))
    if stand.others:
        yield Fact("Other policies", _named(stand.others))


def _named(policies: Sequence[Policy]) -> str:
    names = ", ".join(f"“{_short(one.name, 60)}” ({one.action})" for one in policies[:_NAMED])
    left = f" and {len(policies) - _NAMED} more" if len(policies) > _NAMED else ""
    return f"{len(policies)}: {names}{left}"


def _buttons(tool: CatalogTool, own: Policy | None) -> tuple[AnswerButton, ...]:
    name = str(tool.id)
    wanted = SwitchCommand(target=name, is_on=not tool.enabled)
    label = "Switch off" if tool.enabled else "Switch on"
    switch = AnswerButton(label=label, press=Press.RUN, value=wanted.text)
    if own is None or own.action is not Action.APPROVAL_NEEDED:
        return (switch,)
    asks = own.requirement.manager
    setting = PolicySetCommand(target=name, action=Action.APPROVAL_NEEDED.value, manager=not asks)
    manager = "Do not ask the manager" if asks else "Ask the manager too"
    return (AnswerButton(label=manager, press=Press.RUN, value=setting.text), switch)


def _tool_counts(tools: Sequence[CatalogTool]) -> str:
    odd = {
        "switched off": sum(not tool.enabled for tool in tools),
        "changed since accepted": sum(tool.drifted for tool in tools),
        "not offered any more": sum(not tool.present for tool in tools),
    }
    told = [f"{count} {what}" for what, count in odd.items() if count]
    return f"{len(tools)}{': ' if told else ''}{', '.join(told)}"


def _short(text: str, limit: int) -> str:
    """Gives outside text in one line with hidden characters visible."""
    return shortened(visible(shortened(" ".join(text.split()), limit), set()), limit)
