"""What only Okta has: its statuses, its ways of naming a manager, its kinds of groups, and its limits."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.directory.calls import ProviderAway
from bot.directory.managers import known_as
from bot.directory.okta.access import OktaAccess
from bot.directory.okta.directory import OktaDirectory
from bot.directory.okta.resources import OKTA_ID
from bot.directory.opened import opened_directory
from bot.directory.recent import RecentDirectory, each_time
from bot.directory.roles import RoleGroups
from bot.domain.people import PersonId, Role
from bot.flow.seats import find_manager
from bot.ports.directory import AmbiguousGroup, DirectoryUnreachable
from tests.directories.http import QUICK, ROLES
from tests.directories.okta import ALICE, BOB, IDS, MEGAN, PEOPLE, Office, okta_office
from tests.directories.stage import someone
from tests.servers.okta_tokens import API_TOKEN


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with okta_office() as opened:
        yield opened


# Who is meant


@pytest.mark.parametrize("said", ["alice", "alice@acme.test", "ALICE@acme.test", "me"])
async def test_a_login_is_no_id_although_okta_takes_it_for_one(office: Office, said: str) -> None:
    async with office.asked() as okta:
        assert await okta.person(PersonId(said)) is None
        assert await okta.person(PersonId(f"{said}/groups")) is None


def test_ids_are_told_from_employee_numbers() -> None:
    assert OKTA_ID.fullmatch("00ub0oNGTSWTBKOLGLNR")
    for other in (
        "10234",
        "megan@acme.test",
        "00ub0oNGTSWTBKOLGLNR1",
        "CN=Megan,OU=Sales",
        "00g1emaKYZTWRYYRRTSK",
    ):
        assert not OKTA_ID.fullmatch(other)


@pytest.mark.parametrize(
    ("status", "enabled"),
    [
        ("ACTIVE", True),
        ("PASSWORD_EXPIRED", True),
        ("RECOVERY", False),
        ("LOCKED_OUT", False),
        ("PROVISIONED", False),
        ("STAGED", False),
        ("SUSPENDED", False),
        ("DEPROVISIONED", False),
        ("SOMETHING_NEW", False),
    ],
)
async def test_only_whoever_can_sign_in_is_enabled(office: Office, status: str, *, enabled: bool) -> None:
    office.server.has_status(BOB, status)
    async with office.asked() as okta:
        bob = await okta.person(BOB)
        assert bob is not None
        assert bob.enabled is enabled
        assert (BOB in [one.id for one in await okta.members("technicians")]) is enabled
        assert (BOB in [one.id for one in await okta.search_people("bob", limit=5)]) is enabled


async def test_whoever_is_about_to_be_deactivated_is_not_enabled_any_more(office: Office) -> None:
    office.server.has_status(BOB, "ACTIVE", coming="DEPROVISIONED")
    async with office.asked() as okta:
        bob = await okta.person(BOB)
    assert bob is not None
    assert not bob.enabled


async def test_a_name_is_put_together_where_none_is_displayed(office: Office) -> None:
    office.server.says(ALICE, displayName=None, firstName="Alice", lastName="Archer")
    async with office.asked() as okta:
        alice = await okta.person(ALICE)
        assert alice is not None
        assert alice.name == "Alice Archer"
        assert [one.name for one in await okta.search_people("Alice Ar", limit=5)] == ["Alice Archer"]


async def test_many_who_are_gone_hide_nobody_who_is_there(office: Office) -> None:
    office.server.holds([*(someone(f"al{number}", enabled=False) for number in range(30)), *PEOPLE])
    async with office.asked() as okta:
        assert [one.name for one in await okta.search_people("al", limit=2)] == ["Alice"]


async def test_an_address_that_two_have_is_nobodys(office: Office) -> None:
    office.server.says(MEGAN, email="alice@acme.test")
    async with office.asked() as okta:
        assert await okta.by_email("alice@acme.test") is None


async def test_an_address_that_the_index_still_knows_proves_nothing(office: Office) -> None:
    office.server.holds([replace(PEOPLE[0], email="alice.archer@acme.test")])
    office.server.faults.lags = True
    async with office.asked() as okta:
        assert await okta.person(ALICE) is not None
        assert await okta.by_email("alice@acme.test") is None


async def test_a_login_that_looks_like_an_address_is_none_of_somebody_with_another(office: Office) -> None:
    office.server.says(ALICE, login="old@acme.test")
    async with office.asked() as okta:
        assert await okta.by_email("old@acme.test") is None
        assert await okta.by_email("alice@acme.test") is not None


# Managers


@pytest.mark.parametrize("said", ["u-megan", "megan@acme.test", "MEGAN@acme.test", "m.manager@corp", "10234"])
async def test_a_manager_is_found_by_whatever_okta_calls_them(office: Office, said: str) -> None:
    office.server.says(MEGAN, login="m.manager@corp", employeeNumber="10234")
    office.server.says(ALICE, managerId=said)
    async with office.asked() as okta:
        alice = await okta.person(ALICE)
        assert alice is not None
        assert alice.manager is not None
        megan = await okta.person(alice.manager)
    assert megan is not None
    assert megan.id == MEGAN
    assert megan.groups == {"sales"}


@pytest.mark.parametrize("said", ["megan@acme.test", "10234", "u-megan"])
async def test_attack_12_what_somebody_wrote_as_their_number_makes_them_nobodys_manager(
    office: Office, said: str
) -> None:
    """In many organisations people fill in their own numbers."""
    office.server.says(MEGAN, email="m@acme.test", login="megan@acme.test", employeeNumber="10234")
    office.server.says(BOB, employeeNumber=said if said != "10234" else None, login="10234")
    office.server.says(ALICE, managerId=said)
    async with office.asked() as okta:
        alice = await okta.person(ALICE)
        assert alice is not None
        assert alice.manager is not None
        megan = await okta.person(alice.manager)
    assert megan is not None
    assert megan.id == MEGAN


async def test_a_user_whose_groups_okta_does_not_know_is_not_nobody(office: Office) -> None:
    office.server.faults.missing = office.server.missing_body
    office.server.faults.missing_at = "/groups"
    async with office.asked() as okta:
        assert await okta.entry(ALICE) is not None
        for ask in (okta.person(ALICE), okta.by_email("alice@acme.test")):
            with pytest.raises(ProviderAway, match="do not fit each other"):
                await ask


async def test_an_id_that_looks_like_none_is_still_found(office: Office) -> None:
    async with office.asked() as okta:
        megan = await okta.person(known_as("u-megan"))
    assert megan is not None
    assert megan.id == MEGAN


async def test_a_manager_may_stand_in_the_other_attribute(office: Office) -> None:
    office.server.says(ALICE, managerId=None, manager="megan@acme.test")
    async with office.asked() as okta:
        alice = await okta.person(ALICE)
    assert alice is not None
    assert alice.manager == known_as("megan@acme.test")


async def test_to_know_a_person_no_manager_is_looked_up(office: Office) -> None:
    office.server.says(ALICE, managerId="megan@acme.test")
    async with office.asked() as okta:
        await okta.person(ALICE)
        assert len(office.server.asked) == 2


@pytest.mark.parametrize(
    "said", ["nobody@acme.test", "10234", "Megan", 'x" or profile.login sw "m', "CN=Megan,OU=Sales", "\\"]
)
async def test_a_manager_whom_nobody_or_two_are_called_is_nobody(office: Office, said: str) -> None:
    office.server.says(MEGAN, employeeNumber="10234")
    office.server.says(BOB, employeeNumber="10234")
    office.server.says(ALICE, managerId=said)
    async with office.asked() as okta:
        asked = directory(office, okta)
        alice = await asked.person(ALICE)
        assert alice is not None
        answer = await find_manager(asked, alice)
    assert answer.person is None
    assert answer.group == "it-admins"
    assert "manager is not in the directory" in answer.explanation


async def test_a_name_that_the_index_still_knows_names_nobody(office: Office) -> None:
    renamed = replace(PEOPLE[1], email="megan.miller@acme.test")
    for people in ([PEOPLE[0], renamed], [PEOPLE[0]]):
        office.server.holds(PEOPLE)
        office.server.holds(people)
        office.server.faults.lags = True
        async with office.asked() as okta:
            assert await okta.person(known_as("megan@acme.test")) is None


def directory(office: Office, okta: OktaDirectory) -> RecentDirectory:
    return RecentDirectory(okta, clock=office.clock, limit=each_time)


async def test_whoever_asks_the_directory_gets_the_managers_id(office: Office) -> None:
    office.server.says(ALICE, managerId="megan@acme.test")
    async with office.asked() as okta:
        asked = directory(office, okta)
        alice = await asked.person(ALICE)
        by_email = await asked.by_email("alice@acme.test")
    assert alice is not None
    assert alice.manager == MEGAN
    assert by_email == alice


async def test_a_manager_by_login_fills_the_seat(office: Office) -> None:
    office.server.says(ALICE, managerId="megan@acme.test")
    async with office.asked() as okta:
        asked = directory(office, okta)
        alice = await asked.person(ALICE)
        assert alice is not None
        answer = await find_manager(asked, alice)
    assert answer.person is not None
    assert answer.person.id == MEGAN
    assert answer.explanation == ""


async def test_whoever_is_called_their_own_manager_does_not_fill_the_seat(office: Office) -> None:
    office.server.says(ALICE, managerId="Alice@acme.test")
    async with office.asked() as okta:
        asked = directory(office, okta)
        alice = await asked.person(ALICE)
        assert alice is not None
        answer = await find_manager(asked, alice)
    assert answer.person is None
    assert "circle" in answer.explanation


async def test_a_circle_of_logins_ends(office: Office) -> None:
    office.server.says(ALICE, managerId="megan@acme.test")
    office.server.says(MEGAN, managerId="10234")
    office.server.says(BOB, employeeNumber="10234", managerId="alice@acme.test")
    for person in (MEGAN, BOB):
        office.server.has_status(person, "SUSPENDED")
    async with office.asked() as okta:
        asked = directory(office, okta)
        alice = await asked.person(ALICE)
        assert alice is not None
        answer = await find_manager(asked, alice)
    assert answer.person is None
    assert "circle" in answer.explanation


# Groups


async def test_an_imported_group_of_the_same_name_makes_it_nobodys(office: Office) -> None:
    """Groups of applications come by themselves, and may be called like one of Okta's own."""
    office.server.adds_group("g-imported", "it", ["u-alice"])
    office.server.types["g-imported"] = "APP_GROUP"
    async with office.asked() as okta:
        assert not await okta.has_group("it")
        with pytest.raises(AmbiguousGroup):
            await okta.members("it")
        alice, bob = await okta.person(ALICE), await okta.person(BOB)
        assert alice is not None
        assert bob is not None
        assert alice.roles == bob.roles == {Role.EMPLOYEE}


