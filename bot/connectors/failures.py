"""Why a tool server cannot be reached, in words that say what to do."""

import unicodedata
from typing import Final

from bot.domain.errors import Refusal
from bot.domain.tools import shortened


class CannotConnect(Refusal):
    """{connector} cannot be connected: {why}."""

    kind = "unavailable"


class ListingRefused(Refusal):
    """Its list of tools cannot be used: {why}."""


class CommandNotFound(Refusal):
    """The command {command} was not found; install it on this machine or give its full path."""

    kind = "unavailable"


_HIDDEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories of characters that nobody sees, or that move the ones around them."""


def printable(text: str, limit: int = 200) -> str:
    """Gives a server's own words for a sentence of ours: one line, nothing hidden, at most `limit` long."""
    shown = (" " if unicodedata.category(sign) in _HIDDEN else sign for sign in text[: 4 * limit])
    return shortened(" ".join("".join(shown).split()), limit)


def clause_of(refusal: Refusal) -> str:
    """Gives the refusal as the end of another sentence: no capital at its start, no full stop."""
    return clause_of_text(refusal.sentence)


def clause_of_text(sentence: str) -> str:
    """Gives the sentence as the end of another one."""
    text = sentence.rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def sentence_of(clause: str) -> str:
    """Gives the clause as a sentence by itself; empty stays empty."""
    return f"{clause[:1].upper()}{clause[1:]}." if clause else ""


def clause_for_status(status: int, *, in_session: bool) -> str:
    """Gives what an HTTP status other than success says about a tool server."""
    if 300 <= status < 400:
        return f"it sends us to another address (HTTP {status}); use that one as the connector’s URL"
    if status == 404 and in_session:
        return "it has ended our session"
    known = {
        400: "it does not understand us (HTTP 400); check that the URL is that of an MCP server",
        401: "it refuses our sign-in (HTTP 401); check the connector’s headers",
        403: "it does not let us in (HTTP 403); check what the connector’s token may do",
        404: "there is nothing at this URL (HTTP 404); check its path",
        405: "there is no MCP server at this URL (HTTP 405); check its path",
        429: "it gets too many requests (HTTP 429)",
    }
    if status in known:
        return known[status]
    return f"it has a fault of its own (HTTP {status})" if status >= 500 else f"it refuses us (HTTP {status})"
