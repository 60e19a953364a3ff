"""The storage adapters and the fetcher that the settings choose. What nothing needs is not even imported."""

# ruff: noqa: PLC0415 - what is opened is imported there

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymongo.asynchronous.database import AsyncDatabase

from errors import ConfigurationError, InvalidInputError, StorageError
from settings import Settings
from storage.adapters import Storages
from storage.base import Storage

if TYPE_CHECKING:
    from processing.fetch import Fetcher
    from storage.s3 import Keys

Database = AsyncDatabase[dict[str, Any]]


@dataclass(frozen=True)
class Provider:
    """How to open an adapter, whether it may hold something, and what to say if it cannot be used."""

    open: Callable[[Settings, Database], Storage]
    is_set_up: Callable[[Settings], bool]
    unusable: Callable[[Settings, StorageError], str]


async def open_storages(settings: Settings, database: Database) -> Storages:
    """The adapter that takes what is new, ready, and those that may hold what is older, once they are asked for.

    Raises:
        ConfigurationError: The adapter that `STORAGE` chooses cannot be used.
    """
    current = await open_ready(settings.storage, settings, database)
    return Storages(current, {kind: _if_set_up(kind, settings, database) for kind in PROVIDERS})


async def open_ready(kind: str, settings: Settings, database: Database) -> Storage:
    """The adapter of this kind, ready to take something.

    Raises:
        ConfigurationError: It cannot be used.
    """
    provider = PROVIDERS[kind]
    storage = provider.open(settings, database)
    try:
        await storage.prepare()
        await storage.check()
    except StorageError as error:
        await storage.close()
        raise ConfigurationError(provider.unusable(settings, error)) from error
    return storage


def _if_set_up(kind: str, settings: Settings, database: Database) -> Callable[[], Storage | None]:
    provider = PROVIDERS[kind]
    return lambda: provider.open(settings, database) if provider.is_set_up(settings) else None


def open_fetcher(settings: Settings) -> Fetcher:
    """What fetches images from addresses.

    Raises:
        ConfigurationError: `FETCH_PRIVATE_ALLOWLIST` names what no address can.
    """
    from processing.fetch import Fetcher, FetchLimits, SystemResolver, target

    try:
        private_origins = [target.origin(text) for text in settings.fetch_private_allowlist]
    except InvalidInputError as error:
        found = ",".join(settings.fetch_private_allowlist)
        raise ConfigurationError(
            f"FETCH_PRIVATE_ALLOWLIST: found {found!r}, wanted hosts with ports such as images.internal:8080 ({error})"
        ) from error
    limits = FetchLimits(settings.max_file_size_bytes, settings.fetch_per_host)
    return Fetcher(limits, SystemResolver(), private_origins)


def _gridfs(_: Settings, database: Database) -> Storage:
    from storage.gridfs import GridFSStorage

    return GridFSStorage(database)


def _filesystem(settings: Settings, _: Database) -> Storage:
    from storage.filesystem import FilesystemStorage

    return FilesystemStorage(settings.files_dir)


def _s3(settings: Settings, _: Database) -> Storage:
    from storage.s3 import Bucket, S3Storage

    if not settings.s3_bucket:
        raise ConfigurationError(
            "S3_BUCKET: found nothing, wanted the name of a bucket, which STORAGE=s3 needs"
        )
    bucket = Bucket.at(
        settings.s3_bucket,
        region=settings.aws_region,
        endpoint_url=settings.aws_endpoint_url_s3,
        addressing=settings.s3_addressing_style,
    )
    return S3Storage(bucket, _keys(settings))


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


def _unusable_s3(settings: Settings, error: StorageError) -> str:
    from storage.s3 import Concern, concern

    endpoint_url, bucket = settings.aws_endpoint_url_s3, settings.s3_bucket
    match concern(error):
        case Concern.BUCKET:
            return f"S3_BUCKET: found {bucket!r}, wanted a bucket that is there ({error})"
        case Concern.IDENTITY:
            return f"AWS_ACCESS_KEY_ID: found nobody who may use the bucket {bucket!r} ({error})"
        case Concern.REGION:
            return (
                f"AWS_REGION: found {settings.aws_region!r}, wanted that of the bucket {bucket!r} ({error})"
            )
    if endpoint_url:
        return f"AWS_ENDPOINT_URL_S3: found {endpoint_url}, wanted an S3 that serves us ({error})"
    return f"AWS_REGION: found {settings.aws_region!r}, where no S3 serves us ({error})"


PROVIDERS: Mapping[str, Provider] = {
    "gridfs": Provider(
        _gridfs,
        is_set_up=lambda _: True,
        unusable=lambda _, error: f"MONGODB_URI: found a MongoDB that keeps no files ({error})",
    ),
    "filesystem": Provider(
        _filesystem,
        is_set_up=lambda settings: settings.files_dir.is_dir(),
        unusable=lambda settings, error: (
            f"DATA_DIR: found no usable {settings.files_dir} ({error}), wanted a folder to keep images in"
        ),
    ),
    "s3": Provider(
        _s3,
        is_set_up=lambda settings: (
            settings.s3_bucket is not None
            and (settings.aws_access_key_id is None) == (settings.aws_secret_access_key is None)
        ),
        unusable=_unusable_s3,
    ),
}
