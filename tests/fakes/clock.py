"""A clock that tests move, and ids that count."""

from datetime import UTC, datetime, timedelta

from typing_extensions import override

from bot.ports.outside import Clock


class MovedClock(Clock):
    """Stands still until a test moves it."""

    def __init__(self, at: datetime = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)) -> None:
        self._at = at

    @override
    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        """Moves it forward."""
        self._at += by
