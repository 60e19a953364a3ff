"""A running Darkroom, as a program sees it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import aiohttp

from client.answers import found, given
from client.errors import EVENTS_EXPIRED, UNAUTHENTICATED, RefusedError
from client.generated import (
    BatchFields,
    BatchProgressBatchProgress,
    BatchResultBatch,
    CheckManifestCheckManifestCheckManifestPayload,
    CheckManifestInput,
    CreateBatchCreateBatchCreateBatchPayloadBatch,
    CreateBatchInput,
    GalleryChangesGalleryChanges,
    GalleryFilter,
    GalleryGallery,
    ImageFields,
    ImageProgressImageProgress,
    LogInInput,
    Operations,
    RefreshSessionInput,
    ResultFormat,
    ServiceService,
    UploadImageInput,
    UploadImageUploadImageUploadImagePayload,
)
from client.generated.base_model import Upload
from client.resuming import resumed
from client.sending import Passed, until_answered

CONNECT_SECONDS: Final = 10
SILENCE_SECONDS: Final = 300
PAGE: Final = 100

Answer = TypeVar("Answer")


class Darkroom:
    """The service at `url`, for one account.

    `operations` has a typed method for each document in `client/operations`; what is here adds what a document cannot
    say: files, repeats after a lost answer, and subscriptions that go on.

    Args:
        url: Where it is.
        token: An access token; or sign in.
        tell: Is told of each connection that is made anew.
    """

    operations: Operations

    def __init__(
        self, url: str, token: str | None = None, *, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._url = url
        self._token = token
        self._tell = tell
        self._refresh_token: str | None = None
        self._renewing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS)
        self._http = aiohttp.ClientSession(base_url=self._url, timeout=timeout)
        self._as_nobody = Operations(self._http, _never)
        self.operations = Operations(self._http, self._renew)
        self.operations.token = self._token
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def sign_in(self, email: str, password: str) -> None:
        """Gets an access token, and another one whenever that is over.

        Raises:
            RefusedError: They do not fit, or there were too many attempts.
            UnreachableError: The service does not answer.
        """
        self._hold(given(await self._as_nobody.log_in(LogInInput(email=email, password=password))))

    async def describe(self) -> ServiceService:
        """What the service can do, for an account that it knows.

        Raises:
            RefusedError: UNAUTHENTICATED, if it knows none such.
            UnreachableError: The service does not answer.
        """
        answer = await self.operations.service()
        if answer.service is None or answer.viewer is None:
            raise RefusedError("there is no such account any more", UNAUTHENTICATED)
        return answer.service

    async def upload(self, file: Path | str, *, tags: list[str] | None = None) -> ImageFields:
        """Uploads a picture, once, even if its answer is lost. What the account has already is answered as it is.

        Raises:
            RefusedError: It is none that is taken.
            UnreachableError: The service does not answer.
            OSError: The file cannot be read.
        """
        return (await self.take_in(file, tags=tags)).image

    async def take_in(
        self, file: Path | str, *, tags: list[str] | None = None, passed: Passed = lambda _: None
    ) -> UploadImageUploadImageUploadImagePayload:
        """As `upload`, and says whether the account had the picture already.

        Args:
            file: Where it is.
            tags: What it is tagged with.
            passed: Is told how many of its bytes have been read, in a thread; from 0 again when it is sent again.
        """
        key = secrets.token_hex(16)

        async def send(content: Upload) -> Any:
            return await self.operations.upload_image(
                UploadImageInput(file=content, tags=tags, idempotencyKey=key)
            )

        answer = await until_answered(Path(file), send, tell=self._tell, passed=passed)
        payload: UploadImageUploadImageUploadImagePayload = given(answer)
        return payload

    def watch(
        self, image_id: str, after: int | None = None
    ) -> AsyncGenerator[ImageProgressImageProgress, None]:
        """An image's state, then each further stage, until its work has ended; with `after`, only what came later."""
        return self._resumed(
            lambda place: self.operations.image_progress(image_id, after=place),
            lambda event: event.sequence,
            after,
        )

    async def gallery(self, narrowed: GalleryFilter | None = None) -> AsyncGenerator[ImageFields, None]:
        """Every image of the gallery, the newest first, read page by page."""
        async with aclosing(self.pages(narrowed, PAGE)) as pages:
            async for page in pages:
                for image in page.nodes:
                    yield image

    async def pages(
        self, narrowed: GalleryFilter | None = None, size: int = PAGE
    ) -> AsyncGenerator[GalleryGallery, None]:
        """The gallery, the newest first; a page of so many images is read when it is asked for."""
        after: str | None = None
        while True:
            page = await self.operations.gallery(first=size, after=after, filter_=narrowed)
            if page is None:
                return
            yield page
            if not page.page_info.has_next_page:
                return
            after = page.page_info.end_cursor

    def changes(self, after: str | None = None) -> AsyncGenerator[GalleryChangesGalleryChanges, None]:
        """What changes in the gallery from now on, or since `after`: a page's `change_cursor`, or a change's `cursor`.

        Raises:
            RefusedError: EVENTS_EXPIRED, if that is too long ago: read the gallery again, and go on from there.
        """
        return self._resumed(
            lambda place: self.operations.gallery_changes(after=place), lambda change: change.cursor, after
        )

    async def submit(
        self, manifest: Path | str, **wishes: Any
    ) -> CreateBatchCreateBatchCreateBatchPayloadBatch:
        """Begins a batch, once, even if its answer is lost. `wishes` are the fields of `CreateBatchInput`.

        Raises:
            RefusedError: There is none. With the code InvalidManifestError, its `answer` has the problems.
            UnreachableError: The service does not answer.
            OSError: The file cannot be read.
        """
        key = secrets.token_hex(16)

        async def send(content: Upload) -> Any:
            return await self.operations.create_batch(
                CreateBatchInput(file=content, idempotencyKey=key, **wishes)
            )

        answer = await until_answered(Path(manifest), send, tell=self._tell)
        batch: CreateBatchCreateBatchCreateBatchPayloadBatch = given(answer).batch
        return batch

    async def check(self, manifest: Path | str) -> CheckManifestCheckManifestCheckManifestPayload:
        """What a manifest holds and all that is wrong with it; nothing is begun. Raises as `submit` does."""

        async def send(content: Upload) -> Any:
            return await self.operations.check_manifest(CheckManifestInput(file=content))

        answer = await until_answered(Path(manifest), send, tell=self._tell)
        payload: CheckManifestCheckManifestCheckManifestPayload = given(answer)
        return payload

    async def watch_batch(
        self, batch_id: str, after: int | None = None
    ) -> AsyncGenerator[BatchProgressBatchProgress, None]:
        """A batch's state, then each change of it and of its items, until its work has ended.

        What happened so long ago that it is kept no longer is passed over: the present state comes in its place.
        """
        while True:
            try:
                async with aclosing(self._batch_events(batch_id, after)) as events:
                    async for event in events:
                        yield event
            except RefusedError as refusal:
                if refusal.code != EVENTS_EXPIRED:
                    raise
                after = None
            else:
                return

    async def batch(self, batch_id: str) -> BatchFields:
        """A batch as it is now.

        Raises:
            RefusedError: There is none of this id, or not any more.
        """
        return found(await self.operations.batch(batch_id))

    async def batch_result(self, batch_id: str, result_format: ResultFormat) -> BatchResultBatch:
        """Where the results of a batch are, as far as it has come. Raises as `batch` does."""
        return found(await self.operations.batch_result(batch_id, result_format))

    async def pieces(self, url: str) -> AsyncGenerator[bytes, None]:
        """What is at a signed address, such as a batch's `result_url`.

        Raises:
            UnreachableError: It cannot be had, or not to its end.
        """
        async with self.operations.opened(url) as content:
            async for piece in content.iter_any():
                yield piece

    async def save(self, url: str, file: Path) -> None:
        """Writes what is at a signed address to a file: whole or not at all. Raises as `pieces` does."""
        part = file.with_name(f"{file.name}.part")
        try:
            async with aclosing(self.pieces(url)) as pieces:
                with part.open("wb") as writing:
                    async for piece in pieces:
                        writing.write(piece)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)

    def _batch_events(
        self, batch_id: str, after: int | None
    ) -> AsyncGenerator[BatchProgressBatchProgress, None]:
        return self._resumed(
            lambda place: self.operations.batch_progress(batch_id, after=place),
            lambda event: event.sequence,
            after,
        )

    def _resumed(
        self,
        subscribe: Callable[[Any], AsyncIterator[Answer]],
        place_of: Callable[[Answer], Any],
        after: Any,
    ) -> AsyncGenerator[Answer, None]:
        return resumed(subscribe, place_of, after, renew=self._renew, tell=self._tell)

    async def _renew(self) -> bool:
        """Another access token, for whoever has signed in; one of several who ask at once gets it for all."""
        over = self.operations.token
        async with self._renewing:
            if self.operations.token != over:
                return True
            if self._refresh_token is None:
                return False
            spent = RefreshSessionInput(refreshToken=self._refresh_token)
            try:
                self._hold(given(await self._as_nobody.refresh_session(spent)))
            except RefusedError:
                self._refresh_token = None
                return False
            return True

    def _hold(self, opened: Any) -> None:
        self.operations.token = opened.session.access_token
        self._refresh_token = opened.session.refresh_token


async def _never() -> bool:
    return False
