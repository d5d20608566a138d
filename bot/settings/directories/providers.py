"""Reads the section of each provider; what is missing or wrong is noted, with where to find it."""

import json
import re
from collections.abc import Mapping
from typing import Final

from bot.directory.entra.access import GRAPH_URL, LOGIN_URL, EntraAccess, Proof
from bot.directory.file_access import FileAccess
from bot.directory.google.access import API_URL, GoogleAccess
from bot.directory.okta.access import OktaAccess
from bot.directory.scim.access import ScimAccess
from bot.documents.tree import Tree
from bot.settings.directories.fields import Reading

_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def file(tree: Tree, reading: Reading) -> FileAccess | None:
    """Gives where the people file is."""
    given = reading.section(tree, what="file", known=("people",), needed=("people",))
    path = reading.path(given.get("people"), what="file: people")
    return None if path is None else FileAccess(path=path)


def entra(tree: Tree, reading: Reading) -> EntraAccess | None:
    """Gives the access to Microsoft Entra ID."""
    given = reading.section(
        tree,
        what="entra",
        known=("tenant", "client", *Proof, "login_url", "graph_url"),
        needed=("tenant",),
    )
    tenant = _guid(given, "tenant", reading, where="Microsoft Entra ID → Overview")
    client = _guid(given, "client", reading, where="App registrations → your app → Overview")
    ways = [way for way in Proof if way in given]
    if len(ways) != 1:
        reading.notes.add(tree.line, f"entra needs one of: {', '.join(Proof)}.")
        return None
    [proof] = ways
    secret = ""
    if proof is Proof.MANAGED_IDENTITY:
        if not reading.notes.truth(given[proof], what="entra: managed_identity", otherwise=False):
            reading.notes.add(given[proof].line, "entra: managed_identity is true, or is left out.")
    else:
        example = f"ENTRA_CLIENT_{proof.upper()}"
        secret = reading.secret(given[proof], what=f"entra: {proof}", example=example)
        if "client" not in given:
            reading.notes.add(tree.line, f"entra needs “client” for its {proof}.")
    return EntraAccess(
        tenant=tenant,
        client=client,
        proof=proof,
        secret=secret,
        login_url=reading.address(given.get("login_url"), what="entra: login_url", otherwise=LOGIN_URL),
        graph_url=reading.address(given.get("graph_url"), what="entra: graph_url", otherwise=GRAPH_URL),
    )


def okta(tree: Tree, reading: Reading) -> OktaAccess | None:
    """Gives the access to Okta."""
    known = ("url", "client", "private_key", "key_id", "api_token")
    given = reading.section(tree, what="okta", known=known, needed=("url",))
    if ("api_token" in given) == ("private_key" in given):
        reading.notes.add(tree.line, "okta needs either private_key, with client, or api_token.")
        return None
    if "private_key" in given and "client" not in given:
        reading.notes.add(tree.line, "okta needs “client” for its key: the API Services app’s Client ID.")
    return OktaAccess(
        url=reading.address(given.get("url"), what="okta: url"),
        client=reading.notes.text(given.get("client"), what="okta: client") or "",
        private_key=reading.secret(
            given.get("private_key"), what="okta: private_key", example="OKTA_PRIVATE_KEY"
        ),
        key_id=reading.notes.text(given.get("key_id"), what="okta: key_id") or "",
        api_token=reading.secret(given.get("api_token"), what="okta: api_token", example="OKTA_API_TOKEN"),
    )


def google(tree: Tree, reading: Reading) -> GoogleAccess | None:
    """Gives the access to Google Workspace."""
    needed = ("service_account", "admin", "domain")
    given = reading.section(tree, what="google", known=(*needed, "api_url"), needed=needed)
    key = reading.secret(
        given.get("service_account"), what="google: service_account", example="GOOGLE_SERVICE_ACCOUNT"
    )
    if key and not _is_key_file(key):
        reading.notes.add(
            given["service_account"].line,
            "google: service_account must be the JSON key file that Google gave for the service account.",
        )
    return GoogleAccess(
        key=key,
        admin=reading.notes.text(given.get("admin"), what="google: admin") or "",
        domain=(reading.notes.text(given.get("domain"), what="google: domain") or "").lower(),
        api_url=reading.address(given.get("api_url"), what="google: api_url", otherwise=API_URL),
    )


def scim(tree: Tree, reading: Reading) -> ScimAccess | None:
    """Gives the access to a SCIM server."""
    given = reading.section(tree, what="scim", known=("url", "token"), needed=("url", "token"))
    return ScimAccess(
        url=reading.address(given.get("url"), what="scim: url"),
        token=reading.secret(given.get("token"), what="scim: token", example="SCIM_TOKEN"),
    )


def _guid(given: Mapping[str, Tree], name: str, reading: Reading, *, where: str) -> str:
    tree = given.get(name)
    text = reading.notes.text(tree, what=f"entra: {name}")
    if tree is None or text is None:
        return ""
    if not _GUID.fullmatch(text):
        reading.notes.add(
            tree.line,
            f"entra: {name} is no such id; one looks like 01234567-89ab-cdef-0123-456789abcdef. It is in the "
            f"Entra admin center under {where}.",
        )
    return text.lower()


def _is_key_file(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and {"client_email", "private_key", "token_uri"} <= set(found)
