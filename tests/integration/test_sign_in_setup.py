"""Which tenants' people can sign in is what their directory files say."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import Deployment, open_deployment
from bot.domain.people import TenantId
from bot.processes.signing_in import signing_in
from bot.settings import Settings
from bot.settings.public_url import BadPublicUrl, NoPublicUrl
from tests.journeys.stage import Stage

URL = "https://bot.acme.test"
FILE = "version: 1\nprovider: file\nfile: {people: people.yaml}\n"
SIGN_IN = "sign_in: {issuer: 'https://id.acme.test', client: c, secret: {env: SIGN_IN_SECRET}}\n"


@pytest.fixture
async def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Deployment]:
    monkeypatch.setenv("SIGN_IN_SECRET", "s3cret")
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", f"{URL}/")
    monkeypatch.setenv("COUNTERSIGN_DIRECTORY_FILE", str(tmp_path / "directory.yaml"))
    async with open_deployment(Settings.load(data=tmp_path)) as found:
        yield found


def says(deployment: Deployment, text: str) -> None:
    """Has the tenant's directory file say this."""
    deployment.settings.files_of(deployment.tenant).directory.write_text(text, encoding="utf-8")


async def test_where_no_directory_file_says_it_nobody_signs_in_and_no_page_is_served(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COUNTERSIGN_PUBLIC_URL")
    for text in (FILE, "version: 1\npeople: []\n", f"{FILE}sign_in: {{}}\n"):
        says(deployment, text)
        found = signing_in([deployment])
        assert (found.desks, found.routes(deployment.memory, deployment.clock)) == ({}, [])


async def test_a_tenant_whose_directory_file_says_it_has_pages_and_links(
    deployment: Deployment, stage: Stage
) -> None:
    says(deployment, FILE + SIGN_IN)
    found = signing_in([deployment])
    assert found.desks[deployment.tenant].provider.issuer == "https://id.acme.test"
    assert found.public_url == URL
    paths = {(route.method, route.path) for route in found.routes(deployment.memory, deployment.clock)}
    assert paths == {
        ("GET", "/signin"),
        ("POST", "/signin"),
        ("GET", "/signin/callback"),
        ("GET", "/signin/done"),
    }
    assert found.proving(replace(stage.seams, tenant=deployment.tenant), deployment.memory) is not None
    assert found.proving(replace(stage.seams, tenant=TenantId("globex")), deployment.memory) is None


async def test_a_sign_in_without_an_address_for_browsers_starts_nothing(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(deployment, FILE + SIGN_IN)
    monkeypatch.delenv("COUNTERSIGN_PUBLIC_URL")
    with pytest.raises(NoPublicUrl):
        signing_in([deployment])
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", "http://bot.acme.test")
    with pytest.raises(BadPublicUrl):
        signing_in([deployment])
