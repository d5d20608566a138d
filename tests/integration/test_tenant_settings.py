"""What is written about one organisation holds up no other, and takes nobody's people away."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.app import Deployment, open_deployment
from bot.chat.teams.access import Access as TeamsAccess
from bot.domain.errors import Refusal
from bot.domain.people import TenantId
from bot.domain.tenants import Tenant
from bot.processes.chat import Chat
from bot.processes.signing_in import signing_in
from bot.processes.tenants import _planner, elsewhere, opened_tenants
from bot.settings import Settings, SlackSettings
from bot.settings.public_url import NoPublicUrl

GLOBEX = TenantId("globex")
SIGN_IN = """\
version: 1
provider: file
file: {people: people.yaml}
sign_in: {issuer: 'https://login.acme.test', client: us, secret: {env: SIGN_IN_SECRET}}
"""


@pytest.fixture
async def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Deployment]]:
    """Gives the deployment as its own tenant has it, and as a further one does."""
    monkeypatch.setenv("SIGN_IN_SECRET", "s3cret")
    folder_of(tmp_path).mkdir(parents=True)
    async with AsyncExitStack() as stack:
        own = await stack.enter_async_context(open_deployment(Settings.load(data=tmp_path)))
        async with own.store.unit(GLOBEX) as unit:
            await unit.put_tenant(Tenant(id=GLOBEX, name="Globex"))
        yield await opened_tenants(stack, own)


def folder_of(data: Path) -> Path:
    return data / "tenants" / GLOBEX


async def test_a_further_tenants_sign_in_without_an_address_holds_up_nobody(
    both: list[Deployment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder_of(tmp_path) / "directory.yaml").write_text(SIGN_IN)
    assert signing_in(both).desks == {}
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", "http://nowhere.test")
    assert signing_in(both).desks == {}
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", "https://bot.acme.test")
    assert set(signing_in(both).desks) == {GLOBEX}


async def test_the_own_tenants_sign_in_without_an_address_is_refused(
    both: list[Deployment], tmp_path: Path
) -> None:
    (tmp_path / "directory.yaml").write_text(SIGN_IN)
    with pytest.raises(NoPublicUrl):
        signing_in(both)


async def test_broken_runbooks_stop_a_tenant_that_is_alone_and_nobody_else(
    both: list[Deployment], tmp_path: Path
) -> None:
    for folder in (tmp_path, folder_of(tmp_path)):
        (folder / "runbooks.yaml").write_text("version: 9\n")
    with pytest.raises(Refusal):
        _planner(both[0], is_alone=True)
    for one in both:
        assert await _planner(one, is_alone=False).suggestions() == ()


def test_a_microsoft_tenant_that_is_bound_is_taken_from_whoever_the_environment_gives_it_to() -> None:
    teams = TeamsAccess(app_id="app", tenant="a", tenants=frozenset({"a", "b"}), triage="19:x")
    chat = Chat(slack=SlackSettings(triage_channel="C1"), teams=teams)
    bound = {TenantId("acme"): frozenset({"c"}), GLOBEX: frozenset({"b"})}
    own = chat.of(bound[TenantId("acme")], elsewhere=elsewhere(bound, TenantId("acme")), is_own=True)
    further = chat.of(bound[GLOBEX], elsewhere=elsewhere(bound, GLOBEX), is_own=False)
    assert own.teams is not None
    assert further.teams is not None
    assert (own.teams.tenants, own.teams.triage) == (frozenset({"a", "c"}), "19:x")
    assert (further.teams.tenants, further.teams.triage) == (frozenset({"b"}), "")
    assert own.slack is not None
    assert further.slack is not None
    assert (own.slack.triage_channel, further.slack.triage_channel) == ("C1", None)
    assert further.slack.bot_token is None
