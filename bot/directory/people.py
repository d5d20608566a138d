"""The people file: YAML with everyone, their manager and their groups.

    version: 1
    roles:                       # the groups that give a role; msp_technician and msp_admin always do
      technician: [it-support]
      admin: [it-admins]
    fallback_group: it-admins    # asked where there is no manager to ask; technicians if left out
    people:
      - id: u-17                 # stays the same for ever, whatever else changes
        name: Alice Archer
        email: alice@acme.test
        title: Account Executive     # from here on all may be left out
        department: Sales
        manager: u-4                 # an id
        groups: [sales, vpn-users]
        enabled: true

A circle of managers is allowed; whoever climbs the chain has to stop by themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.directory.roles import RoleGroups, read_role_groups
from bot.documents.fields import Notes
from bot.documents.findings import BadDocument
from bot.documents.tree import Scalar, Tree, read_tree
from bot.domain.people import Person, PersonId

_PERSON: Final = ("id", "name", "email", "title", "department", "manager", "groups", "enabled")


@dataclass(frozen=True, slots=True)
class People:
    """What a people file says."""

    persons: Mapping[PersonId, Person]
    """Everyone, by name."""
    by_email: Mapping[str, Person]
    """Everyone, by address in lower case."""
    groups: frozenset[str]
    """Every group that somebody is in or that gives a role."""
    fallback_group: str
    role_groups: RoleGroups


def email_key(address: str) -> str:
    """Gives what two spellings of one address have in common.

    Letters beyond ASCII are compared as they are: folding would make one address of two that different people
    can have.
    """
    found = address.strip()
    return found.lower() if found.isascii() else found


def read_people(text: str, *, file: str) -> People:
    """Gives the people of the file; `file` is its name in the refusal.

    Raises:
        BadDocument: with every problem and its line.
    """
    notes = Notes()
    tree = read_tree(text, file=file)
    top = notes.table(
        tree,
        what="the people file",
        known=("version", "people", "roles", "fallback_group"),
        needed=("version", "people"),
    )
    version = top.get("version")
    if version is not None and not (isinstance(version, Scalar) and version.value == 1):
        notes.add(version.line, "version must be 1.")
    role_groups = read_role_groups(top, notes)
    reading = _Reading(notes, role_groups)
    for item in notes.items(top.get("people"), what="people"):
        reading.add(item)
    reading.check_managers()
    if notes.findings:
        raise BadDocument(file=file, findings=notes.findings)
    persons = sorted(reading.persons.values(), key=lambda person: (person.name, person.id))
    named = {group for person in persons for group in person.groups}
    return People(
        persons={person.id: person for person in persons},
        by_email={email_key(person.email): person for person in persons},
        groups=frozenset(named | role_groups.all),
        fallback_group=role_groups.fallback,
        role_groups=role_groups,
    )


class _Reading:
    """The persons read so far, and where they stand."""

    def __init__(self, notes: Notes, role_groups: RoleGroups) -> None:
        self.persons: dict[PersonId, Person] = {}
        self._notes = notes
        self._role_groups = role_groups
        self._lines: dict[str, int] = {}
        self._emails: dict[str, int] = {}
        self._managers: list[tuple[str, int]] = []

    def add(self, item: Tree) -> None:
        notes = self._notes
        fields = notes.table(item, what="a person", known=_PERSON, needed=("id", "name", "email"))
        known_id = self._unique(fields.get("id"), self._lines, what="id")
        email = self._email(fields.get("email"))
        name = notes.text(fields.get("name"), what="name")
        manager = notes.text(fields.get("manager"), what="manager")
        if manager is not None:
            self._managers.append((manager, fields["manager"].line))
        groups = frozenset(group for group, _ in notes.texts(fields.get("groups"), what="groups"))
        title = notes.text(fields.get("title"), what="title") or ""
        department = notes.text(fields.get("department"), what="department") or ""
        enabled = notes.truth(fields.get("enabled"), what="enabled", otherwise=True)
        if known_id is None or name is None or email is None:
            return
        self.persons[PersonId(known_id)] = Person(
            id=PersonId(known_id),
            name=name,
            email=email,
            title=title,
            department=department,
            manager=PersonId(manager) if manager is not None else None,
            groups=groups,
            roles=self._role_groups.roles(groups),
            enabled=enabled,
        )

    def check_managers(self) -> None:
        for manager, line in self._managers:
            if manager not in self._lines:
                self._notes.add(line, f"Nobody here has the id “{manager}”. A manager is named by their id.")

    def _email(self, tree: Tree | None) -> str | None:
        email = self._notes.text(tree, what="email")
        if tree is None or email is None:
            return None
        local, _, domain = email.rpartition("@")
        if not local or not domain or " " in email:
            self._notes.add(tree.line, f"“{email}” is not an e-mail address.")
            return None
        return self._unique(tree, self._emails, what="email")

    def _unique(self, tree: Tree | None, lines: dict[str, int], *, what: str) -> str | None:
        text = self._notes.text(tree, what=what)
        if tree is None or text is None:
            return None
        key = email_key(text) if what == "email" else text
        if key in lines:
            self._notes.add(tree.line, f"The {what} “{text}” stands in line {lines[key]} already.")
            return None
        lines[key] = tree.line
        return text
