"""Tokens, kept: nobody waits for whoever gives them while the last one is good."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Final, Protocol

FRESH_S: Final = 60
"""For so long a token is given without asking again whether there is a newer one."""
GOOD_S: Final = 240
"""For so long it is given while that is asked; whoever made it promised five minutes."""


class Tokens(Protocol):
    """Where tokens come from."""

    def token(self, scope: str) -> str:
        """Gives a token that is good for five more minutes at least; empty where none is needed.

        It may take seconds, and it is never called from two threads at once. What it raises is up to whoever
        made it.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str = field(repr=False)
    at: float


class KeptTokens:
    """Tokens for one event loop; they are asked for on a thread that may be kept waiting."""

    def __init__(
        self, tokens: Tokens, threads: Executor, *, fresh_s: float = FRESH_S, good_s: float = GOOD_S
    ) -> None:
        """Takes where tokens come from, an executor of one thread, and how long a token is kept."""
        self._fresh_s = fresh_s
        self._good_s = good_s
        self._tokens = tokens
        self._threads = threads
        self._kept: dict[str, _Kept] = {}
        self._asked: dict[str, asyncio.Task[str]] = {}

    async def token(self, scope: str) -> str:
        """Gives a token that is good for a minute at least; empty where none is needed.

        Raises:
            Exception: what `Tokens` raised, where there is no token.
        """
        kept = self._kept.get(scope)
        age = asyncio.get_running_loop().time() - kept.at if kept else self._good_s
        if kept and age < self._fresh_s:
            return kept.token
        asked = self._asked.get(scope) or self._ask(scope)
        return kept.token if kept and age < self._good_s else await asyncio.shield(asked)

    def forget(self, scope: str) -> None:
        """Has the next one asked for."""
        self._kept.pop(scope, None)
        self._asked.pop(scope, None)

    def _ask(self, scope: str) -> asyncio.Task[str]:
        task = asyncio.get_running_loop().create_task(self._answer(scope))
        self._asked[scope] = task
        task.add_done_callback(lambda done: self._answered(scope, done))
        return task

    async def _answer(self, scope: str) -> str:
        mine = asyncio.current_task()
        loop = asyncio.get_running_loop()
        token = await loop.run_in_executor(self._threads, self._tokens.token, scope)
        if self._asked.get(scope) is mine:
            self._kept[scope] = _Kept(token, loop.time())
        return token

    def _answered(self, scope: str, done: asyncio.Task[str]) -> None:
        if self._asked.get(scope) is done:
            del self._asked[scope]
        if not done.cancelled():
            done.exception()  # a failure that nobody waits for is logged where it happened
