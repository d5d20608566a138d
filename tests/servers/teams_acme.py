"""Acme in a Teams of its own: who works there, and a stranger from another organisation."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bot.ports.outside import Clock
from tests.servers.teams_presses import Organisation
from tests.servers.teams_server import TeamsServer, teams_server
from tests.servers.teams_things import TeamsUser

PEOPLE: Final = {
    "alice": "Alice Archer",
    "megan": "Megan Moreau",
    "bob": "Bob Brennan",
    "carol": "Carol Castillo",
    "dan": "Dan Dubois",
    "ada": "Ada Adeyemi",
    "ahmed": "Ahmed Aziz",
    "eve": "Eve Ericsson",
    "grace": "Grace Goldberg",
}


@dataclass(frozen=True, kw_only=True)
class AcmeInTeams:
    """The organisation and its people, and another one that the bot was never let into."""

    teams: TeamsServer
    acme: Organisation
    people: Mapping[str, TeamsUser]
    foreign: Organisation
    stranger: TeamsUser

    def user(self, who: str) -> TeamsUser:
        """Gives the account of one of Acme's people."""
        return self.people[who]


@asynccontextmanager
async def acme_in_teams(
    *, rates: bool = False, clock: Clock | None = None, installed: bool = True
) -> AsyncIterator[AcmeInTeams]:
    """Gives a running Teams with Acme in it; `installed` says whether its people have the bot already."""
    async with teams_server(rates=rates, clock=clock) as teams:
        acme = teams.organisation("Acme")
        people = {
            who: acme.adds_user(name, principal_name=f"{who}@acme.test", installed=installed)
            for who, name in PEOPLE.items()
        }
        foreign = teams.organisation("Umbra")
        stranger = foreign.adds_user("Sam Stranger", principal_name="sam@umbra.test")
        yield AcmeInTeams(teams=teams, acme=acme, people=people, foreign=foreign, stranger=stranger)
