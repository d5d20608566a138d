"""What Acme's IT estate holds on its first day."""

import sqlite3
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from bot.demo.records import Level

PEOPLE_FILE = Path(__file__).with_name("people.yaml")
"""The demo's directory of people; the file directory provider reads the same file."""


class _Person(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: str
    email: str
    title: str
    department: str
    manager: str | None = None
    groups: list[str]
    enabled: bool


class _People(BaseModel):
    model_config = ConfigDict(frozen=True)

    people: list[_Person]


_GROUPS = (
    ("admins", "Admins", "IT administrators: they run Acme's systems."),
    ("all-staff", "All staff", "Every Acme employee."),
    ("contractors", "Contractors", "People who work for Acme but are not employed by it."),
    ("executives", "Executives", "Acme's leadership."),
    ("finance", "Finance", "The Finance department and its shared files."),
    ("it", "IT", "The IT department and its shared files."),
    ("people-leads", "People leads", "Everyone who manages people."),
    ("sales", "Sales", "The Sales department and its shared files."),
    ("technicians", "Technicians", "IT technicians: they answer requests for help."),
    ("vpn-users", "VPN users", "May reach Acme's network from outside the office."),
)

# id, name, description, category, licences, US dollars a year for one
_APPS = (
    ("1password", "1Password", "Password vault for teams.", "Security", 20, 96),
    ("confluence", "Confluence", "Internal documentation.", "Engineering", 20, 72),
    ("docusign", "DocuSign", "Contracts and electronic signatures.", "Finance", 5, 300),
    ("figma", "Figma", "Design files and prototypes.", "Design", 6, 180),
    ("github", "GitHub", "Source code and reviews.", "Engineering", 10, 252),
    ("hubspot", "HubSpot", "Marketing mail and campaigns.", "Sales", 4, 540),
    ("jira", "Jira", "Projects and tickets of the product teams.", "Engineering", 15, 98),
    ("notion", "Notion", "Notes and plans.", "Productivity", 20, 120),
    ("salesforce", "Salesforce", "Customers, deals and forecasts.", "Sales", 8, 1980),
    ("tableau", "Tableau", "Reports and dashboards.", "Finance", 2, 900),
    ("zendesk", "Zendesk", "Customer support tickets.", "Support", 6, 660),
    ("zoom", "Zoom", "Video meetings.", "Productivity", 20, 160),
)

_ACCESS: tuple[tuple[str, str, Level], ...] = (
    ("1password", "ada", "admin"),
    ("1password", "ahmed", "admin"),
    ("1password", "bob", "member"),
    ("1password", "carol", "member"),
    ("confluence", "ada", "admin"),
    ("confluence", "bob", "member"),
    ("confluence", "carol", "member"),
    ("confluence", "dan", "member"),
    ("docusign", "grace", "member"),
    ("docusign", "megan", "member"),
    ("github", "ada", "admin"),
    ("github", "ahmed", "member"),
    ("hubspot", "megan", "member"),
    ("jira", "ada", "admin"),
    ("jira", "bob", "member"),
    ("jira", "carol", "member"),
    ("jira", "dan", "viewer"),
    ("notion", "alice", "member"),
    ("notion", "grace", "member"),
    ("notion", "megan", "member"),
    ("salesforce", "alice", "member"),
    ("salesforce", "grace", "viewer"),
    ("salesforce", "megan", "admin"),
    ("tableau", "grace", "viewer"),  # the two licences of Tableau are both in use
    ("tableau", "megan", "viewer"),
    ("zendesk", "ada", "admin"),
    ("zendesk", "bob", "member"),
    ("zendesk", "carol", "member"),
    ("zoom", "ada", "admin"),
    ("zoom", "alice", "member"),
    ("zoom", "eve", "member"),
    ("zoom", "grace", "member"),
    ("zoom", "megan", "member"),
)

# number, model, kind, owner, recovery key
_DEVICES = (
    (1001, "MacBook Air 13", "laptop", "alice", "7QK2-M4XW-9RTD-ACME-DEMO-1001"),
    (1002, "MacBook Pro 14", "laptop", "megan", "H3VN-8PLC-2YGS-ACME-DEMO-1002"),
    (1003, "ThinkPad T14", "laptop", "bob", "R6DB-5JZA-4WKE-ACME-DEMO-1003"),
    (1004, "ThinkPad T14", "laptop", "carol", "X9FM-3TQU-7NHB-ACME-DEMO-1004"),
    (1005, "ThinkPad T14", "laptop", "dan", "C2WS-6LRG-8VPK-ACME-DEMO-1005"),
    (1006, "MacBook Pro 16", "laptop", "ada", "K8YD-4BNJ-5XQT-ACME-DEMO-1006"),
    (1007, "ThinkPad X1", "laptop", "ahmed", "P5HC-9GVM-3ZRA-ACME-DEMO-1007"),
    (1008, "Surface Laptop 6", "laptop", "eve", "T7JL-2KWF-6SBX-ACME-DEMO-1008"),
    (1009, "MacBook Air 15", "laptop", "grace", "N4QV-7ECP-8DMY-ACME-DEMO-1009"),
    (1010, "ThinkPad T14", "laptop", None, "B6RZ-5XTH-9LGU-ACME-DEMO-1010"),
    (2001, "iPhone 15", "phone", "alice", None),
    (2002, "iPhone 15 Pro", "phone", "megan", None),
    (2003, "Pixel 9", "phone", "grace", None),
)

_LABEL = {"laptop": "LT", "phone": "PH"}

_MFA = {
    "ada": "security_key",
    "ahmed": "security_key",
    "alice": "authenticator_app",
    "bob": "authenticator_app",
    "carol": "authenticator_app",
    "grace": "authenticator_app",
    "megan": "authenticator_app",
}

_LOCKED = frozenset({"eve"})


def _id(person: str | None) -> str | None:
    return person and f"p-{person}"


def fill(connection: sqlite3.Connection) -> None:
    """Writes the first day's content, inside the caller's transaction, into tables that are empty."""
    people = _People.model_validate(YAML(typ="safe").load(PEOPLE_FILE.read_text(encoding="utf-8"))).people
    connection.execute("PRAGMA defer_foreign_keys = ON")  # people come before their managers
    for person in people:
        short = person.email.partition("@")[0]
        connection.execute(
            "INSERT INTO accounts (id, email, name, title, department, manager, enabled, locked, mfa)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(person.id, person.email, person.name, person.title, person.department, person.manager),
                *(person.enabled, short in _LOCKED, _MFA.get(short, "none")),
            ),
        )
    connection.executemany("INSERT INTO groups (id, name, description) VALUES (?, ?, ?)", _GROUPS)
    connection.executemany(
        "INSERT INTO memberships (group_id, account) VALUES (?, ?)",
        [(group, person.id) for person in people for group in person.groups],
    )
    connection.executemany(
        "INSERT INTO apps (id, name, description, category, licences, yearly_price_usd)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        _APPS,
    )
    connection.executemany(
        "INSERT INTO access (app, account, level) VALUES (?, ?, ?)",
        [(app, _id(person), level) for app, person, level in _ACCESS],
    )
    connection.executemany(
        "INSERT INTO devices (id, name, model, kind, owner, state, recovery_key)"
        " VALUES (?, ?, ?, ?, ?, 'in_use', ?)",
        [
            (f"d-{number}", f"ACME-{_LABEL[kind]}-{number}", model, kind, _id(owner), key)
            for number, model, kind, owner, key in _DEVICES
        ],
    )
