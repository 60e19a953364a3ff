"""ImageKit's management API through its SDK, whose exceptions end here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from imagekitio import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncImageKit,
    ImageKitError,
    NotFoundError,
    Timeout,
)
from imagekitio.types import File, Folder
from imagekitio.types.shared_params import Transformation

from errors import StorageError

PAGE = 1_000
"""The most that one search gives."""

CONNECT_SECONDS = 5.0
RETRIES = 2
PASSING = frozenset({408, 409, 425, 429})
"""What is also worth another try, beside what begins with 5."""


@dataclass(frozen=True)
class Entry:
    """What ImageKit says of a file. `path` begins with a slash."""

    file_id: str
    path: str
    size_bytes: int
    written_at: datetime


class Api:
    """Calls that are tried three times, each for at most `timeout_seconds` without a byte."""

    def __init__(
        self, *, private_key: str, url_endpoint: str, base_url: str | None, timeout_seconds: float
    ) -> None:
        self._url_endpoint = url_endpoint
        self._client = AsyncImageKit(
            private_key=private_key,
            base_url=base_url,
            timeout=Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)),
            max_retries=RETRIES,
        )
        self._at_once = self._client.with_options(max_retries=0)

    async def upload(self, folder: str, name: str, content: bytes | BinaryIO) -> str:
        """Puts a private file there, in the place of the one that there may be: its id.

        It is sent again after an answer that was lost. Since the name is ours, that makes no second file.
        """
        with translated("an upload"):
            uploaded = await self._client.files.upload(
                file=(name, content, "application/octet-stream"),
                file_name=name,
                folder=folder,
                use_unique_file_name=False,
                overwrite_file=True,
                is_private_file=True,
            )
        if not isinstance(getattr(uploaded, "file_id", None), str):
            raise StorageError("ImageKit answered an upload with something else than a file")
        return str(uploaded.file_id)

    async def details(self, file_id: str) -> Entry | None:
        """What is known of the file now; None if there is none."""
        try:
            with translated("a question for a file"):
                return entry(await self._client.files.get(file_id))
        except _NoSuchFileError:
            return None

    async def delete(self, file_id: str) -> bool:
        """Removes the file with all its versions; whether there was one."""
        try:
            with translated("a deletion"):
                await self._client.files.delete(file_id)
        except _NoSuchFileError:
            return False
        return True

    async def search(self, query: str, *, skip: int = 0) -> Sequence[File | Folder]:
        """At most PAGE files and folders, the oldest first, as the search knows them: seconds late."""
        with translated("a search"):
            found = await self._client.assets.list(
                search_query=query, skip=skip, limit=PAGE, sort="ASC_CREATED"
            )
        if not isinstance(found, list):
            raise StorageError("ImageKit answered a search with something else than a list")
        return found

    async def purge(self, path: str) -> None:
        """Asks all caches to forget the file and what was derived from it."""
        with translated("a purge"):
            await self._at_once.cache.invalidation.create(url=f"{self._url_endpoint}{path}*")

    async def check(self) -> None:
        """Returns if ImageKit answers and knows us."""
        with translated("a check"):
            await self._at_once.assets.list(limit=1)

    async def address(self, path: str, how: Transformation, *, ttl_seconds: int, **parameters: str) -> str:
        """A signed address that ends: for the SDK, an `expires_in` below 1 means that it never does."""
        return await self._client.helper.build_url(
            src=path,
            url_endpoint=self._url_endpoint,
            transformation=[how],
            query_parameters=parameters,
            signed=True,
            expires_in=max(1, ttl_seconds),
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()


class _NoSuchFileError(StorageError):
    """ImageKit has no file with this id."""


def entry(file: File) -> Entry:
    """What of a file matters here.

    Raises:
        StorageError: ImageKit left out something that it always says.
    """
    written_at = getattr(file, "updated_at", None) or getattr(file, "created_at", None)
    if not (
        isinstance(file, File)
        and isinstance(written_at, datetime)
        and file.file_id
        and file.file_path
        and file.size is not None
    ):
        raise StorageError("ImageKit described a file incompletely")
    return Entry(file.file_id, file.file_path, int(file.size), written_at)


def passes(status: int) -> bool:
    """Whether an answer of that status may be another one later."""
    return status in PASSING or status >= 500  # noqa: PLR2004 - RFC 9110: the server's fault


@contextmanager
def translated(what: str) -> Iterator[None]:
    """The SDK's exceptions, as ours; none of them shows a key or an address."""
    try:
        yield
    except NotFoundError as error:
        raise _NoSuchFileError("ImageKit has no such file", retryable=False) from error
    except APIStatusError as error:
        status = error.status_code
        raise StorageError(f"ImageKit answered {what} with {status}", retryable=passes(status)) from error
    except APITimeoutError as error:
        raise StorageError(f"ImageKit did not answer {what} in time") from error
    except APIConnectionError as error:
        raise StorageError(f"ImageKit could not be reached for {what}") from error
    except ImageKitError as error:
        raise StorageError(f"ImageKit answered {what} with nothing that makes sense") from error
