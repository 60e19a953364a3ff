"""The items of batches: the type and its list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Parent
from strawberry.types import Info

import models.batch_item
import models.image
from resolvers import batch_items, products
from resolvers.context import Context
from resolvers.listed import Listed
from schema.batch_states import BatchItemState
from schema.connection import Connection
from schema.image import Failure, Image
from schema.node import Node
from schema.optional import given
from schema.scalars import URL

if TYPE_CHECKING:
    from schema.product import Product

Root = Parent[models.batch_item.BatchItem]


@strawberry.type(description="One image of a product: an address, and what became of it.")
class BatchItem(Node):
    index: int = strawberry.field(name="position", description="Its place in the row of its product, from 0.")
    source_url: URL = strawberry.field(description="The address, as the manifest has it.")
    state: BatchItemState = strawberry.field(description="How far it is.")
    attempt_count: int = strawberry.field(description="How often it was tried, in all rounds.")
    failure: Failure | None = strawberry.field(description="Why it FAILED.")
    bytes_in: int | None = strawberry.field(description="Size of what was fetched; null until it SUCCEEDED.")
    bytes_out: int | None = strawberry.field(description="Size of the compressed form; null until then.")
    kept_original: bool = strawberry.field(
        description="Whether the compressed form is what was fetched, since nothing smaller came of it."
    )

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, models.batch_item.BatchItem)

    @strawberry.field(
        description="Whose image it is.",
        graphql_type=Annotated["Product", strawberry.lazy("schema.product")],
        metadata={"batch": products.of_items},
    )
    async def product(self, root: Root, info: Info[Context, None]) -> Any:
        return await info.context.together(products.of_items, root)

    @strawberry.field(
        description="The original and what was made of it; null until it SUCCEEDED, and once the image is deleted for "
        "good.",
        graphql_type=Image | None,
        metadata={"batch": batch_items.images},
    )
    async def image(self, root: Root, info: Info[Context, None]) -> Any:
        return await info.context.together(batch_items.images, root)


@strawberry.input(description="Narrows a batch's items down. Null narrows nothing.")
class BatchItemFilter:
    state: BatchItemState | None = strawberry.field(
        description="How far the item is.", default=strawberry.UNSET
    )

    @staticmethod
    def unpacked(wanted: BatchItemFilter | None) -> models.batch_item.BatchItemState | None:
        state = given(wanted.state) if wanted else None
        return models.batch_item.BatchItemState[state.name] if state else None


@strawberry.type(description="An item in a list, and where it lies.")
class BatchItemEdge:
    node: models.batch_item.BatchItem = strawberry.field(graphql_type=BatchItem, description="The item.")
    cursor: str = strawberry.field(description="Goes into `after`.")


@strawberry.type(description="A page of items.")
class BatchItemConnection(Connection):
    @strawberry.field(description="The items with their cursors.", graphql_type=list[BatchItemEdge])
    def edges(self, root: Parent[Listed[models.batch_item.BatchItem]]) -> Any:
        return root.page.edges()

    @strawberry.field(description="The items.", graphql_type=list[BatchItem])
    def nodes(self, root: Parent[Listed[models.batch_item.BatchItem]]) -> Any:
        return root.page.items
