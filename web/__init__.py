"""The app: what browsers get at `/`. Every asset comes from this machine, none from afar."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

BUILT = Path(__file__).parent / "dist"
NEVER_CHANGES = "public, max-age=31536000, immutable"
MAY_CHANGE = "no-cache"

MISSING = """\
Darkroom is running, but its app is not built yet. Build it once with `make web`, then reload this page.
"""

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:]+\](:[0-9]+)?")
_NAME = re.compile(r"[A-Za-z0-9_\-]+\.(js|css|svg)")
_COMPRESSED = {"br": ".br", "gzip": ".gz"}
"""Encodings, the best first, and how the files that are written in them end."""


class App:
    """The built app. `picture_origins` are those that images may be redirected to."""

    def __init__(self, picture_origins: Sequence[str] = (), built: Path = BUILT) -> None:
        self._picture_origins = picture_origins
        self._built = built

    def routes(self) -> list[BaseRoute]:
        """The page, and its assets, which it names relative to its own address."""
        return [
            Route("/", self._page, methods=["GET"]),
            Route("/assets/{name}", self._asset, methods=["GET"]),
        ]

    def _page(self, request: Request) -> Response:
        page = self._built / "index.html"
        if not page.is_file():
            return PlainTextResponse(MISSING, 503, {"cache-control": "no-store"})
        headers = {
            "cache-control": MAY_CHANGE,
            "content-security-policy": self._policy(request.headers.get("host", "")),
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
        }
        return FileResponse(page, headers=headers)

    def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        path = self._built / "assets" / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise HTTPException(404)
        headers = {
            "cache-control": NEVER_CHANGES,
            "vary": "accept-encoding",
            "x-content-type-options": "nosniff",
        }
        media_type = mimetypes.guess_type(name)[0]
        accepted = request.headers.get("accept-encoding", "")
        for encoding, suffix in _COMPRESSED.items():
            compressed = path.with_name(name + suffix)
            if re.search(rf"\b{encoding}\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accepted) and compressed.is_file():
                return FileResponse(
                    compressed, headers={**headers, "content-encoding": encoding}, media_type=media_type
                )
        return FileResponse(path, headers=headers, media_type=media_type)

    def _policy(self, host: str) -> str:
        """Everything from this origin alone; sockets are named, as not every browser counts them to 'self'."""
        sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
        return "; ".join(
            (
                "default-src 'self'",
                f"connect-src 'self'{sockets}",
                " ".join(("img-src 'self'", *self._picture_origins)),
                "object-src 'none'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
            )
        )
