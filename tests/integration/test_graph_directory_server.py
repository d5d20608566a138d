"""The Graph for tests refuses what Graph refuses, so that it can show a mistake of ours."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot.domain.canonical import JsonObject
from tests.directories.stage import someone
from tests.servers.entra import Entra
from tests.servers.graph_directory import SCOPE, GraphServer

TOKEN = "a-token"  # noqa: S105 - nothing is behind it
ADVANCED = {"ConsistencyLevel": "eventual"}


@pytest.fixture
async def graph() -> AsyncIterator[GraphServer]:
    made = GraphServer(Entra(given={TOKEN: SCOPE, "for-another": "https://api.botframework.com/.default"}))
    async with made.running():
        made.holds([someone("alice", "sales")])
        yield made


async def status(
    graph: GraphServer,
    path: str,
    headers: dict[str, str] | None = None,
    *,
    body: object = None,
    token: str = TOKEN,
) -> int:
    sent = {"Authorization": f"Bearer {token}", **(headers or {})}
    async with ClientSession(headers=sent) as session:
        verb = "GET" if body is None else "POST"
        async with session.request(verb, f"{graph.url}v1.0/{path}", json=body) as response:
            return response.status


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("users?$select=id,nickname", id="no such property"),
        pytest.param("users?$top=1000", id="too large a page"),
        pytest.param("users?$top=all", id="no page size"),
        pytest.param("users?limit=5", id="no such option"),
        pytest.param("users?$filter=displayName eq 'a", id="no end of a text"),
        pytest.param("users?$filter=jobTitle eq 'a'", id="not to be filtered by"),
        pytest.param("users?$filter=mail eq 'O'Hara'", id="a quote that is not doubled"),
        pytest.param("users?$filter=startswith(displayName,'a')&$orderby=displayName", id="not advanced"),
        pytest.param("users?$filter=" + " or ".join(["mail eq 'a'"] * 16), id="too much"),
        pytest.param("users/u-alice?$expand=memberOf", id="not to be expanded"),
        pytest.param("users/u-alice/transitiveMemberOf/microsoft.graph.group", id="a cast of groups"),
        pytest.param(
            "groups/g-sales/transitiveMembers/microsoft.graph.user?$count=true", id="a cast of users"
        ),
        pytest.param("people", id="no such thing"),
    ],
)
async def test_a_wrong_question_is_refused(graph: GraphServer, path: str) -> None:
    assert await status(graph, path) == 400


async def test_what_needs_the_index_is_answered_where_it_is_asked_for(graph: GraphServer) -> None:
    cast = "groups/g-sales/transitiveMembers/microsoft.graph.user?$count=true"
    assert await status(graph, cast, ADVANCED) == 200
    ordered = "users?$filter=startswith(displayName,'a')&$orderby=displayName&$count=true"
    assert await status(graph, ordered, ADVANCED) == 200


async def test_whoever_asks_for_an_alias_gets_its_owner(graph: GraphServer) -> None:
    """So that a client that takes an alias for a proof is seen to do so."""
    alias = "users?$filter=proxyAddresses/any(p:p eq 'smtp:alice@acme.test')"
    assert await status(graph, alias) == 200


@pytest.mark.parametrize("token", ["another", "for-another"])
async def test_a_token_for_something_else_is_none(graph: GraphServer, token: str) -> None:
    assert await status(graph, "users/u-alice", token=token) == 401


def question(number: int) -> JsonObject:
    return {"id": str(number), "method": "GET", "url": "/users/u-alice"}


@pytest.mark.parametrize(
    "numbers",
    [pytest.param([], id="none"), pytest.param(range(21), id="21"), pytest.param([1, 1], id="one id")],
)
async def test_a_wrong_batch_is_refused(graph: GraphServer, numbers: list[int]) -> None:
    assert await status(graph, "$batch", body={"requests": [question(one) for one in numbers]}) == 400
    assert await status(graph, "$batch", body={"requests": [question(one) for one in range(20)]}) == 200
