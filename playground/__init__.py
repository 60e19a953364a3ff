"""The playground: GraphiQL for browsers that open `/graphql`. Every asset comes from this machine, none from afar."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, request_response

HERE = Path(__file__).parent
PACKAGES = HERE / "node_modules"
NEVER_CHANGES = "public, max-age=31536000, immutable"
MAY_CHANGE = "no-cache"

# By the names that `index.html` uses; nothing else of the folder is served.
VERSIONED = {
    "react-18.2.0.js": PACKAGES / "react/umd/react.production.min.js",
    "react-dom-18.2.0.js": PACKAGES / "react-dom/umd/react-dom.production.min.js",
    "graphiql-3.8.3.js": PACKAGES / "graphiql/graphiql.min.js",
    "graphiql-3.8.3.css": PACKAGES / "graphiql/graphiql.min.css",
    "plugin-explorer-1.0.2.js": PACKAGES / "@graphiql/plugin-explorer/dist/index.umd.js",
    "plugin-explorer-1.0.2.css": PACKAGES / "@graphiql/plugin-explorer/dist/style.css",
}
OURS = {name: HERE / name for name in ("playground.js", "playground.css", "examples.graphql", "icon.svg")}

MISSING = """\
Darkroom is running, but the playground's assets are not here yet. Fetch them once with

    make playground

which runs `npm ci --prefix playground`, then reload this page. The API itself needs none of them.
"""

CLOSED = """\
There is no app and no playground here: this service runs trusted documents only, those in the manifest that its operator has named
in TRUSTED_DOCUMENTS. Start it without that setting to have both.
"""

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:]+\](:[0-9]+)?")


def routes() -> list[BaseRoute]:
    """The assets, under `/playground/`; the page names them relative to its own address."""
    return [Route("/playground/{name}", _asset, methods=["GET"])]


def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    path = VERSIONED.get(name) or OURS.get(name)
    if path is None or not path.is_file():
        raise HTTPException(404)
    headers = {
        "cache-control": NEVER_CHANGES if name in VERSIONED else MAY_CHANGE,
        "x-content-type-options": "nosniff",
    }
    return FileResponse(path, headers=headers)


def _page(request: Request) -> Response:
    if not all(path.is_file() for path in VERSIONED.values()):
        return PlainTextResponse(MISSING, 503, {"cache-control": "no-store"})
    headers = {
        "cache-control": MAY_CHANGE,
        "content-security-policy": _policy(request.headers.get("host", "")),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return FileResponse(HERE / "index.html", headers=headers)


def _policy(host: str) -> str:
    """Everything from this origin alone; sockets are named, as not every browser counts them to 'self'."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"connect-src 'self'{sockets}",
            "style-src 'self' 'unsafe-inline'",  # GraphiQL's editor places its parts by style attributes
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


page = request_response(_page)
closed = PlainTextResponse(CLOSED, 403, {"cache-control": "no-store"})
