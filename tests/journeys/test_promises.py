"""Every promise has a journey that names it."""

from tests.promises import PROMISES


def test_every_promise_has_a_journey(named_promises: set[str]) -> None:
    assert sorted(PROMISES.keys() - named_promises) == []


def test_journeys_name_nothing_but_promises(named_promises: set[str]) -> None:
    assert sorted(named_promises - PROMISES.keys()) == []
