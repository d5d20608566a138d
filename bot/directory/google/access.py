"""What the bot needs to ask Google Workspace of an organisation's people."""

from dataclasses import dataclass, field
from typing import Final

API_URL: Final = "https://admin.googleapis.com/"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleAccess:
    """A service account with domain-wide delegation."""

    key: str = field(repr=False)
    """The service account's key file, as the JSON that Google gave."""
    admin: str
    """The address of the administrator in whose name it asks."""
    domain: str
    """The organisation's primary domain; groups in it go by the part before the @."""
    api_url: str = API_URL
    """It ends with a slash."""
