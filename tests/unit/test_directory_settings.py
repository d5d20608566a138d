"""The directory file says who a company's identity provider is, and its mistakes are told by line."""

from pathlib import Path

import pytest

from bot.directory.entra.access import EntraAccess, Proof
from bot.directory.file_access import FileAccess
from bot.directory.google.access import GoogleAccess
from bot.directory.okta.access import OktaAccess
from bot.directory.roles import RoleGroups
from bot.directory.scim.access import ScimAccess
from bot.documents.findings import BadDocument
from bot.settings.directories import DirectorySettings, directory_settings

GUID = "01234567-89ab-cdef-0123-456789abcdef"
TOKEN = "s3cret"  # noqa: S105 - nothing is behind it
ENVIRON = {"SECRET": TOKEN, "KEY": '{"client_email": "a@b", "private_key": "k", "token_uri": "u"}'}


def read(folder: Path, text: str) -> DirectorySettings:
    path = folder / "directory.yaml"
    path.write_text(text, encoding="utf-8")
    return directory_settings(path, environ=ENVIRON)


def mistakes(folder: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(BadDocument) as refused:
        read(folder, text)
    assert "s3cret" not in str(refused.value)
    return [(one.line, one.sentence) for one in refused.value.findings]


def test_a_people_file_is_its_own_directory(tmp_path: Path) -> None:
    found = read(tmp_path, "version: 1\npeople: []\n")
    assert found.access == FileAccess(path=tmp_path / "directory.yaml")


def test_a_file_that_is_not_there_is_a_people_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    assert directory_settings(path, environ={}).access == FileAccess(path=path)


def test_a_person_called_provider_makes_no_provider(tmp_path: Path) -> None:
    found = read(tmp_path, "version: 1\npeople:\n  - {id: a, name: 'provider: x', email: a@b.test}\n")
    assert isinstance(found.access, FileAccess)


@pytest.mark.parametrize(
    ("section", "access"),
    [
        ("file: {people: people.yaml}", None),
        (
            f"entra: {{tenant: {GUID.upper()}, client: {GUID}, secret: {{env: SECRET}}}}",
            EntraAccess(tenant=GUID, client=GUID, proof=Proof.SECRET, secret=TOKEN),
        ),
        (
            f"entra: {{tenant: {GUID}, managed_identity: true}}",
            EntraAccess(tenant=GUID, client="", proof=Proof.MANAGED_IDENTITY),
        ),
        (
            "okta: {url: 'https://acme.okta.com', api_token: {env: SECRET}}",
            OktaAccess(url="https://acme.okta.com/", api_token=TOKEN),
        ),
        (
            "okta: {url: 'https://acme.okta.com', client: 0oa1, key_id: k1, private_key: {env: SECRET}}",
            OktaAccess(url="https://acme.okta.com/", client="0oa1", key_id="k1", private_key=TOKEN),
        ),
        (
            "google: {service_account: {env: KEY}, admin: root@acme.test, domain: Acme.test}",
            GoogleAccess(key=ENVIRON["KEY"], admin="root@acme.test", domain="acme.test"),
        ),
        (
            "scim: {url: 'http://127.0.0.1:8081/scim/v2/', token: {env: SECRET}}",
            ScimAccess(url="http://127.0.0.1:8081/scim/v2/", token=TOKEN),
        ),
    ],
)
def test_each_provider_is_read(tmp_path: Path, section: str, access: object) -> None:
    name = section.partition(":")[0]
    found = read(tmp_path, f"version: 1\nprovider: {name}\n{section}\n")
    assert found.access == (access or FileAccess(path=tmp_path / "people.yaml"))


def test_roles_and_the_fallback_group_are_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "version: 1\nprovider: scim\nscim: {url: 'https://a.test', token: {env: SECRET}}\n"
        "roles: {technician: [IT Support], admin: [IT Admins]}\nfallback_group: IT Admins\n",
    )
    assert found.roles == RoleGroups(
        technician=frozenset({"IT Support"}), admin=frozenset({"IT Admins"}), fallback="IT Admins"
    )


def test_a_secret_comes_from_a_file_beside(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n", encoding="utf-8")
    found = read(
        tmp_path, "version: 1\nprovider: scim\nscim: {url: 'https://a.test', token: {file: token}}\n"
    )
    assert found.access == ScimAccess(url="https://a.test/", token=TOKEN)


URL = "url: 'https://a.test'"


@pytest.mark.parametrize(
    ("section", "part"),
    [
        (f"scim: {{{URL}, token: s3cret}}", "must not stand here"),
        (f"scim: {{{URL}, token: {{env: NONE}}}}", "has no NONE"),
        (f"scim: {{{URL}, token: {{file: no}}}}", "cannot be read"),
        (f"scim: {{{URL}, token: {{}}}}", "either env or file"),
        ("scim: {url: 'http://a.test', token: {env: SECRET}}", "https"),
        (f"entra: {{tenant: acme, client: {GUID}, secret: {{env: SECRET}}}}", "no such id"),
        (f"entra: {{tenant: {GUID}, client: {GUID}}}", "needs one of"),
        (f"entra: {{tenant: {GUID}, secret: {{env: SECRET}}}}", "“client”"),
        (f"okta: {{{URL}}}", "either private_key"),
        (f"okta: {{{URL}, private_key: {{env: SECRET}}}}", "Client ID"),
        ("google: {service_account: {env: SECRET}, admin: a@b, domain: b}", "JSON key"),
    ],
)
def test_a_mistake_in_a_section_is_told_with_its_line(tmp_path: Path, section: str, part: str) -> None:
    name = section.partition(":")[0]
    found = mistakes(tmp_path, f"version: 1\nprovider: {name}\n{section}\n")
    assert any(line == 3 and part in sentence for line, sentence in found), found


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("version: 1\nprovider: ldap\n", 2, "“ldap” is no provider"),
        ("version: 1\nprovider: scim\n", 2, "needs “scim”"),
        ("version: 2\nprovider: file\nfile: {people: p}\n", 1, "version must be 1"),
        ("version: 1\nprovider: file\nfile: {people: p}\nscim: {url: x}\n", 4, "does not belong here"),
        ("version: 1\nprovider: file\nfile: {people: p}\nroels: {}\n", 4, "Did you mean “roles”"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, part: str) -> None:
    found = mistakes(tmp_path, text)
    assert any(at == line and part in sentence for at, sentence in found), found
