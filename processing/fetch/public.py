"""Which IP addresses are anybody's to reach.

The table is ours: Python's `is_global` has changed with its versions, and says yes to multicast and to IPv6 addresses
that carry a private IPv4 address inside.

Source: IANA's registries of special-purpose IPv4 and IPv6 addresses (RFC 6890), RFC 4291, RFC 6052, RFC 6598.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

Address = IPv4Address | IPv6Address

SPECIAL_V4: Final = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by a carrier's customers
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; clouds answer there with credentials
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
UNICAST_V6: Final = IPv6Network("2000::/3")
"""What IANA gives out. Loopback, mapped and translated IPv4, private, link-local and multicast all lie outside."""

SPECIAL_V6: Final = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols; Teredo, which carries an IPv4 address, among them
        "2001:db8::/32",
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",
    )
]


def is_public(address: Address) -> bool:
    """Whether the address is a public unicast one, and carries no other address inside."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_V4)
    if address.scope_id is not None or address not in UNICAST_V6:
        return False
    return not any(address in network for network in SPECIAL_V6)
