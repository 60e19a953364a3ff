"""An address as text, read once. Nothing behind this file reads it a second time, perhaps in another way.

Source: RFC 3986, appendix B; UTS 46 for names; WHATWG URL §3.5 for what ends in a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final
from urllib.parse import quote, urljoin

import idna

from errors import InvalidInputError
from processing.fetch.public import Address

MAX_CHARACTERS: Final = 8_192
PORTS: Final = {"http": 80, "https": 443}

_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(#.*)?",
    re.ASCII | re.IGNORECASE,
)
_AUTHORITY: Final = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]*)(:(?P<port>[0-9]{0,5}))?")
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNESCAPED: Final = "%!$&'()*+,;=:@/?[]|~"


@dataclass(frozen=True)
class Target:
    """What is to be fetched. `host` is a name in ASCII and lower case, or an IP address as its own text."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def origin(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port

    @property
    def literal(self) -> Address | None:
        """The host, if it is an IP address."""
        return _literal(self.host)

    @property
    def url(self) -> str:
        """The address as it is sent, the same for all ways to write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}{self.query}"

    def following(self, location: str) -> Target:
        """Where a redirect leads.

        Raises:
            InvalidInputError: To nothing that is fetched.
        """
        _require_plain(location)
        return parsed(urljoin(self.url, location))


def parsed(text: str) -> Target:
    """The target that an address names; its fragment is left out.

    Raises:
        InvalidInputError: It is no HTTP address, has a user, or is written so that another reader could see another
            host in it.
    """
    _require_plain(text)
    parts = _URL.fullmatch(text)
    if not parts:
        raise _wrong("Send an address that begins with http:// or https://.")
    scheme = parts["scheme"].lower()
    host, port = _host_and_port(parts["authority"])
    path, query = quote(parts["path"], safe=_UNESCAPED), quote(parts["query"] or "", safe=_UNESCAPED)
    return Target(scheme, host, port or PORTS[scheme], path or "/", query)


def origin(text: str) -> tuple[str, int]:
    """The host and port of `host:port`, normalised as in an address.

    Raises:
        InvalidInputError: It is none.
    """
    _require_plain(text)
    host, port = _host_and_port(text)
    if port is None:
        raise _wrong("The port is missing.")
    return host, port


def _require_plain(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise _wrong(f"An address has at most {MAX_CHARACTERS:,} characters.")
    if not text.isprintable() or " " in text or "\\" in text:
        raise _wrong(
            "An address has no spaces, backslashes or control characters. Send them percent-encoded."
        )


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise _wrong("Send an address without a user and password.")
    parts = _AUTHORITY.fullmatch(authority)
    if not parts:
        raise _wrong("The address has no valid host and port.")
    port = int(parts["port"]) if parts["port"] else None
    if port is not None and not 1 <= port <= 65_535:  # noqa: PLR2004 - the last port
        raise _wrong("The address has no valid port.")
    return _host(parts["host"]), port


def _host(text: str) -> str:
    if text.startswith("["):
        return _bracketed(text[1:-1])
    name = _ascii(text).removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):  # noqa: PLR2004 - RFC 1035
        raise _wrong("The address has no valid host.")
    if _NUMBER.fullmatch(labels[-1]) and _literal(name) is None:
        raise _wrong("Write an IP address as four decimal numbers.")
    return name


def _bracketed(text: str) -> str:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        raise _wrong("The address has no valid host.") from None
    if address.scope_id is not None:
        raise _wrong("Send an address without a scope.")
    return str(address)


def _ascii(name: str) -> str:
    """The name in lower case and in ASCII, as the domain name system has it."""
    if name.isascii():
        return name.lower()
    try:
        return idna.encode(name, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise _wrong("The address has no valid host.") from None


def _literal(host: str) -> Address | None:
    try:
        return IPv6Address(host) if ":" in host else IPv4Address(host)
    except AddressValueError:
        return None


def _wrong(message: str) -> InvalidInputError:
    return InvalidInputError(message, "url")
