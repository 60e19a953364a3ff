"""What may be imported from inside is what the operator names, or the start is stopped."""

from __future__ import annotations

import pytest

import providers
from errors import ConfigurationError
from settings import Settings


def settings(origins):
    return Settings(jwt_secret="s" * 32, fetch_private_allowlist=origins)


@pytest.mark.parametrize("origins", ["", "127.0.0.1:8080", "images.internal:80,[::1]:9000"])
def test_private_origins_are_hosts_with_ports(origins):
    assert providers.open_fetcher(settings(origins))


@pytest.mark.parametrize("origins", ["127.1:80", "a b:80", "http://a:80", "user@a:80", "a:80,::1:80"])
def test_a_private_origin_that_no_address_can_name_stops_the_start(origins):
    with pytest.raises(
        ConfigurationError, match=r"FETCH_PRIVATE_ALLOWLIST: found .*, wanted hosts with ports"
    ):
        providers.open_fetcher(settings(origins))
