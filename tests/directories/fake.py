"""The fake on a stage."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from typing_extensions import override

from bot.domain.people import Person
from bot.ports.directory import IdentityProvider
from tests.directories.stage import FALLBACK, ProviderStage
from tests.fakes.directory import FakeDirectory


class FakeStage(ProviderStage):
    def __init__(self) -> None:
        self._directory = FakeDirectory(fallback=FALLBACK)

    @property
    @override
    def provider(self) -> IdentityProvider:
        return self._directory

    @override
    def holds(self, people: Sequence[Person]) -> None:
        self._directory.refill(people)

    @override
    def goes_away(self) -> None:
        self._directory.unreachable = True

    @override
    def comes_back(self) -> None:
        self._directory.unreachable = False


@asynccontextmanager
async def fake_stage(folder: Path) -> AsyncIterator[ProviderStage]:
    _ = folder
    yield FakeStage()
