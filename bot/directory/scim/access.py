"""What the bot needs to ask a SCIM 2.0 server of an organisation's people."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimAccess:
    """A SCIM 2.0 server and the token for it."""

    url: str
    """The address below which Users and Groups are; it ends with a slash."""
    token: str = field(repr=False)
