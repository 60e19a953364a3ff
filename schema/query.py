"""What can be read."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers import accounts, batches, gallery, images, nodes, products
from resolvers.context import Context
from resolvers.paging import Paging
from schema import columns
from schema.batch import After, Batch, BatchConnection, BatchFilter, First
from schema.gallery import GalleryFilter, GalleryOrder, ImageConnection
from schema.image import Image
from schema.node import Node
from schema.optional import given
from schema.product import Product, ProductConnection, ProductFilter
from schema.service import Service, described
from schema.user import User

ContextInfo = Info[Context, None]


@strawberry.type(description="What can be read. Nobody sees another's things: their ids answer null.")
class Query:
    service: Service | None = strawberry.field(resolver=described, description="What this service can do.")

    @strawberry.field(description="Anything of the viewer's, by its id.", graphql_type=Node | None)
    async def node(
        self, info: ContextInfo, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Any:
        return await nodes.get(info.context, id, columns.of(info))

    @strawberry.field(
        description="As `node`, for up to 100 ids, in the order asked.", graphql_type=list[Node | None]
    )
    async def nodes(
        self,
        info: ContextInfo,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Their ids.")],
    ) -> Any:
        return await nodes.get_many(info.context, ids, columns.of(info))

    @strawberry.field(description="Who is signed in.", graphql_type=User | None)
    async def viewer(self, info: ContextInfo) -> Any:
        return await accounts.viewer(info.context)

    @strawberry.field(description="An image of the viewer's.", graphql_type=Image | None)
    async def image(
        self, info: ContextInfo, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Any:
        return await images.get(info.context, id, columns.of(info))

    @strawberry.field(
        description="The viewer's images, newest first unless ordered otherwise.",
        graphql_type=ImageConnection | None,
    )
    async def gallery(
        self,
        info: ContextInfo,
        first: Annotated[
            int | None,
            strawberry.argument(
                description="How many from the beginning, 1 to 100; 20 unless `first` or `last` says otherwise."
            ),
        ] = strawberry.UNSET,
        after: Annotated[
            str | None, strawberry.argument(description="The cursor behind which the page lies.")
        ] = strawberry.UNSET,
        last: Annotated[
            int | None,
            strawberry.argument(description="How many from the end, 1 to 100; not together with `first`."),
        ] = strawberry.UNSET,
        before: Annotated[
            str | None, strawberry.argument(description="The cursor before which the page lies.")
        ] = strawberry.UNSET,
        filter: Annotated[
            GalleryFilter | None,
            strawberry.argument(description="Which images; all that are not in the trash."),
        ] = strawberry.UNSET,
        order_by: Annotated[
            GalleryOrder | None, strawberry.argument(description="In which order; the newest first.")
        ] = strawberry.UNSET,
    ) -> Any:
        return await gallery.page(
            info.context,
            GalleryFilter.unpacked(given(filter)),
            GalleryOrder.unpacked(given(order_by)),
            Paging(given(first), given(after), given(last), given(before)),
            columns.of(info),
        )

    @strawberry.field(description="A product of the viewer's.", graphql_type=Product | None)
    async def product(
        self, info: ContextInfo, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Any:
        return await products.get(info.context, id)

    @strawberry.field(
        description="The viewer's products, those of the newest batch first, in the order of its rows.",
        graphql_type=ProductConnection | None,
    )
    async def products(
        self,
        info: ContextInfo,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        filter: Annotated[
            ProductFilter | None, strawberry.argument(description="Which products; those of all batches.")
        ] = strawberry.UNSET,
    ) -> Any:
        search, batch_id = ProductFilter.unpacked(given(filter))
        return await products.page(info.context, search, batch_id, Paging(given(first), given(after)))

    @strawberry.field(description="A batch of the viewer's.", graphql_type=Batch | None)
    async def batch(
        self, info: ContextInfo, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Any:
        return await batches.get(info.context, id)

    @strawberry.field(description="The viewer's batches, newest first.", graphql_type=BatchConnection | None)
    async def batches(
        self,
        info: ContextInfo,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        filter: Annotated[
            BatchFilter | None, strawberry.argument(description="Which batches; all.")
        ] = strawberry.UNSET,
    ) -> Any:
        state = BatchFilter.unpacked(given(filter))
        return await batches.page(info.context, state, Paging(given(first), given(after)))
