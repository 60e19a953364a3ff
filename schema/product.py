"""Products: the type and its list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Parent
from strawberry.types import Info

import models.product
from resolvers import products
from resolvers.context import Context
from resolvers.listed import Listed
from schema.batch_item import BatchItem
from schema.connection import Connection
from schema.node import Node
from schema.optional import given
from schema.scalars import URL

if TYPE_CHECKING:
    from schema.batch import Batch

Root = Parent[models.product.Product]
ContextInfo = Info[Context, None]


@strawberry.type(description="A row of a manifest.")
class Product(Node):
    serial_number: str = strawberry.field(description="As it stands in the manifest.")
    name: str = strawberry.field(description="As it stands in the manifest, in Unicode's form NFC.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, models.product.Product)

    @strawberry.field(
        description="The batch of its manifest.",
        graphql_type=Annotated["Batch", strawberry.lazy("schema.batch")],
        metadata={"batch": products.batches},
    )
    async def batch(self, root: Root, info: ContextInfo) -> Any:
        return await info.context.together(products.batches, root)

    @strawberry.field(
        description="Its images, in the order of the row: at most 100.",
        graphql_type=list[BatchItem],
        metadata={"batch": products.items},
    )
    async def items(self, root: Root, info: ContextInfo) -> Any:
        return await info.context.together(products.items, root)

    @strawberry.field(
        description="The addresses of the row, in its order.",
        graphql_type=list[URL],
        metadata={"batch": products.input_urls},
    )
    async def input_image_urls(self, root: Root, info: ContextInfo) -> Any:
        return await info.context.together(products.input_urls, root)

    @strawberry.field(
        description="Where the compressed images are, at the positions of `inputImageUrls`; null where there is none. "
        "An address works without a token and without an end, until its image is deleted.",
        graphql_type=list[URL | None],
        metadata={"batch": products.output_urls},
    )
    async def output_image_urls(self, root: Root, info: ContextInfo) -> Any:
        return await info.context.together(products.output_urls, root)


@strawberry.input(
    description="Narrows products down to those that meet all that is given. Null narrows nothing."
)
class ProductFilter:
    search: str | None = strawberry.field(
        description="Up to 10 words, 256 characters: each is the beginning of a word of number or name. Case and accents "
        "make no difference.",
        default=strawberry.UNSET,
    )
    batch_id: strawberry.ID | None = strawberry.field(
        description="Those of one batch.", default=strawberry.UNSET
    )

    @staticmethod
    def unpacked(wanted: ProductFilter | None) -> tuple[str, str | None]:
        return (given(wanted.search) or "", given(wanted.batch_id)) if wanted else ("", None)


@strawberry.type(description="A product in a list, and where it lies.")
class ProductEdge:
    node: models.product.Product = strawberry.field(graphql_type=Product, description="The product.")
    cursor: str = strawberry.field(description="Goes into `after`.")


@strawberry.type(description="A page of products.")
class ProductConnection(Connection):
    @strawberry.field(description="The products with their cursors.", graphql_type=list[ProductEdge])
    def edges(self, root: Parent[Listed[models.product.Product]]) -> Any:
        return root.page.edges()

    @strawberry.field(description="The products.", graphql_type=list[Product])
    def nodes(self, root: Parent[Listed[models.product.Product]]) -> Any:
        return root.page.items
