"""What every adapter of the `IdentityProvider` port keeps; a new adapter is one more stage."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.directory.recent import RecentDirectory, each_time
from bot.domain.people import Person, PersonId, Role
from bot.ports.directory import DirectoryUnreachable, IdentityProvider
from bot.settings.directories.reading import PROVIDERS
from tests.directories.every import STAGES
from tests.directories.stage import FALLBACK, ProviderStage, someone
from tests.fakes.clock import MovedClock

PEOPLE = (
    someone("alice", "sales", manager="megan"),
    someone("megan", "sales", manager="alice"),
    someone("bob", "it"),
    someone("carol", "msp_technician"),
    someone("ada", "it-admins"),
    someone("ahmed", "msp_admin"),
    someone("ted", "it", "sales", enabled=False),
)


@pytest.fixture(params=STAGES)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ProviderStage]:
    async with STAGES[request.param](tmp_path) as made:
        made.holds(PEOPLE)
        yield made


@pytest.fixture(params=["asked directly", "through the directory"])
def provider(request: pytest.FixtureRequest, stage: ProviderStage) -> IdentityProvider:
    """Gives the provider itself, and what stands between it and everybody who asks."""
    if request.param == "asked directly":
        return stage.provider
    return RecentDirectory(stage.provider, clock=MovedClock(), limit=each_time)


def test_every_provider_is_on_a_stage() -> None:
    """A plug-in without a stage would be in no contract suite."""
    assert set(PROVIDERS) <= set(STAGES)


async def test_a_person_is_found_by_id_with_all_that_is_known(provider: IdentityProvider) -> None:
    assert await _settled(provider, await provider.person(PersonId("u-alice"))) == PEOPLE[0]
    assert await provider.person(PersonId("u-nobody")) is None


async def test_the_directory_names_a_manager_by_their_id_whatever_the_provider_says(
    stage: ProviderStage,
) -> None:
    directory = RecentDirectory(stage.provider, clock=MovedClock(), limit=each_time)
    assert await directory.person(PersonId("u-alice")) == PEOPLE[0]
    assert await directory.by_email("alice@acme.test") == PEOPLE[0]


async def _settled(provider: IdentityProvider, person: Person | None) -> Person | None:
    """Gives the person with the manager's id: a provider may say it otherwise, if it knows what it said."""
    above = await provider.person(person.manager) if person is not None and person.manager else None
    return person if person is None or above is None else replace(person, manager=above.id)


async def test_an_entry_says_who_somebody_is_and_who_is_above_them(provider: IdentityProvider) -> None:
    whole, found = PEOPLE[0], await provider.entry(PersonId("u-alice"))
    assert found is not None
    assert (found.id, found.name, found.email, found.enabled) == (whole.id, whole.name, whole.email, True)
    assert (found.title, found.department) == (whole.title, whole.department)
    above = await provider.entry(found.manager) if found.manager else None
    assert above is not None
    assert above.id == "u-megan"
    assert await provider.entry(PersonId("u-nobody")) is None
    left = await provider.entry(PersonId("u-ted"))
    assert left is not None
    assert not left.enabled


@pytest.mark.parametrize("strange", ["", "../groups", "u-alice/groups", "a b", "ü'*", "u-alice?x=1", ".."])
async def test_a_strange_id_is_nobodys(provider: IdentityProvider, strange: str) -> None:
    assert await provider.person(PersonId(strange)) is None


async def test_a_disabled_person_is_found_and_said_to_be_disabled(provider: IdentityProvider) -> None:
    found = await provider.person(PersonId("u-ted"))
    assert found is not None
    assert not found.enabled


async def test_an_address_is_compared_without_case(provider: IdentityProvider) -> None:
    found = await provider.by_email("ALICE@Acme.test")
    assert await _settled(provider, found) == PEOPLE[0]


@pytest.mark.parametrize("address", ["alice@other.test", "", "alice", "*", "'", '"', "a' or '1"])
async def test_nobody_has_another_address(provider: IdentityProvider, address: str) -> None:
    assert await provider.by_email(address) is None


async def test_members_of_a_group_are_the_enabled_ones_by_name(provider: IdentityProvider) -> None:
    assert [person.name for person in await provider.members("sales")] == ["Alice", "Megan"]
    assert await provider.members("nobody-is-here") == ()


async def test_technicians_are_everyone_with_the_role_technician_or_admin(provider: IdentityProvider) -> None:
    found = await provider.members("technicians")
    assert [person.name for person in found] == ["Ada", "Ahmed", "Bob", "Carol"]
    assert [person.name for person in found if person.is_admin] == ["Ada", "Ahmed"]


@pytest.mark.parametrize(
    ("key", "role"),
    [("bob", Role.TECHNICIAN), ("carol", Role.TECHNICIAN), ("ada", Role.ADMIN), ("ahmed", Role.ADMIN)],
)
async def test_roles_come_from_the_named_groups_and_from_the_msp_groups(
    provider: IdentityProvider, key: str, role: Role
) -> None:
    found = await provider.person(PersonId(f"u-{key}"))
    assert found is not None
    assert found.roles == {Role.EMPLOYEE, role}


