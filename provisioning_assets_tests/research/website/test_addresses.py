"""Only public addresses are reached, however an address is written or wrapped."""

import ipaddress
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning_assets.research.website.addresses import (
    AddressRefusedError,
    NameUnknownError,
    checked_addresses,
    is_public,
    resolve_host,
)

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::808:808",
    "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:808:808::1", "2606:4700::5efe:10.0.0.1",
    "2606:4700:0:0:200:5efe:7f00:1", "not an address", "",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.63.255.255", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8",
    "64:ff9b::808:808", "2002:808:808::1", "2606:4700::5efe:808:808",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_reached(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_in_ipv6_changes_nothing(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    wrapped = [
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1),
    ]
    assert {is_public(inner) for inner in wrapped} == {is_public(address)}


@given(st.sampled_from(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"]), st.data())
def test_every_address_of_a_private_network_is_refused(network: str, data: st.DataObject) -> None:
    assert not is_public(data.draw(st.ip_addresses(network=network)))


def test_one_private_address_among_public_ones_refuses_the_host() -> None:
    with pytest.raises(AddressRefusedError, match=r"10\.0\.0\.7"):
        checked_addresses(
            "mixed.test", allow_private_hosts=(), seconds=1, resolve=lambda _host, _seconds: ["8.8.8.8", "10.0.0.7"]
        )


def test_an_exception_is_for_the_whole_host_name_only() -> None:
    def loopback(_host: str, _seconds: float) -> list[str]:
        return ["127.0.0.1"]

    allowed = checked_addresses("Intranet.test.", allow_private_hosts={"intranet.test"}, seconds=1, resolve=loopback)
    assert allowed == ["127.0.0.1"]
    for other in ("sub.intranet.test", "intranet.test.evil.com", "test"):
        with pytest.raises(AddressRefusedError):
            checked_addresses(other, allow_private_hosts={"intranet.test"}, seconds=1, resolve=loopback)


@pytest.mark.parametrize("spelling", ["localhost", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1"])
def test_other_spellings_of_loopback_are_refused_after_resolving(spelling: str) -> None:
    with pytest.raises((AddressRefusedError, NameUnknownError)):
        checked_addresses(spelling, allow_private_hosts=(), seconds=5)


def test_a_name_that_does_not_exist_is_reported() -> None:
    with pytest.raises(NameUnknownError, match="does not resolve"):
        resolve_host("no-such-name.invalid", 10)
    with pytest.raises(NameUnknownError, match="no address"):
        checked_addresses("empty.test", allow_private_hosts=(), seconds=1, resolve=lambda _host, _seconds: [])


def test_a_silent_name_server_is_given_up_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_kwargs: answered.wait(60))
    with pytest.raises(NameUnknownError, match="not resolved within"):
        resolve_host("slow.test", 0.05)
    answered.set()
