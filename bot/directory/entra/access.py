"""What the bot needs to ask Microsoft Graph of an organisation's people."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

LOGIN_URL: Final = "https://login.microsoftonline.com/"
GRAPH_URL: Final = "https://graph.microsoft.com/"


class Proof(StrEnum):
    """How the bot shows Entra which app it is."""

    SECRET = "secret"  # noqa: S105 - the way's name
    CERTIFICATE = "certificate"
    MANAGED_IDENTITY = "managed_identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntraAccess:
    """An app registration with application permissions; every address ends with a slash."""

    tenant: str
    """The Entra tenant whose people these are, by id."""
    client: str
    """The app's id; of a managed identity its client id, empty for the machine's own one."""
    proof: Proof
    secret: str = field(default="", repr=False)
    """The secret, or the certificate with its private key in PEM."""
    login_url: str = LOGIN_URL
    graph_url: str = GRAPH_URL
