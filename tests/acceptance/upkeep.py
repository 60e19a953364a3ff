"""What people do with images that they have."""

from __future__ import annotations

import asyncio

UPDATE = """
mutation ($input: UpdateImageInput!) {
  updateImage(input: $input) {
    __typename
    ... on UpdateImagePayload { image { id caption tags updatedAt deletedAt } }
    ... on InvalidInputError { field }
    ... on NotFoundError { id }
    ... on Error { message }
  }
}
"""
DELETE = """
mutation ($input: DeleteImageInput!) {
  deleteImage(input: $input) {
    __typename
    ... on DeleteImagePayload { deletedImageId }
    ... on NotFoundError { id message }
  }
}
"""
RESTORE = """
mutation ($input: RestoreImageInput!) {
  restoreImage(input: $input) {
    __typename
    ... on RestoreImagePayload { image { id deletedAt state } }
    ... on NotFoundError { id message }
  }
}
"""
IMAGE = """
query ($id: ID!) {
  image(id: $id) { id caption tags updatedAt deletedAt state url variants { url } }
  node(id: $id) { id }
}
"""
STANDING = "{ gallery { totalCount nodes { id } } viewer { usage { imageCount storedBytes } } }"
SOON = 30


async def update(person, image_id, **labels):
    return (await person.data(UPDATE, input={"id": image_id, **labels}))["updateImage"]


async def delete(person, image_id, **how):
    return (await person.data(DELETE, input={"id": image_id, **how}))["deleteImage"]


async def restore(person, image_id):
    return (await person.data(RESTORE, input={"id": image_id}))["restoreImage"]


async def standing(person):
    """What is in the gallery, its count, and the usage."""
    data = await person.data(STANDING)
    usage = data["viewer"]["usage"]
    return (
        {node["id"] for node in data["gallery"]["nodes"]},
        data["gallery"]["totalCount"],
        (usage["imageCount"], usage["storedBytes"]),
    )


async def until(condition):
    async with asyncio.timeout(SOON):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.05)


async def status(person, url):
    async with person.http.get(url) as response:
        return response.status
