"""What an identity provider gave us to have people sign in with."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAccess:
    """A client that is registered with an OpenID provider."""

    issuer: str
    """To the letter as the provider writes it, with or without a slash at its end."""
    client: str
    secret: str = field(repr=False)
    subject: str = "sub"
    """The claim that holds the id by which the directory knows the person."""
