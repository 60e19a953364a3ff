"""Which addresses are anybody's, and that no other is ever connected to."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Address, ip_address

import pytest

from errors import FetchFailedError
from processing.fetch import Fetcher, SystemResolver
from processing.fetch.public import is_public
from tests.processing.fetch.conftest import LIMITS, Names, fetched

S1 = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4",
]  # fmt: skip
S2 = [
    "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1",
    "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1111%1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
          "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::200e", "2001:200::1", "2400:cb00::1"]  # fmt: skip


@pytest.mark.parametrize("network", S1)
def test_s1_no_special_ipv4_address_is_public(network):
    addresses = IPv4Network(network)

    assert not any(is_public(addresses[n]) for n in (0, 1, addresses.num_addresses // 2, -1))


@pytest.mark.parametrize("address", S2)
def test_s2_no_special_ipv6_address_is_public_whatever_it_carries(address):
    assert not is_public(IPv6Address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_the_others_are_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", [*(str(IPv4Network(network)[1]) for network in S1), "255.255.255.255"])
async def test_s1_no_special_ipv4_address_is_connected_to(public_fetcher, names, dialled, address):
    names.addresses["name.test"] = [address]

    for host in (address, "name.test"):
        with pytest.raises(FetchFailedError):
            await fetched(public_fetcher, f"http://{host}/")
    assert dialled == []


@pytest.mark.parametrize("address", [address for address in S2 if "%" not in address])
async def test_s2_no_special_ipv6_address_is_connected_to(public_fetcher, names, dialled, address):
    names.addresses["name.test"] = [address]

    for host in (f"[{address}]", "name.test"):
        with pytest.raises(FetchFailedError):
            await fetched(public_fetcher, f"https://{host}/")
    assert dialled == []


async def test_s2_an_address_with_a_scope_is_not_connected_to(public_fetcher, names, dialled):
    names.addresses["name.test"] = ["fe80::1%lo"]

    with pytest.raises(FetchFailedError):
        await fetched(public_fetcher, "http://name.test/")
    assert dialled == []


async def test_a_public_address_is_connected_to(public_fetcher, names, dialled):
    names.addresses["name.test"] = ["93.184.216.34", "2606:4700::1111"]

    with pytest.raises(FetchFailedError):
        await fetched(public_fetcher, "https://name.test/")
    assert sorted(dialled) == [("2606:4700::1111", 443), ("93.184.216.34", 443)]


@pytest.mark.parametrize("inside", ["127.0.0.1", "::1", "10.1.2.3"])
async def test_s7_one_private_address_among_public_ones_is_enough(public_fetcher, names, dialled, inside):
    names.addresses["name.test"] = ["93.184.216.34", "2606:4700::1111", inside]

    with pytest.raises(FetchFailedError):
        await fetched(public_fetcher, "http://name.test/")
    assert dialled == []


async def test_s7_a_name_that_is_rebound_is_looked_up_once_and_reached_where_it_was_checked(dialled):
    class Rebinding(Names):
        async def __call__(self, host):
            return ["127.0.0.1" if self.asked else "93.184.216.34", *await super().__call__(host)]

    rebinding = Rebinding(name_test="")

    with pytest.raises(FetchFailedError):
        await fetched(Fetcher(LIMITS, rebinding), "http://name.test/")
    assert (rebinding.asked, dialled) == (["name.test"], [("93.184.216.34", 80)])


async def test_s7_the_resolver_of_the_system_is_asked_and_its_answer_checked(dialled):
    with pytest.raises(FetchFailedError):
        await fetched(Fetcher(LIMITS, SystemResolver()), "http://localhost/")
    assert dialled == []
