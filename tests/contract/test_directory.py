"""What every adapter of the `Directory` port keeps; a new adapter is one more parameter."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import pytest
from ruamel.yaml import YAML
from typing_extensions import override

from bot.directory.file import FileDirectory
from bot.domain.people import Person, PersonId, Role, roles_of
from bot.ports.outside import Directory, DirectoryUnreachable
from tests.fakes.directory import FakeDirectory

ROLE_GROUPS = {
    Role.TECHNICIAN: frozenset({"it", "msp_technician"}),
    Role.ADMIN: frozenset({"it-admins", "msp_admin"}),
}


def someone(key: str, *groups: str, manager: str | None = None, enabled: bool = True) -> Person:
    return Person(
        id=PersonId(f"u-{key}"),
        name=key.title(),
        email=f"{key}@acme.test",
        title="Clerk",
        department="Sales",
        manager=PersonId(f"u-{manager}") if manager else None,
        groups=frozenset(groups),
        roles=roles_of(frozenset(groups), ROLE_GROUPS),
        enabled=enabled,
    )


PEOPLE = (
    someone("alice", "sales", manager="megan"),
    someone("megan", "sales", manager="alice"),
    someone("bob", "it"),
    someone("carol", "msp_technician"),
    someone("ada", "it-admins"),
    someone("ahmed", "msp_admin"),
    someone("ted", "it", "sales", enabled=False),
)


class Stage(Protocol):
    """A directory under test, and how its provider changes."""

    @property
    def directory(self) -> Directory: ...

    def holds(self, people: Sequence[Person]) -> None: ...

    def goes_away(self) -> None: ...


class FileStage(Stage):
    def __init__(self, path: Path) -> None:
        self._path = path / "people.yaml"
        self._directory = FileDirectory(self._path)

    @property
    @override
    def directory(self) -> Directory:
        return self._directory

    @override
    def holds(self, people: Sequence[Person]) -> None:
        document = {
            "version": 1,
            "roles": {"technician": ["it"], "admin": ["it-admins"]},
            "fallback_group": "it-admins",
            "people": [
                {
                    "id": str(person.id),
                    "name": person.name,
                    "email": person.email,
                    "title": person.title,
                    "department": person.department,
                    "manager": person.manager,
                    "groups": sorted(person.groups),
                    "enabled": person.enabled,
                }
                for person in people
            ],
        }
        with self._path.open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(document, file)

    @override
    def goes_away(self) -> None:
        self._path.unlink()


class FakeStage(Stage):
    def __init__(self, _: Path) -> None:
        self._directory = FakeDirectory(fallback="it-admins")

    @property
    @override
    def directory(self) -> Directory:
        return self._directory

    @override
    def holds(self, people: Sequence[Person]) -> None:
        self._directory.refill(people)

    @override
    def goes_away(self) -> None:
        self._directory.unreachable = True


@pytest.fixture(params=[FileStage, FakeStage], ids=["file", "fake"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    make: Callable[[Path], Stage] = request.param
    made = make(tmp_path)
    made.holds(PEOPLE)
    return made


async def test_a_person_is_found_by_id_with_all_that_is_known(stage: Stage) -> None:
    assert await stage.directory.person(PersonId("u-alice")) == PEOPLE[0]
    assert await stage.directory.person(PersonId("u-nobody")) is None


async def test_a_disabled_person_is_found_and_said_to_be_disabled(stage: Stage) -> None:
    found = await stage.directory.person(PersonId("u-ted"))
    assert found is not None
    assert not found.enabled


async def test_an_address_is_compared_without_case(stage: Stage) -> None:
    found = await stage.directory.by_email("ALICE@Acme.test")
    assert found is not None
    assert found.id == "u-alice"
    assert await stage.directory.by_email("alice@other.test") is None
    assert await stage.directory.by_email("") is None


async def test_members_of_a_group_are_the_enabled_ones_by_name(stage: Stage) -> None:
    assert [person.name for person in await stage.directory.members("sales")] == ["Alice", "Megan"]
    assert await stage.directory.members("nobody-is-here") == ()


async def test_technicians_are_everyone_with_the_role_technician_or_admin(stage: Stage) -> None:
    names = [person.name for person in await stage.directory.members("technicians")]
    assert names == ["Ada", "Ahmed", "Bob", "Carol"]


@pytest.mark.parametrize(
    ("key", "role"),
    [("bob", Role.TECHNICIAN), ("carol", Role.TECHNICIAN), ("ada", Role.ADMIN), ("ahmed", Role.ADMIN)],
)
async def test_roles_come_from_the_named_groups_and_from_the_msp_groups(
    stage: Stage, key: str, role: Role
) -> None:
    found = await stage.directory.person(PersonId(f"u-{key}"))
    assert found is not None
    assert found.roles == {Role.EMPLOYEE, role}


async def test_a_group_is_known_when_someone_is_in_it(stage: Stage) -> None:
    assert await stage.directory.has_group("sales")
    assert not await stage.directory.has_group("Sales")


async def test_technicians_are_no_group_of_the_directory_unless_it_has_one(stage: Stage) -> None:
    assert not await stage.directory.has_group("technicians")


async def test_everyone_is_given_by_name(stage: Stage) -> None:
    everyone = await stage.directory.everyone()
    assert [person.name for person in everyone] == ["Ada", "Ahmed", "Alice", "Bob", "Carol", "Megan", "Ted"]


async def test_the_fallback_group_is_named(stage: Stage) -> None:
    assert await stage.directory.fallback_group() == "it-admins"


async def test_every_answer_is_fresh(stage: Stage) -> None:
    assert len(await stage.directory.members("sales")) == 2
    stage.holds([person for person in PEOPLE if person.name != "Megan"][1:])
    assert await stage.directory.members("sales") == ()
    assert await stage.directory.person(PersonId("u-alice")) is None


async def test_a_provider_that_is_away_is_refused_and_never_answered_from_memory(stage: Stage) -> None:
    directory = stage.directory
    assert await directory.person(PersonId("u-alice")) is not None
    stage.goes_away()
    with pytest.raises(DirectoryUnreachable):
        await directory.person(PersonId("u-alice"))
    with pytest.raises(DirectoryUnreachable):
        await directory.by_email("alice@acme.test")
    with pytest.raises(DirectoryUnreachable):
        await directory.members("technicians")
    with pytest.raises(DirectoryUnreachable):
        await directory.has_group("sales")
    with pytest.raises(DirectoryUnreachable):
        await directory.everyone()
    with pytest.raises(DirectoryUnreachable):
        await directory.fallback_group()
