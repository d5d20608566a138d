"""Looking up the names in a policy file: connectors, tools, persons, groups."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from difflib import get_close_matches

from bot.documents.fields import Notes
from bot.domain.grants import Grant, HolderPerson
from bot.domain.people import PersonId
from bot.domain.policies import Chosen, Policy
from bot.domain.tools import Catalog, ToolId
from bot.policyfile.entries import GrantEntry, Named, PolicyEntry, PolicyFile
from bot.ports.directory import Directory
from bot.ports.policy_files import TENANT_DEFAULT, Wanted


async def resolve(
    file: PolicyFile,
    *,
    catalog: Catalog,
    connectors: Collection[str],
    directory: Directory,
    with_grants: bool,
) -> Wanted:
    """Gives what the file wants, and notes in it every name that nothing has.

    Raises:
        DirectoryUnreachable: persons and groups cannot be looked up.
    """
    names = _Names(file.notes, catalog=catalog, connectors=connectors, directory=directory)
    for name, (_, line) in file.defaults.items():
        if name != TENANT_DEFAULT:
            names.check_connector(Named(name, line))
    names.check_once(entry for entry in file.policies)
    return Wanted(
        defaults={name: action for name, (action, _) in file.defaults.items()},
        policies=tuple([await names.policy(entry) for entry in file.policies]),
        grants=tuple([await names.grant(entry) for entry in file.grants]) if with_grants else (),
        grant_lines=tuple(entry.tool.line for entry in file.grants) if with_grants else (),
    )


class _Names:
    """The names that exist, each asked for once."""

    def __init__(
        self, notes: Notes, *, catalog: Catalog, connectors: Collection[str], directory: Directory
    ) -> None:
        self._notes = notes
        self._catalog = catalog
        self._connectors = connectors
        self._directory = directory
        self._persons: dict[str, PersonId | None] = {}
        self._groups: dict[str, bool] = {}

    def check_once(self, entries: Iterable[PolicyEntry]) -> None:
        lines: dict[str, int] = {}
        for entry in entries:
            name = entry.policy.name
            if name in lines:
                self._notes.add(entry.line, f"A policy named “{name}” stands in line {lines[name]} already.")
            lines.setdefault(name, entry.line)

    def check_connector(self, named: Named) -> bool:
        if named.text in self._connectors:
            return True
        hint = _hint(named.text, self._connectors, otherwise="“policy connector” shows them.")
        self._notes.add(named.line, f"There is no connector “{named.text}”. {hint}")
        return False

    async def policy(self, entry: PolicyEntry) -> Policy:
        if self.check_connector(entry.connector):
            for tool in entry.tools:
                self._check_tool(entry.connector.text, tool.text, tool.line)
        for group in entry.groups:
            await self._check_group(group)
        persons = [await self._person(person) for person in entry.persons]
        subjects = entry.policy.subjects
        if not isinstance(subjects, Chosen):
            return entry.policy
        found = frozenset(person for person in persons if person)
        return replace(entry.policy, subjects=replace(subjects, persons=found))

    async def grant(self, entry: GrantEntry) -> Grant:
        tool = entry.grant.tool
        if self.check_connector(Named(tool.connector, entry.tool.line)):
            self._check_tool(tool.connector, tool.name, entry.tool.line)
        for group in entry.groups:
            await self._check_group(group)
        grant = entry.grant
        if entry.holder is not None:
            holder = await self._person(entry.holder)
            grant = replace(grant, holder=HolderPerson(holder)) if holder else grant
        giver = await self._person(entry.giver)
        return replace(grant, giver=giver) if giver else grant

    def _check_tool(self, connector: str, name: str, line: int) -> None:
        if ToolId(connector, name) in self._catalog:
            return
        known = [tool.name for tool in self._catalog if tool.connector == connector]
        hint = _hint(name, known, otherwise=f"“policy connector {connector}” shows them.")
        self._notes.add(line, f"{connector} has no tool “{name[:80]}”. {hint}")

    async def _check_group(self, named: Named) -> None:
        if named.text not in self._groups:
            self._groups[named.text] = await self._directory.has_group(named.text)
        if not self._groups[named.text]:
            self._notes.add(named.line, f"The directory has no group “{named.text}”. Check the spelling.")

    async def _person(self, named: Named) -> PersonId | None:
        """Gives who has the address or the id; an export writes the id of someone who is gone."""
        if named.text not in self._persons:
            person = await self._directory.by_email(named.text)
            person = person or await self._directory.person(PersonId(named.text))
            self._persons[named.text] = person.id if person else None
        found = self._persons[named.text]
        if found is None:
            sentence = f"Nobody with the address “{named.text}” is in the directory. Check the spelling."
            self._notes.add(named.line, sentence)
        return found


def _hint(name: str, known: Collection[str], *, otherwise: str) -> str:
    close = get_close_matches(name, known, n=1)
    return f"Did you mean “{close[0]}”?" if close else otherwise
