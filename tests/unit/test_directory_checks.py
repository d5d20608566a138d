"""What checks say of missing permissions, of groups of one name, of chains of managers, of working hours."""

from collections.abc import Iterable
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typing_extensions import override

from bot.cli.directory_findings import provider_findings
from bot.cli.person_seen import seen, seen_document, seen_findings, seen_text
from bot.directory.entra.access import EntraAccess, Proof
from bot.directory.okta.access import OktaAccess
from bot.directory.roles import RoleGroups
from bot.domain.availability import Availability, Presence, WorkingHours
from bot.domain.people import Person, PersonId
from bot.ports.directory import AmbiguousGroup, Gap
from bot.settings.directories import DirectorySettings
from tests.directories.stage import someone
from tests.fakes.directory import FakeDirectory

FILE = Path("directory.yaml")
GROUPS = RoleGroups(technician=frozenset({"it"}), admin=frozenset({"it-admins"}), fallback="it-admins")
SETTINGS = DirectorySettings(access=OktaAccess(url="https://acme.test/"), roles=GROUPS)

NEEDED = Gap(permission="users.read", without="Nobody can be looked up.", is_needed=True)
HELPFUL = Gap(permission="calendars.read", without="Nobody knows when people work.", is_needed=False)

ALICE = someone("alice", "sales", manager="megan")
BOB = someone("bob", "it")
ADA = someone("ada", "it-admins")


class Provider(FakeDirectory):
    """One with permissions, groups and calendars of its own."""

    def __init__(
        self,
        persons: Iterable[Person] = (ALICE, BOB, ADA),
        *,
        lacking: tuple[Gap, ...] = (),
        twice: str = "",
        works: Availability | None = None,
    ) -> None:
        super().__init__(persons, fallback="it-admins")
        self._lacking = lacking
        self._twice = twice
        self._works = works

    @override
    async def gaps(self) -> tuple[Gap, ...]:
        self._check()
        return self._lacking

    @override
    async def members(self, group: str) -> tuple[Person, ...]:
        if group == self._twice:
            raise AmbiguousGroup(group=group)
        return await super().members(group)

    @override
    async def availability(self, person: PersonId) -> Availability | None:
        return self._works


async def told(provider: Provider, settings: DirectorySettings = SETTINGS) -> list[str]:
    found = [one async for one in provider_findings(provider, settings, FILE)]
    return [f"{one.level} {one.about}: {one.sentence}" for one in found]


async def test_a_provider_that_lacks_nothing_is_said_to() -> None:
    assert (await told(Provider()))[0] == "ok directory: Okta answers. The bot lacks no permission there."


async def test_a_missing_permission_is_told_with_what_does_not_work_without_it() -> None:
    assert (await told(Provider(lacking=(NEEDED, HELPFUL))))[:3] == [
        "wrong permission: The bot has not been granted users.read. Nobody can be looked up.",
        "note permission: The bot has not been granted calendars.read. Nobody knows when people work.",
        "ok directory: Okta answers.",
    ]


async def test_a_directory_that_is_away_is_one_finding() -> None:
    away = Provider()
    away.unreachable = True
    [found] = await told(away)
    assert found.startswith("wrong directory: The directory does not answer")


async def test_groups_of_one_name_are_wrong_for_a_role_and_for_standing_in() -> None:
    ambiguous = "The directory has several groups named “it-admins”"
    wrong = [one for one in await told(Provider(twice="it-admins")) if one.startswith("wrong")]
    assert [one.partition(ambiguous)[0] for one in wrong] == ["wrong role admin: ", "wrong fallback group: "]


async def test_a_group_that_nobody_finds_may_be_an_id() -> None:
    roles = RoleGroups(technician=frozenset({"00g1", "it"}), admin=frozenset({"it-admins"}))
    found = await told(Provider(), DirectorySettings(access=SETTINGS.access, roles=roles))
    [note] = [one for one in found if one.startswith("note")]
    assert note.startswith(
        "note role technician: No group has the name “00g1”. Unless that is a group’s id, "
    )


ENTRA = EntraAccess(tenant="t", client="", proof=Proof.MANAGED_IDENTITY)


