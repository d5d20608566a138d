"""Reads where people sign in to prove who they are."""

from typing import Final
from urllib.parse import urlsplit

from bot.documents.tree import Tree
from bot.outgoing.web_addresses import is_web_address
from bot.settings.directories.fields import Reading
from bot.signin.access import SignInAccess

_ENTRA: Final = frozenset(
    {"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}
)
"""Where `sub` is another one for every application, and `oid` is the id that Graph knows.

Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
"""
_OF_ANYBODY: Final = frozenset({"common", "organizations", "consumers"})


def sign_in(tree: Tree | None, reading: Reading) -> SignInAccess | None:
    """Gives the client with which people sign in; None where nothing stands, or, with a note, a mistake."""
    if tree is None:
        return None
    needed = ("issuer", "client", "secret")
    given = reading.section(tree, what="sign_in", known=(*needed, "subject"), needed=needed)
    issuer = _issuer(given.get("issuer"), reading)
    client = reading.notes.text(given.get("client"), what="sign_in: client")
    secret = reading.secret(given.get("secret"), what="sign_in: secret", example="SIGN_IN_SECRET")
    subject = reading.notes.text(given.get("subject"), what="sign_in: subject")
    if not issuer or not client or not secret:
        return None
    otherwise = "oid" if urlsplit(issuer).hostname in _ENTRA else "sub"
    return SignInAccess(issuer=issuer, client=client, secret=secret, subject=subject or otherwise)


def _issuer(tree: Tree | None, reading: Reading) -> str:
    """Gives the issuer to the letter: with or without a slash at its end it is another one."""
    text = reading.notes.text(tree, what="sign_in: issuer", limit=500)
    if tree is None or text is None:
        return ""
    parts = urlsplit(text) if is_web_address(text) else None
    if parts is None:
        reading.notes.add(
            tree.line,
            "sign_in: issuer must be an https address, as the provider’s discovery document writes it; http "
            "will do on 127.0.0.1 or localhost only.",
        )
        return ""
    if parts.hostname in _ENTRA and parts.path.strip("/").partition("/")[0] in _OF_ANYBODY:
        reading.notes.add(
            tree.line,
            "sign_in: issuer lets anybody’s organisation in. Write your own tenant’s id, like "
            "https://login.microsoftonline.com/01234567-89ab-cdef-0123-456789abcdef/v2.0.",
        )
        return ""
    return text
