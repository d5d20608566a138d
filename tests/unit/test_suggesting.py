"""Suggestions, sentence by sentence: which rule what was approved again and again speaks for."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.grants import ExactArguments, HolderGroup, HolderPerson, PinnedArguments
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.requests import RequestId, Verdict
from bot.domain.suggesting import ENOUGH, DecidedCall, Suggestion, suggestions
from bot.domain.tools import ToolId
from tests.builders import ARGUMENTS, NOW, RESET, a_person

ALICE = a_person("alice")
APP: JsonObject = {"user": "alice@acme.test", "app": "Zendesk", "level": "member"}


def a_decided_call(
    number: int = 0,
    *,
    requester: Person = ALICE,
    arguments: JsonObject = ARGUMENTS,
    verdict: Verdict = Verdict.APPROVE,
    tool: ToolId = RESET,
    agent: str = "countersign",
    group: str = TECHNICIANS,
    reviewer: str = "bob",
    days_ago: float = 1,
    request: str = "",
) -> DecidedCall:
    return DecidedCall(
        request=RequestId(request or f"request-{number}"),
        tool=tool,
        requester=requester,
        arguments=arguments,
        agent=agent,
        group=group,
        verdict=verdict,
        reviewers=(PersonId(reviewer),),
        at=NOW - timedelta(days=days_ago) + timedelta(seconds=number),
    )


def approved(count: int = ENOUGH, **more: object) -> list[DecidedCall]:
    return [a_decided_call(number, **more) for number in range(count)]  # type: ignore[arg-type]  # its fields


def with_notes(notes: Iterable[JsonValue], name: str = "note", **fixed: JsonValue) -> list[DecidedCall]:
    return [
        a_decided_call(number, arguments={"user": "alice@acme.test", **fixed, name: note})
        for number, note in enumerate(notes)
    ]


def the_one(calls: Iterable[DecidedCall], **sizes: int) -> Suggestion:
    [found] = suggestions(calls, NOW, sizes=sizes)
    return found


def test_five_equal_approvals_suggest_one_person_and_exactly_these_arguments() -> None:
    found = the_one(approved())
    assert found.holder == HolderPerson(ALICE.id)
    assert found.arguments == ExactArguments(ARGUMENTS)
    assert (found.agent, found.group, found.count) == ("countersign", TECHNICIANS, 5)


def test_four_approvals_suggest_nothing() -> None:
    assert suggestions(approved(ENOUGH - 1), NOW) == []


def test_what_was_approved_a_month_ago_does_not_count() -> None:
    calls = [*approved(ENOUGH - 1), a_decided_call(9, days_ago=30.001)]
    assert suggestions(calls, NOW) == []


def test_steps_of_one_request_were_approved_once() -> None:
    assert suggestions(approved(request="the same"), NOW) == []


def test_approvals_for_another_seat_agent_or_tool_are_not_added_up() -> None:
    for other in (
        a_decided_call(9, group="helpdesk"),
        a_decided_call(9, agent="chatgpt"),
        a_decided_call(9, tool=ToolId("acme-it", "unlock_account")),
    ):
        assert suggestions([*approved(ENOUGH - 1), other], NOW) == []


def test_a_denial_of_such_a_call_within_the_month_stops_it() -> None:
    denied = a_decided_call(9, verdict=Verdict.DENY, group="", days_ago=29)
    assert suggestions([*approved(), denied], NOW) == []
    assert suggestions([*approved(), a_decided_call(9, verdict=Verdict.DENY, days_ago=31)], NOW)


def test_a_denial_of_another_call_stops_nothing() -> None:
    other = a_decided_call(9, verdict=Verdict.DENY, arguments={"user": "ceo@acme.test"})
    anothers = a_decided_call(8, verdict=Verdict.DENY, requester=a_person("mallory"))
    assert the_one([*approved(), other, anothers]).arguments == ExactArguments(ARGUMENTS)


def test_texts_that_differ_are_left_free_and_all_else_is_fixed() -> None:
    found = the_one(with_notes(["one", "two", "three", "four", "five"], app="Zendesk", level="member"))
    assert found.holder == HolderPerson(ALICE.id)
    assert found.arguments == PinnedArguments(APP)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("amount", ["ten", "twenty", "fifty", "ninety", "more"]),
        ("newRole", ["reader", "writer", "owner", "guest", "admin"]),
        ("api_tokens", ["aa", "bb", "cc", "dd", "ee"]),
        ("note", ["10", "20", "30", "40", "50"]),
        ("note", [1, 2, 3, 4, 5]),
        ("note", ["a text", "a text", "a text", "a text", None]),
        ("note", [["one"], ["two"], ["three"], ["four"], ["five"]]),
    ],
)
def test_what_matters_too_much_or_is_no_text_is_never_left_free(name: str, values: list[JsonValue]) -> None:
    assert suggestions(with_notes(values, name), NOW) == []


def test_nothing_is_suggested_where_every_argument_differed() -> None:
    calls = [
        a_decided_call(number, arguments={"user": f"{who}@acme.test"}) for number, who in enumerate("abcde")
    ]
    assert suggestions(calls, NOW) == []


def test_a_value_that_a_pin_would_read_as_a_pattern_is_not_fixed() -> None:
    assert suggestions(with_notes(["one", "two", "three", "four", "five"], query="*"), NOW) == []


def test_lists_numbers_and_switches_that_never_differed_are_fixed() -> None:
    fixed: dict[str, JsonValue] = {"apps": ["a", "b"], "days": 3, "force": False}
    found = the_one(with_notes(["one", "two", "three", "four", "five"], "note", **fixed))
    assert found.arguments == PinnedArguments({"user": "alice@acme.test", **fixed})


def test_a_denial_with_another_fixed_value_does_not_stop_a_pinned_rule_and_with_the_same_does() -> None:
    calls = with_notes(["one", "two", "three", "four", "five"], app="Zendesk")
    other = a_decided_call(
        9, verdict=Verdict.DENY, arguments={"user": "alice@acme.test", "app": "SAP", "note": "x"}
    )
    assert suggestions([*calls, other], NOW)
    same = a_decided_call(9, verdict=Verdict.DENY, arguments={**calls[0].arguments, "note": "never seen"})
    assert suggestions([*calls, same], NOW) == []


def test_different_persons_who_each_ask_for_themselves_suggest_nothing() -> None:
    calls = [
        a_decided_call(
            number, requester=a_person(who, groups=["sales"]), arguments={"user": f"{who}@acme.test"}
        )
        for number, who in enumerate("abcde")
    ]
    assert suggestions(calls, NOW, sizes={"sales": 5}) == []


def test_several_persons_with_the_same_arguments_suggest_their_smallest_common_group() -> None:
    calls = [
        a_decided_call(
            number, requester=a_person(who, groups=["sales", "all-staff"]), arguments={"printer": "P1"}
        )
        for number, who in enumerate("aabbc")
    ]
    found = the_one(calls, **{"all-staff": 90, "sales": 7})
    assert found.holder == HolderGroup("sales")
    assert found.arguments == ExactArguments({"printer": "P1"})


def test_several_persons_without_a_common_group_suggest_nothing() -> None:
    calls = [
        a_decided_call(number, requester=a_person(who, groups=[who]), arguments={"printer": "P1"})
        for number, who in enumerate("aabbc")
    ]
    assert suggestions(calls, NOW, sizes={"a": 1, "b": 1, "c": 1}) == []


def test_the_same_rule_has_the_same_id_and_another_rule_another() -> None:
    id_of_five = the_one(approved(5)).id
    assert the_one(approved(7)).id == id_of_five
    assert the_one(approved(agent="chatgpt")).id != id_of_five
    assert the_one(approved(arguments={"user": "eve@acme.test"})).id != id_of_five
    assert the_one(approved(requester=a_person("eve"))).id != id_of_five


def test_who_approved_most_is_named_first() -> None:
    calls = [
        *approved(3, reviewer="carol"),
        *(a_decided_call(number, reviewer="bob") for number in range(3, 5)),
    ]
    assert the_one(calls).approvers == (("carol", 3), ("bob", 2))


def test_the_suggested_rule_is_narrow_ends_in_30_days_and_stands_for_the_technician_alone() -> None:
    grant = the_one(approved()).grant(
        "g-1",  # type: ignore[arg-type]  # an id
        giver=PersonId("bob"),
        fingerprint="f",
        now=NOW,
    )
    assert grant.is_narrow
    assert grant.ends == NOW + timedelta(days=30)
    assert (grant.technician_groups, grant.manager) == (frozenset({TECHNICIANS}), False)
