"""Where a bucket is, and what the addresses in it look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import quote, urlsplit

Addressing = Literal["auto", "path", "virtual"]
UNRESERVED = "-_.~"
KEPT_IN_KEYS = f"/{UNRESERVED}"
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Bucket:
    """A bucket whose objects lie at `host`, under `root`, which does not end in a slash."""

    region: str
    scheme: str
    host: str
    root: str

    @classmethod
    def at(
        cls, name: str, *, region: str, endpoint_url: str | None = None, addressing: Addressing = "auto"
    ) -> Self:
        """The bucket of that name, at Amazon unless there is an endpoint.

        `auto` names it in the path at an endpoint, which may have one host name only, and where a dot in the name would
        not be covered by Amazon's certificate.
        """
        endpoint = urlsplit(endpoint_url or _amazon(region))
        port = None if endpoint.port == DEFAULT_PORTS.get(endpoint.scheme) else endpoint.port
        host = endpoint.netloc.rpartition("@")[2].removesuffix(f":{endpoint.port}").lower()
        host = f"{host}:{port}" if port else host
        root = endpoint.path.rstrip("/")
        in_path = addressing == "path" or (addressing == "auto" and bool(endpoint_url or "." in name))
        if in_path:
            return cls(region, endpoint.scheme, host, f"{root}/{name}")
        return cls(region, endpoint.scheme, f"{name}.{host}", root)

    def path(self, key: str) -> str:
        """Where an object is at the host, or the bucket itself with no key; encoded as signatures want it."""
        return f"{self.root}/{quote(key, safe=KEPT_IN_KEYS)}"

    def target(self, key: str, query: Mapping[str, str]) -> str:
        """What a request for it asks the host for."""
        return f"{self.path(key)}?{encoded(query)}" if query else self.path(key)

    def address(self, key: str, query: Mapping[str, str]) -> str:
        """The whole address of it."""
        return f"{self.scheme}://{self.host}{self.target(key, query)}"


def encoded(query: Mapping[str, str]) -> str:
    """A query, encoded and in order as signatures want it."""
    pairs = sorted(
        (quote(name, safe=UNRESERVED), quote(value, safe=UNRESERVED)) for name, value in query.items()
    )
    return "&".join(f"{name}={value}" for name, value in pairs)


def _amazon(region: str) -> str:
    china = ".cn" if region.startswith("cn-") else ""
    return f"https://s3.{region}.amazonaws.com{china}"
