"""What can be watched."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers import batch_changes, batch_progress, changes, progress
from resolvers.context import Context
from resolvers.place import Place
from schema.batch_progress import BatchProgress
from schema.changes import GalleryChange
from schema.image import ImageProgress
from schema.optional import given


@strawberry.type(description="What can be watched, over graphql-transport-ws or server-sent events.")
class Subscription:
    @strawberry.subscription(
        description="An image being developed. Without `after`, first its present state under the sequence of the "
        "last change, then each further change; with `after: n`, only the changes n+1, n+2 … Completes after the "
        "change that ends the work. An id that is not yours: error NOT_FOUND. Changes are kept for 30 days after the "
        "end: error EVENTS_EXPIRED for an `after` from before that.",
        graphql_type=AsyncGenerator[ImageProgress, None],
    )
    async def image_progress(
        self,
        info: Info[Context, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="The image's id.")],
        after: Annotated[
            int | None, strawberry.argument(description="The last sequence that was seen; 0 for all.")
        ] = strawberry.UNSET,
    ) -> AsyncGenerator[progress.ImageProgress | Place, None]:
        async for moved in progress.image_progress(info.context, id, given(after)):
            yield moved

    @strawberry.subscription(
        description="A batch being worked on: an event for each item that ends, and for each change of the batch as a "
        "whole. Without `after`, first its present state under the sequence of the last change, then each further "
        "change; with `after: n`, only the changes n+1, n+2 … Completes after the change that ends the work; "
        "`retryBatch` opens it again. An id that is not yours: error NOT_FOUND. Changes are kept for 30 days after the "
        "end: error EVENTS_EXPIRED for an `after` from before that.",
        graphql_type=AsyncGenerator[BatchProgress, None],
    )
    async def batch_progress(
        self,
        info: Info[Context, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="The batch's id.")],
        after: Annotated[
            int | None, strawberry.argument(description="The last sequence that was seen; 0 for all.")
        ] = strawberry.UNSET,
    ) -> AsyncGenerator[batch_changes.BatchProgress | Place, None]:
        async for change in batch_progress.batch_progress(info.context, id, given(after)):
            yield change

    @strawberry.subscription(
        description="What comes into your gallery, changes there or leaves it: changes only, from now on or from "
        "behind `after`, in the order in which they were made. Never completes. Error EVENTS_EXPIRED for an `after` "
        "from before what the database remembers: read the gallery again.",
        graphql_type=AsyncGenerator[GalleryChange, None],
    )
    async def gallery_changes(
        self,
        info: Info[Context, None],
        after: Annotated[
            str | None,
            strawberry.argument(
                description="`changeCursor` of a page, or `cursor` of the last change that was seen."
            ),
        ] = strawberry.UNSET,
    ) -> AsyncGenerator[changes.GalleryChange | Place, None]:
        async for change in changes.gallery_changes(info.context, given(after)):
            yield change
