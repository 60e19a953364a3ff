"""A host's addresses, looked up once and all of them checked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv6Address, ip_address

from processing.fetch.fault import unknown_name
from processing.fetch.public import Address, is_public
from processing.fetch.refusal import RefusedError
from processing.fetch.target import PORTS, Target

LOOKUPS_AT_ONCE = 16
MOST_ADDRESSES = 8  # to try, of those that all were checked

Resolver = Callable[[str], Awaitable[Collection[str]]]
"""Every address that a name has, of both kinds. Tests give their own; what it answers is checked all the same."""


class SystemResolver:
    """The names that this machine knows. Its threads are its own: names that hang keep nobody else waiting."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="names")

    async def __call__(self, host: str) -> list[str]:
        """Every address of the name.

        Raises:
            OSError: It has none.
        """
        look = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look)
        return [str(address[0]) for *_, address in found]


class Guard:
    """Says which addresses may be connected to.

    Args:
        resolver: Where names are looked up.
        private_origins: Hosts and ports that may have private addresses, and any port.
    """

    def __init__(self, resolver: Resolver, private_origins: Collection[tuple[str, int]]) -> None:
        self._resolver = resolver
        self._private_origins = frozenset(private_origins)

    async def addresses(self, target: Target) -> list[Address]:
        """The target's addresses, every one of them checked. Only these may be connected to.

        Raises:
            RefusedError: The port is none that is fetched from, the name has no address, or one that is not public.
        """
        named = target.origin in self._private_origins
        if not named and target.port not in PORTS.values():
            raise RefusedError(
                f"port {target.port} is not fetched from unless FETCH_PRIVATE_ALLOWLIST names the origin"
            )
        addresses = [target.literal] if target.literal else await self._looked_up(target.host)
        if not named:
            _require_public(addresses)
        return addresses[:MOST_ADDRESSES]

    async def _looked_up(self, host: str) -> list[Address]:
        try:
            found = await self._resolver(host)
        except TimeoutError:
            raise
        except OSError as failure:
            raise unknown_name(failure) from failure
        addresses = [ip_address(text) for text in found]
        if not addresses:
            raise RefusedError("no address")
        if any(isinstance(address, IPv6Address) and address.scope_id for address in addresses):
            raise RefusedError("an address with a scope")
        return list(dict.fromkeys(addresses))


def _require_public(addresses: Collection[Address]) -> None:
    """One address that is not public is enough: which of them is connected to is chance."""
    for address in addresses:
        if not is_public(address):
            raise RefusedError(
                f"{address} is not public, and FETCH_PRIVATE_ALLOWLIST does not name the origin"
            )
