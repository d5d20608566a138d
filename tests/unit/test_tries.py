"""How often a call to Teams is tried, and how long its tokens are kept."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.chat.teams.connector.calls import TeamsAway
from bot.outgoing.kept_tokens import KeptTokens
from bot.outgoing.outcomes import Declined, Lost, Unsent
from bot.outgoing.tries import Patience, tried
from tests.fakes.tokens import FakeTokens


class Work:
    """Fails as a test says, then succeeds; notes the pauses."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.tries = 0
        self.pauses: list[float] = []

    async def __call__(self) -> str:
        self.tries += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def busy(status: int = 429, *, after_s: float | None = None) -> Declined:
    return Declined(status, "", None if after_s is None else timedelta(seconds=after_s))


@pytest.mark.parametrize("failure", [busy(412), busy(429), busy(502), busy(504), Unsent("refused")])
async def test_what_passes_is_tried_again_after_a_pause(failure: Exception) -> None:
    work = Work(failure, failure, failure)
    assert await tried(work, Patience(), sleep=work.sleep) == "done"
    assert work.tries == 4
    assert all(0 <= pause <= most for pause, most in zip(work.pauses, (0.5, 1, 2), strict=True))
    assert len(set(work.pauses)) == 3


@pytest.mark.parametrize("failure", [Lost("x"), busy(500), busy(503), busy(400), busy(401), busy(403)])
async def test_what_does_not_pass_or_may_have_worked_is_tried_once(failure: Exception) -> None:
    work = Work(failure)
    with pytest.raises(type(failure)):
        await tried(work, Patience(), sleep=work.sleep)
    assert (work.tries, work.pauses) == (1, [])


async def test_the_pause_is_as_long_as_the_connector_asks_at_least() -> None:
    work = Work(busy(after_s=3))
    await tried(work, Patience(), sleep=work.sleep)
    assert 3 <= work.pauses[0] <= 3.5


@pytest.mark.parametrize("after_s", [5.1, 3600])
async def test_a_longer_wait_is_left_to_the_caller(after_s: float) -> None:
    work = Work(busy(after_s=after_s))
    with pytest.raises(Declined):
        await tried(work, Patience(), sleep=work.sleep)
    assert (work.tries, work.pauses) == (1, [])


async def test_no_pause_leads_past_the_end_of_patience() -> None:
    work = Work(busy(after_s=4))
    with pytest.raises(Declined):
        await tried(work, Patience(within_s=3), sleep=work.sleep)
    assert (work.tries, work.pauses) == (1, [])


async def test_a_try_without_an_end_is_ended() -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Lost):
        await tried(hangs, Patience(try_s=0.01))


@pytest.fixture
def tokens() -> FakeTokens:
    return FakeTokens("one")


@pytest.fixture
async def threads() -> AsyncIterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


async def test_a_fresh_token_is_given_again_for_its_scope(
    tokens: FakeTokens, threads: ThreadPoolExecutor
) -> None:
    kept = KeptTokens(tokens, threads)
    assert [await kept.token(scope) for scope in "aab"] == ["one"] * 3
    assert tokens.asked == ["a", "b"]


async def test_many_who_need_a_token_at_once_ask_once(
    tokens: FakeTokens, threads: ThreadPoolExecutor
) -> None:
    kept = KeptTokens(tokens, threads)
    assert set(await asyncio.gather(*(kept.token("a") for _ in range(50)))) == {"one"}
    assert tokens.asked == ["a"]


async def test_nobody_waits_for_a_newer_token_while_the_old_one_is_good(
    tokens: FakeTokens, threads: ThreadPoolExecutor
) -> None:
    kept = KeptTokens(tokens, threads, fresh_s=0)
    await kept.token("a")
    tokens.given = "two"
    tokens.goes_on.clear()
    assert [await kept.token("a") for _ in range(9)] == ["one"] * 9
    tokens.goes_on.set()
    await asyncio.wait(kept._asked.values())
    assert await kept.token("a") == "two"


async def test_a_good_token_is_given_while_entra_is_away(
    tokens: FakeTokens, threads: ThreadPoolExecutor
) -> None:
    kept = KeptTokens(tokens, threads, fresh_s=0)
    await kept.token("a")
    tokens.refusal = TeamsAway(name="token", surface="Microsoft Teams", why="503")
    for _ in range(5):
        assert await kept.token("a") == "one"
        await asyncio.sleep(0)


async def test_a_token_that_is_forgotten_is_asked_for_again(
    tokens: FakeTokens, threads: ThreadPoolExecutor
) -> None:
    kept = KeptTokens(tokens, threads)
    assert [await kept.token(scope) for scope in "ab"] == ["one", "one"]
    tokens.given = "two"
    kept.forget("a")
    assert [await kept.token(scope) for scope in "ab"] == ["two", "one"]


async def test_a_token_that_is_forgotten_while_it_is_asked_for_is_not_kept(
    tokens: FakeTokens, threads: ThreadPoolExecutor
) -> None:
    kept = KeptTokens(tokens, threads)
    tokens.goes_on.clear()
    first = asyncio.ensure_future(kept.token("a"))
    await asyncio.to_thread(tokens.is_asked.wait, 30)
    kept.forget("a")
    tokens.goes_on.set()
    assert await first == "one"
    tokens.given = "two"
    assert await kept.token("a") == "two"


async def test_an_old_token_is_not_given_any_more(tokens: FakeTokens, threads: ThreadPoolExecutor) -> None:
    kept = KeptTokens(tokens, threads, fresh_s=0, good_s=0)
    await kept.token("a")
    tokens.refusal = TeamsAway(name="token", surface="Microsoft Teams", why="503")
    for _ in range(2):
        with pytest.raises(TeamsAway):
            await kept.token("a")
    tokens.refusal = None
    assert await kept.token("a") == "one"
    assert len(tokens.asked) == 4
