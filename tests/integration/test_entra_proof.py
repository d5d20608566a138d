"""How the bot shows Entra which app asks for people: with a secret, a certificate, or an Azure machine."""

import asyncio
import logging
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from structlog.processors import CallsiteParameter, CallsiteParameterAdder
from structlog.testing import capture_logs

from bot.directory.calls import ProviderAway, ProviderRejects
from bot.directory.entra.access import EntraAccess, Proof
from bot.directory.entra.directory import EntraDirectory
from bot.domain.people import Person, PersonId
from tests.builders import NOW
from tests.directories.entra import CLIENT, SECRET
from tests.directories.http import QUICK, ROLES
from tests.directories.stage import someone
from tests.servers.entra import TENANT, Entra, entra_server
from tests.servers.graph_directory import GraphServer

ALICE = someone("alice", "sales")


@pytest.fixture
async def entra() -> AsyncIterator[Entra]:
    async with entra_server() as made:
        made.secret = SECRET
        yield made


@pytest.fixture
async def graph(entra: Entra) -> AsyncIterator[GraphServer]:
    made = GraphServer(entra)
    async with made.running():
        made.holds([ALICE])
        yield made


@pytest.fixture
def access(entra: Entra, graph: GraphServer) -> EntraAccess:
    return EntraAccess(
        tenant=TENANT,
        client=CLIENT,
        proof=Proof.SECRET,
        secret=SECRET,
        login_url=entra.url,
        graph_url=graph.url,
    )


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(key: RSAPrivateKey, *, lock: KeySerializationEncryption | None = None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock or NoEncryption()).decode()


def certificate_of(key: RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "countersign")])
    builder = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
    dated = builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    return dated.serial_number(1).sign(key, hashes.SHA256())


def public_pem(key: RSAPrivateKey) -> str:
    return certificate_of(key).public_bytes(Encoding.PEM).decode()


def thumbprint(key: RSAPrivateKey) -> str:
    return urlsafe_b64encode(certificate_of(key).fingerprint(hashes.SHA256())).rstrip(b"=").decode()


async def asked(access: EntraAccess) -> Person | None:
    async with EntraDirectory(access, ROLES, patience=QUICK) as provider:
        return await provider.person(PersonId("u-alice"))


async def test_of_many_who_ask_at_once_one_asks_for_a_token(entra: Entra, access: EntraAccess) -> None:
    async with EntraDirectory(access, ROLES, patience=QUICK) as provider:
        found = await asyncio.gather(*(provider.person(PersonId("u-alice")) for _ in range(20)))
    assert found == [ALICE] * 20
    assert [one["scope"] for one in entra.asked] == ["https://graph.microsoft.com/.default"]


async def test_a_certificate_proves_who_asks(entra: Entra, access: EntraAccess, key: RSAPrivateKey) -> None:
    entra.certificates = {thumbprint(key): key.public_key()}
    for pem in (pem_of(key) + public_pem(key), f"Bag Attributes\n{public_pem(key)}\n{pem_of(key)}"):
        assert await asked(replace(access, proof=Proof.CERTIFICATE, secret=pem)) == ALICE
    assert not any("client_secret" in one for one in entra.asked)


async def test_a_certificate_that_entra_does_not_know_is_not_taken(
    access: EntraAccess, key: RSAPrivateKey
) -> None:
    pem = pem_of(key) + public_pem(key)
    with pytest.raises(ProviderRejects, match="AADSTS700027"):
        await asked(replace(access, proof=Proof.CERTIFICATE, secret=pem))


@pytest.mark.parametrize(
    "part", ["nothing", "only a key", "only a certificate", "a lock", "another key", "rubbish"]
)
async def test_a_certificate_that_is_no_use_is_said_before_anybody_is_asked(
    entra: Entra, access: EntraAccess, key: RSAPrivateKey, part: str
) -> None:
    other = generate_private_key(public_exponent=65537, key_size=2048)
    rubbish = "-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----\n"
    pem = {
        "nothing": "",
        "only a key": pem_of(key),
        "only a certificate": public_pem(key),
        "a lock": pem_of(key, lock=BestAvailableEncryption(b"hunter2")) + public_pem(key),
        "another key": pem_of(other) + public_pem(key),
        "rubbish": rubbish + public_pem(key),
    }[part]
    with pytest.raises(ProviderRejects, match="certificate"):
        await asked(replace(access, proof=Proof.CERTIFICATE, secret=pem))
    assert entra.asked == []


