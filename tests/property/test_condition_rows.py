"""Conditions as rows of a form: what is written is read as the same condition."""

from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st

from bot.domain.conditions import checked
from bot.domain.errors import Refusal
from bot.domain.policies import Condition
from bot.flow.forms.condition_rows import read_condition, row_values, written
from bot.flow.forms.filled import Filled
from tests.builders import a_condition
from tests.property.strategies import conditions


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(conditions() | st.builds(a_condition, st.just("args.note"), st.just("is"), st.text(max_size=8)))
@example(a_condition("args.note", "is", "42"))
@example(a_condition("args.note", "is", " a, b "))
@example(a_condition("args.note", "in", ["a, b", '"', ""]))
@example(a_condition("agent", "is", "[1]"))
@example(a_condition("args.note", "is", ""))
def test_what_is_written_in_a_row_is_read_as_the_same_condition(condition: Condition) -> None:
    try:
        stored = checked(condition)
    except Refusal:
        reject()
    text = written(stored)
    assert text == Filled({"value_1": text}).text("value_1")
    assert repr(read_condition(stored.attribute, stored.operator, text)) == repr(stored)
    assert row_values([stored])["value_1"] == text
