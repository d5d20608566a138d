"""Attack 41: connector URLs that would lead into the company's network, or out of HTTP."""

import ipaddress

import pytest

from bot.connectors.addresses import (
    AddressRefused,
    BadUrl,
    NoSuchHost,
    Reach,
    addresses_of,
    check_address,
    check_url,
)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://tools.example.com/", "begin with http"),
        ("file:///etc/passwd", "begin with http"),
        ("tools.example.com/mcp", "begin with http"),
        ("http://", "names no server"),
        ("http://:80/", "names no server"),
        ("http://example.com:0/", "names no server"),
        ("http://example.com:99999/", "not a valid URL"),
        ("http://[::1/", "not a valid URL"),
        ("https://me:hunter2@example.com/", "user name or password"),
    ],
)
def test_attack_41_only_plain_http_urls_are_taken(url: str, why: str) -> None:
    with pytest.raises(BadUrl, match=why) as refused:
        check_url(url, Reach.PRIVATE)
    assert "hunter2" not in refused.value.sentence


@pytest.mark.parametrize(
    "url", ["https://tools.example.com/mcp", "http://93.184.216.34:8080/", "https://[2606:2800::1]/"]
)
def test_public_servers_are_within_reach(url: str) -> None:
    check_url(url, Reach.PUBLIC)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
    ],
)
def test_attack_41_this_machine_is_out_of_reach_however_it_is_spelled(host: str) -> None:
    with pytest.raises(AddressRefused, match="this machine itself"):
        check_url(f"http://{host}/mcp", Reach.PUBLIC)
    check_url(f"http://{host}/mcp", Reach.LOOPBACK)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1", "[fd12::1]", "[2002:a00:1::]"]
)
def test_attack_41_private_networks_are_out_of_reach_unless_allowed(host: str) -> None:
    for reach in (Reach.PUBLIC, Reach.LOOPBACK):
        with pytest.raises(AddressRefused, match="set the connector reach to private"):
            check_url(f"http://{host}/mcp", reach)
    check_url(f"http://{host}/mcp", Reach.PRIVATE)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.170.2",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104  # it is refused, not bound
        "[::]",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_attack_41_some_addresses_are_never_within_reach(host: str) -> None:
    with pytest.raises(AddressRefused, match="connectors may never go there"):
        check_url(f"http://{host}/mcp", Reach.PRIVATE)


def test_attack_41_an_address_is_checked_as_what_it_wraps() -> None:
    with pytest.raises(AddressRefused):
        check_address("sixtofour.test", ipaddress.ip_address("2002:7f00:1::"), Reach.PUBLIC)


async def test_attack_41_a_name_is_checked_by_all_its_addresses() -> None:
    with pytest.raises(AddressRefused):
        await addresses_of("localhost", 80, Reach.PUBLIC)
    found = await addresses_of("localhost", 80, Reach.LOOPBACK)
    assert found
    assert all(address.is_loopback for address in found)


async def test_a_name_that_nobody_knows_is_said_to_be_unknown() -> None:
    with pytest.raises(NoSuchHost, match=r"no-such-host\.invalid cannot be found"):
        await addresses_of("no-such-host.invalid", 80, Reach.PUBLIC)
