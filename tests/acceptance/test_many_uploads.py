"""Several files in one request, and requests that are repeated."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json

import aiohttp
import pytest

from tests import pictures
from tests.client import PREFLIGHT

pytestmark = pytest.mark.every_storage

UPLOAD_MANY = """
mutation ($input: UploadImagesInput!) {
  uploadImages(input: $input) {
    __typename
    ... on UploadImagesPayload { results {
      __typename
      ... on UploadImagePayload { duplicate image { id filename tags checksumSha256 } }
      ... on Error { message }
    } }
    ... on Error { message }
  }
}
"""
RENAME = """
mutation ($id: ID!) { updateImage(input: {id: $id, caption: "changed"}) { ... on UpdateImagePayload { image { caption } } } }
"""


async def upload_many(person, contents, **fields):
    """`uploadImages` of these bytes: the union's member."""
    variables = {"input": {"files": [None] * len(contents), **fields}}
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("operations", json.dumps({"query": UPLOAD_MANY, "variables": variables}))
    form.add_field("map", json.dumps({str(n): [f"variables.input.files.{n}"] for n in range(len(contents))}))
    for number, content in enumerate(contents):
        form.add_field(str(number), io.BytesIO(content), filename=f"{number}.jpg")
    async with person.http.post("/graphql", data=form, headers={**person.headers, **PREFLIGHT}) as response:
        answer = await response.json()
    assert "errors" not in answer, answer
    return answer["data"]["uploadImages"]


async def total_count(person):
    return (await person.data("{ gallery { totalCount } }"))["gallery"]["totalCount"]


async def test_each_file_has_its_result_in_the_order_given(ann):
    photos = [pictures.jpeg(seed=seed) for seed in range(3)]

    answer = await upload_many(ann, photos, tags=["sea"])

    images = [result["image"] for result in answer["results"]]
    assert [image["checksumSha256"] for image in images] == [hashlib.sha256(p).hexdigest() for p in photos]
    assert [(image["filename"], image["tags"]) for image in images] == [
        (f"{n}.jpg", ["sea"]) for n in range(3)
    ]


async def test_a_file_that_is_refused_leaves_the_others_alone(ann):
    photo = pictures.jpeg(seed=1)
    contents = [photo, b"no picture", photo, photo[:-2], pictures.jpeg(seed=2) + b"\0" * (20 * 2**20)]

    answer = await upload_many(ann, [*contents, pictures.png()])

    assert [result["__typename"] for result in answer["results"]] == [
        "UploadImagePayload",
        "UnsupportedFormatError",
        "UploadImagePayload",
        "CorruptImageError",
        "FileTooLargeError",
        "UploadImagePayload",
    ]
    assert [r["duplicate"] for r in answer["results"] if "duplicate" in r] == [False, True, False]
    assert await total_count(ann) == 2


@pytest.mark.parametrize(
    "fields", [{"tags": ["x" * 101]}, {"idempotencyKey": ""}, {"idempotencyKey": "x" * 256}]
)
async def test_what_is_said_of_all_of_them_is_checked_before_any_is_read(ann, fields):
    assert (await upload_many(ann, [pictures.jpeg()], **fields))["__typename"] == "InvalidInputError"
    assert await total_count(ann) == 0


async def test_no_file_at_all_is_refused(ann):
    answer = await ann.data(UPLOAD_MANY, input={"files": []})

    assert answer["uploadImages"]["__typename"] == "InvalidInputError"


async def test_the_same_key_has_the_same_answer_field_for_field(ann):
    photo = pictures.jpeg(seed=3)
    first = await ann.upload(photo, caption="sea", idempotencyKey="k")
    await ann.data(RENAME, id=first["image"]["id"])

    again = await ann.upload(photo, caption="sea", idempotencyKey="k")

    assert {**again["image"], "url": ""} == {**first["image"], "url": ""}
    assert again["duplicate"] is False
    assert await total_count(ann) == 1


@pytest.mark.parametrize(
    ("content", "caption"), [(pictures.jpeg(seed=5), "sea"), (pictures.jpeg(seed=4), "mountain")]
)
async def test_a_key_with_another_input_is_a_conflict(ann, content, caption):
    await ann.upload(pictures.jpeg(seed=4), caption="sea", idempotencyKey="k")

    refused = await ann.upload(content, caption=caption, idempotencyKey="k")

    assert refused["__typename"] == "IdempotencyConflictError"
    assert await total_count(ann) == 1


async def test_a_refusal_is_not_kept(ann):
    refused = await ann.upload(b"no picture", idempotencyKey="k")

    taken = await ann.upload(pictures.jpeg(seed=6), idempotencyKey="k")

    assert (refused["__typename"], taken["__typename"]) == ("UnsupportedFormatError", "UploadImagePayload")


async def test_the_same_key_many_times_at_once_takes_one_image_in(ann):
    photo = pictures.jpeg(seed=7)

    answers = await asyncio.gather(*(ann.upload(photo, idempotencyKey="k") for _ in range(8)))

    assert {(answer["image"]["id"], answer["duplicate"]) for answer in answers} == {
        (answers[0]["image"]["id"], False)
    }


async def test_a_key_is_its_owners_and_its_mutations(ann, ben):
    photo = pictures.jpeg(seed=8)
    mine = await ann.upload(photo, idempotencyKey="k")

    theirs = await ben.upload(pictures.jpeg(seed=9), idempotencyKey="k")
    many = await upload_many(ann, [photo], idempotencyKey="k")

    assert theirs["duplicate"] is False
    assert many["results"][0]["duplicate"] is True
    assert many["results"][0]["image"]["id"] == mine["image"]["id"]


async def test_a_key_of_several_files_is_kept_for_each(ann):
    photos = [pictures.jpeg(seed=seed) for seed in range(10, 13)]
    first = await upload_many(ann, [photos[0], b"no picture", photos[2]], idempotencyKey="k")

    again = await upload_many(ann, photos, idempotencyKey="k")

    assert again["results"][0] == first["results"][0]
    assert again["results"][1]["duplicate"] is False
    assert again["results"][2] == first["results"][2]


async def test_a_key_of_several_files_belongs_to_their_fields_and_number(ann):
    photo = pictures.jpeg(seed=14)
    await upload_many(ann, [photo], idempotencyKey="k", tags=["sea"])

    assert (await upload_many(ann, [photo], idempotencyKey="k"))["__typename"] == "IdempotencyConflictError"
    more = await upload_many(ann, [photo, photo], idempotencyKey="k", tags=["sea"])
    assert more["__typename"] == "IdempotencyConflictError"
    other = await upload_many(ann, [pictures.jpeg(seed=15)], idempotencyKey="k", tags=["sea"])
    assert other["results"][0]["__typename"] == "IdempotencyConflictError"
