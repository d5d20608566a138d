"""Reading a policy file: first the text, then the names in it."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Final

from bot.documents.fields import Notes
from bot.documents.findings import BadDocument
from bot.documents.tree import Scalar, Table, Tree, read_tree
from bot.domain.actions import Action
from bot.domain.tools import Catalog
from bot.policyfile.entries import PolicyFile
from bot.policyfile.grant_fields import read_grant
from bot.policyfile.policy_fields import read_action, read_policy
from bot.policyfile.resolve import resolve
from bot.ports.directory import Directory
from bot.ports.policy_files import Wanted

VERSION: Final = 1
"""The version of the format."""


async def read_wanted(
    text: str,
    *,
    file: str,
    catalog: Catalog,
    connectors: Collection[str],
    directory: Directory,
    with_grants: bool,
) -> Wanted:
    """Gives what the file wants, with every name looked up; `file` is its name in the refusal.

    Standing approvals are looked up `with_grants` only; else none are given.

    Raises:
        BadDocument: with every problem and its line: YAML, keys, types, words, unknown connectors, tools,
            persons and groups.
        DirectoryUnreachable: persons and groups cannot be looked up.
    """
    entries = await asyncio.to_thread(read_entries, text, file=file)
    wanted = await resolve(
        entries, catalog=catalog, connectors=connectors, directory=directory, with_grants=with_grants
    )
    if entries.notes.findings:
        raise BadDocument(file=file, findings=entries.notes.findings)
    return wanted


def read_entries(text: str, *, file: str) -> PolicyFile:
    """Gives the entries that are right in themselves, and notes what is wrong with the others.

    Raises:
        BadDocument: it is no YAML at all.
    """
    notes = Notes()
    top = notes.table(
        read_tree(text, file=file),
        what="the policy file",
        known=("version", "defaults", "policies", "grants"),
        needed=("version",),
    )
    version = top.get("version")
    if version is not None and not (
        isinstance(version, Scalar) and version.value == VERSION and version.value is not True
    ):
        notes.add(version.line, f"version must be {VERSION}.")
    policies = [read_policy(item, notes) for item in notes.items(top.get("policies"), what="policies")]
    grants = [read_grant(item, notes) for item in notes.items(top.get("grants"), what="grants")]
    return PolicyFile(
        defaults=_defaults(top.get("defaults"), notes),
        policies=tuple(entry for entry in policies if entry),
        grants=tuple(entry for entry in grants if entry),
        notes=notes,
    )


def _defaults(tree: Tree | None, notes: Notes) -> Mapping[str, tuple[Action, int]]:
    found: dict[str, tuple[Action, int]] = {}
    if tree is None:
        return found
    if not isinstance(tree, Table):
        notes.add(tree.line, "defaults must be names with actions, like “acme-it: auto”.")
        return found
    for name, entry in tree.entries.items():
        action = read_action(entry, notes, what=f"The default of {name}")
        if action is not None:
            found[name] = (action, tree.lines[name])
    return found
