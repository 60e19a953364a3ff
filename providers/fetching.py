"""The fetcher, as the settings describe it."""

# ruff: noqa: PLC0415 - the fetcher is imported where it is opened

from __future__ import annotations

from typing import TYPE_CHECKING

from errors import ConfigurationError, InvalidInputError
from settings import Settings

if TYPE_CHECKING:
    from processing.fetch import Fetcher, Poster


def open_fetcher(settings: Settings) -> Fetcher:
    """What fetches images from addresses.

    Raises:
        ConfigurationError: `FETCH_PRIVATE_ALLOWLIST` names what no address can.
    """
    from processing.fetch import Fetcher, FetchLimits, SystemResolver

    limits = FetchLimits(settings.max_file_size_bytes, settings.fetch_per_host)
    return Fetcher(limits, SystemResolver(), _private_origins(settings))


def open_poster(settings: Settings) -> Poster:
    """What tells webhooks; raises what `open_fetcher` does."""
    from processing.fetch import Poster, SystemResolver

    return Poster(SystemResolver(), _private_origins(settings))


def _private_origins(settings: Settings) -> list[tuple[str, int]]:
    from processing.fetch import target

    try:
        return [target.origin(text) for text in settings.fetch_private_allowlist]
    except InvalidInputError as error:
        found = ",".join(settings.fetch_private_allowlist)
        raise ConfigurationError(
            f"FETCH_PRIVATE_ALLOWLIST: found {found!r}, wanted hosts with ports such as images.internal:8080 ({error})"
        ) from error
