"""Tool names taken apart into the words that a person would read in them."""

import re
from typing import Final

LONGEST_NAME: Final = 200
"""Characters; a longer name is not read at all. Real names stay under 128."""

_READABLE = re.compile(r"[A-Za-z0-9_.:/-]+")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_PREFIXES = frozenset({"un", "de", "re", "dis"})
_PARTICLES = {
    ("look", "up"): "lookup",
    ("set", "up"): "setup",
    ("check", "in"): "checkin",
    ("check", "out"): "checkout",
    ("check", "off"): "checkoff",
    ("roll", "back"): "rollback",
    ("shut", "down"): "shutdown",
    ("log", "out"): "logout",
    ("log", "in"): "login",
    ("turn", "off"): "disable",
    ("turn", "on"): "enable",
    ("pull", "request"): "pullrequest",
    ("pull", "requests"): "pullrequests",
    ("merge", "request"): "mergerequest",
    ("merge", "requests"): "mergerequests",
    ("change", "request"): "changerequest",
    ("change", "requests"): "changerequests",
    ("release", "notes"): "releasenotes",
    ("read", "only"): "readonly",
    ("test", "connection"): "testconnection",
    ("test", "connectivity"): "testconnection",
}


def vocabulary(text: str) -> frozenset[str]:
    """Gives the set of the words in a text."""
    return frozenset(text.split())


def words(name: str) -> tuple[str, ...]:
    """Gives the lower-case words of a snake, camel, kebab, dotted or prefixed name, in their order.

    Digits are words of their own, so that `get2faCodes` and `get_2fa_codes` read alike. What is one thing in
    two words is joined (`look_up`, `un_assign`, `pull_request`). A name that is too long, or has characters
    outside the alphabet of tool names (a Cyrillic letter can hide a verb), has no words.
    """
    if len(name) > LONGEST_NAME or not _READABLE.fullmatch(name):
        return ()
    found: list[str] = []
    for word in map(str.lower, _WORD.findall(name)):
        joined = _joined(found[-1], word) if found else None
        if joined:
            found[-1] = joined
        else:
            found.append(word)
    return tuple(found)


def _joined(before: str, word: str) -> str | None:
    if before in _PREFIXES:
        return before + word
    return _PARTICLES.get((before, word))