async def test_in_entra_a_group_that_always_gives_a_role_is_better_made_by_oneself() -> None:
    settings = DirectorySettings(access=ENTRA, roles=GROUPS)
    made = someone("eve", "msp_technician", enabled=False)
    notes = [one for one in await told(Provider([ALICE, BOB, ADA, made]), settings) if one.startswith("note")]
    assert [one.partition(" Where")[0] for one in notes] == [
        "note role admin: There is no group “msp_admin”, which always gives it."
    ]
    assert "make it yourself" in notes[0]
    twice = await told(Provider(twice="msp_admin"), settings)
    assert not any("There is no group “msp_admin”" in one for one in twice)
    assert not any("msp_" in one for one in await told(Provider()))


async def test_of_many_people_a_few_are_named() -> None:
    many = [someone(f"bob{number:02}", "it") for number in range(13)]
    found = await told(Provider([*many, ADA]))
    assert any(one.startswith("ok role technician: 13 people have it: Bob00, ") for one in found)
    assert any("Bob09 and 3 more." in one for one in found)


async def test_a_manager_whom_the_directory_does_not_know_ends_the_chain() -> None:
    sight = await seen(Provider(), ALICE, GROUPS, ())
    assert (sight.managers, sight.end) == ([], "Alice’s manager is not in the directory")
    assert sight.asked.group == "it-admins"
    assert "  managers  Alice’s manager is not in the directory." in seen_text(sight)


async def test_a_chain_without_an_end_is_followed_as_far_as_a_request_would() -> None:
    chain = [someone(f"p{level}", manager=f"p{level + 1}", enabled=False) for level in range(20)]
    sight = await seen(Provider([*chain, ADA]), chain[0], GROUPS, ())
    assert [one.name for one in sight.managers] == [f"P{level}" for level in range(1, 11)]
    assert sight.end == "nobody looks further than 10 levels up"
    assert sight.asked.group == "it-admins"


async def test_a_role_that_a_group_should_give_and_does_not_is_wrong() -> None:
    pretender = Person(id=PersonId("u-x"), name="Xaver", email="x@acme.test", groups=frozenset({"it-admins"}))
    [found] = list(seen_findings(await seen(Provider([pretender, ADA]), pretender, GROUPS, ()), FILE))
    assert found.about == "roles"
    assert "it-admins should give the role admin, and does not" in found.sentence
    assert "directory.yaml" in found.sentence


async def test_a_role_by_a_group_that_is_named_by_its_id_is_told_so() -> None:
    roles = RoleGroups(technician=frozenset({"00g1"}), admin=frozenset({"it-admins"}))
    sight = await seen(Provider(), BOB, roles, ())
    assert "  roles     technician, by a group that the settings name by its id" in seen_text(sight)
    assert list(seen_findings(sight, FILE)) == []


AMSTERDAM, LISBON = ZoneInfo("Europe/Amsterdam"), ZoneInfo("Europe/Lisbon")
HOURS = WorkingHours(zone=AMSTERDAM, weekdays=frozenset({1, 2, 5}), starts=time(9), ends=time(17, 30))


@pytest.mark.parametrize(
    ("works", "words"),
    [
        (None, "the directory does not say when"),
        (Availability(), "the directory does not say when"),
        (Availability(zone=LISBON), "is in Europe/Lisbon"),
        (Availability(zone=AMSTERDAM, hours=HOURS), "Mon, Tue, Fri 09:00–17:30 Europe/Amsterdam"),
        (
            Availability(zone=LISBON, hours=HOURS, presence=Presence.OUT_OF_OFFICE),
            "Mon, Tue, Fri 09:00–17:30 Europe/Amsterdam; is in Europe/Lisbon; out of office now",
        ),
    ],
)
async def test_when_somebody_works_is_told_as_far_as_it_is_known(
    works: Availability | None, words: str
) -> None:
    sight = await seen(Provider(works=works), ALICE, GROUPS, ())
    assert seen_text(sight).splitlines()[-1] == f"  works     {words}"


async def test_when_somebody_works_is_in_the_document() -> None:
    works = Availability(zone=LISBON, hours=HOURS, presence=Presence.BUSY)
    assert seen_document(await seen(Provider(works=works), ALICE, GROUPS, ()))["availability"] == {
        "zone": "Europe/Lisbon",
        "hours": {"zone": "Europe/Amsterdam", "weekdays": [1, 2, 5], "starts": "09:00", "ends": "17:30"},
        "presence": "busy",
    }
    assert seen_document(await seen(Provider(), ALICE, GROUPS, ()))["availability"] is None
