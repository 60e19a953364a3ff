"""What people do to send a file to storage themselves, whichever provider that is."""

from __future__ import annotations

import io

import aiohttp

from resolvers import ids
from storage import keys

CREATE = """
mutation ($input: CreateStagedUploadInput!) {
  createStagedUpload(input: $input) {
    __typename
    ... on CreateStagedUploadPayload {
      stagedUpload { id url method headers { name value } formFields { name value } expiresAt }
    }
    ... on FileTooLargeError { limitBytes }
    ... on UnsupportedFormatError { detectedMediaType }
    ... on QuotaExceededError { quota: limitBytes }
    ... on InvalidInputError { field }
    ... on Error { message }
  }
}
"""
COMPLETE = """
mutation ($input: CompleteStagedUploadInput!) {
  completeStagedUpload(input: $input) {
    __typename
    ... on CompleteStagedUploadPayload {
      duplicate
      image {
        id state filename caption tags mediaType sizeBytes checksumSha256 storage url createdAt updatedAt
        variants { name }
      }
    }
    ... on NotFoundError { id }
    ... on UnsupportedFormatError { detectedMediaType }
    ... on InvalidInputError { field }
    ... on Error { message }
  }
}
"""


async def create(person, size_bytes, media_type="image/jpeg", **said):
    """The union's member."""
    fields = {"filename": "photo.jpg", "mediaType": media_type, "sizeBytes": size_bytes, **said}
    return (await person.data(CREATE, input=fields))["createStagedUpload"]


async def stage(person, content, **said):
    """A place for the content."""
    return (await create(person, len(content), **said))["stagedUpload"]


async def send(staged, content):
    """Sends the content where it is to go, as it is to be sent: the status of the answer."""
    headers = {header["name"]: header["value"] for header in staged["headers"]}
    body = io.BytesIO(content)
    if staged["formFields"]:
        body = aiohttp.FormData()
        for field in staged["formFields"]:
            body.add_field(field["name"], field["value"])
        body.add_field("file", io.BytesIO(content), filename="file")
    async with (
        aiohttp.ClientSession() as http,
        http.request(staged["method"], staged["url"], data=body, headers=headers) as response,
    ):
        return response.status


async def sent(person, content, **said):
    """A place where the content is already."""
    staged = await stage(person, content, **said)
    assert await send(staged, content) in (200, 201, 204)
    return staged


async def lies(person, staged, storage):
    """Whether anything lies where the content is to go."""
    key = keys.staged(str(ids.decode(person.id, "User")), str(ids.decode(staged["id"], "StagedUpload")))
    return [found async for found in storage.list(key)] != []


async def complete(person, staged, **said):
    """The union's member."""
    answer = await person.data(COMPLETE, input={"id": staged["id"], **said})
    return answer["completeStagedUpload"]
