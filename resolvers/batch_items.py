"""The items of batches, each as it is now that its batch is as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from beanie import PydanticObjectId

from models import batch_lists, listing
from models.batch import Batch
from models.batch_item import BatchItem, BatchItemState
from models.image import Image
from models.page import Page
from resolvers import listed
from resolvers.batch_changes import BatchProgress
from resolvers.context import Context
from resolvers.listed import Listed
from resolvers.paging import Paging

KIND = BatchItem.__name__


async def page(batch: Batch, state: BatchItemState | None, paging: Paging) -> Listed[BatchItem]:
    """A page of a batch's items, in the order of the manifest; of those alone that are in this state.

    Raises:
        BadUserInputError: An argument is out of its range.
    """
    found = await listed.page(batch_lists.items(batch, state), paging)
    stored = found.page
    items = [item.as_in(batch) for item in stored.items]
    return Listed(Page(stored.order, items, stored.has_next, stored.has_previous), found.whole)


async def by_ids(context: Context, item_ids: Iterable[PydanticObjectId]) -> dict[PydanticObjectId, BatchItem]:
    """Those of the items that are the viewer's, in two queries."""
    owner_id = context.viewer_id
    found = await listing.of_owner(BatchItem, owner_id, item_ids)
    batches = await listing.of_owner(Batch, owner_id, {item.batch_id for item in found.values()})
    return {
        item_id: item.as_in(batches[item.batch_id])
        for item_id, item in found.items()
        if item.batch_id in batches
    }


async def of_changes(context: Context, changes: Sequence[BatchProgress]) -> list[BatchItem | None]:
    """What ended with each, as it is now."""
    return [
        (await change.part.items(partial(by_ids, context))).get(change.item_id) if change.item_id else None
        for change in changes
    ]


async def images(context: Context, items: Sequence[BatchItem]) -> list[Image | None]:
    """What was made of each, in one query; None where nothing was yet, or where it is gone."""
    image_ids = {item.image_id for item in items if item.image_id}
    found = await Image.all_of_owner(context.viewer_id, image_ids) if image_ids else {}
    return [found.get(item.image_id) if item.image_id else None for item in items]
