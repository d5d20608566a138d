"""What every provider that is asked over HTTP keeps, whatever comes back; a new one is one more stage."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from bot.directory.calls import ProviderRefuses, ProviderRejects
from bot.domain.people import Person, PersonId, Role
from bot.ports.directory import AmbiguousGroup, DirectoryUnreachable, Gap
from tests.directories.every import OVER_HTTP
from tests.directories.http import HttpStage
from tests.directories.stage import someone

ALICE, BOB = PersonId("u-alice"), PersonId("u-bob")
PEOPLE = (
    someone("alice", "sales", manager="bob"),
    someone("bob", "it", "sales"),
    someone("ada", "it-admins"),
)


@pytest.fixture(params=OVER_HTTP)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[HttpStage]:
    async with OVER_HTTP[request.param](tmp_path) as made:
        made.holds(PEOPLE)
        yield made


async def test_every_page_of_a_group_is_read(stage: HttpStage) -> None:
    crowd = [someone(f"p{number:02}", "sales") for number in range(7)]
    stage.holds(crowd)
    assert await stage.provider.members("sales") == tuple(
        Person(id=one.id, name=one.name, email=one.email, title=one.title, department=one.department,
               groups=one.groups)
        for one in crowd
    )  # fmt: skip


async def test_whoever_is_in_many_groups_is_in_all_of_them(stage: HttpStage) -> None:
    many = [f"g{number:02}" for number in range(9)]
    stage.holds([someone("alice", *many)])
    found = await stage.provider.person(ALICE)
    assert found is not None
    assert found.groups == set(many)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>Sign in</html>", id="a page"),
        pytest.param(b"[1, 2", id="cut off"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"x"', id="a text"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b'{"value": 5}', id="wrong shape"),
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_no_answer(stage: HttpStage, body: bytes) -> None:
    stage.server.faults.body = body
    with pytest.raises(DirectoryUnreachable):
        await stage.provider.person(ALICE)
    with pytest.raises(DirectoryUnreachable):
        await stage.provider.entry(ALICE)
    if body == b"[]" and stage.server.has_bare_lists:
        return
    with pytest.raises(DirectoryUnreachable):
        await stage.provider.members("sales")
    with pytest.raises(DirectoryUnreachable):
        await stage.provider.by_email("alice@acme.test")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>404 Not Found</html>", id="a page"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[404]", id="a list"),
        pytest.param(b'{"error": "not found", "errorCode": 404}', id="an error of something else"),
        pytest.param(b'{"error": {"code": 404, "message": "Not Found", "errors": [{}]}}', id="half an error"),
        pytest.param(b'{"detail": "Not Found", "status": "404", "schemas": []}', id="another half"),
    ],
)
async def test_a_404_that_is_not_the_providers_own_says_nothing_about_anybody(
    stage: HttpStage, body: bytes
) -> None:
    """Whatever stands in between has 404s, too, and so has a provider that has moved."""
    assert await stage.provider.person(BOB) is not None
    stage.server.faults.missing = body
    for ask in (stage.provider.person, stage.provider.entry):
        with pytest.raises(DirectoryUnreachable):
            await ask(ALICE)
    for look in (stage.provider.by_email, stage.provider.members, stage.provider.has_group):
        with pytest.raises(DirectoryUnreachable):
            await look("alice@acme.test")
    for search in (stage.provider.search_people, stage.provider.search_groups):
        with pytest.raises(DirectoryUnreachable):
            await search("a", limit=3)


async def test_lists_and_searches_that_the_provider_does_not_know_have_no_answer(stage: HttpStage) -> None:
    """Whatever is asked of one person may be missing; where everybody is looked for, something is wrong."""
    assert await stage.provider.person(BOB) is not None
    stage.server.faults.missing = stage.server.missing_body
    if stage.server.missing_body:
        assert await stage.provider.person(ALICE) is None
        assert await stage.provider.entry(ALICE) is None
    for search in (stage.provider.search_people, stage.provider.search_groups):
        with pytest.raises(DirectoryUnreachable):
            await search("a", limit=3)
    if stage.server.has_unique_names:
        return
    for look in (stage.provider.by_email, stage.provider.members, stage.provider.has_group):
        with pytest.raises(DirectoryUnreachable):
            await look("alice@acme.test")


@pytest.mark.parametrize("way", ["../", "%2e%2e/", ".%2E%2f", "..\\", "%2E.%5c"])
async def test_a_next_page_outside_of_the_providers_own_addresses_is_not_asked_for(
    stage: HttpStage, way: str
) -> None:
    stage.holds([someone(f"p{number:02}", "sales") for number in range(5)])
    await stage.provider.members("sales")
    here = stage.server.asked[-1].split()[1].split("?", maxsplit=1)[0]
    if not stage.server.has_links:
        pytest.skip("this provider counts its pages")
    stage.server.faults.next_page = f"{stage.server.url.rstrip('/')}{here}/{way * 6}elsewhere"
    with pytest.raises(DirectoryUnreachable):
        await stage.provider.members("sales")
    assert not any(asked.endswith("elsewhere") for asked in stage.server.asked)


async def test_an_answer_without_end_is_no_answer(stage: HttpStage) -> None:
    stage.server.faults.body = b'{"a": "' + b"x" * 2_000_000 + b'"}'
    with pytest.raises(DirectoryUnreachable):
        await stage.provider.person(ALICE)


async def test_a_provider_that_says_nothing_is_waited_for_only_so_long(stage: HttpStage) -> None:
    stage.server.faults.hangs = True
    async with asyncio.timeout(20):
        with pytest.raises(DirectoryUnreachable):
            await stage.hasty.person(ALICE)


async def test_what_passes_is_tried_again(stage: HttpStage) -> None:
    stage.server.faults.status, stage.server.faults.times = 503, 1
    assert await stage.provider.person(ALICE) is not None


async def test_a_provider_that_asks_for_a_second_gets_it(stage: HttpStage) -> None:
    stage.server.faults.status, stage.server.faults.times = 429, 1
    stage.server.faults.retry_after = "1"
    assert await stage.provider.person(ALICE) is not None


async def test_a_provider_that_asks_for_an_hour_is_not_asked_again(stage: HttpStage) -> None:
    assert await stage.provider.person(ALICE) is not None
    stage.server.faults.status, stage.server.faults.retry_after = 429, "3600"
    with pytest.raises(DirectoryUnreachable):
        await stage.provider.person(ALICE)
    asked = len(stage.server.asked)
    with pytest.raises(DirectoryUnreachable):
        await stage.provider.person(BOB)
    assert len(stage.server.asked) == asked


@pytest.mark.parametrize("status", [400, 402, 409, 418, 500])
async def test_a_no_of_another_kind_is_no_answer(stage: HttpStage, status: int) -> None:
    stage.server.faults.status = status
    with pytest.raises(DirectoryUnreachable):
        await stage.provider.person(ALICE)


async def test_credentials_that_are_not_taken_are_said_to_be_so(stage: HttpStage) -> None:
    stage.server.faults.rejected = 100
    with pytest.raises(ProviderRejects):
        await stage.provider.person(ALICE)


async def test_credentials_that_were_good_until_now_are_made_anew(stage: HttpStage) -> None:
    assert await stage.provider.person(ALICE) is not None
    stage.server.faults.rejected = 1
    assert await stage.provider.person(ALICE) is not None


async def test_what_is_not_permitted_is_said_by_its_name(stage: HttpStage) -> None:
    every = {gap.permission for gap in await _gaps_without_any(stage)}
    for permission in every:
        stage.server.faults.denied = frozenset({permission})
        assert [gap.permission for gap in await stage.provider.gaps()] == [permission]


async def _gaps_without_any(stage: HttpStage) -> tuple[Gap, ...]:
    stage.server.faults.denied = stage.server.permissions
    gaps = await stage.provider.gaps()
    assert {gap.permission for gap in gaps} == stage.server.permissions
    assert all(gap.without.endswith(".") for gap in gaps)
    return gaps


async def test_nothing_is_decided_without_a_needed_permission(stage: HttpStage) -> None:
    stage.server.faults.denied = stage.server.permissions
    needed = {gap.permission for gap in await stage.provider.gaps() if gap.is_needed}
    assert needed
    for permission in needed:
        stage.server.faults.denied = frozenset({permission})
        with pytest.raises(ProviderRefuses, match=re.escape(permission)):
            await _everything(stage)


async def test_a_detour_is_not_taken(stage: HttpStage) -> None:
    async with Elsewhere() as (url, seen):
        stage.server.faults.location = url
        with pytest.raises(DirectoryUnreachable):
            await stage.provider.person(ALICE)
        assert seen == []


async def test_a_list_that_does_not_end_is_no_answer(stage: HttpStage) -> None:
    stage.holds([someone(f"p{number:02}", "sales") for number in range(5)])
    stage.server.faults.has_endless_pages = True
    async with asyncio.timeout(60):
        with pytest.raises(DirectoryUnreachable):
            await _everything(stage)


async def test_a_name_that_two_groups_have_names_nobody(stage: HttpStage) -> None:
    stage.server.adds_group("g-other", "sales", ["u-ada"])
    if stage.server.has_unique_names:
        assert [person.name for person in await stage.provider.members("sales")] == ["Alice", "Bob"]
        return
    assert not await stage.provider.has_group("sales")
    with pytest.raises(AmbiguousGroup):
        await stage.provider.members("sales")


async def test_a_group_that_is_called_like_one_that_gives_a_role_gives_none(stage: HttpStage) -> None:
    """In most directories anybody may make a group, and call it what they like."""
    stage.server.adds_group("g-mine", "it-admins", ["u-alice"])
    found = await stage.provider.person(ALICE)
    assert found is not None
    assert found.roles == {Role.EMPLOYEE}
    assert "Alice" not in [person.name for person in await stage.provider.members("technicians")]


async def test_a_lookalike_made_while_roles_are_known_gives_none(stage: HttpStage) -> None:
    assert len(await stage.provider.members("technicians")) == 2
    stage.server.adds_group("g-mine", "it-admins", ["u-alice"])
    found = await stage.provider.person(ALICE)
    assert found is not None
    assert found.roles == {Role.EMPLOYEE}


@pytest.mark.parametrize("lags", [False, True])
async def test_whoever_made_a_group_with_the_name_of_another_is_not_in_that(
    stage: HttpStage,
    lags: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    if stage.server.has_unique_names:
        pytest.skip("this provider lets no two groups have one name")
    stage.holds(PEOPLE)
    stage.server.adds_group("g-mine", "sales", ["u-ada"])
    stage.server.faults.lags = lags
    assert not await stage.provider.is_in(PersonId("u-ada"), "sales")


async def test_of_two_groups_with_one_name_nobody_is_certainly_in_the_one_meant(stage: HttpStage) -> None:
    stage.server.adds_group("g-mine", "sales", ["u-ada"])
    assert await stage.provider.is_in(ALICE, "sales") is stage.server.has_unique_names
    assert stage.provider.has_unique_names is stage.server.has_unique_names


async def test_whoever_left_a_group_while_the_index_lags_behind_is_not_in_it(stage: HttpStage) -> None:
    stage.holds([someone("alice"), *PEOPLE[1:]])
    stage.server.faults.lags = True
    assert not await stage.provider.is_in(ALICE, "sales")
    assert await stage.provider.is_in(BOB, "sales")


async def test_an_index_that_lags_behind_proves_no_address(stage: HttpStage) -> None:
    """Somebody else got the address; until the index knows, it is nobody's."""
    stage.holds([PEOPLE[1], PEOPLE[2]])
    stage.server.faults.lags = True
    assert await stage.provider.by_email("alice@acme.test") is None


