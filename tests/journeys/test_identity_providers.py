"""Whoever the identity provider is: the right manager is asked, and nobody decides who may not any more."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

from bot.cards.approval import approval_card
from bot.directory.managers import name_in
from bot.directory.people import read_people
from bot.directory.recent import RecentDirectory
from bot.domain.people import TECHNICIANS, Person, PersonId
from bot.domain.requests import RequestId
from bot.flow.gather import gather
from bot.ports.directory import Directory
from bot.ports.outside import Clock
from tests.directories.every import STAGES
from tests.directories.stage import ProviderStage
from tests.journeys.arranging import entries
from tests.journeys.stage import Json, Stage, facts, rows, staged

ALICE = PersonId("p-alice")
ZENDESK = "I need access to Zendesk"
PASSWORD = "I forgot my password"  # noqa: S105 - somebody says so
MINUTE: Final = timedelta(minutes=1)
_OURS: Final = {"technicians": "it", "admins": "it-admins"}
"""The groups that give roles in the demo company, and on the stages of providers."""
_NOT_HERE: Final = frozenset({"fake", "scim whose users list no groups"})


@dataclass(kw_only=True)
class Acme:
    """The demo company, whose people are somewhere else."""

    stage: Stage
    provider: ProviderStage
    people: dict[str, Person]

    def change(self, who: str, **fields: object) -> None:
        """Changes a person; what was asked of the provider within the last minute may still be believed."""
        self.people[who] = replace(self.people[who], **fields)  # type: ignore[arg-type]  # fields by name
        self.provider.holds(list(self.people.values()))

    def leaves_groups(self, who: str) -> None:
        """Takes a person out of every group."""
        self.change(who, groups=frozenset())

    async def a_minute_passes(self) -> None:
        """Lets what the provider said until now be too old."""
        await self.stage.hours_pass(MINUTE / timedelta(hours=1))


def everybody() -> list[Person]:
    text = files("bot.demo").joinpath("people.yaml").read_text(encoding="utf-8")
    people = read_people(text, file="people.yaml").persons.values()
    return [replace(one, groups=frozenset(_OURS.get(name, name) for name in one.groups)) for one in people]


@pytest.fixture(params=[name for name in STAGES if name not in _NOT_HERE])
async def acme(request: pytest.FixtureRequest, acme_database: str, tmp_path: Path) -> AsyncIterator[Acme]:
    (tmp_path / "provider").mkdir()
    async with STAGES[request.param](tmp_path / "provider") as provider:
        people = everybody()
        provider.holds(people)
        async with staged(acme_database, tmp_path, directory=remembering(provider)) as stage:
            by_name = {one.name.split()[0].lower(): one for one in people}
            yield Acme(stage=stage, provider=provider, people=by_name)


def remembering(provider: ProviderStage) -> Callable[[Clock], Directory]:
    async def limit() -> timedelta:
        return MINUTE

    return lambda clock: RecentDirectory(provider.provider, clock=clock, limit=limit)


@pytest.mark.promise("IDP-01", "APR-02")
async def test_the_direct_manager_of_the_provider_is_asked(acme: Acme) -> None:
    stage = acme.stage
    request = await stage.says("alice", ZENDESK)
    card = await stage.card("megan", request)
    assert facts(card)["Asked of you as"] == "Manager: Megan Moreau"
    assert facts(card)["Their manager"] == "Megan Moreau (megan@acme.test)"
    await stage.approves("bob", request)
    await stage.approves("megan", request)
    assert (await stage.ends(request))["status"] == "done"


@pytest.mark.promise("APR-05")
@pytest.mark.parametrize(
    ("who", "fields", "asked", "why"),
    [
        pytest.param(
            "megan", {"enabled": False}, "grace", "Megan Moreau’s account is disabled", id="disabled"
        ),
        pytest.param(
            "alice", {"manager": None}, "ada", "Alice Archer has no manager in the directory", id="missing"
        ),
        pytest.param("alice", {"manager": ALICE}, "ada", "above Alice Archer form a circle", id="oneself"),
        pytest.param(
            "megan", {"enabled": False, "manager": ALICE}, "ada", "Megan Moreau form a circle", id="circle"
        ),
    ],
)
async def test_attack_6_whoever_cannot_be_asked_is_replaced_and_the_card_says_why(
    acme: Acme, who: str, fields: dict[str, object], asked: str, why: str
) -> None:
    acme.change(who, **fields)
    request = await acme.stage.says("alice", ZENDESK)
    found = await acme.stage.comes_to(request, "waiting")
    _, manager = rows(found["approvals"])
    card = next(one for one in await cards_of(acme, asked, request) if one["card"] == manager["id"])
    assert why.lower() in facts(card)["Why not somebody else"].lower()


async def cards_of(acme: Acme, who: str, request: str) -> Sequence[Json]:
    await acme.stage.card(who, request)
    return await acme.stage.cards(who, request)


@pytest.mark.promise("IDP-01")
async def test_attack_7_whoever_left_the_group_decides_nothing_at_the_very_next_click(acme: Acme) -> None:
    stage = acme.stage
    first, second = await stage.says("alice", PASSWORD), await stage.says("eve", PASSWORD)
    assert (await stage.approves("bob", first)).status == 200
    card = await stage.card("bob", second)
    acme.leaves_groups("bob")
    assert (await stage.presses("bob", card, "approve")).status == 403
    assert (await stage.request(second))["status"] == "waiting"
    assert (await stage.approves("carol", second)).status == 200


@pytest.mark.promise("IDP-01")
async def test_attack_7_a_disabled_technician_and_a_former_manager_decide_nothing(acme: Acme) -> None:
    stage = acme.stage
    request = await stage.says("alice", ZENDESK)
    technician, manager = await stage.card("bob", request), await stage.card("megan", request)
    acme.change("bob", enabled=False)
    assert (await stage.presses("bob", technician, "approve")).status == 403
    acme.change("alice", manager=PersonId("p-grace"))
    late = await stage.presses("megan", manager, "approve")
    assert late.status == 403
    assert "the manager whom the directory names now" in late.error
    assert facts(await stage.card("grace", request))["Asked of you as"] == "Manager: Grace Goldberg"


async def test_attack_5_a_technician_who_asks_approves_nothing_of_it(acme: Acme) -> None:
    stage = acme.stage
    request = await stage.says("bob", PASSWORD)
    card = await stage.card("carol", request)
    assert (await stage.presses("bob", card, "approve")).status == 403
    assert (await stage.presses("carol", card, "approve")).status == 200


@pytest.mark.promise("IDP-03")
async def test_attack_30_an_outage_between_two_approvals_loses_nothing_and_loosens_nothing(
    acme: Acme,
) -> None:
    stage = acme.stage
    request = await stage.says("alice", ZENDESK)
    technician, manager = await stage.card("bob", request), await stage.card("megan", request)
    assert (await stage.presses("bob", technician, "approve")).status == 200
    acme.provider.goes_away()
    away = await stage.presses("megan", manager, "approve")
    assert away.status == 503
    await acme.a_minute_passes()
    assert (await stage.request(request))["status"] == "waiting"
    assert stage.changes() == []
    acme.provider.comes_back()
    assert (await stage.presses("megan", manager, "approve")).status == 200
    assert (await stage.ends(request))["status"] == "done"
    assert len(stage.changes()) == 1
    assert len(await entries(stage, "approval.approved", request=request)) == 2


@pytest.mark.promise("IDP-03")
async def test_attack_30_what_was_approved_before_an_outage_runs_when_it_is_over(acme: Acme) -> None:
    """The last approval is stored, and the provider is away when the calls are decided once more."""
    stage = acme.stage
    request = await stage.says("alice", PASSWORD)
    card = await stage.card("bob", request)
    await acme.a_minute_passes()
    assert (await stage.presses("bob", card, "approve")).status == 200
    acme.provider.goes_away()
    await acme.a_minute_passes()
    acme.provider.comes_back()
    await stage.hours_pass(0.1)
    assert (await stage.ends(request))["status"] == "done"
    assert len(stage.changes()) == 1


@pytest.mark.promise("IDP-03")
async def test_attack_30_cards_say_since_when_the_directory_is_away_and_of_when_their_names_are(
    acme: Acme,
) -> None:
    stage = acme.stage
    request = await stage.says("alice", ZENDESK)
    await stage.card("megan", request)
    acme.provider.goes_away()
    await acme.a_minute_passes()
    shown = await drawn(stage, request)
    assert "The directory does not answer. People are shown as they were on 16 November 2026" in shown
    assert "Requester: Alice Archer (alice@acme.test), Sales" in shown


@pytest.mark.promise("IDP-03")
async def test_attack_30_a_manager_who_cannot_be_looked_up_is_waited_for(acme: Acme) -> None:
    stage = acme.stage
    alice = await acme.provider.provider.person(ALICE)
    if alice is not None and alice.manager is not None and name_in(alice.manager):
        pytest.skip("this provider's managers are looked up together with whoever they are managers of")
    directory = stage.seams.directory
    for who in ("p-alice", "p-bob"):
        await directory.person(PersonId(who))
    await directory.members(TECHNICIANS)
    await directory.by_email("alice@acme.test")
    acme.provider.goes_away()
    request = await stage.says("alice", ZENDESK)
    await stage.comes_to(request, "waiting")
    assert "The directory does not answer, so the manager cannot be asked yet." in await drawn(stage, request)
    acme.provider.comes_back()
    await acme.a_minute_passes()
    assert facts(await stage.card("megan", request))["Asked of you as"] == "Manager: Megan Moreau"
    assert stage.changes() == []


async def drawn(stage: Stage, request: str) -> str:
    """Gives the warnings and facts of the technician's card as it would be drawn at this moment."""
    story = await gather(stage.seams, RequestId(request))
    assert story is not None
    card = approval_card(story, story.approvals[0], offered=True, always_allow=None)
    return " ".join([*card.warnings, *(f"{fact.label}: {fact.value}" for fact in card.facts)])
