"""The fixtures of every journey, and which promises the journeys name."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import run
from tests.journeys.slack_stage import SlackStage, slack_staged
from tests.journeys.stage import Stage, staged
from tests.journeys.teams_stage import TeamsStage, teams_staged
from tests.promises import ids_of

DATABASE = "countersign.db"
ESTATE = "estate.db"
HERE = Path(__file__).parent
NAMED = pytest.StashKey[set[str]]()
"""The promises that journeys name, before any test was deselected."""
WHOLE = pytest.StashKey[bool]()
"""Whether every journey was collected."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    journeys = [item for item in items if item.path.parent == HERE]
    config.stash[NAMED] = {promise for item in journeys for promise in ids_of(item)}
    found = {item.path for item in journeys}
    all_files = found == set(HERE.glob("test_*.py"))
    config.stash[WHOLE] = all_files and not any("::" in argument for argument in config.args)


@pytest.fixture
def named_promises(pytestconfig: pytest.Config) -> set[str]:
    """Gives the promises that journeys name; only a run of all journeys can tell."""
    if not pytestconfig.stash[WHOLE]:
        pytest.skip("not every journey was collected")
    return pytestconfig.stash[NAMED]


@pytest.fixture(scope="session")
def acme(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gives a directory with Acme just moved in, to be copied from."""
    folder = tmp_path_factory.mktemp("acme")
    shutil.copy(sqlite_template, folder / DATABASE)
    run(_moved_in(folder))
    return folder


@pytest.fixture
def acme_database(acme: Path, tmp_path: Path) -> str:
    """Gives the address of a fresh SQLite database where Acme has moved in; its systems stand beside it."""
    for name in (DATABASE, ESTATE):
        shutil.copy(acme / name, tmp_path / name)
    return f"sqlite:///{tmp_path / DATABASE}"


@pytest.fixture
async def stage(acme_database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """Gives Acme at work on a fresh SQLite database."""
    async with staged(acme_database, tmp_path) as found:
        yield found


@pytest.fixture
async def slack_stage(acme_database: str, tmp_path: Path) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack, over Socket Mode and on a fresh SQLite database."""
    async with slack_staged(acme_database, tmp_path) as found:
        yield found


@pytest.fixture
async def teams_stage(acme_database: str, tmp_path: Path) -> AsyncIterator[TeamsStage]:
    """Gives Acme in Teams, on a fresh SQLite database."""
    async with teams_staged(acme_database, tmp_path) as found:
        yield found


@pytest.fixture(params=["socket", "http"])
async def slack_either_way(
    request: pytest.FixtureRequest, acme_database: str, tmp_path: Path
) -> AsyncIterator[SlackStage]:
    """Gives Acme in Slack on a fresh SQLite database, once per connection."""
    async with slack_staged(acme_database, tmp_path, way=request.param) as found:
        yield found


@pytest.fixture
async def any_stage(database: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """Gives Acme at work, once per kind of database."""
    async with staged(database, tmp_path) as found:
        yield found


async def _moved_in(folder: Path) -> None:
    async with staged(f"sqlite:///{folder / DATABASE}", folder):
        pass
