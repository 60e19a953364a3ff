"""Requests as no client library makes them, and what is looked at in the answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.client import Client
from tests.hostile.oracle import says_nothing_of_the_inside

MODERN = {"Accept": "application/graphql-response+json"}
LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class Answered:
    """An answer that is fit for strangers: no fault of ours, and GraphQL."""

    status: int
    body: dict[str, Any]

    @property
    def code(self) -> str:
        """Of the first error; nothing if there is none."""
        (first, *_) = self.body.get("errors") or [{}]
        return str(first.get("extensions", {}).get("code", ""))


async def sent(client: Client, method: str = "POST", path: str = "/graphql", **request: Any) -> Answered:
    """Sends it as it is."""
    headers = {**client.headers, **MODERN, **request.pop("headers", {})}
    async with client.http.request(method, path, headers=headers, **request) as response:
        text = await response.text()
    assert response.status < 500, text
    assert says_nothing_of_the_inside(text), text
    assert len(text) < LONGEST_ANSWER
    return Answered(response.status, json.loads(text))


async def asked(client: Client, query: str, **variables: Any) -> Answered:
    """Sends a document."""
    return await sent(client, json={"query": query, "variables": variables})
