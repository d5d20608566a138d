"""Wakes the loops of this process."""

import asyncio

from typing_extensions import override

from bot.ports.outside import Bell


class ProcessBell(Bell):
    """A bell with one clapper per loop: whoever was busy when it rang hears it afterwards."""

    def __init__(self) -> None:
        self._listeners: list[asyncio.Event] = []

    def listener(self) -> asyncio.Event:
        """Gives an event that every ring sets; its loop clears it."""
        event = asyncio.Event()
        self._listeners.append(event)
        return event

    @override
    def ring(self) -> None:
        for event in self._listeners:
            event.set()
