"""Fixtures that every test may use, and the check that tests name promises that there are."""

import pytest

from tests.databases import database, empty_database, postgresql_server, sqlite_template, store
from tests.promises import unknown_ids

__all__ = ["database", "empty_database", "postgresql_server", "sqlite_template", "store"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unknown = unknown_ids(items)
    if unknown:
        raise pytest.UsageError("These tests name what is no promise: " + "; ".join(unknown))
