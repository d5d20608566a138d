"""Who counts as gone, when so many are gone that it is doubted, and which night it is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.leavers import Departure, Leaver, Part, departure, night_of, too_many, why_suspended
from bot.domain.people import PersonId, TenantId
from bot.flow.reconcile.report import MOST, Departed, report_text
from bot.flow.reconcile.step import Effect
from tests.builders import a_person

ACME = TenantId("acme")


def a_leaver(name: str = "Bob Baker", *, how: Departure = Departure.MISSING) -> Leaver:
    return Leaver(id=PersonId(f"p-{name}"), name=name, how=how)


def test_who_is_not_found_or_disabled_is_gone_and_nobody_else() -> None:
    assert departure(None) is Departure.MISSING
    assert departure(a_person(enabled=False)) is Departure.DISABLED
    assert departure(a_person(roles=(), groups=(), email="")) is None


@pytest.mark.parametrize(
    ("gone", "looked_up", "is_doubted"),
    [
        (0, 0, False),
        (0, 1, False),
        (0, 100, False),
        # Everybody is gone.
        (1, 1, False),
        (2, 2, True),
        (3, 3, True),
        (5, 5, True),
        # Most of a few are.
        (1, 2, False),
        (2, 3, False),
        (2, 4, False),
        (3, 4, True),
        (2, 5, False),
        (3, 5, True),
        (4, 8, False),
        (5, 8, True),
        (5, 9, True),
        (5, 10, False),
        # Many of many are.
        (6, 29, True),
        (6, 30, False),
        (20, 100, False),
        (21, 100, True),
    ],
)
def test_all_most_of_four_and_more_than_five_with_a_fifth_are_doubted(
    gone: int,
    looked_up: int,
    is_doubted: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert too_many(gone, looked_up) is is_doubted


@pytest.mark.parametrize(
    ("at", "zone", "night"),
    [
        ((21, 2, 0), "UTC", 21),
        ((21, 1, 59), "UTC", 20),
        ((21, 0, 0), "UTC", 20),
        ((21, 23, 59), "UTC", 21),
        ((21, 7, 0), "America/New_York", 21),
        ((21, 6, 59), "America/New_York", 20),
        ((20, 17, 0), "Asia/Tokyo", 21),
        ((20, 16, 59), "Asia/Tokyo", 20),
    ],
)
def test_a_night_begins_at_two_by_the_tenants_clock(at: tuple[int, int, int], zone: str, night: int) -> None:
    day, hour, minute = at
    now = datetime(2026, 11, day, hour, minute, tzinfo=UTC)
    assert night_of(now, ZoneInfo(zone)) == date(2026, 11, night)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("month", [3, 4, 10, 11])
def test_nights_come_one_after_the_other_also_where_clocks_are_changed(zone: str, month: int) -> None:
    days = [(day, hour) for day in range(1, 31) for hour in range(24)]
    moments = [datetime(2026, month, day, hour, 30, tzinfo=UTC) for day, hour in days]
    nights = [night_of(one, ZoneInfo(zone)) for one in moments]
    assert nights == sorted(nights)
    assert len(set(nights)) == (nights[-1] - nights[0]).days + 1


def test_the_reason_says_who_left_what_they_were_and_when() -> None:
    on = date(2026, 11, 21)
    assert why_suspended(a_leaver(), Part.GIVER, on) == (
        "Bob Baker, who gave it, left the directory on 21 November 2026."
    )
    disabled = a_leaver("Alice Archer", how=Departure.DISABLED)
    assert why_suspended(disabled, Part.HOLDER, on) == (
        "Alice Archer, whom it is for, was found disabled in the directory on 21 November 2026."
    )


def test_the_report_says_of_each_what_was_done_and_what_to_do_next() -> None:
    done = {
        Effect.SUSPENDED: ["ab12cd34ef", "2", "3", "4", "5"],
        Effect.MOVED: ["6"],
        Effect.ENDED: ["7", "8"],
    }
    bob = Departed(leaver=a_leaver(), done=done, accounts=("slack U0123",))
    eve = Departed(leaver=a_leaver("Eve", how=Departure.DISABLED))
    assert report_text([bob, eve], ACME).splitlines() == [
        "2 people left the directory or were disabled.",
        (
            "• Bob Baker is gone: 5 standing approvals suspended (ab12cd34, 2, 3 and 2 more), 1 open "
            "approval asked of others, 2 open requests ended. Still tied: slack U0123."
        ),
        "• Eve is disabled: nothing was open.",
        (
            "What is suspended counts no more; have what is still needed given anew. Look at it with: "
            "grants list. Once somebody is back: grants resume ID"
        ),
        "The accounts let nobody in. The operator unties them with: countersign --tenant acme people unlink",
    ]
    assert (
        report_text([eve], ACME)
        == "1 person left the directory or was disabled.\n• Eve is disabled: nothing was open."
    )


def test_a_long_report_names_the_first_ones_and_counts_the_others() -> None:
    many = [Departed(leaver=a_leaver(f"N{number}")) for number in range(MOST + 7)]
    lines = report_text(many, ACME).splitlines()
    assert len(lines) == MOST + 2
    assert lines[-1] == "And 7 more. The audit log names all of them, as person.left."