async def test_the_settings_can_tell_them_apart_by_id(office: Office) -> None:
    office.server.adds_group("g-imported", "it", ["u-alice"])
    roles = RoleGroups(technician=frozenset({"g-it"}), admin=frozenset({"it-admins"}))
    access = OktaAccess(url=office.server.url, api_token=API_TOKEN)
    async with OktaDirectory(access, roles, clock=office.clock, patience=QUICK, ids=IDS) as okta:
        assert [one.name for one in await okta.members("technicians")] == ["Ada", "Bob"]


async def test_more_groups_than_one_search_holds_are_found(office: Office) -> None:
    many = frozenset(f"it-{number:02}" for number in range(50))
    office.server.holds([someone("bob", "it-00"), someone("carol", "it-49")])
    access = OktaAccess(url=office.server.url, api_token=API_TOKEN)
    roles = RoleGroups(technician=many)
    async with OktaDirectory(access, roles, clock=office.clock, patience=QUICK, ids=IDS) as okta:
        assert [one.name for one in await okta.members("technicians")] == ["Bob", "Carol"]


# Limits


async def test_a_count_that_begins_anew_at_once_is_waited_for(office: Office) -> None:
    async with office.asked() as okta:
        office.server.reset_in_s, office.server.refusals = 1, 2
        began = asyncio.get_running_loop().time()
        assert await okta.person(ALICE) == PEOPLE[0]
        assert asyncio.get_running_loop().time() - began >= 1


