"""Providers that are asked over HTTP, on a stage."""

from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from bot.directory.calls import PATIENCE
from bot.directory.roles import RoleGroups
from bot.domain.people import Person
from bot.outgoing.tries import Patience
from bot.ports.directory import IdentityProvider
from tests.directories.stage import FALLBACK, ProviderStage
from tests.servers.provider import ProviderServer

ROLES: Final = RoleGroups(technician=frozenset({"it"}), admin=frozenset({"it-admins"}), fallback=FALLBACK)
QUICK: Final = Patience(again=PATIENCE.again, tries=2, pause_s=0.01, waits_s=1.5, try_s=20)
"""Waits as little as tests can, and long enough on a busy machine."""
HASTY: Final = Patience(again=PATIENCE.again, tries=1, try_s=0.2)
"""For a provider that says nothing."""


class HttpStage(ProviderStage):
    """A provider and the server that it asks."""

    def __init__(self, server: ProviderServer, provider: IdentityProvider, hasty: IdentityProvider) -> None:
        """Takes the server, and two that ask it: one with all the time of the world, and one with none."""
        self.server = server
        self.hasty = hasty
        self._provider = provider

    @property
    @override
    def provider(self) -> IdentityProvider:
        return self._provider

    @override
    def holds(self, people: Sequence[Person]) -> None:
        self.server.holds(people)

    @override
    def goes_away(self) -> None:
        self.server.faults.is_away = True

    @override
    def comes_back(self) -> None:
        self.server.faults.is_away = False
