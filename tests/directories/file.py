"""The people file on a stage."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from ruamel.yaml import YAML
from typing_extensions import override

from bot.directory.file import FileDirectory
from bot.domain.people import Person
from bot.ports.directory import IdentityProvider
from tests.directories.stage import FALLBACK, ProviderStage


class FileStage(ProviderStage):
    def __init__(self, folder: Path) -> None:
        self._path = folder / "people.yaml"
        self._provider = FileDirectory(self._path)

    @property
    @override
    def provider(self) -> IdentityProvider:
        return self._provider

    @override
    def holds(self, people: Sequence[Person]) -> None:
        document = {
            "version": 1,
            "roles": {"technician": ["it"], "admin": ["it-admins"]},
            "fallback_group": FALLBACK,
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
        self._path.rename(self._path.with_suffix(".away"))

    @override
    def comes_back(self) -> None:
        self._path.with_suffix(".away").rename(self._path)


@asynccontextmanager
async def file_stage(folder: Path) -> AsyncIterator[ProviderStage]:
    yield FileStage(folder)
