"""Does a step once more when somebody else's change came in between."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from bot.ports.records import Overtaken

ATTEMPTS: Final = 5
"""How often a step is tried before its person is told that somebody else was faster."""

Outcome = TypeVar("Outcome")


async def again(step: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """Gives what the step gives, which has to read anew what it changes; what it wrote was rolled back.

    Raises:
        Overtaken: it was overtaken every time.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return await step()
        except Overtaken:
            continue
    return await step()
