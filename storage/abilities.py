"""What some providers can do beside keeping bytes.

Whoever could use an ability asks with `isinstance` whether the adapter at hand has it, and does without if not: so
nothing above `storage/` knows a provider by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable


@dataclass(frozen=True)
class Rendering:
    """How a picture is to be derived: exactly so large, upright, in sRGB.

    `fit`: `fill` stretches; `cover` keeps the proportions and cuts off what sticks out, as much on either side.
    `quality` is 1 to 100. Only the first frame unless the original moves and the format can.
    """

    width_px: int
    height_px: int
    fit: Literal["fill", "cover"]
    media_type: str
    quality: int
    keep_metadata: bool


@dataclass(frozen=True)
class UploadTarget:
    """Where a client sends the bytes of one object itself, and what it sends along.

    With `form_fields` the body is `multipart/form-data`: these fields first, then the bytes as `file`. Without, the
    body is the bytes.
    """

    url: str
    method: Literal["PUT", "POST"]
    headers: Mapping[str, str]
    form_fields: Mapping[str, str]


@runtime_checkable
class Linking(Protocol):
    """Serves objects to clients itself."""

    async def link(self, key: str, *, media_type: str, filename: str, ttl_seconds: int) -> str:
        """An address of exactly the object's bytes, as an attachment of that name, that works for `ttl_seconds`.

        It is made without asking whether there is such an object: the provider says so to whoever follows it.
        """
        ...


@runtime_checkable
class Deriving(Protocol):
    """Derives pictures from objects itself, when they are first asked for."""

    async def derived_link(self, key: str, rendering: Rendering, *, ttl_seconds: int) -> str:
        """An address of the derived picture, to be shown inline, that works for `ttl_seconds`."""
        ...


@runtime_checkable
class Receiving(Protocol):
    """Takes objects from clients itself."""

    async def upload_target(
        self, key: str, *, media_type: str, size_bytes: int, ttl_seconds: int
    ) -> UploadTarget:
        """Where a client may put the object `key` within `ttl_seconds`, and no other.

        Where the provider can hold a client to it, to exactly that size and type; whoever uses the object checks.
        """
        ...
