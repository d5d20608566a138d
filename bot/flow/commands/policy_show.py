"""`policy show`: everything about one policy, one default, or one tool and what is decided about it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from typing_extensions import override

from bot.cards.answer import Answer, AnswerButton, Press
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.domain.people import PersonId, Role
from bot.domain.policies import Policy
from bot.domain.tools import CatalogTool, ToolId, shortened
from bot.flow.commands.form import Asker, Command, Form, Given, Slot, SlotKind, entry
from bot.flow.commands.pages import counted, hint
from bot.flow.commands.people import people_of
from bot.flow.commands.policy_words import full_facts, subjects_of
from bot.flow.commands.refusals import NoSuchThing
from bot.flow.commands.spelling import quoted, spelled
from bot.flow.commands.tool_words import is_covered, tool_answer, usual_decision
from bot.flow.judge import Bench, bench_of
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyShowCommand(Command):
    """Which policy, tool or default is wanted."""

    name: str

    @property
    @override
    def text(self) -> str:
        return spelled("policy show", quoted(self.name))

    @property
    @override
    def about(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Everything stored that may be asked about, at one moment."""

    bench: Bench
    policies: tuple[Policy, ...]
    connectors: frozenset[str]


class ShowPolicy:
    """Shows one policy, tool or default."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def __call__(self, command: PolicyShowCommand, asker: Asker) -> Answer:
        """Gives the answer; a name that is a tool's, too, is taken for the tool.

        Raises:
            NoSuchThing: neither a policy nor a tool is called so.
        """
        async with self._seams.store.view(self._seams.tenant) as view:
            seen = _Seen(
                bench=await bench_of(view),
                policies=await view.policies.all(),
                connectors=frozenset(one.name for one in await view.connections.all()),
            )
        name = command.name
        tool = seen.bench.catalog.get(_tool_id(name))
        if tool is not None:
            return await self._tool(seen, tool, asker)
        if name == "*" or (name.endswith(":*") and name[:-2] in seen.connectors):
            return _default(seen, name)
        return await self._policy(seen, _policy(seen, name), asker)

    async def _policy(self, seen: _Seen, policy: Policy, asker: Asker) -> Answer:
        people = await people_of(self._seams.directory, _named([policy]))
        covered = sum(is_covered(policy, tool) for tool in seen.bench.catalog)
        return Answer(
            title=visible(policy.name, set()),
            facts=(
                Fact("Action", policy.action.value),
                *full_facts(policy, people, seen.bench.tenant.zone),
                Fact("Covers", counted(covered, "tool") + " of those that are known now"),
            ),
            buttons=_policy_buttons(policy) if _has_forms(asker) else (),
        )

    async def _tool(self, seen: _Seen, tool: CatalogTool, asker: Asker) -> Answer:
        covering = [policy for policy in seen.policies if is_covered(policy, tool.id)]
        people = await people_of(self._seams.directory, _named(covering))
        now = self._seams.clock.now()
        decision = usual_decision(seen.bench, tool, surface=asker.surface, now=now)
        found = tool_answer(tool, covering, decision, people=people, zone=seen.bench.tenant.zone)
        change = _button("Change", spelled("policy set", quoted(str(tool.id))))
        return replace(found, buttons=(change,)) if _has_forms(asker) else found


def _tool_id(name: str) -> ToolId:
    connector, _, tool = name.partition(":")
    return ToolId(connector, tool)


def _named(policies: Collection[Policy]) -> set[PersonId]:
    return subjects_of(policies) | {PersonId(policy.owner) for policy in policies if policy.owner}


def _policy(seen: _Seen, name: str) -> Policy:
    """Finds a policy by its very name, else by the only one that is it but for capital letters."""
    exact = next((policy for policy in seen.policies if policy.name == name), None)
    if exact is not None:
        return exact
    alike = [policy for policy in seen.policies if policy.name.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    known = {policy.name for policy in seen.policies} | {str(tool) for tool in seen.bench.catalog}
    raise NoSuchThing(what="policy or tool", name=shortened(name), hint=hint(name, known))


def _default(seen: _Seen, target: str) -> Answer:
    connector = "" if target == "*" else target[:-2]
    defaults = seen.bench.policy_set.defaults
    own = defaults.connectors.get(connector) if connector else defaults.tenant
    said = own.value if own else f"none of its own, so that of * holds: {defaults.tenant}"
    tools = [tool for tool in seen.bench.catalog if connector in {"", tool.connector}]
    free = [tool for tool in tools if not any(is_covered(policy, tool) for policy in seen.policies)]
    return Answer(
        title=target,
        facts=(
            Fact("Action", said),
            Fact("Tools without any policy", f"{len(free)} of {len(tools)}"),
        ),
        note="It holds where no policy speaks.",
        buttons=(_button("List the policies", spelled("policy list", quoted(connector))),),
    )


def _has_forms(asker: Asker) -> bool:
    """Whether it is an admin on a surface with forms."""
    return asker.person.is_admin and not asker.is_operator


def _policy_buttons(policy: Policy) -> tuple[AnswerButton, ...]:
    name = quoted(policy.name)
    label, word = ("Switch off", "disable") if policy.enabled else ("Switch on", "enable")
    return (_button("Edit", spelled("policy edit", name)), _button(label, spelled(f"policy {word}", name)))


def _button(label: str, command: str) -> AnswerButton:
    return AnswerButton(label=label, press=Press.RUN, value=command)


def _read(given: Given) -> PolicyShowCommand:
    return PolicyShowCommand(name=given.word("NAME|TOOL"))


ENTRY: Final = entry(
    Form(
        words=("policy", "show"),
        slots=(Slot(name="NAME|TOOL", kind=SlotKind.NAME),),
        needs=Role.TECHNICIAN,
        may="see policies",
        purpose="Show one policy, or one tool with all that covers it.",
        examples=("policy show acme-it:reset_password", 'policy show "Contractors never delete"'),
        read=_read,
    ),
    PolicyShowCommand,
    ShowPolicy,
)
