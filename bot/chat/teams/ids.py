"""The shapes of Microsoft's ids: app and tenant ids, users' object ids, channels."""

import re
from typing import Final
from urllib.parse import unquote

_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12,14}", re.ASCII | re.IGNORECASE)
"""Microsoft's Agents Playground gives its people ids that are a digit or two too long."""
_CHANNEL: Final = re.compile(
    r"(?:https://[^/]+/l/channel/)?(19:[A-Za-z0-9_-]{1,100}@thread\.(?:tacv2|skype))(?:/.*)?", re.ASCII
)


def is_guid(text: str) -> bool:
    """Whether it is a GUID, as Microsoft writes app ids and tenant ids."""
    return _GUID.fullmatch(text) is not None


def is_object_id(text: str) -> bool:
    """Whether it may be a user's object id (`aadObjectId`), of a stand-in for Teams too."""
    return _OBJECT_ID.fullmatch(text) is not None


def channel_of(text: str) -> str:
    """Gives the channel's id, from itself or from the link to the channel; empty for anything else."""
    found = _CHANNEL.fullmatch(unquote(text))
    return found[1] if found else ""
