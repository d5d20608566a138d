"""SCIM servers of which the standard says too little: odd answers, and lists that do not fit their count."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.directory.calls import MOST_MEMBERS, ProviderAway, TooManyMembers
from bot.directory.scim.calls import ERROR
from bot.directory.scim.resources import USER
from bot.domain.people import PersonId
from tests.directories.http import HttpStage
from tests.directories.scim import scim_stage
from tests.directories.stage import someone

ALICE, BOB = PersonId("u-alice"), PersonId("u-bob")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[HttpStage]:
    async with scim_stage(tmp_path) as made:
        made.holds((someone("alice", "sales", manager="bob"), someone("bob", "it")))
        yield made


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"detail": "maintenance"},
        {"id": "u-alice"},
        {"id": "", "userName": "alice@acme.test"},
        {"schemas": [USER], "active": True},
        {"id": "u-alice", "schemas": "users"},
        {"id": "u-bob", "userName": "bob@acme.test", "groups": [{"value": "g-it", "display": "it"}]},
    ],
)
async def test_what_is_no_user_or_another_one_is_nobody_enabled(
    stage: HttpStage, said: dict[str, object]
) -> None:
    stage.server.faults.body = json.dumps(said).encode()
    for ask in (stage.provider.person, stage.provider.entry):
        with pytest.raises(ProviderAway):
            await ask(ALICE)


@pytest.mark.parametrize("said", [{"userName": "alice"}, {"schemas": [USER]}])
async def test_a_user_is_known_by_a_name_or_by_their_schema(
    stage: HttpStage, said: dict[str, object]
) -> None:
    stage.server.faults.body = json.dumps({"id": "u-alice", **said}).encode()
    found = await stage.provider.entry(ALICE)
    assert found is not None
    assert found.id == ALICE


@pytest.mark.parametrize(
    "said",
    [
        {"totalResults": 3},
        {"totalResults": 3, "Resources": []},
        {"totalResults": 1, "Resources": {"id": "u-alice"}},
        {"totalResults": 1, "Resources": ["u-alice"]},
        {"totalResults": 1, "Resources": [{"userName": "alice@acme.test"}]},
        {"totalResults": True, "Resources": [{"id": "u-alice"}]},
        {"Resources": [{"id": "u-alice"}]},
    ],
)
async def test_a_list_that_does_not_fit_its_count_is_none(stage: HttpStage, said: dict[str, object]) -> None:
    stage.server.faults.body = json.dumps(said).encode()
    provider = stage.provider
    for ask in (
        provider.by_email("alice@acme.test"),
        provider.has_group("it"),
        provider.members("it"),
        provider.search_people("a", limit=3),
        provider.search_groups("a", limit=3),
    ):
        with pytest.raises(ProviderAway):
            await ask


async def test_an_empty_list_needs_no_resources(stage: HttpStage) -> None:
    stage.server.faults.body = b'{"totalResults": 0}'
    assert await stage.provider.by_email("alice@acme.test") is None
    assert not await stage.provider.has_group("it")


@pytest.mark.parametrize("status", ["404", 404])
async def test_the_status_of_an_error_may_be_a_number(stage: HttpStage, status: object) -> None:
    stage.server.faults.missing = json.dumps({"schemas": [ERROR], "status": status}).encode()
    assert await stage.provider.person(ALICE) is None


@pytest.mark.parametrize("status", ["400", None, True])
async def test_an_error_about_something_else_says_nothing_about_anybody(
    stage: HttpStage, status: object
) -> None:
    stage.server.faults.missing = json.dumps({"schemas": [ERROR], "status": status}).encode()
    with pytest.raises(ProviderAway):
        await stage.provider.person(ALICE)


async def test_a_seat_with_too_many_members_is_nobodys(stage: HttpStage) -> None:
    stage.holds([someone(f"p{number:03}", "all") for number in range(MOST_MEMBERS + 1)])
    with pytest.raises(TooManyMembers, match="smaller group"):
        await stage.provider.members("all")
    stage.holds([someone(f"p{number:03}", "all") for number in range(MOST_MEMBERS)])
    assert len(await stage.provider.members("all")) == MOST_MEMBERS
