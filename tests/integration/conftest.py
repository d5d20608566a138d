"""The stage that several integration tests share."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.stage import Stage, staged


@pytest.fixture
def migrated(sqlite_template: Path, tmp_path: Path) -> str:
    """Gives the address of a fresh SQLite database with the newest tables."""
    file = tmp_path / "countersign.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
async def stage(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """Gives Acme at work on a fresh SQLite database."""
    file = tmp_path / "countersign.db"
    shutil.copy(sqlite_template, file)
    async with staged(f"sqlite:///{file}", tmp_path) as found:
        yield found
