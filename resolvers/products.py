"""Products: the rows of manifests, and the addresses that were made of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from beanie import PydanticObjectId

from delivery import lasting
from errors import BadUserInputError
from models import batch_lists, listing, words
from models.batch import Batch
from models.batch_item import BatchItem
from models.product import Product
from processing.batches.ids import item
from resolvers import batch_items, gallery, ids, listed
from resolvers.context import Context
from resolvers.gallery import LONGEST_SEARCH_CHARACTERS, MOST_SEARCH_WORDS
from resolvers.listed import Listed
from resolvers.paging import Paging

KIND = Product.__name__


async def get(context: Context, product_id: str) -> Product | None:
    """The viewer's product; None for another's, an unknown or a malformed id."""
    document_id = ids.decode(product_id, KIND)
    found = await by_ids(context, [document_id] if document_id else [])
    return found.get(document_id) if document_id else None


async def by_ids(
    context: Context, product_ids: Iterable[PydanticObjectId]
) -> dict[PydanticObjectId, Product]:
    """Those of the products that are the viewer's, in two queries; none whose batch is deleted."""
    found = await listing.of_owner(Product, context.viewer_id, product_ids)
    there = await batches(context, list(found.values()))
    return {
        product_id: product
        for (product_id, product), batch in zip(found.items(), there, strict=True)
        if batch
    }


async def page(context: Context, search: str, batch_id: str | None, paging: Paging) -> Listed[Product]:
    """A page of the viewer's products, of all batches or of one.

    Raises:
        BadUserInputError: An argument is out of its range.
    """
    if len(search) > LONGEST_SEARCH_CHARACTERS or len(words.sought(search)) > MOST_SEARCH_WORDS:
        raise BadUserInputError(
            f"`search` has at most {LONGEST_SEARCH_CHARACTERS} characters and {MOST_SEARCH_WORDS} words."
        )
    wanted = await batch_lists.products(context.viewer_id, search, gallery.batch_of(batch_id))
    return await listed.page(wanted, paging)


async def of_batch(batch: Batch, paging: Paging) -> Listed[Product]:
    """A page of a batch's products, in the order of its rows.

    Raises:
        BadUserInputError: An argument is out of its range.
    """
    return await listed.page(await batch_lists.products(batch.owner_id, batch_id=batch.id), paging)


async def of_items(context: Context, items: Sequence[BatchItem]) -> list[Product | None]:
    """Whose image each is, in one query."""
    found = await listing.of_owner(Product, context.viewer_id, {item.product_id for item in items})
    return [found.get(item.product_id) for item in items]


async def batches(context: Context, products: Sequence[Product]) -> list[Batch | None]:
    """Which batch each is of, in one query."""
    found = await listing.of_owner(Batch, context.viewer_id, {product.batch_id for product in products})
    return [found.get(product.batch_id) for product in products]


async def items(context: Context, products: Sequence[Product]) -> list[list[BatchItem]]:
    """The items of each, in the order of its row, in two queries."""
    found = await batch_items.by_ids(context, (item_id for each in products for item_id in _item_ids(each)))
    return [[found[item_id] for item_id in _item_ids(each) if item_id in found] for each in products]


async def input_urls(context: Context, products: Sequence[Product]) -> list[list[str]]:
    """What each row has under its addresses."""
    return [[item.source_url for item in own] for own in await items(context, products)]


async def output_urls(context: Context, products: Sequence[Product]) -> list[list[str | None]]:
    """Where the compressed image of each address is, for as long as there is one."""
    of_products = await items(context, products)
    flat = [item for own in of_products for item in own]
    signer = context.services.signer
    images = iter(await batch_items.images(context, flat))
    return [[lasting.address(item, next(images), signer) for item in own] for own in of_products]


def _item_ids(product: Product) -> Iterable[PydanticObjectId]:
    batch_id, first = product.batch_id, product.first_position
    return [item(batch_id, position) for position in range(first, first + product.image_count)]
