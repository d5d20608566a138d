"""What became of one request to a tool server: whether it left, and whether it was answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from mcp_types import JSONRPCError, JSONRPCResponse, RequestId


@dataclass(slots=True)
class Sending:
    """One request on its way; the transport writes down what it sees."""

    id: RequestId | None = None
    left: bool = False
    """Whether it may have reached the server."""
    answer: JSONRPCResponse | JSONRPCError | None = None
    """What the server answered, as it came."""
    refused: str = ""
    """Why it was certainly not carried out, as a sentence."""
    lost: bool = False
    """Whether it left and the way back broke, so that an answer cannot be told from its absence."""


_CURRENT: ContextVar[Sending | None] = ContextVar("sending", default=None)


@contextmanager
def sending() -> Iterator[Sending]:
    """Gives the record of the one request that is made within; the transport's tasks share it."""
    record = Sending()
    token = _CURRENT.set(record)
    try:
        yield record
    finally:
        _CURRENT.reset(token)


@contextmanager
def beside_it() -> Iterator[None]:
    """Sends within are not the request: what becomes of a notification says nothing about the call."""
    token = _CURRENT.set(None)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current() -> Sending:
    """Gives the record of the request being made; one that nobody reads when there is none."""
    return _CURRENT.get() or Sending()
