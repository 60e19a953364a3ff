"""Another original for an image that one has."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from beanie import PydanticObjectId

from resolvers import ids
from tests import pictures
from tests.acceptance.streams import subscribed
from tests.acceptance.upkeep import delete, restore, standing, status, until, update

pytestmark = pytest.mark.every_storage
CHANGES = "subscription ($after: String) { galleryChanges(after: $after) { kind imageId image { checksumSha256 } } }"
OLD, NEW = pictures.jpeg(40, 30, seed=1), pictures.jpeg(60, 20, seed=2)
IMAGE = """
query ($id: ID!) {
  image(id: $id) {
    id caption tags filename state sizeBytes widthPx heightPx checksumSha256 url variants { name url } deletedAt
    privacy { policy }
  }
}
"""


def checksum(content):
    return hashlib.sha256(content).hexdigest()


async def seen(person, image_id):
    return (await person.data(IMAGE, id=image_id))["image"]


async def fetched(person, url):
    async with person.http.get(url) as response:
        assert response.status == 200
        return await response.read()


async def test_an_image_keeps_what_was_said_of_it_and_has_the_new_bytes(ann):
    uploaded = (await ann.upload(OLD, caption="the sea", tags=["summer"]))["image"]
    await ann.progress(uploaded["id"])

    replaced = await ann.replace(uploaded["id"], NEW, "later.jpg")

    image = replaced["image"]
    assert (image["id"], image["caption"], image["tags"]) == (uploaded["id"], "the sea", ["summer"])
    assert (image["filename"], image["widthPx"], image["heightPx"]) == ("later.jpg", 60, 20)
    assert (image["checksumSha256"], image["sizeBytes"]) == (checksum(NEW), len(NEW))
    assert (image["state"], image["variants"], image["placeholder"]) == ("PROCESSING", [], None)
    assert (image["details"], image["privacy"], image["failure"]) == (None, None, None)
    assert await fetched(ann, image["url"]) == NEW
    assert [event["sequence"] for event in await ann.progress(uploaded["id"], after=4)] == [5, 6, 7, 8]
    assert (await seen(ann, uploaded["id"]))["state"] == "READY"


async def test_old_addresses_lead_nowhere_and_the_old_bytes_are_deleted(ann, stored_keys):
    image = await ann.developed(OLD)
    old = await seen(ann, image["id"])
    addresses = [old["url"], *(variant["url"] for variant in old["variants"])]
    assert [await status(ann, address) for address in addresses] == [200] * len(addresses)
    document_id = str(ids.decode(image["id"], "Image"))
    old_keys = await stored_keys(document_id)

    await ann.replace(image["id"], NEW)

    assert [await status(ann, address) for address in addresses] == [404] * len(addresses)

    async def is_gone():
        return not old_keys & await stored_keys(document_id)

    await until(is_gone)
    await ann.progress(image["id"], after=4)
    now = await seen(ann, image["id"])
    assert [await status(ann, variant["url"]) for variant in now["variants"]] == [200] * 2


@pytest.fixture
def stored_keys(stored):
    """The keys of all objects of an image."""

    async def listed(document_id):
        return {found.key async for found in stored.list("") if document_id in found.key}

    return listed


async def test_usage_is_of_what_is_there_now(ann):
    image = (await ann.upload(OLD))["image"]

    await ann.replace(image["id"], NEW)

    assert await standing(ann) == ({image["id"]}, 1, (1, len(NEW)))


async def test_a_repeat_with_the_same_key_is_answered_field_for_field(ann):
    image = (await ann.upload(OLD))["image"]
    first = await ann.replace(image["id"], NEW, idempotencyKey="k")
    last = (await ann.progress(image["id"], after=0))[-1]
    await update(ann, image["id"], caption="meanwhile")

    again = await ann.replace(image["id"], NEW, idempotencyKey="k")

    assert without_addresses(again) == without_addresses(first)
    assert (await seen(ann, image["id"]))["caption"] == "meanwhile"
    assert [event["sequence"] for event in await ann.progress(image["id"])] == [last["sequence"]]


def without_addresses(replaced):
    return {name: value for name, value in replaced["image"].items() if name != "url"}


async def test_the_same_key_with_another_input_is_a_conflict(ann):
    image, other = (await ann.upload(OLD))["image"], (await ann.upload(pictures.png()))["image"]
    await ann.replace(image["id"], NEW, idempotencyKey="k")

    for image_id, content, fields in (
        (image["id"], OLD, {}),
        (other["id"], NEW, {}),
        (image["id"], NEW, {"metadataPolicy": "KEEP"}),
    ):
        refused = await ann.replace(image_id, content, idempotencyKey="k", **fields)
        assert refused["__typename"] == "IdempotencyConflictError"


async def test_requests_with_one_key_at_once_replace_once(ann):
    image = (await ann.upload(OLD))["image"]

    answers = await asyncio.gather(*(ann.replace(image["id"], NEW, idempotencyKey="same") for _ in range(5)))

    assert [without_addresses(answer) for answer in answers] == [without_addresses(answers[0])] * 5
    assert (await ann.progress(image["id"], after=0))[-1]["stage"] == "READY"
    assert [event["stage"] for event in await ann.progress(image["id"], after=0)].count("STORED") == 2


@pytest.mark.parametrize(
    ("content", "refusal"),
    [(b"text " * 100, "UnsupportedFormatError"), (NEW[: len(NEW) // 2], "CorruptImageError")],
)
async def test_a_refused_file_changes_nothing(ann, content, refusal):
    image = await ann.developed(OLD)
    before = await seen(ann, image["id"])

    assert (await ann.replace(image["id"], content))["__typename"] == refusal

    after = await seen(ann, image["id"])
    assert (after["checksumSha256"], after["state"]) == (before["checksumSha256"], "READY")
    assert await fetched(ann, after["url"]) == OLD


async def test_another_persons_an_unknown_and_a_malformed_id_are_not_found(ann, ben):
    image = (await ben.upload(OLD))["image"]
    unknown = ids.encode("Image", PydanticObjectId())

    for image_id in (image["id"], unknown, "nonsense"):
        refused = await ann.replace(image_id, NEW)
        assert (refused["__typename"], refused["id"]) == ("NotFoundError", image_id)

    assert (await seen(ben, image["id"]))["checksumSha256"] == checksum(OLD)


async def test_an_image_in_the_trash_stays_there(ann):
    image = (await ann.upload(OLD))["image"]
    await delete(ann, image["id"])

    replaced = await ann.replace(image["id"], NEW)

    assert replaced["image"]["deletedAt"]
    assert await standing(ann) == (set(), 0, (0, len(NEW)))
    await restore(ann, image["id"])
    assert (await seen(ann, image["id"]))["checksumSha256"] == checksum(NEW)


async def test_an_image_that_failed_is_developed_from_its_next_original(ann):
    failed = await ann.developed(pictures.undecodable_png())
    assert failed["state"] == "FAILED"

    await ann.replace(failed["id"], NEW)

    last = (await ann.progress(failed["id"], after=2))[-1]
    assert (last["stage"], last["image"]["failure"]) == ("READY", None)


async def test_the_bytes_of_another_image_are_no_duplicate(ann):
    first, second = (await ann.upload(OLD))["image"], (await ann.upload(NEW))["image"]

    replaced = await ann.replace(second["id"], OLD)

    assert (replaced["image"]["id"], replaced["image"]["checksumSha256"]) == (second["id"], checksum(OLD))
    again = await ann.upload(OLD)
    assert (again["duplicate"], again["image"]["id"]) == (True, first["id"])
    assert (await ann.upload(NEW))["duplicate"] is False


async def test_the_policy_stays_unless_another_is_given(ann):
    image = await ann.developed(OLD, metadataPolicy="KEEP")

    await ann.replace(image["id"], NEW)
    await ann.progress(image["id"], after=4)
    assert (await seen(ann, image["id"]))["privacy"]["policy"] == "KEEP"

    await ann.replace(image["id"], OLD, metadataPolicy="STRIP_GPS")
    await ann.progress(image["id"], after=8)
    assert (await seen(ann, image["id"]))["privacy"]["policy"] == "STRIP_GPS"


async def test_a_gallery_is_told_of_an_update_unless_the_image_is_in_the_trash(ann):
    image, trashed = (await ann.upload(OLD))["image"], (await ann.upload(pictures.png()))["image"]
    await ann.progress(image["id"])
    await ann.progress(trashed["id"])
    await delete(ann, trashed["id"])
    after = (await ann.data("{ gallery { changeCursor } }"))["gallery"]["changeCursor"]
    await ann.replace(trashed["id"], pictures.jpeg(8, 8, seed=9))
    await ann.replace(image["id"], NEW)

    async with subscribed(ann, "socket", CHANGES, after=after) as payloads:
        told = []
        while len(told) < 4:
            change = (await anext(payloads))["data"]["galleryChanges"]
            if change["kind"] != "REMOVED":  # a cursor may repeat what lies just before it
                told.append(change)

    assert [(change["kind"], change["imageId"]) for change in told] == [("UPDATED", image["id"])] * 4
    assert told[-1]["image"]["checksumSha256"] == checksum(NEW)
