"""A small ImageKit for tests, on a port of this machine. What the SDK sends is verified, not believed.

It follows the SDK's source and https://imagekit.io/docs; the real service was not asked.
"""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.imagekit import search, uploading
from tests.imagekit.faults import Fault, Faulty
from tests.imagekit.library import Library
from tests.imagekit.media import Media
from tests.imagekit.uploading import RefusedError, Tokens

PRIVATE_KEY = "private_for+tests/only000000000000="
PUBLIC_KEY = "public_for+tests/only0000000000000="
START_SECONDS = 30


class FakeImageKit:
    """The API, uploads and delivery. `library` is what it holds; `faults` happen next."""

    def __init__(self) -> None:
        self.library = Library()
        self.media = Media(self.library, PRIVATE_KEY)
        self.purged: list[str] = []
        self.cut_bytes = 0
        self._tokens = Tokens(private_key=PRIVATE_KEY, public_key=PUBLIC_KEY)
        self._app = Faulty(Starlette(routes=self._routes()))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(self._app, log_level="critical", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> Self:
        self._thread.start()
        end = time.monotonic() + START_SECONDS
        while not self._server.started and time.monotonic() < end:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()
        self._socket.close()

    @property
    def faults(self) -> list[Fault]:
        return self._app.faults

    @property
    def asked(self) -> list[str]:
        """Each request so far: its method and path."""
        return self._app.asked

    @property
    def access(self) -> dict[str, str]:
        """What the adapter is given."""
        return {
            "private_key": PRIVATE_KEY,
            "public_key": PUBLIC_KEY,
            "url_endpoint": f"{self.url}/media",
            "base_url": self.url,
        }

    @property
    def settings(self) -> dict[str, str]:
        """The access as environment variables."""
        return {f"IMAGEKIT_{name.upper()}": value for name, value in self.access.items()}

    def _routes(self) -> list[Route]:
        return [
            Route("/api/v1/files/upload", _signed_in(self._upload), methods=["POST"]),
            Route("/api/v2/files/upload", self._upload_with_token, methods=["POST"]),
            Route("/v1/files", _signed_in(self._list), methods=["GET"]),
            Route("/v1/files/purge", _signed_in(self._purge), methods=["POST"]),
            Route("/v1/files/{id}/details", _signed_in(self._details), methods=["GET"]),
            Route("/v1/files/{id}", _signed_in(self._delete), methods=["DELETE"]),
            Route("/media/{path:path}", self.media.answer, methods=["GET", "HEAD"]),
        ]

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            return await self._keep(form)

    async def _upload_with_token(self, request: Request) -> Response:
        async with request.form() as form:
            try:
                await self._tokens.verify(form)
            except RefusedError as error:
                return _refusal(HTTPStatus.FORBIDDEN, str(error))
            return await self._keep(form)

    async def _keep(self, form: FormData) -> Response:
        try:
            file = await uploading.take(self.library, form, cut_bytes=self.cut_bytes)
        except RefusedError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        return JSONResponse(file.described())

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        try:
            matches = search.compiled(query.get("searchQuery", 'type = "file"'))
        except ValueError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        skip, limit = int(query.get("skip", 0)), min(int(query.get("limit", 1_000)), 1_000)
        found = [asset for asset in self.library.searched() if matches(asset)]
        return JSONResponse([asset.described() for asset in found[skip : skip + limit]])

    async def _details(self, request: Request) -> Response:
        file = self.library.find(request.path_params["id"])
        return JSONResponse(file.described()) if file else _refusal(HTTPStatus.NOT_FOUND, "no such file")

    async def _delete(self, request: Request) -> Response:
        file = self.library.find(request.path_params["id"])
        if file is None:
            return _refusal(HTTPStatus.NOT_FOUND, "no such file")
        self.library.delete(file)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _purge(self, request: Request) -> Response:
        url = (await request.json())["url"]
        self.purged.append(url)
        self.media.purge(url.removeprefix(f"{self.url}/media"))
        return JSONResponse({"requestId": "1"}, HTTPStatus.CREATED)


def _signed_in(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Lets in who has the private key: HTTP's basic authentication, with any password."""

    async def checked(request: Request) -> Response:
        _, _, credentials = request.headers.get("authorization", "").partition("Basic ")
        name, _, _ = base64.b64decode(credentials).decode().partition(":")
        if name != PRIVATE_KEY:
            return _refusal(HTTPStatus.UNAUTHORIZED, "Your account cannot be authenticated.")
        return await answer(request)

    return checked


def _refusal(status: HTTPStatus, message: str) -> Response:
    return JSONResponse({"message": message}, status)
