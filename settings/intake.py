"""What comes in: how large, how many, from where, and what is made of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator
from pydantic_settings import NoDecode

from settings.kinds import Limit, listed


class IntakeSettings(BaseModel):
    """Limits of files, requests, quotas and budgets."""

    max_file_size_bytes: Limit = Field(default=20 * 2**20, description="The largest file taken.")
    max_files_per_request: Limit = Field(default=20, description="The most files in one request.")
    max_request_bytes: Limit = Field(default=256 * 2**20, description="The largest request body taken.")
    max_manifest_bytes: Limit = Field(default=64 * 2**20, description="The largest manifest of a batch.")
    max_manifest_images: Limit = Field(
        default=100_000, description="The most images, and the most rows, in a manifest."
    )
    max_pixels: Limit = Field(
        default=50_000_000, description="The most pixels in a frame; all frames together: five times it."
    )
    max_frames: Limit = Field(default=1_000, description="The most frames in an animation.")
    quota_bytes: int | None = Field(
        default=None,
        ge=1,
        description="The most bytes that the originals of one user may hold. Default: no limit.",
    )
    pixel_budget_per_hour: int = Field(
        default=2_000_000_000,
        ge=1,
        description="The most pixels an hour that variants of one user's images may cost: those of the original and of the variant, 50,000 at least, once for each that is made.",
    )
    metadata_policy: Literal["STRIP_ALL", "STRIP_GPS", "KEEP"] = Field(
        default="STRIP_ALL",
        description="What variants may keep of an original's metadata unless the upload says otherwise.",
    )
    fetch_private_allowlist: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Private origins that images may be imported from, `host:port` separated by commas. No other private address is ever fetched.",
    )

    fetch_per_host: int = Field(
        default=4, ge=1, le=1_024, description="How many images a process fetches from one host at once."
    )

    @field_validator("fetch_private_allowlist", mode="before")
    @classmethod
    def _lists_origins(cls, text: object) -> object:
        return listed(text)

    @field_validator("fetch_private_allowlist")
    @classmethod
    def _are_hosts_with_ports(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            host, _, port = origin.rpartition(":")
            if not host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65_535:  # noqa: PLR2004 - the last port
                raise ValueError("hosts with ports such as images.internal:8080, separated by commas")
        return tuple(origin.lower() for origin in origins)
