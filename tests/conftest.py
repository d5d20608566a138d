"""Fixtures that every test may use."""

from tests.databases import database, empty_database, postgresql_server, sqlite_template, store

__all__ = ["database", "empty_database", "postgresql_server", "sqlite_template", "store"]
