"""A stand-in for Darkroom with its published schema: it knows one person, takes any file, and develops in no time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from graphql import GraphQLSchema, build_schema
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

import playground
from engine.exchange import HttpBounds
from engine.executor import Executor
from engine.http import GraphQLHTTP
from engine.limits import Limits
from engine.sockets import GraphQLWebSocket, SocketBounds
from errors import ResourceNotFoundError, UnauthenticatedError

ROOT = Path(__file__).parent.parent.parent
STAGES = ("STORED", "PROBED", "VARIANTS_MADE", "READY")
TOKEN = "the-token"
REFRESH_TOKEN = "the-refresh-token"
IMAGE_ID = "image-1"


@dataclass(frozen=True)
class Viewer:
    id: str
    expires_at: datetime


class Studio:
    async def authenticate(self, authorization):
        if authorization is None:
            return None
        if authorization != f"Bearer {TOKEN}":
            raise UnauthenticatedError
        return Viewer("ann@example.com", datetime.now(UTC) + timedelta(hours=1))

    def context(self, principal, request_id, client_address):
        return principal

    def audience(self, principal):
        return principal and principal.id

    def watch(self, principal, on_end):
        return lambda: None


def service(_root, _info):
    return {
        "version": "1.2.3",
        "storage": "GRIDFS",
        "maxFileSizeBytes": 5,
        "inputMediaTypes": ["image/png"],
        "outputFormats": ["WEBP"],
    }


def session(email):
    return {
        "accessToken": TOKEN,
        "accessTokenExpiresAt": "later",
        "refreshToken": REFRESH_TOKEN,
        "viewer": {"email": email},
    }


def sign_up(_root, _info, input):  # noqa: A002 - the contract's name
    return {"__typename": "SignUpPayload", "session": session(input["email"])}


def refresh_session(_root, _info, input):  # noqa: A002 - the contract's name
    if input["refreshToken"] != REFRESH_TOKEN:
        return {"__typename": "InvalidCredentialsError", "message": "Log in again."}
    return {"__typename": "RefreshSessionPayload", "session": session("ann@example.com")}


async def upload_image(_root, _info, input):  # noqa: A002 - the contract's name
    opened = await input["file"].open()
    size_bytes = sum([len(piece) async for piece in opened.pieces])
    image = {
        "id": IMAGE_ID, "filename": opened.filename, "state": "PROCESSING", "mediaType": "image/png",
        "sizeBytes": size_bytes, "widthPx": 1, "heightPx": 1, "url": "http://127.0.0.1/i",
    }  # fmt: skip
    return {"__typename": "UploadImagePayload", "duplicate": False, "image": image}


def viewer(_root, info):
    return info.context and {"email": info.context.id, "usage": {"imageCount": 0, "storedBytes": 0}}


async def image_progress(_root, info, id, after=None):  # noqa: A002 - the contract's names
    if info.context is None or id != IMAGE_ID:
        raise ResourceNotFoundError
    for sequence, stage in enumerate(STAGES, start=1):
        image = {"state": "READY", "variants": []}
        yield {"imageProgress": {"sequence": sequence, "stage": stage, "image": image}}


def schema() -> GraphQLSchema:
    built = build_schema((ROOT / "schema.graphql").read_text())
    for field, resolver in {"service": service, "viewer": viewer}.items():
        built.query_type.fields[field].resolve = resolver
    mutations = {"signUp": sign_up, "refreshSession": refresh_session, "uploadImage": upload_image}
    for field, resolver in mutations.items():
        built.mutation_type.fields[field].resolve = resolver
    built.subscription_type.fields["imageProgress"].subscribe = image_progress
    return built


def app() -> Starlette:
    executor, host = Executor(schema(), limits=Limits()), Studio()
    http = GraphQLHTTP(executor, host, bounds=HttpBounds(max_request_bytes=1_000_000), page=playground.page)
    socket = GraphQLWebSocket(executor, host, bounds=SocketBounds())
    return Starlette(
        routes=[Route("/graphql", http), WebSocketRoute("/graphql", socket), *playground.routes()]
    )
