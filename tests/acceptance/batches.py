"""Batches as a client has them: manifests on their way in, and what is read of them."""

from __future__ import annotations

from typing import Any

from tests.client import Client

HEADER = "S. No.,Product Name,Input Image Urls"
SHOWN = """
  id state manifestName compression { mode value format } progress etaSeconds bytesIn bytesOut
  counts { total pending running succeeded failed cancelled }
  problems { line column code message hint severity } problemCount createdAt startedAt finishedAt
  webhook { url deliveries { id } }
"""
CREATE = f"""
mutation ($input: CreateBatchInput!) {{
  createBatch(input: $input) {{
    __typename
    ... on CreateBatchPayload {{ batch {{ {SHOWN} }} }}
    ... on InvalidManifestError {{ problems {{ line column code message hint severity }} problemCount }}
    ... on FileTooLargeError {{ limitBytes }}
    ... on UnsupportedFormatError {{ detectedMediaType }}
    ... on InvalidInputError {{ field }}
    ... on Error {{ message }}
  }}
}}
"""
CHECK = """
mutation ($input: CheckManifestInput!) {
  checkManifest(input: $input) {
    __typename
    ... on CheckManifestPayload {
      rowCount imageCount delimiter encoding problemCount problems { line column code message hint severity }
    }
    ... on Error { message }
  }
}
"""
BATCH = f"query ($id: ID!) {{ batch(id: $id) {{ {SHOWN} }} }}"
PROGRESS = """
subscription ($id: ID!, $after: Int) {
  batchProgress(id: $id, after: $after) {
    sequence state progress etaSeconds at counts { total pending running succeeded failed cancelled }
    item { id position state failure { code } image { id } }
  }
}
"""


def manifest(*rows: str) -> bytes:
    """A manifest of these rows."""
    return "\r\n".join([HEADER, *rows]).encode()


async def create(
    client: Client, content: bytes, filename: str = "goods.csv", **fields: Any
) -> dict[str, Any]:
    """`createBatch`: the union's member."""
    answer = await client._send(CREATE, content, filename, fields)
    assert "errors" not in answer, answer
    created: dict[str, Any] = answer["data"]["createBatch"]
    return created


async def check(client: Client, content: bytes, filename: str = "goods.csv") -> dict[str, Any]:
    """`checkManifest`: the union's member."""
    answer = await client._send(CHECK, content, filename, {})
    assert "errors" not in answer, answer
    checked: dict[str, Any] = answer["data"]["checkManifest"]
    return checked


async def created(client: Client, *rows: str, **fields: Any) -> dict[str, Any]:
    """A batch of these rows."""
    answer = await create(client, manifest(*rows), **fields)
    assert answer["__typename"] == "CreateBatchPayload", answer
    batch: dict[str, Any] = answer["batch"]
    return batch
