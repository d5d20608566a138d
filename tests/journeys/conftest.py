"""The fixture of every journey."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.stage import Stage, staged


@pytest.fixture
async def stage(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """Gives Acme at work on a fresh SQLite database."""
    database = tmp_path / "countersign.db"
    shutil.copy(sqlite_template, database)
    async with staged(f"sqlite:///{database}", tmp_path) as found:
        yield found


@pytest.fixture
async def any_stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """Gives Acme at work, once per kind of database."""
    async with staged(database, tmp_path) as found:
        yield found
