"""What this service can do, as it is configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

from processing.probe import INPUT_MEDIA_TYPES
from processing.recipes import OUTPUT_MEDIA_TYPES
from resolvers.context import Context

VERSION = metadata.version("darkroom")


@dataclass(frozen=True)
class ServiceFacts:
    """What clients may want to know before they send anything."""

    version: str
    storage_kind: str
    max_file_size_bytes: int
    max_pixels: int
    input_media_types: Sequence[str]
    output_media_types: Sequence[str]


def describe(context: Context) -> ServiceFacts:
    """The limits in force."""
    services = context.services
    return ServiceFacts(
        version=VERSION,
        storage_kind=services.storages.current.kind,
        max_file_size_bytes=services.ingest_limits.max_file_size_bytes,
        max_pixels=services.ingest_limits.probe.max_pixels,
        input_media_types=INPUT_MEDIA_TYPES,
        output_media_types=OUTPUT_MEDIA_TYPES,
    )
