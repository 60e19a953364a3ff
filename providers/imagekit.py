"""ImageKit, as the settings describe it."""

# ruff: noqa: PLC0415 - the adapter is imported where it is opened

from __future__ import annotations

from errors import ConfigurationError, StorageError
from providers.provider import Database, Provider
from settings import Settings
from storage.base import Storage


def _open(settings: Settings, _: Database) -> Storage:
    from storage.imagekit.adapter import ImageKitStorage

    private_key, public_key, url_endpoint = _access(settings)
    return ImageKitStorage(
        private_key=private_key,
        public_key=public_key,
        url_endpoint=url_endpoint,
        base_url=settings.imagekit_base_url,
    )


def _access(settings: Settings) -> tuple[str, str, str]:
    """The private key, the public key, and where ImageKit delivers.

    Raises:
        ConfigurationError: One of them is not set, or cannot be one.
    """
    private_key = settings.imagekit_private_key and settings.imagekit_private_key.get_secret_value()
    public_key, url_endpoint = settings.imagekit_public_key, settings.imagekit_url_endpoint
    if not private_key:
        raise ConfigurationError("IMAGEKIT_PRIVATE_KEY: found nothing, wanted ImageKit's private API key")
    if not private_key.isascii():
        raise ConfigurationError(
            "IMAGEKIT_PRIVATE_KEY: found characters beyond ASCII, wanted ImageKit's private API key"
        )
    if not public_key:
        raise ConfigurationError("IMAGEKIT_PUBLIC_KEY: found nothing, wanted ImageKit's public API key")
    if not url_endpoint:
        raise ConfigurationError(
            "IMAGEKIT_URL_ENDPOINT: found nothing, wanted where ImageKit delivers, such as https://ik.imagekit.io/your_id"
        )
    return private_key, public_key, url_endpoint


def _is_set_up(settings: Settings) -> bool:
    return all((settings.imagekit_private_key, settings.imagekit_public_key, settings.imagekit_url_endpoint))


def _unusable(_: Settings, error: StorageError) -> str:
    return f"IMAGEKIT_PRIVATE_KEY: found an ImageKit that does not serve us ({error})"


IMAGEKIT = Provider(_open, _is_set_up, _unusable)
