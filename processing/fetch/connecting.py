"""A connection to a checked address and to nothing else, that says nothing of where it comes from."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from importlib import metadata
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from processing.fetch.public import Address

HEADERS = {"User-Agent": f"Darkroom/{metadata.version('darkroom')}", "Accept-Encoding": "identity"}
READ_AHEAD_BYTES = 2**16
MAX_HEADER_BYTES = 8_190
MAX_HEADERS = 64

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]


class UncheckedAddressError(OSError):
    """The client was about to connect to what nobody has checked."""


class _Pinned(AbstractResolver):
    """Answers with what was looked up before."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - every address was checked
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,  # noqa: PLR2004 - of IP
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        pass


def session(addresses: Sequence[Address], port: int, tls: ssl.SSLContext) -> aiohttp.ClientSession:
    """A client for one request. Whatever it believes the host to be, no other address gets a socket."""

    def checked(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, (address, to_port, *_) = info
        if ip_address(address) not in addresses or to_port != port:
            raise UncheckedAddressError(f"{address} port {to_port} was not checked")
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        resolver=_Pinned(addresses), use_dns_cache=False, socket_factory=checked, force_close=True, ssl=tls
    )
    return aiohttp.ClientSession(
        connector=connector,
        headers=HEADERS,
        skip_auto_headers=["Accept"],
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(),  # none: the fetcher has a clock of its own
        trust_env=False,
        auto_decompress=False,
        read_bufsize=READ_AHEAD_BYTES,
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
        max_headers=MAX_HEADERS,
    )
