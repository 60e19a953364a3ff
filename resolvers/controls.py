"""Batches that the viewer has: paused, resumed, cancelled, tried again, deleted."""

from __future__ import annotations

from errors import NotFoundError
from models.batch import Batch
from processing.batches import controls, deletion
from processing.batches.controls import Retried
from resolvers import batches, ids
from resolvers.context import Context


async def pause(context: Context, batch_id: str) -> Batch:
    """The batch, of which nothing more is taken up.

    Raises:
        NotFoundError: No batch of the viewer's has this id.
        WrongStateError: It is finished, or cancelled.
    """
    owner_id, document_id = context.viewer_id, ids.required(batch_id, batches.KIND)
    return _found(await controls.pause(owner_id, document_id, context.services.queue), batch_id)


async def resume(context: Context, batch_id: str) -> Batch:
    """The batch, which goes on.

    Raises:
        NotFoundError: No batch of the viewer's has this id.
        WrongStateError: It is finished, or cancelled.
    """
    owner_id, document_id = context.viewer_id, ids.required(batch_id, batches.KIND)
    return _found(await controls.resume(owner_id, document_id, context.services.queue), batch_id)


async def cancel(context: Context, batch_id: str) -> Batch:
    """The batch, of which nothing more is taken up, ever.

    Raises:
        NotFoundError: No batch of the viewer's has this id.
        WrongStateError: It is finished otherwise.
    """
    owner_id, document_id = context.viewer_id, ids.required(batch_id, batches.KIND)
    return _found(await controls.cancel(owner_id, document_id, context.services.queue), batch_id)


async def retry(context: Context, batch_id: str) -> Retried:
    """The batch, and how many of its items are tried again.

    Raises:
        NotFoundError: No batch of the viewer's has this id.
        WrongStateError: It is not finished, or nothing of it has failed.
    """
    owner_id, document_id = context.viewer_id, ids.required(batch_id, batches.KIND)
    retried = await controls.retry(owner_id, document_id, context.services.queue)
    if retried is None:
        raise NotFoundError(batch_id)
    return retried


async def delete(context: Context, batch_id: str, *, with_images: bool) -> str:
    """The id of the batch, which is no more.

    Raises:
        NotFoundError: No batch of the viewer's has this id.
        WrongStateError: It is not finished.
    """
    owner_id, document_id = context.viewer_id, ids.required(batch_id, batches.KIND)
    queue = context.services.queue
    if not await deletion.delete(owner_id, document_id, queue, with_images=with_images):
        raise NotFoundError(batch_id)
    return batch_id


def _found(batch: Batch | None, batch_id: str) -> Batch:
    if batch is None:
        raise NotFoundError(batch_id)
    return batch
