"""Tokens from nowhere."""

import threading

from typing_extensions import override

from bot.outgoing.kept_tokens import Tokens
from bot.ports.outside import Unreachable


class FakeTokens(Tokens):
    """Gives what a test says, and notes what was asked; a test may let it hang or refuse."""

    def __init__(self, token: str) -> None:
        self.given = token
        self.refusal: Unreachable | None = None
        self.asked: list[str] = []
        self.is_asked = threading.Event()
        self.goes_on = threading.Event()
        """Nobody gets an answer while it is not set."""
        self.goes_on.set()

    @override
    def token(self, scope: str) -> str:
        self.asked.append(scope)
        self.is_asked.set()
        assert self.goes_on.wait(30)
        if self.refusal is not None:
            raise self.refusal
        return self.given
