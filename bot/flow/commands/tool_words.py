"""One tool as `policy show` answers it: what covers it, and what is decided about its calls."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from bot.cards.answer import Answer, AnswerRow
from bot.cards.model import Fact
from bot.cards.visible import visible
from bot.domain.decide import decide
from bot.domain.decisions import Decision, Situation
from bot.domain.people import Person, PersonId
from bot.domain.plans import ToolCall
from bot.domain.policies import Policy
from bot.domain.tools import CatalogTool, ToolId
from bot.flow.commands.policy_words import full_facts
from bot.flow.judge import Bench
from bot.flow.seams import AGENT

_SOMEBODY: Final = Person(id=PersonId(""), name="An employee", email="")
"""Somebody of whom nothing is known: no address, no department, no groups."""

_WHYS: Final = {
    "manifest": "the connector’s settings say so",
    "annotation": "its server says so",
    "verb": "its name or description says so",
    "unknown": "nothing says what it does",
    "conflict": "its server says that it only reads, and its name or description says otherwise",
    "kept": "it was so before it changed, and its server’s word alone lowers nothing",
}


def is_covered(policy: Policy, tool: ToolId) -> bool:
    """Whether the policy is for this tool, whoever calls it."""
    return policy.connector == tool.connector and policy.tools.covers(tool.name)


def usual_decision(bench: Bench, tool: CatalogTool, *, surface: str, now: datetime) -> Decision:
    """Gives the decision on a call without arguments by an employee of whom nothing else is known."""
    call = ToolCall(tool=tool.id, arguments={})
    situation = Situation(
        call=call,
        digest=call.digest,
        tool=tool,
        requester=_SOMEBODY,
        agent=AGENT,
        surface=surface,
        now=now,
        zone=bench.tenant.zone,
    )
    return decide(bench.policy_set, situation)


def tool_answer(
    tool: CatalogTool,
    covering: Sequence[Policy],
    decision: Decision,
    *,
    people: Mapping[PersonId, Person],
    zone: tzinfo,
) -> Answer:
    """Gives the answer about a tool, with every policy that covers it, its own first."""
    facts = [
        Fact("Called", visible(tool.definition.plain_title, set())),
        Fact("Effect", effect_words(tool)),
        *([Fact("State", state)] if (state := state_words(tool)) else []),
        Fact("An employee’s call", f"{decision.action}. {decision.reason}"),
    ]
    ordered = sorted(covering, key=lambda policy: (policy.name != str(tool.id), policy.name))
    return Answer(
        title=str(tool.id),
        facts=tuple(facts),
        lines=tuple(
            AnswerRow(
                label=visible(policy.name, set()),
                badge=policy.action.value,
                facts=full_facts(policy, people, zone),
            )
            for policy in ordered
        ),
        note=_note(tool, ordered),
    )


def effect_words(tool: CatalogTool) -> str:
    """Gives what the tool does to the system behind it, and how that is known."""
    return f"{tool.effect}: {_WHYS.get(tool.why, tool.why)}"


def state_words(tool: CatalogTool) -> str:
    """Gives what is not as usual about the tool; empty where nothing is."""
    states = []
    if not tool.present:
        states.append("its server does not offer it any more")
    if not tool.connector_on:
        states.append("its connector is switched off")
    if not tool.enabled:
        states.append("switched off")
    if tool.drifted:
        states.append("changed since it was accepted, so every call is asked about")
    return "; ".join(states)


def _note(tool: CatalogTool, covering: Sequence[Policy]) -> str:
    sentences = []
    if not covering:
        sentences.append("No policy covers it, so a default decides.")
    elif len(covering) > 1:
        sentences.append("Where several policies speak, the strictest wins.")
    if any(policy.conditions for policy in covering):
        sentences.append(
            "Some look at who asks, or for what. See what they say about one call with: "
            f"policy test PERSON {tool.id} ARGUMENTS"
        )
    return " ".join(sentences)
