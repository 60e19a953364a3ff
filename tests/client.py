"""A GraphQL client as a front end has one: queries, uploads, subscriptions."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp

PROTOCOL = "graphql-transport-ws"
PASSWORD = "correct horse battery"
SERVER_KEEPS_ALIVE_SECONDS = 5
PREFLIGHT = {"GraphQL-Require-Preflight": "1"}

SIGN_UP = """
mutation ($input: SignUpInput!) {
  signUp(input: $input) {
    __typename
    ... on SignUpPayload { session { accessToken refreshToken viewer { id email } } }
    ... on Error { message }
  }
}
"""
UPLOAD = """
mutation ($input: UploadImageInput!) {
  uploadImage(input: $input) {
    __typename
    ... on UploadImagePayload { duplicate image { id state filename mediaType sizeBytes widthPx heightPx checksumSha256 url } }
    ... on Error { message }
  }
}
"""
REPLACE = """
mutation ($input: ReplaceImageInput!) {
  replaceImage(input: $input) {
    __typename
    ... on ReplaceImagePayload {
      image {
        id state filename caption tags mediaType sizeBytes widthPx heightPx checksumSha256 url createdAt updatedAt
        deletedAt variants { name } placeholder { thumbhash } details { frameCount } privacy { policy } failure { code }
      }
    }
    ... on NotFoundError { id }
    ... on Error { message }
  }
}
"""
PROGRESS = """
subscription ($id: ID!, $after: Int) {
  imageProgress(id: $id, after: $after) { sequence stage image { id state failure { code } variants { name url } } }
}
"""


class Client:
    """Somebody at `url`; `token` says who, None for nobody."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self.token = token

    async def __aenter__(self) -> Self:
        idle = aiohttp.TCPConnector(keepalive_timeout=SERVER_KEEPS_ALIVE_SECONDS - 2)
        self.http = aiohttp.ClientSession(base_url=self.url, connector=idle)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.close()

    @property
    def headers(self) -> dict[str, str]:
        """What says who is asking."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def execute(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, errors and all."""
        body = {"query": query, "variables": variables}
        async with self.http.post("/graphql", json=body, headers=self.headers) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """What was asked for; fails on any error."""
        return _data(await self.execute(query, **variables))

    async def upload(
        self, content: bytes | AsyncIterator[bytes], filename: str = "photo.jpg", **fields: Any
    ) -> dict[str, Any]:
        """`uploadImage` of these bytes, at once or as they come: the union's member."""
        return _data(await self.try_to_upload(content, filename, **fields))["uploadImage"]

    async def try_to_upload(
        self, content: bytes | AsyncIterator[bytes], filename: str = "photo.jpg", **fields: Any
    ) -> dict[str, Any]:
        """The whole answer, errors and all."""
        return await self._send(UPLOAD, content, filename, fields)

    async def replace(
        self, image_id: str, content: bytes, filename: str = "photo.jpg", **fields: Any
    ) -> dict[str, Any]:
        """`replaceImage` by these bytes: the union's member."""
        answer = await self._send(REPLACE, content, filename, {"id": image_id, **fields})
        return _data(answer)["replaceImage"]

    async def _send(
        self, mutation: str, content: bytes | AsyncIterator[bytes], filename: str, fields: dict[str, Any]
    ) -> dict[str, Any]:
        variables = {"input": {"file": None, **fields}}
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("operations", json.dumps({"query": mutation, "variables": variables}))
        form.add_field("map", json.dumps({"0": ["variables.input.file"]}))
        body = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field("0", body, filename=filename, content_type="application/octet-stream")
        async with self.http.post("/graphql", data=form, headers={**self.headers, **PREFLIGHT}) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A socket past `connection_init`."""
        async with self.http.ws_connect("/graphql", protocols=[PROTOCOL]) as socket:
            payload = {"authorization": f"Bearer {self.token}"} if self.token else {}
            await socket.send_json({"type": "connection_init", "payload": payload})
            assert (await socket.receive_json())["type"] == "connection_ack"
            yield socket

    async def subscribe(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """Every payload until the subscription completes; an error's payload is the last."""
        payloads = []
        async with self.socket() as socket:
            body = {"query": query, "variables": variables}
            await socket.send_json({"type": "subscribe", "id": "1", "payload": body})
            while (message := await socket.receive_json(timeout=30))["type"] == "next":
                payloads.append(message["payload"])
        if message["type"] == "error":
            payloads.append({"errors": message["payload"]})
        return payloads

    async def progress(self, image_id: str, after: int | None = None) -> list[dict[str, Any]]:
        """Every event of an image until its work ends."""
        payloads = await self.subscribe(PROGRESS, id=image_id, after=after)
        return [payload["data"]["imageProgress"] for payload in payloads]

    async def developed(self, content: bytes, **fields: Any) -> dict[str, Any]:
        """Uploads, and waits until the image is READY or FAILED: the image of the last event."""
        uploaded = await self.upload(content, **fields)
        return (await self.progress(uploaded["image"]["id"]))[-1]["image"]


class Person(Client):
    """Somebody who has signed up."""

    id: str
    email: str

    @classmethod
    @asynccontextmanager
    async def signed_up(cls, url: str) -> AsyncIterator[Person]:
        """A new person, with an address of their own."""
        async with cls(url) as person:
            person.email = f"person-{secrets.token_hex(6)}@example.com"
            data = await person.data(SIGN_UP, input={"email": person.email, "password": PASSWORD})
            session = data["signUp"]["session"]
            person.id, person.token = session["viewer"]["id"], session["accessToken"]
            yield person


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data
