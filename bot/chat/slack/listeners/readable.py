"""Slack's way of writing people, channels and links, as people read them."""

import re
from collections.abc import Callable
from typing import Final

_TOKEN: Final = re.compile(r"<([@#!]?)([^<>|]{1,3000})(?:\|([^<>|]{0,3000}))?>")
"""Slack writes what it recognised in angle brackets and escapes every other one."""


def readable(text: str, name_of: Callable[[str], str]) -> str:
    """Gives the text as its writer saw it; `name_of` gives what stands for a user's id."""
    found = _TOKEN.sub(lambda token: _shown(token, name_of), text)
    return found.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mentioned(text: str) -> tuple[str, ...]:
    """Gives the ids of the users that the text names, each once."""
    found = (token.group(2) for token in _TOKEN.finditer(text) if token.group(1) == "@")
    return tuple(dict.fromkeys(found))


def without(text: str, user: str) -> str:
    """Gives the text without the mentions of this user, for the bot's own name at its beginning or end."""
    return " ".join(
        part for part in re.split(rf"<@{re.escape(user)}(?:\|[^<>]*)?>", text) if part.strip()
    ).strip()


def _shown(token: re.Match[str], name_of: Callable[[str], str]) -> str:
    sign, what, label = token.groups()
    match sign:
        case "@":
            return name_of(what)
        case "#":
            return f"#{label or what}"
        case "!":
            return f"@{what.partition('^')[0]}" if not label else str(label)
        case _:
            address = what.removeprefix("mailto:")
            plain = label in (None, "", address, what) or what.endswith(f"//{label}")
            return address if plain else f"{label} ({address})"
