"""How a call can end other than well, as it is seen on the wire."""

from datetime import timedelta


class Declined(Exception):
    """The other side said no."""

    def __init__(self, status: int, code: str, after: timedelta | None = None) -> None:
        """Takes the HTTP status, the error code in the body if any, and what `Retry-After` asks for."""
        self.status = status
        self.code = code
        self.after = after
        super().__init__(f"{status} {code}")


class Unsent(Exception):
    """There was no connection, so certainly nothing was done."""


class Lost(Exception):
    """There was no answer, or none that can be read: it is not known whether anything was done."""