async def test_a_group_is_known_when_someone_is_in_it(provider: IdentityProvider) -> None:
    assert await provider.has_group("sales")
    assert not await provider.has_group("Sales")
    assert not await provider.has_group("sale")
    assert not await provider.has_group("")


async def test_technicians_are_no_group_unless_the_directory_has_one(
    provider: IdentityProvider,
) -> None:
    assert not await provider.has_group("technicians")


async def test_whoever_is_in_a_group_is_said_to_be_in_it(provider: IdentityProvider) -> None:
    assert await provider.is_in(PersonId("u-alice"), "sales")
    assert await provider.is_in(PersonId("u-ted"), "sales")
    for person, group in (("u-bob", "sales"), ("u-nobody", "sales"), ("", "sales"), ("u-alice", "it")):
        assert not await provider.is_in(PersonId(person), group)
    for name in ("Sales", "sale", "", "technicians", "nobody-is-here"):
        assert not await provider.is_in(PersonId("u-alice"), name)


async def test_whoever_left_a_group_is_not_in_it(stage: ProviderStage, provider: IdentityProvider) -> None:
    assert await provider.is_in(PersonId("u-alice"), "sales")
    stage.holds([someone("alice"), *PEOPLE[1:]])
    assert not await provider.is_in(PersonId("u-alice"), "sales")


async def test_the_fallback_group_is_named(provider: IdentityProvider) -> None:
    assert await provider.fallback_group() == FALLBACK


async def test_every_answer_is_fresh(stage: ProviderStage, provider: IdentityProvider) -> None:
    assert len(await provider.members("sales")) == 2
    stage.holds([person for person in PEOPLE if person.name != "Megan"][1:])
    assert await provider.members("sales") == ()
    assert await provider.person(PersonId("u-alice")) is None


async def test_whoever_leaves_a_group_has_lost_its_role(
    stage: ProviderStage, provider: IdentityProvider
) -> None:
    assert len(await provider.members("technicians")) == 4
    stage.holds([someone("bob"), *(person for person in PEOPLE if person.name != "Bob")])
    bob = await provider.person(PersonId("u-bob"))
    assert bob is not None
    assert bob.roles == {Role.EMPLOYEE}
    assert [person.name for person in await provider.members("technicians")] == ["Ada", "Ahmed", "Carol"]


async def test_a_provider_that_is_away_is_refused_and_never_answered_from_memory(
    stage: ProviderStage, provider: IdentityProvider
) -> None:
    assert await provider.person(PersonId("u-alice")) is not None
    stage.goes_away()
    with pytest.raises(DirectoryUnreachable):
        await provider.person(PersonId("u-alice"))
    with pytest.raises(DirectoryUnreachable):
        await provider.by_email("alice@acme.test")
    with pytest.raises(DirectoryUnreachable):
        await provider.members("technicians")
    with pytest.raises(DirectoryUnreachable):
        await provider.has_group("sales")
    with pytest.raises(DirectoryUnreachable):
        await provider.is_in(PersonId("u-alice"), "sales")
    stage.comes_back()
    assert await _settled(provider, await provider.person(PersonId("u-alice"))) == PEOPLE[0]


async def test_type_ahead_finds_people_by_how_their_name_begins(provider: IdentityProvider) -> None:
    assert [person.name for person in await provider.search_people("AL", limit=5)] == ["Alice"]
    assert [person.name for person in await provider.search_people("meg", limit=5)] == ["Megan"]
    assert [person.name for person in await provider.search_people("megan@", limit=5)] == ["Megan"]


async def test_type_ahead_offers_nobody_who_is_disabled(provider: IdentityProvider) -> None:
    assert await provider.search_people("ted", limit=5) == ()


async def test_type_ahead_gives_no_more_than_asked_for(provider: IdentityProvider) -> None:
    assert len(await provider.search_people("", limit=3)) == 3
    assert len(await provider.search_groups("", limit=2)) == 2


async def test_type_ahead_finds_groups_by_how_their_name_begins(provider: IdentityProvider) -> None:
    assert await provider.search_groups("SAL", limit=5) == ("sales",)
    assert await provider.search_groups("it", limit=5) == ("it", "it-admins")


@pytest.mark.parametrize("typed", ["'", '"', "\\", "*", "%", "(", "a&b=c", "ü", "a b'c"])
async def test_whatever_is_typed_is_only_text(provider: IdentityProvider, typed: str) -> None:
    assert await provider.search_people(typed, limit=5) == ()
    assert await provider.search_groups(typed, limit=5) == ()


async def test_nothing_is_missing_where_everything_is_permitted(provider: IdentityProvider) -> None:
    assert await provider.gaps() == ()
