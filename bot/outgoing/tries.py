"""How often a call is tried."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_random_exponential

from bot.outgoing.outcomes import Declined, Lost, Unsent
from bot.outgoing.session import TIMEOUT_S

AGAIN: Final = frozenset({412, 429, 502, 504})
"""What Microsoft asks to be tried again, messages included.

Source: https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
"""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a call goes on; times are in seconds."""

    again: frozenset[int] = AGAIN
    """The answers after which it is tried again."""
    tries: int = 4
    within_s: float = 8
    """No further try begins after this."""
    pause_s: float = 0.5
    """How long the first pause is at most; each further one is twice as long at most."""
    waits_s: float = 5
    """How long the other side may ask us to wait; more is left to the caller."""
    try_s: float = TIMEOUT_S
    """How long one try may take in all."""


async def tried(
    work: Callable[[], Awaitable[Answer]],
    patience: Patience,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Answer:
    """Gives what the work gives, tried again where that is of use.

    Raises:
        Declined, Unsent, Lost: how the last try ended.
    """
    longest = timedelta(seconds=patience.waits_s)
    pause = wait_random_exponential(multiplier=patience.pause_s, max=patience.within_s)

    def is_of_use(error: BaseException) -> bool:
        if isinstance(error, Declined):
            return error.status in patience.again and (error.after is None or error.after <= longest)
        return isinstance(error, Unsent)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, Declined) and error.after else timedelta()
        return asked.total_seconds() + pause(state)

    async def once() -> Answer:
        try:
            async with asyncio.timeout(patience.try_s):
                return await work()
        except TimeoutError:
            raise Lost("no answer in time") from None

    retrying = AsyncRetrying(
        stop=stop_after_attempt(patience.tries) | stop_before_delay(patience.within_s),
        wait=wait,
        retry=retry_if_exception(is_of_use),
        reraise=True,
        sleep=sleep,
    )
    return await retrying(once)
