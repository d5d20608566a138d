"""Which of somebody's groups count when something is decided about them."""

from dataclasses import replace

from bot.domain.people import Person
from bot.flow.vouched import vouched
from tests.builders import a_person
from tests.fakes.directory import FakeDirectory

ALICE = a_person(groups=["sales", "vpn-users", "book-club"])


async def doubted(person: Person, *named: str, lookalikes: tuple[str, ...] = ()) -> frozenset[str]:
    directory = FakeDirectory([person])
    directory.unique_names = False
    directory.lookalikes = set(lookalikes)
    return (await vouched(directory, person, named)).doubtful


async def test_every_group_that_was_not_asked_about_is_in_doubt() -> None:
    assert await doubted(ALICE, "sales", "vpn-users") == {"book-club"}
    assert await doubted(ALICE, "finance") == ALICE.groups


async def test_a_group_whose_name_another_one_has_is_in_doubt() -> None:
    assert await doubted(ALICE, *ALICE.groups, lookalikes=("sales",)) == {"sales"}


async def test_nothing_is_asked_where_nothing_names_a_group_of_theirs() -> None:
    directory = FakeDirectory([ALICE])
    directory.unique_names, directory.unreachable = False, True
    assert (await vouched(directory, ALICE, {"finance"})).doubtful == ALICE.groups


async def test_nothing_is_in_doubt_where_names_are_unique() -> None:
    directory = FakeDirectory([ALICE])
    directory.unreachable = True
    assert await vouched(directory, ALICE, ALICE.groups) is ALICE


def test_a_group_in_doubt_gives_no_seat() -> None:
    doubtful = replace(ALICE, doubtful=frozenset({"sales"}))
    assert doubtful.sits_in("vpn-users")
    assert not doubtful.sits_in("sales")
    assert doubtful.certain == replace(ALICE, groups=ALICE.groups - {"sales"})
    assert ALICE.certain is ALICE
