"""Who may give which standing approval, and what it says."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.canonical import JsonObject, TooLong
from bot.domain.errors import Refusal
from bot.domain.grant_sentence import sentence
from bot.domain.granting import (
    LONGEST,
    PIN_LIMIT,
    AccountOff,
    AlreadyEnded,
    EndsTooLate,
    FillsNoSeat,
    ForYourself,
    InAnothersName,
    LimitTooSmall,
    ManagerSeatOnly,
    MustEnd,
    NeedsAdmin,
    NotTheirManager,
    NotYourSeat,
    PinsNothing,
    PinTooLong,
    TooManyPins,
    check_may_give,
)
from bot.domain.grants import (
    MANAGER_SEAT,
    AnyArguments,
    ArgumentScope,
    ExactArguments,
    Grant,
    HolderGroup,
    HolderPerson,
    PinnedArguments,
    Seat,
    SeatKind,
)
from bot.domain.people import Person, PersonId, Role
from bot.domain.policies import EVERYONE
from tests.builders import NOW, TECHNICIAN_SEAT, a_grant, a_person, a_technician, an_admin

ALICE = a_person("alice", manager="megan")
BOB = a_technician("bob", groups=["security"])
ADA = an_admin("ada")
MEGAN = a_person("megan", manager=None)
SECURITY_SEAT = Seat(SeatKind.TECHNICIAN, "security")
PINNED = PinnedArguments({"user": "*@acme.test"})


def give(
    giver: Person,
    grant: Grant,
    *,
    seat: Seat = TECHNICIAN_SEAT,
    requester: Person | None = ALICE,
    never_ends_allowed: bool = False,
) -> bool:
    """Gives true where the check passes, and raises its refusal otherwise."""
    check_may_give(
        giver=giver,
        seat=seat,
        grant=grant,
        requester=requester,
        never_ends_allowed=never_ends_allowed,
        now=NOW,
    )
    return True


def as_manager(giver: str = "megan", holder: str = "alice", arguments: ArgumentScope | None = None) -> Grant:
    return a_grant(
        giver=giver,
        holder=HolderPerson(PersonId(holder)),
        arguments=arguments,
        technician_groups=(),
        manager=True,
    )


def test_a_technician_may_give_narrow_grants() -> None:
    assert give(BOB, a_grant())
    assert give(BOB, a_grant(arguments=PINNED))
    assert give(BOB, a_grant(arguments=PINNED), requester=None)
    assert give(BOB, a_grant(technician_groups=["security"]), seat=SECURITY_SEAT)


@pytest.mark.parametrize(
    "grant",
    [
        a_grant(holder=HolderGroup("staff")),
        a_grant(holder=EVERYONE),
        a_grant(arguments=AnyArguments()),
        a_grant(arguments=PinnedArguments({"user": "*"})),
        a_grant(arguments=PinnedArguments({"user": "**", "reason": "?*"})),
    ],
)
def test_only_an_admin_may_give_wide_grants(grant: Grant) -> None:
    with pytest.raises(NeedsAdmin):
        give(BOB, grant)
    wide = a_grant(giver="ada", holder=grant.holder, arguments=grant.arguments)
    assert give(ADA, wide)


def test_a_pin_beside_an_open_one_keeps_a_grant_narrow() -> None:
    assert give(BOB, a_grant(arguments=PinnedArguments({"user": "*", "reason": "x"})))
    assert give(BOB, a_grant(arguments=PinnedArguments({"user": ""})))


def test_a_manager_may_give_a_narrow_grant_for_their_own_direct_report() -> None:
    assert give(MEGAN, as_manager(), seat=MANAGER_SEAT)
    assert give(MEGAN, as_manager(arguments=PINNED), seat=MANAGER_SEAT)


@pytest.mark.parametrize(
    ("giver", "grant", "requester", "refusal"),
    [
        (MEGAN, as_manager(arguments=AnyArguments()), ALICE, NeedsAdmin),
        (
            MEGAN,
            a_grant(giver="megan", holder=EVERYONE, technician_groups=(), manager=True),
            ALICE,
            NeedsAdmin,
        ),
        (MEGAN, as_manager(holder="carol"), ALICE, NotTheirManager),
        (MEGAN, as_manager(), a_person("alice", manager="mona"), NotTheirManager),
        (MEGAN, as_manager(), a_person("alice", manager=None), NotTheirManager),
        (MEGAN, as_manager(), None, NotTheirManager),
        (a_person("mona"), as_manager(giver="mona"), ALICE, NotTheirManager),
        (MEGAN, a_grant(giver="megan"), ALICE, ManagerSeatOnly),
        (MEGAN, a_grant(giver="megan", manager=True), ALICE, ManagerSeatOnly),
        (a_technician("megan"), a_grant(giver="megan", manager=True), ALICE, ManagerSeatOnly),
    ],
)
def test_a_manager_may_give_nothing_else(
    giver: Person, grant: Grant, requester: Person | None, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        give(giver, grant, seat=MANAGER_SEAT, requester=requester)


def test_an_admin_who_is_the_manager_may_give_a_wide_grant_as_manager() -> None:
    megan = an_admin("megan")
    grant = a_grant(giver="megan", holder=EVERYONE, technician_groups=(), manager=True)
    assert give(megan, grant, seat=MANAGER_SEAT)
    assert give(megan, grant, seat=MANAGER_SEAT, requester=None)
    with pytest.raises(NotTheirManager):
        give(megan, grant, seat=MANAGER_SEAT, requester=a_person("carol", manager="mona"))


def test_a_technician_cannot_stand_for_the_manager() -> None:
    for requester in (ALICE, None):
        with pytest.raises(NotTheirManager):
            give(BOB, a_grant(manager=True), requester=requester)


@pytest.mark.parametrize(
    ("giver", "grant", "seat"),
    [
        (ALICE, a_grant(giver="alice"), TECHNICIAN_SEAT),
        (a_technician("alice"), a_grant(giver="alice"), TECHNICIAN_SEAT),
        (an_admin("alice"), a_grant(giver="alice"), TECHNICIAN_SEAT),
        (an_admin("alice"), a_grant(giver="alice", holder=EVERYONE), TECHNICIAN_SEAT),
        (ALICE, as_manager(giver="alice"), MANAGER_SEAT),
    ],
)
def test_nobody_may_give_themselves_a_grant(giver: Person, grant: Grant, seat: Seat) -> None:
    with pytest.raises(ForYourself):
        give(giver, grant, seat=seat)


def test_nobody_may_give_themselves_a_grant_outside_a_request_either() -> None:
    with pytest.raises(ForYourself):
        give(an_admin("alice"), a_grant(giver="alice"), requester=None)


@pytest.mark.parametrize(
    ("giver", "groups", "seat"),
    [
        (a_person("bob"), ["technicians"], TECHNICIAN_SEAT),
        (a_technician("bob"), ["technicians", "security"], TECHNICIAN_SEAT),
        (a_technician("bob"), ["technicians"], SECURITY_SEAT),
        (an_admin("bob"), ["security"], TECHNICIAN_SEAT),
        (a_person("bob", groups=["security"]), ["technicians"], SECURITY_SEAT),
    ],
)
def test_a_grant_fills_only_seats_that_its_giver_could_fill(
    giver: Person, groups: list[str], seat: Seat
) -> None:
    with pytest.raises(NotYourSeat):
        give(giver, a_grant(technician_groups=groups), seat=seat)


def test_a_grant_is_given_in_ones_own_name_from_an_enabled_account_and_fills_a_seat() -> None:
    with pytest.raises(InAnothersName):
        give(BOB, a_grant(giver="tom"))
    with pytest.raises(AccountOff):
        give(a_person("bob", roles=[Role.TECHNICIAN], enabled=False), a_grant())
    with pytest.raises(FillsNoSeat):
        give(BOB, a_grant(technician_groups=()))


def test_a_grant_ends_within_366_days_and_never_only_where_the_tenant_allows_it() -> None:
    assert give(BOB, a_grant(ends=NOW + timedelta(microseconds=1)))
    assert give(BOB, a_grant(ends=NOW + LONGEST))
    assert give(BOB, a_grant(ends=None), never_ends_allowed=True)
    with pytest.raises(MustEnd):
        give(BOB, a_grant(ends=None))
    with pytest.raises(AlreadyEnded):
        give(BOB, a_grant(ends=NOW))
    with pytest.raises(EndsTooLate):
        give(BOB, a_grant(ends=NOW + LONGEST + timedelta(microseconds=1)), never_ends_allowed=True)


def test_a_limit_is_one_at_least() -> None:
    assert give(BOB, a_grant(uses_limit=1, daily_limit=1))
    for grant in (a_grant(uses_limit=0), a_grant(daily_limit=0), a_grant(uses_limit=-1)):
        with pytest.raises(LimitTooSmall):
            give(BOB, grant)


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (PinnedArguments({}), PinsNothing),
        (PinnedArguments({f"a{number}": 1 for number in range(PIN_LIMIT + 1)}), TooManyPins),
        (PinnedArguments({"user": "*" * 257}), PinTooLong),
        (PinnedArguments({"user": "x" * 1001}), PinTooLong),
        (PinnedArguments({"x" * 257: 1}), PinTooLong),
        (ExactArguments({"user": "x" * 64_000}), TooLong),
    ],
)
def test_what_is_fixed_has_limits(arguments: ArgumentScope, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        give(ADA, a_grant(giver="ada", arguments=arguments))


# The sentence.


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        (
            a_grant(ends=NOW + timedelta(days=31), uses_limit=10),
            (
                "Alice Archer may use acme-it:reset_password with exactly user = alice@acme.test, "
                "without asking a technician, until 21 December 2026, at most 10 times."
            ),
        ),
        (
            a_grant(
                holder=HolderGroup("staff"),
                arguments=PinnedArguments({"user": "*@acme.test", "amount": 5, "note": "a, b"}),
                agent="chatgpt",
                technician_groups=["technicians", "security"],
                manager=True,
                ends=None,
                uses_limit=1,
                daily_limit=2,
            ),
            (
                'Everyone in All staff may use acme-it:reset_password with amount = 5, note = "a, b" '
                'and user like "*@acme.test" and any other arguments, through chatgpt, '
                "without asking anyone in security or a technician or their manager, with no end, "
                "at most once, at most 2 times a day."
            ),
        ),
        (
            a_grant(holder=EVERYONE, arguments=AnyArguments(), technician_groups=(), manager=True),
            (
                "Everyone may use acme-it:reset_password with any arguments, without asking their manager, "
                "until 20 December 2026."
            ),
        ),
        (
            a_grant(arguments=ExactArguments({})),
            (
                "Alice Archer may use acme-it:reset_password without any arguments, "
                "without asking a technician, until 20 December 2026."
            ),
        ),
    ],
)
def test_a_grant_says_in_one_sentence_what_it_allows(grant: Grant, expected: str) -> None:
    assert sentence(grant, {"alice": "Alice Archer", "staff": "All staff"}) == expected


def test_texts_that_could_pass_for_something_else_are_in_quotation_marks() -> None:
    arguments: JsonObject = {
        "a": "5",
        "b": 5,
        "c": "true",
        "d": True,
        "e": "x, without asking anybody",
        "f": "*",
        "g, h": ["x"],
        "i": "",
        "j": 'say "hi"\n',
    }
    words = sentence(a_grant(arguments=ExactArguments(arguments)), {})
    assert (
        'a = "5", b = 5, c = "true", d = true, e = "x, without asking anybody", f = "*", "g, h" = ["x"], '
        'i = "" and j = "say \\"hi\\"\\n"'
    ) in words


def test_the_last_day_is_in_the_readers_calendar() -> None:
    grant = a_grant(ends=NOW + timedelta(hours=12))
    assert "until 21 November 2026" in sentence(grant, {})
    assert "until 20 November 2026" in sentence(grant, {}, zone=ZoneInfo("America/New_York"))
