"""Anything by its id, whatever it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from beanie import PydanticObjectId

from errors import BadUserInputError
from models import listing
from models.batch import Batch
from models.batch_item import BatchItem
from models.image import Image
from models.product import Product
from models.user import User
from resolvers import batch_items, batches, ids, images, products
from resolvers.context import Context

Node = Image | User | Batch | Product | BatchItem
MOST_IDS = 100


async def get(context: Context, node_id: str, columns: frozenset[str] | None = None) -> Node | None:
    """The viewer's own; None for another's, an unknown or a malformed id. `columns` as for `Image.of_owner`."""
    return (await get_many(context, [node_id], columns))[0]


async def get_many(
    context: Context, node_ids: Sequence[str], columns: frozenset[str] | None = None
) -> list[Node | None]:
    """As `get`, in the order asked, in one query a kind.

    Raises:
        BadUserInputError: More than MOST_IDS ids.
    """
    viewer_id = context.viewer_id
    if len(node_ids) > MOST_IDS:
        raise BadUserInputError(f"`ids` has at most {MOST_IDS} entries.")
    parts = [ids.split(node_id) for node_id in node_ids]
    by_kind: dict[str, list[PydanticObjectId]] = {}
    for kind, document_id in filter(None, parts):
        by_kind.setdefault(kind, []).append(document_id)
    found: dict[tuple[str, PydanticObjectId], Node] = {}
    for kind in by_kind.keys() & OWNED.keys():
        owned = await OWNED[kind](context, by_kind[kind], columns)
        found.update({(kind, document_id): node for document_id, node in owned.items()})
    if (myself := (User.__name__, viewer_id)) in parts and (
        user := await context.loaders.users.load(viewer_id)
    ):
        found[myself] = user
    return [found.get(part) if part else None for part in parts]


Columns = frozenset[str] | None
Ids = Sequence[PydanticObjectId]


async def _images(context: Context, image_ids: Ids, columns: Columns) -> dict[PydanticObjectId, Image]:
    return await Image.all_of_owner(context.viewer_id, image_ids, columns)


async def _batches(context: Context, batch_ids: Ids, _: Columns) -> dict[PydanticObjectId, Batch]:
    return await listing.of_owner(Batch, context.viewer_id, batch_ids)


async def _products(context: Context, product_ids: Ids, _: Columns) -> dict[PydanticObjectId, Product]:
    return await products.by_ids(context, product_ids)


async def _items(context: Context, item_ids: Ids, _: Columns) -> dict[PydanticObjectId, BatchItem]:
    return await batch_items.by_ids(context, item_ids)


OWNED: Mapping[str, Callable[[Context, Ids, Columns], Awaitable[Mapping[PydanticObjectId, Node]]]] = {
    images.KIND: _images,
    batches.KIND: _batches,
    products.KIND: _products,
    batch_items.KIND: _items,
}
"""Those of the viewer's documents that have these ids, by kind."""
