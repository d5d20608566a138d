"""Globex, a second organisation of the same deployment; in it Carol alone is a technician."""

from pathlib import Path
from typing import Final

from bot.app import Deployment, open_deployment
from bot.demo.company import Company
from bot.domain.people import TenantId
from bot.flow.catalog import TakeListing
from bot.ports.chat import Installation
from bot.settings import Settings
from tests.fakes.estate_connectors import estate_definitions

GLOBEX: Final = TenantId("globex")
_BOB: Final = "groups: [all-staff, it, people-leads, technicians, vpn-users]"


def folder_of(data: Path) -> Path:
    """Gives where its files are."""
    return data / "tenants" / GLOBEX


async def globex_moves_in(data: Path, surface: str, team: str, **content: str) -> None:
    """Sets it up beside Acme, with people of the same names, ids and addresses.

    Args:
        data: the deployment's data directory, where Acme is already.
        surface: where its people are.
        team: its workspace or Entra tenant there.
        content: what the bot has to know of that.
    """
    company = Company(folder_of(data))
    company.prepare()
    people = company.data / "people.yaml"
    said = people.read_text(encoding="utf-8")
    assert _BOB in said
    people.write_text(said.replace(_BOB, "groups: [all-staff, it]"), encoding="utf-8")
    async with open_deployment(Settings.load(data=data)) as deployment:
        await _moves_in(company, deployment)
        made = Installation(
            surface=surface, team=team, enterprise="", name="Globex", content=content,
            at=deployment.clock.now(),
        )  # fmt: skip
        await deployment.memory.installations.put(GLOBEX, made)


async def _moves_in(company: Company, deployment: Deployment) -> None:
    store, clock, ids = deployment.store, deployment.clock, deployment.ids
    await company.move_in(store, GLOBEX, clock, ids)
    async with store.view(GLOBEX) as view:
        (connector,) = await view.connections.all()
    take = TakeListing(store=store, clock=clock, ids=ids, directory=lambda _: deployment.directory)
    await take(GLOBEX, connector, estate_definitions())
