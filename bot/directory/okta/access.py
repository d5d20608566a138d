"""What the bot needs to ask Okta of an organisation's people."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class OktaAccess:
    """An API services app with a private key, or else an API token."""

    url: str
    """The organisation's address, like https://acme.okta.com/; it ends with a slash."""
    client: str = ""
    """The services app's client id; empty with an API token."""
    private_key: str = field(default="", repr=False)
    """In PEM, or as a JWK in JSON."""
    key_id: str = ""
    """Of the key, where the app has several; a JWK brings its own."""
    api_token: str = field(default="", repr=False)
