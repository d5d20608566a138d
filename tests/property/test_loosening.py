"""A change that is said to loosen nothing makes no decision about a tool that destroys less strict."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.actions import Action, Effect
from bot.domain.decide import decide
from bot.domain.decisions import Decision, Situation
from bot.domain.grants import SeatKind
from bot.domain.loosening import loosened
from bot.domain.policies import Policy, PolicyId
from bot.domain.rule_changes import DefaultEdit, Edit, GrantEdit, PolicyEdit, Rulebook, SwitchEdit
from bot.domain.tools import CatalogTool, ToolId
from tests.builders import a_call, a_situation, a_tool
from tests.property.strategies import (
    CONNECTORS,
    TOOL_NAMES,
    arguments,
    defaults,
    grant_lists,
    persons,
    policy_lists,
)

EFFECTS = st.sampled_from((Effect.DESTROY, Effect.DESTROY, Effect.DESTROY, Effect.WRITE))
SWITCHES = st.sampled_from((True, True, True, False))


@st.composite
def catalogs(draw: st.DrawFn) -> dict[ToolId, CatalogTool]:
    """Every tool that policies are about; most destroy something."""
    on = {connector: draw(SWITCHES) for connector in CONNECTORS}
    ids = [ToolId(connector, name) for connector in CONNECTORS for name in TOOL_NAMES]
    return {
        one: a_tool(
            one,
            effect=draw(EFFECTS),
            enabled=draw(SWITCHES),
            connector_on=on[one.connector],
            drifted=draw(st.sampled_from((False, False, True))),
        )
        for one in ids
    }


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    """Rulebooks of at most six policies."""
    policies: list[Policy] = draw(policy_lists)
    catalog = draw(catalogs())
    return Rulebook(
        policies={policy.id: policy for policy in policies},
        defaults=draw(defaults),
        catalog=catalog,
        connectors={one.id.connector: one.connector_on for one in catalog.values()},
    )


@st.composite
def changed_policies(draw: st.DrawFn, before: Policy, others: list[Policy]) -> Policy:
    """A policy where some fields are those of another one, so that much stays as it was."""
    other = draw(st.sampled_from(others))
    fields = st.sets(
        st.sampled_from(
            (
                "action", "otherwise", "requirement", "standing", "subjects", "conditions",
                "tools", "enabled", "ends", "connector",
            )
        ),
        max_size=3,
    )  # fmt: skip
    return replace(before, **{name: getattr(other, name) for name in draw(fields)})


@st.composite
def edit_lists(draw: st.DrawFn, rulebook: Rulebook) -> list[Edit]:
    """Edits of different things, each made of what stands there."""
    fresh: list[Policy] = draw(policy_lists)
    added = [replace(policy, id=PolicyId(f"new-{policy.id}"), name=f"New {policy.name}") for policy in fresh]
    made: list[Edit] = []
    for policy in rulebook.policies.values():
        what = draw(st.sampled_from(("keep", "keep", "change", "change", "remove")))
        if what == "remove":
            made.append(PolicyEdit(before=policy, after=None))
        elif what == "change":
            after = draw(changed_policies(policy, [*fresh, *rulebook.policies.values()]))
            made.append(PolicyEdit(before=policy, after=after))
    made += [PolicyEdit(before=None, after=policy) for policy in added[: draw(st.integers(0, 2))]]
    for connector in draw(st.sets(st.sampled_from(("", *CONNECTORS)), max_size=2)):
        after_action = draw(st.sampled_from((*Action, None)))
        made.append(DefaultEdit(connector=connector, before=rulebook.default(connector), after=after_action))
    for tool in draw(st.sets(st.sampled_from(sorted(rulebook.catalog)), max_size=2)):
        known = rulebook.catalog[tool]
        made.append(
            SwitchEdit(connector=tool.connector, tool=tool.name, before=known.enabled, after=draw(SWITCHES))
        )
    for connector in draw(st.sets(st.sampled_from(CONNECTORS), max_size=1)):
        is_on = bool(rulebook.is_on(connector))
        made.append(SwitchEdit(connector=connector, before=is_on, after=draw(SWITCHES)))
    made += [GrantEdit(before=None, after=grant) for grant in draw(grant_lists())]
    return draw(st.permutations(made))


@st.composite
def changes(draw: st.DrawFn) -> tuple[Rulebook, list[Edit]]:
    """A rulebook, and what is changed in it."""
    rulebook = draw(rulebooks())
    return rulebook, draw(edit_lists(rulebook))


@st.composite
def callings(draw: st.DrawFn) -> Situation:
    """Somebody calls one of the tools."""
    tool = draw(st.sampled_from([ToolId(one, name) for one in CONNECTORS for name in TOOL_NAMES]))
    return a_situation(
        call=a_call(tool, draw(arguments)),
        requester=draw(persons),
        agent=draw(st.sampled_from(("chatgpt", "countersign"))),
        surface=draw(st.sampled_from(("slack", "teams"))),
    )


@settings(max_examples=200)
@given(changes(), st.lists(callings(), min_size=1, max_size=6))
def test_what_is_said_to_be_no_loosening_never_makes_a_decision_less_strict(
    change: tuple[Rulebook, list[Edit]], called: list[Situation]
) -> None:
    before, edits = change
    after = before.after(edits)
    free = {
        tool.id for tool in before.catalog.values() if tool.effect is Effect.DESTROY
    } - set(loosened(before, edits))  # fmt: skip
    then, now = before.policy_set, after.policy_set
    for situation in called:
        tool = situation.call.tool
        if tool not in free:
            continue
        was = decide(then, replace(situation, tool=before.catalog[tool]))
        becomes = decide(now, replace(situation, tool=after.catalog[tool]))
        assert is_as_strict(becomes, was), (tool, was, becomes)


def is_as_strict(becomes: Decision, was: Decision) -> bool:
    """Whether a call gets no further than before, and asks nobody less."""
    if becomes.action is not was.action:
        return becomes.action.rung > was.action.rung
    if was.action is not Action.APPROVAL_NEEDED:
        return True
    quorums = {seat.key: seat.quorum for seat in becomes.seats}
    asks = all(quorums.get(seat.key, 0) >= seat.quorum for seat in was.seats)
    managers = [any(seat.kind is SeatKind.MANAGER for seat in one.seats) for one in (becomes, was)]
    return asks and managers[0] >= managers[1] and was.standing_allowed >= becomes.standing_allowed