async def test_attack_9_an_address_that_two_people_have_is_nobodys(stage: HttpStage) -> None:
    if stage.server.has_unique_names:
        pytest.skip("this provider lets nobody have the address of somebody else")
    stage.holds([PEOPLE[0], replace(PEOPLE[1], email=PEOPLE[0].email)])
    assert await stage.provider.by_email("alice@acme.test") is None


async def test_attack_9_an_address_that_begins_or_ends_like_another_is_nobodys(stage: HttpStage) -> None:
    for typed in ("lice@acme.test", "alice@acme.tes", "alice@acme.test.evil.test", "alice+x@acme.test"):
        assert await stage.provider.by_email(typed) is None


async def test_whoever_is_disabled_while_the_index_lags_behind_fills_no_seat(stage: HttpStage) -> None:
    stage.holds([someone("bob", "it", enabled=False), PEOPLE[2]])
    stage.server.faults.lags = True
    assert [person.name for person in await stage.provider.members("technicians")] == ["Ada"]


async def test_a_person_is_known_with_two_calls(stage: HttpStage) -> None:
    await stage.provider.person(BOB)
    asked = len(stage.server.asked)
    assert await stage.provider.person(ALICE) is not None
    assert len(stage.server.asked) - asked <= 2


async def test_a_token_goes_nowhere_but_to_the_provider(stage: HttpStage) -> None:
    stage.holds([someone(f"p{number:02}", "sales") for number in range(5)])
    async with Elsewhere() as (url, seen):
        stage.server.faults.next_page = url
        if stage.server.has_links:
            with pytest.raises(DirectoryUnreachable):
                await stage.provider.members("sales")
        assert seen == []


async def _everything(stage: HttpStage) -> None:
    await stage.provider.person(BOB)
    await stage.provider.members("sales")
    await stage.provider.members("technicians")


class Elsewhere:
    """Another host, which notes who comes by."""

    async def __aenter__(self) -> tuple[str, list[str]]:
        seen: list[str] = []

        async def note(request: web.Request) -> web.Response:
            seen.append(request.path_qs)
            return web.json_response({})

        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", note)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/", seen

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
