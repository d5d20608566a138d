"""Edits in words: what is new says only what is not as usual."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.actions import Action
from bot.domain.rule_changes import PolicyEdit
from bot.flow.edit_words import change_of, edit_sentence, told_fields
from tests.builders import a_condition, a_policy


def test_a_new_policy_is_told_without_what_is_as_usual() -> None:
    policy = a_policy(Action.AUTO, name="Read freely")
    told = dict(told_fields(change_of(PolicyEdit(before=None, after=policy))))
    assert told.keys() == {"Action", "Connector", "Tools", "For"}
    asks = replace(policy, action=Action.APPROVAL_NEEDED, enabled=False)
    told = dict(told_fields(change_of(PolicyEdit(before=None, after=asks))))
    assert (told["Asks"], told["Switched on"]) == ("1 of technicians", "no")
    bound = replace(policy, conditions=(a_condition("time.hour", ">", 8),))
    assert "Otherwise" in dict(told_fields(change_of(PolicyEdit(before=None, after=bound))))


def test_what_changes_is_told_with_what_it_was() -> None:
    policy = a_policy(Action.APPROVAL_NEEDED, name="Ask")
    later = replace(
        policy,
        requirement=replace(policy.requirement, manager=True),
        ends=datetime(2027, 1, 31, 14, 30, tzinfo=UTC),
    )
    said = edit_sentence(PolicyEdit(before=policy, after=later))
    assert said == "Ask: asks the manager too: no → yes; ends: nothing → 31 January 2027, 14:30 UTC"
