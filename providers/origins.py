"""Where browsers end up that ask for a picture: here, or at what a provider serves itself."""

# ruff: noqa: PLC0415 - an adapter is imported where it is needed

from __future__ import annotations

from urllib.parse import urlsplit

from settings import Settings


def picture_origins(settings: Settings) -> list[str]:
    """Our own public address, and those of the providers that are set up, whichever takes what is new."""
    addresses = [settings.public_url, settings.imagekit_url_endpoint, _bucket(settings)]
    return [f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, filter(None, addresses))]


def _bucket(settings: Settings) -> str | None:
    if not settings.s3_bucket:
        return None
    from storage.s3 import Bucket

    bucket = Bucket.at(
        settings.s3_bucket,
        region=settings.aws_region,
        addressing=settings.s3_addressing_style,
        endpoint_url=settings.s3_public_endpoint_url or settings.aws_endpoint_url_s3,
    )
    return f"{bucket.scheme}://{bucket.host}"
