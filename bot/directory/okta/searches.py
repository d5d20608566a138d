"""Okta's search expressions.

Source: https://developer.okta.com/docs/reference/user-query/ (quotes within a value are escaped)
"""

import json
from collections.abc import Iterable
from typing import Final

from bot.directory.okta.resources import ENABLED

_NAMES: Final = ("firstName", "lastName", "displayName", "email", "login")


def is_one_of(attributes: Iterable[str], values: Iterable[str]) -> str:
    """Gives the search for whatever has one of the values in one of the attributes; without case."""
    return " or ".join(f"{name} eq {_quoted(value)}" for value in values for name in attributes)


def begins(attribute: str, typed: str) -> str:
    """Gives the search for whatever has an attribute that begins so."""
    return f"{attribute} sw {_quoted(typed)}"


def people_called(typed: str) -> str:
    """Gives the search for enabled persons of whose names or addresses one begins so; of all for no text."""
    enabled = is_one_of(["status"], ENABLED)
    if not typed:
        return enabled
    ways = [begins(f"profile.{name}", typed) for name in _NAMES]
    first, space, last = typed.partition(" ")
    if space:
        # Many organisations leave the display name empty.
        ways.append(f"({begins('profile.firstName', first)} and {begins('profile.lastName', last)})")
    return f"({' or '.join(ways)}) and ({enabled})"


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
