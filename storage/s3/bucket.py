"""Where a bucket is, and what the addresses in it look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import quote, urlencode, urlsplit

Addressing = Literal["auto", "path", "virtual"]


@dataclass(frozen=True)
class Bucket:
    """A bucket whose objects lie under `url`, which does not end in a slash."""

    region: str
    url: str

    @classmethod
    def at(
        cls, name: str, *, region: str, endpoint_url: str | None = None, addressing: Addressing = "auto"
    ) -> Self:
        """The bucket of that name, at Amazon unless there is an endpoint.

        `auto` names it in the path at an endpoint, which may have one host name only, and where a dot in the name would
        not be covered by Amazon's certificate.
        """
        endpoint = urlsplit(endpoint_url or _amazon(region))
        in_path = addressing == "path" or (addressing == "auto" and bool(endpoint_url or "." in name))
        host, path = (endpoint.netloc, f"/{name}") if in_path else (f"{name}.{endpoint.netloc}", "")
        return cls(region, f"{endpoint.scheme}://{host}{endpoint.path.rstrip('/')}{path}")

    def address(self, key: str, query: Mapping[str, str]) -> str:
        """Where an object is, or the bucket itself with no key; encoded as signatures want it."""
        asked = f"?{urlencode(query, quote_via=quote, safe='-_.~')}" if query else ""
        return f"{self.url}/{quote(key, safe='/-_.~')}{asked}"


def _amazon(region: str) -> str:
    china = ".cn" if region.startswith("cn-") else ""
    return f"https://s3.{region}.amazonaws.com{china}"
