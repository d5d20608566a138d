"""What a test can do with a provider, whichever it is."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from bot.domain.people import Person, PersonId, Role, roles_of
from bot.ports.directory import IdentityProvider

ROLE_GROUPS = {
    Role.TECHNICIAN: frozenset({"it", "msp_technician"}),
    Role.ADMIN: frozenset({"it-admins", "msp_admin"}),
}
"""The groups that give a role on every stage."""
FALLBACK = "it-admins"


class ProviderStage(ABC):
    """A provider under test, and how it changes."""

    @property
    @abstractmethod
    def provider(self) -> IdentityProvider: ...

    @abstractmethod
    def holds(self, people: Sequence[Person]) -> None:
        """Makes these everybody whom the provider knows, with the groups that they are in."""

    @abstractmethod
    def goes_away(self) -> None:
        """Has the provider answer nothing any more."""

    @abstractmethod
    def comes_back(self) -> None:
        """Has it answer again, as before."""


class MakesStage(Protocol):
    """Opens a stage, in a folder of its own."""

    def __call__(self, folder: Path) -> AbstractAsyncContextManager[ProviderStage]: ...


def someone(key: str, *groups: str, manager: str | None = None, enabled: bool = True) -> Person:
    """Gives a person whose roles are what their groups give."""
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
