"""Amazon S3 and what speaks its protocol, as the settings describe it."""

# ruff: noqa: PLC0415 - the adapter is imported where it is opened

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from errors import ConfigurationError, StorageError
from providers.provider import Database, Provider
from settings import Settings
from storage.base import Storage

if TYPE_CHECKING:
    from storage.s3 import Keys


def _open(settings: Settings, _: Database) -> Storage:
    from storage.s3 import Bucket, S3Storage

    if not settings.s3_bucket:
        raise ConfigurationError(
            "S3_BUCKET: found nothing, wanted the name of a bucket, which STORAGE=s3 needs"
        )
    reached_at = partial(
        Bucket.at,
        settings.s3_bucket,
        region=settings.aws_region,
        addressing=settings.s3_addressing_style,
    )
    own_url, public_url = settings.aws_endpoint_url_s3, settings.s3_public_endpoint_url
    return S3Storage(
        reached_at(endpoint_url=own_url), _keys(settings), reached_at(endpoint_url=public_url or own_url)
    )


def _keys(settings: Settings) -> Keys | None:
    """The keys that are set; without any, boto3 looks for them.

    Raises:
        ConfigurationError: Half of them is set.
    """
    from storage.s3 import Keys

    identity, secret = settings.aws_access_key_id, settings.aws_secret_access_key
    if identity and secret:
        token = settings.aws_session_token
        return Keys(identity, secret.get_secret_value(), token.get_secret_value() if token else None)
    if identity:
        raise ConfigurationError(
            "AWS_SECRET_ACCESS_KEY: found nothing, wanted the secret of AWS_ACCESS_KEY_ID"
        )
    if secret:
        raise ConfigurationError("AWS_ACCESS_KEY_ID: found nothing, wanted the name of AWS_SECRET_ACCESS_KEY")
    return None


def _unusable(settings: Settings, error: StorageError) -> str:
    from storage.s3 import Concern, concern

    endpoint_url, bucket = settings.aws_endpoint_url_s3, settings.s3_bucket
    match concern(error):
        case Concern.BUCKET:
            return f"S3_BUCKET: found {bucket!r}, wanted a bucket that is there ({error})"
        case Concern.IDENTITY:
            return f"AWS_ACCESS_KEY_ID: found nobody who may use the bucket {bucket!r} ({error})"
        case Concern.SECRET:
            return f"AWS_SECRET_ACCESS_KEY: found one that is not that of AWS_ACCESS_KEY_ID ({error})"
        case Concern.REGION:
            return (
                f"AWS_REGION: found {settings.aws_region!r}, wanted that of the bucket {bucket!r} ({error})"
            )
    if endpoint_url:
        return f"AWS_ENDPOINT_URL_S3: found {endpoint_url}, wanted an S3 that serves us ({error})"
    return f"AWS_REGION: found {settings.aws_region!r}, where no S3 serves us ({error})"


def _is_set_up(settings: Settings) -> bool:
    keys_are_whole = (settings.aws_access_key_id is None) == (settings.aws_secret_access_key is None)
    return settings.s3_bucket is not None and keys_are_whole


S3 = Provider(_open, _is_set_up, _unusable)
