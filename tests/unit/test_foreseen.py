"""How it is told what a change would have meant, and how much was looked at for it."""

from dataclasses import replace

from bot.domain.requests import RequestId
from bot.flow.foresee import Foreseen
from bot.flow.rehearse import Outcome, Rehearsal, Shift
from tests.builders import RESET

NONE = dict.fromkeys(Outcome, 0)
SHIFT = Shift(tool=RESET, before=Outcome.RAN, after=Outcome.ASKED, calls=2)


def foreseen(calls: int, *shifts: Shift) -> Foreseen:
    counts = {**NONE, Outcome.RAN: calls}
    return Foreseen(rehearsal=Rehearsal(before=counts, after=counts, shifts=shifts))


def test_it_says_of_which_calls_nothing_would_have_been_decided_otherwise() -> None:
    assert foreseen(0).sentence == "In the last 30 days: no calls that this touches were decided."
    otherwise = "In the last 30 days: nothing would have been decided otherwise"
    assert foreseen(1).sentence == f"{otherwise} (1 call that this touches)."
    assert foreseen(1234).sentence == f"{otherwise} (1,234 calls that this touches)."


def test_it_says_how_many_calls_were_looked_at_where_there_were_more() -> None:
    cut = replace(foreseen(5000), is_cut=True)
    looked_at = "In the last 30 days, of the latest 5,000 calls that this touches"
    assert cut.sentence == f"{looked_at}: nothing would have been decided otherwise."
    shifted = replace(foreseen(5000, SHIFT), is_cut=True, pending=(RequestId("request-1"),))
    assert shifted.sentence == (f"{looked_at}: 2 calls that ran would have asked; 1 pending request changes.")