async def test_okta_is_not_asked_before_its_count_begins_anew(office: Office) -> None:
    async with office.asked() as okta:
        await okta.person(ALICE)
        office.server.reset_in_s = 50
        with pytest.raises(ProviderAway):
            await okta.person(ALICE)
        office.server.reset_in_s = None
        asked = len(office.server.asked)
        with pytest.raises(ProviderAway, match="so often"):
            await okta.person(BOB)
        assert len(office.server.asked) == asked


async def test_too_many_calls_at_once_end_with_the_next_free_place(office: Office) -> None:
    """Okta's guess when that will be is not waited for."""
    async with office.asked() as okta:
        office.server.reset_in_s, office.server.has_too_many_at_once = 50, True
        with pytest.raises(ProviderAway):
            await okta.person(ALICE)
        office.server.reset_in_s = None
        assert await okta.person(ALICE) == PEOPLE[0]


async def test_a_count_on_other_answers_is_no_wait(office: Office) -> None:
    async with office.asked() as okta:
        office.server.mishaps = 2
        assert await okta.person(ALICE) == PEOPLE[0]


async def test_a_row_without_an_id_is_nobodys_and_spoils_the_list(office: Office) -> None:
    office.server.faults.body = (
        b'[{"status": "ACTIVE", "profile": {"email": "alice@acme.test", "name": "sales"}}]'
    )
    async with office.asked() as okta:
        for asked in (
            okta.by_email("alice@acme.test"),
            okta.members("sales"),
            okta.search_people("a", limit=1),
        ):
            with pytest.raises(ProviderAway, match="not what was asked for"):
                await asked


async def test_a_next_page_at_another_host_is_not_asked_for(office: Office) -> None:
    office.server.holds([someone("alice", *(f"g{number}" for number in range(5)))])
    office.server.faults.next_page = "https://acme.okta.example/api/v1/users/u-alice/groups?after=x"
    async with office.asked() as okta:
        with pytest.raises(DirectoryUnreachable, match="another address"):
            await okta.person(ALICE)


# All together


async def test_the_settings_open_okta(office: Office) -> None:
    access = OktaAccess(url=office.server.url, api_token=API_TOKEN)
    async with opened_directory(access, ROLES, clock=office.clock, limit=each_time) as asked:
        found = await asked.person(BOB)
    assert found is not None
    assert found.roles == {Role.EMPLOYEE, Role.TECHNICIAN}
