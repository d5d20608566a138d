"""Fixtures that every test may use, and the check that tests name promises that there are."""

import gc

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import database, empty_database, postgresql_server, sqlite_template, store
from tests.promises import unknown_ids

__all__ = ["database", "empty_database", "postgresql_server", "sqlite_template", "store"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unknown = unknown_ids(items)
    if unknown:
        raise pytest.UsageError("These tests name what is no promise: " + "; ".join(unknown))


def pytest_collection_finish() -> None:
    """Takes what was imported and collected out of the search for garbage: all of it stays to the end."""
    gc.collect()
    gc.freeze()


# A machine that does other things at the same time makes data slowly, which is no fault of a test.
settings.register_profile("countersign", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("countersign")
