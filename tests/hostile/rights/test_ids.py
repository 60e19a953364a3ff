"""Whatever names a thing of another's is answered as what names nothing: in every argument that takes an id."""

from __future__ import annotations

import json
import re

import pytest
from beanie import PydanticObjectId

from resolvers import ids
from tests.acceptance.streams import first
from tests.hostile import oracle
from tests.hostile.rights import asking

OPENS = {
    "Query.node.id": "item",
    "Query.nodes.ids": "image",
    "Query.image.id": "image",
    "Query.gallery.filter.batchId": "batch",
    "Query.product.id": "product",
    "Query.products.filter.batchId": "batch",
    "Query.batch.id": "batch",
    "Mutation.replaceImage.input.id": "spare",
    "Mutation.updateImage.input.id": "image",
    "Mutation.deleteImage.input.id": "trashed",
    "Mutation.restoreImage.input.id": "image",
    "Mutation.completeStagedUpload.input.id": "staged",
    "Mutation.pauseBatch.input.id": "batch",
    "Mutation.resumeBatch.input.id": "batch",
    "Mutation.cancelBatch.input.id": "batch",
    "Mutation.retryBatch.input.id": "batch",
    "Mutation.deleteBatch.input.id": "paused",
    "Subscription.imageProgress.id": "image",
    "Subscription.batchProgress.id": "batch",
}
"""What of the owner's own an argument opens: the proof that it is asked for in earnest."""

ELSEWHERE = {
    **dict.fromkeys(
        (
            *("Query.gallery.after", "Query.gallery.before", "Query.products.after", "Query.batches.after"),
            *("Batch.products.after", "Batch.items.after", "Subscription.galleryChanges.after"),
        ),
        "test_lists.py",
    ),
    **dict.fromkeys(
        (
            *("Mutation.uploadImage.input.idempotencyKey", "Mutation.uploadImages.input.idempotencyKey"),
            *("Mutation.importImage.input.idempotencyKey", "Mutation.replaceImage.input.idempotencyKey"),
            "Mutation.createBatch.input.idempotencyKey",
        ),
        "test_keys.py",
    ),
    **dict.fromkeys(
        ("Mutation.refreshSession.input.refreshToken", "Mutation.logOut.input.refreshToken"), "auth"
    ),
}
"""Arguments that name no thing, and where they are tried."""

KINDS = {
    "image": "Image", "trashed": "Image", "spare": "Image", "batch": "Batch", "product": "Product",
    "paused": "Batch", "item": "BatchItem", "staged": "StagedUpload", "user": "User",
}  # fmt: skip
SLOTS = {str(slot): slot for slot in asking.slots()}


def test_r1_every_argument_that_names_something_is_tried():
    assert SLOTS.keys() == OPENS.keys() | ELSEWHERE.keys()


def unknown(thing):
    return ids.encode(KINDS[thing], PydanticObjectId())


async def told(client, slot, given):
    """The whole answer to the id, with the id itself and what is another each time taken out."""
    values = asking.variables(slot.field, slot.path, given)
    if slot.field.startswith("Subscription."):
        query = asking.operation(slot.field, depth=1)
        events = [await first(client, way, 1, query, **values) for way in ("socket", "POST")]
        answer = 200, json.dumps(events)
    else:
        answer = await asking.ask(client, slot.field, values, depth=1, page=1)
    assert oracle.says_nothing_of_the_inside(answer[1])
    return answer[0], re.sub(r'"(requestId|changeCursor)": ?"[\w-]+"', "", answer[1].replace(given, "ID"))


@pytest.mark.parametrize("slot", [SLOTS[name] for name in OPENS if name in SLOTS], ids=str)
async def test_r1_anothers_id_is_answered_as_the_id_of_nothing(ground, ann, ben, nobody, slot):
    await ground.settled()
    before = await ground.belongings(ben)
    for thing, theirs in ben.things.items():
        assert await told(ann.person, slot, theirs) == await told(ann.person, slot, unknown(thing)), thing
        assert await told(nobody, slot, theirs) == await told(nobody, slot, unknown(thing)), thing
    assert await ground.belongings(ben) == before

    own = ben.things[OPENS[str(slot)]]
    assert await told(ben.person, slot, own) != await told(ben.person, slot, unknown(OPENS[str(slot)]))
