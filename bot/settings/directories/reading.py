"""Reads a directory file: which provider an organisation has, and which of its groups give a role."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.directory.access import Access
from bot.directory.file_access import FileAccess
from bot.directory.roles import RoleGroups, read_role_groups
from bot.documents.fields import Notes
from bot.documents.findings import BadDocument
from bot.documents.tree import Scalar, Tree, read_tree
from bot.settings.directories.fields import Reading
from bot.settings.directories.providers import entra, file, google, okta, scim
from bot.settings.directories.sign_in import sign_in
from bot.signin.access import SignInAccess

_NAMES_A_PROVIDER: Final = re.compile(r"^[\"']?provider[\"']?[ \t]*:", re.MULTILINE)
"""A people file can be large, and whether it is one has to be known before it is read."""

PROVIDERS: Final[Mapping[str, Callable[[Tree, Reading], Access | None]]] = {
    "entra": entra,
    "okta": okta,
    "google": google,
    "scim": scim,
    "file": file,
}
"""What reads the section of each provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectorySettings:
    """What a directory file says."""

    access: Access
    roles: RoleGroups
    """A people file has its own, which are read with it."""
    sign_in: SignInAccess | None = None
    """Where people sign in to prove who they are; None where they do not."""


def directory_settings(path: Path, *, environ: Mapping[str, str] | None = None) -> DirectorySettings:
    """Gives what the file says; one that is not there counts as a people file that is not there yet.

    Args:
        path: the directory file.
        environ: the variables that hold secrets; without it, this process's.

    Raises:
        BadDocument: with every problem and its line; never with a secret.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        # Whoever asks for people is told what is wrong with it.
        text = ""
    if not _NAMES_A_PROVIDER.search(text):
        return DirectorySettings(access=FileAccess(path=path), roles=RoleGroups())
    notes = Notes()
    found = _read(read_tree(text, file=str(path)), Reading.of(path, notes, environ))
    if found is None or notes.findings:
        raise BadDocument(file=str(path), findings=notes.findings)
    return found


def provider_words(path: Path) -> str:
    """Gives in a few words which provider the file names, without reading secrets."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"none; {path} is not there"
    except (OSError, UnicodeDecodeError):
        return f"none; {path} cannot be read"
    if not _NAMES_A_PROVIDER.search(text):
        return f"people file {path}"
    named = re.search(r"^[\"']?provider[\"']?[ \t]*:[ \t]*[\"']?([a-z]+)", text, re.MULTILINE)
    return f"{named[1] if named else 'unknown'}, by {path}"


def _read(tree: Tree, reading: Reading) -> DirectorySettings | None:
    top = reading.section(
        tree,
        what="the directory file",
        known=("version", "provider", *PROVIDERS, "roles", "fallback_group", "sign_in"),
        needed=("version", "provider"),
    )
    version, provider = top.get("version"), top.get("provider")
    if version is not None and not (isinstance(version, Scalar) and version.value == 1):
        reading.notes.add(version.line, "version must be 1.")
    roles = read_role_groups(top, reading.notes)
    signing_in = sign_in(top.get("sign_in"), reading)
    name = reading.notes.text(provider, what="provider")
    if provider is None or name is None:
        return None
    if name not in PROVIDERS:
        reading.notes.add(provider.line, f"“{name}” is no provider. Use one of: {', '.join(PROVIDERS)}.")
        return None
    for other in PROVIDERS:
        if other in top and other != name:
            reading.notes.add(top[other].line, f"provider is {name}, so “{other}” does not belong here.")
    if name not in top:
        reading.notes.add(provider.line, f"The directory file needs “{name}”, with what {name} gave you.")
        return None
    access = PROVIDERS[name](top[name], reading)
    return None if access is None else DirectorySettings(access=access, roles=roles, sign_in=signing_in)