async def test_a_certificate_is_read_once_and_never_where_everybody_else_would_wait(
    entra: Entra, access: EntraAccess, key: RSAPrivateKey
) -> None:
    """It takes as long as hundreds of other answers, so it is read on the thread that asks for tokens."""
    useless = replace(access, proof=Proof.CERTIFICATE, secret=pem_of(key))
    by_thread = CallsiteParameterAdder([CallsiteParameter.THREAD_NAME])
    with capture_logs(processors=[by_thread]) as logged:
        async with EntraDirectory(useless, ROLES, patience=QUICK) as provider:
            for _ in range(3):
                with pytest.raises(ProviderRejects, match="certificate"):
                    await provider.person(PersonId("u-alice"))
    [read] = [line for line in logged if line["event"] == "entra.token_refused"]
    assert read["thread_name"].startswith("entra-tokens")
    assert entra.asked == []


@pytest.mark.parametrize("client", [CLIENT, ""])
async def test_an_azure_machine_proves_who_asks(
    entra: Entra, access: EntraAccess, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{entra.url}machine")
    monkeypatch.setenv("IDENTITY_HEADER", "known")
    machine = replace(access, client=client, proof=Proof.MANAGED_IDENTITY, secret="")
    assert await asked(machine) == ALICE
    assert [(one["resource"], one.get("client_id", "")) for one in entra.asked] == [
        ("https://graph.microsoft.com", client)
    ]


async def test_a_machine_that_does_not_know_the_identity_gives_no_token(
    entra: Entra, access: EntraAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{entra.url}machine")
    monkeypatch.setenv("IDENTITY_HEADER", "unknown")
    with pytest.raises(ProviderRejects):
        await asked(replace(access, proof=Proof.MANAGED_IDENTITY, secret=""))


async def test_a_machine_is_asked_again_where_its_token_is_not_taken(
    entra: Entra, graph: GraphServer, access: EntraAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{entra.url}machine")
    monkeypatch.setenv("IDENTITY_HEADER", "known")
    graph.faults.rejected = 1
    assert await asked(replace(access, proof=Proof.MANAGED_IDENTITY, secret="")) == ALICE
    assert len(entra.asked) == 2


async def test_a_wrong_secret_is_said_without_being_written_anywhere(
    access: EntraAccess, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ProviderRejects, match="invalid_client AADSTS7000215") as raised:
        await asked(replace(access, secret="hunter2"))  # noqa: S106 - a wrong one
    written = capsys.readouterr()
    for text in (str(raised.value), caplog.text, written.out, written.err):
        assert "hunter2" not in text


async def test_a_token_is_written_nowhere(
    entra: Entra, access: EntraAccess, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    assert await asked(access) == ALICE
    written = capsys.readouterr()
    [token] = entra.given
    for text in (caplog.text, written.out, written.err):
        assert token not in text


async def test_a_tenant_that_there_is_not_is_said_to_be_none(entra: Entra, access: EntraAccess) -> None:
    entra.tenant = "another"
    with pytest.raises(ProviderRejects, match="tenant"):
        await asked(access)


async def test_an_entra_that_gives_no_tokens_at_the_moment_is_away(entra: Entra, access: EntraAccess) -> None:
    async with EntraDirectory(access, ROLES, patience=QUICK) as provider:
        entra.status = 503
        with pytest.raises(ProviderAway, match="no token"):
            await provider.person(PersonId("u-alice"))
        with pytest.raises(ProviderAway, match="no token"):
            await provider.gaps()
        entra.status = 200
        assert await provider.person(PersonId("u-alice")) == ALICE
