"""The directory file says where people sign in, and its mistakes are told by line."""

from pathlib import Path

import pytest

from bot.documents.findings import BadDocument
from bot.settings.directories import directory_settings
from bot.settings.public_url import BadPublicUrl, public_url
from bot.signin.access import SignInAccess

GUID = "01234567-89ab-cdef-0123-456789abcdef"
SECRET = "s3cret"  # noqa: S105 - nothing is behind it
ENTRA = f"https://login.microsoftonline.com/{GUID}/v2.0"
ACME = "https://acme.okta.com"


def read(folder: Path, section: str) -> SignInAccess | None:
    path = folder / "directory.yaml"
    text = f"version: 1\nprovider: file\nfile: {{people: people.yaml}}\n{section}\n"
    path.write_text(text, encoding="utf-8")
    return directory_settings(path, environ={"SECRET": SECRET}).sign_in


def test_without_the_section_nobody_signs_in(tmp_path: Path) -> None:
    assert read(tmp_path, "fallback_group: technicians") is None


@pytest.mark.parametrize(
    ("more", "subject", "issuer"),
    [
        ("", "oid", ENTRA),
        ("", "sub", ACME),
        ("", "sub", "https://accounts.google.com"),
        (", subject: uid", "uid", ACME),
        (", subject: sub", "sub", ENTRA),
    ],
)
def test_the_claim_with_the_id_that_the_directory_knows_depends_on_the_issuer(
    tmp_path: Path, more: str, subject: str, issuer: str
) -> None:
    found = read(tmp_path, f"sign_in: {{issuer: '{issuer}', client: c1, secret: {{env: SECRET}}{more}}}")
    assert found == SignInAccess(issuer=issuer, client="c1", secret=SECRET, subject=subject)
    assert SECRET not in repr(found)


def test_an_issuer_with_a_slash_at_its_end_is_another_one(tmp_path: Path) -> None:
    found = read(tmp_path, "sign_in: {issuer: 'https://a.test/', client: c, secret: {env: SECRET}}")
    assert found is not None
    assert found.issuer == "https://a.test/"


@pytest.mark.parametrize(
    ("section", "part"),
    [
        (f"{{client: c, secret: {{env: SECRET}}, issuer: 'http://{ACME[8:]}'}}", "https"),
        (f"{{client: c, secret: {{env: SECRET}}, issuer: '{ACME}?x=1'}}", "https"),
        ("{client: c, secret: {env: SECRET}}", "needs “issuer”"),
        (f"{{issuer: '{ACME}', secret: {{env: SECRET}}}}", "needs “client”"),
        (f"{{issuer: '{ACME}', client: c}}", "needs “secret”"),
        (f"{{issuer: '{ACME}', client: c, secret: {SECRET}}}", "must not stand here"),
        (f"{{issuer: '{ACME}', client: c, secret: {{env: NONE}}}}", "has no NONE"),
        (f"{{issuer: '{ACME}', client: c, secret: {{env: SECRET}}, scope: x}}", "“scope” is not a key"),
        (
            "{client: c, secret: {env: SECRET}, issuer: 'https://login.microsoftonline.com/common/v2.0'}",
            "lets anybody’s organisation in",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_without_the_secret(
    tmp_path: Path, section: str, part: str
) -> None:
    with pytest.raises(BadDocument) as refused:
        read(tmp_path, f"sign_in: {section}")
    assert any(one.line == 4 and part in one.sentence for one in refused.value.findings), refused.value
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, None),
        ({"COUNTERSIGN_PUBLIC_URL": " "}, None),
        ({"COUNTERSIGN_PUBLIC_URL": " https://bot.acme.test/ "}, "https://bot.acme.test"),
        ({"COUNTERSIGN_PUBLIC_URL": "https://acme.test/bot"}, "https://acme.test/bot"),
        ({"COUNTERSIGN_PUBLIC_URL": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
    ],
)
def test_the_public_address_is_read_without_a_slash_at_its_end(
    given: dict[str, str], found: str | None
) -> None:
    assert public_url(given) == found


@pytest.mark.parametrize("given", ["bot.acme.test", "http://bot.acme.test", "https://a.test?x=1", "https://"])
def test_a_public_address_that_secrets_must_not_travel_to_is_refused(given: str) -> None:
    with pytest.raises(BadPublicUrl):
        public_url({"COUNTERSIGN_PUBLIC_URL": given})
