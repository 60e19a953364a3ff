"""Who counts as one client."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from resolvers import rates
from resolvers.context import Context

SERVICES = SimpleNamespace(live=SimpleNamespace(reached=None))


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ("2001:db8::1", "2001:db8:0:0:ffff::9", "2001:db8:0:1::1"),
        ("fe80::1%eth0", "fe80::2%eth1", "fe80:0:0:1::1"),
        ("@socket", "@socket", "@other"),
        (None, None, "192.0.2.1"),
    ],
)
def test_an_address_or_a_subnet_is_one_client(address, same, other):
    one, another, different = (
        rates.client(Context(SERVICES, None, given)) for given in (address, same, other)
    )

    assert one == another
    assert one != different
