"""Calls that count as alike are decided alike, and those that edits do not reach as before."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.alike import Likeness
from bot.domain.decide import PolicySet, decide
from bot.domain.decisions import Situation
from bot.domain.reach import Reach
from bot.domain.rule_changes import Edit, Rulebook
from tests.builders import NOW
from tests.property.strategies import defaults, freeze_lists, grant_lists, policy_lists, situations
from tests.property.test_loosening import callings, changes

policy_sets = st.builds(
    PolicySet.of, policies=policy_lists, defaults=defaults, grants=grant_lists(), freezes=freeze_lists
)
HOURS = st.integers(-40, 40)


@st.composite
def calls_of_one_tool(draw: st.DrawFn) -> list[Situation]:
    """Several calls of one tool, by anybody, at any time."""
    zone = draw(st.sampled_from((ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata"))))
    first = replace(draw(situations()), spent=frozenset(), zone=zone)
    found = [first]
    for other in draw(st.lists(situations(), min_size=1, max_size=8)):
        # What else there is may be told apart, so each differs from the first in a part only.
        call = replace(first.call, arguments=draw(st.sampled_from((first, other))).call.arguments)
        found.append(
            replace(
                first,
                call=call,
                digest=call.digest,
                requester=draw(st.sampled_from((first, other))).requester,
                agent=draw(st.sampled_from((first, other))).agent,
                surface=draw(st.sampled_from((first, other))).surface,
                now=NOW + timedelta(hours=draw(HOURS)) if draw(st.booleans()) else first.now,
            )
        )
    return found


@settings(max_examples=80)
@given(policy_sets, policy_sets, calls_of_one_tool())
def test_calls_that_are_alike_get_the_same_action_and_seats_from_each_set(
    one: PolicySet, other: PolicySet, called: list[Situation]
) -> None:
    likeness = Likeness(one, other)
    told: dict[object, object] = {}
    for situation in called:
        decisions = [decide(each, situation) for each in (one, other)]
        said = [(each.action, each.cause, each.open_seats, dict(each.filled_seats)) for each in decisions]
        assert told.setdefault(likeness.key(situation), said) == said


@given(changes(), st.lists(callings(), min_size=1, max_size=6))
def test_calls_that_edits_do_not_reach_are_decided_as_before(
    change: tuple[Rulebook, list[Edit]], called: list[Situation]
) -> None:
    before, edits = change
    after, reach = before.after(edits), Reach.of(edits)
    then, now = before.policy_set, after.policy_set
    for situation in called:
        tool = situation.call.tool
        if not reach.holds(tool):
            was = decide(then, replace(situation, tool=before.catalog[tool]))
            assert decide(now, replace(situation, tool=after.catalog[tool])) == was
