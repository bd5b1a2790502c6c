"""Which addresses are public: judged without any network."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as some

from charsu.kernel.outgoing.addresses import is_public

PUBLIC = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.32.0.1", "192.169.0.1"]
PUBLIC += ["2606:4700:4700::1111", "2a00:1450:4001::", "::ffff:8.8.8.8", "64:ff9b::808:808"]

INNER = ["0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0"]
INNER += ["100.100.100.200", "100.127.255.255", "127.0.0.1", "127.255.255.255"]
INNER += ["168.63.129.16", "169.254.169.254", "172.16.0.0", "172.31.255.255"]
INNER += ["192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255"]
INNER += ["198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"]
INNER += ["239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1"]
INNER += ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"]
INNER += ["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "100::1"]
INNER += ["2001::1", "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::"]
INNER += ["3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1"]
INNER += ["ff02::1", "ff05::2"]


@pytest.mark.parametrize("text", PUBLIC)
def test_the_worlds_addresses_are_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", INNER)
def test_addresses_that_lead_inside_are_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@given(some.ip_addresses())
def test_nothing_that_python_holds_for_private_is_public(address: object) -> None:
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain.is_private or plain.is_multicast or plain.is_loopback or plain.is_link_local:
        assert not is_public(address)


@given(some.ip_addresses(v=4))
def test_an_address_in_ipv6_clothes_is_as_public_as_it_is(address: object) -> None:
    for prefix in (0xFFFF << 32, 0x64FF9B << 96):
        dressed = ip_address(prefix | int(address)) if prefix >> 96 else _mapped(int(address))
        assert is_public(dressed) == is_public(address)


def _mapped(number: int) -> object:
    return ip_address((0xFFFF << 32 | number).to_bytes(16))
