"""The Node interface, and how a list that can grow is paged through."""

from __future__ import annotations

import strawberry
from beanie import Document
from strawberry import Parent

from resolvers import ids
from schema.columns import needing


@strawberry.interface(description="Anything that has an id of its own.")
class Node:
    @strawberry.field(
        description="Opaque, and the same for as long as the thing exists.", metadata=needing("id")
    )
    def id(self, root: Parent[Document]) -> strawberry.ID:
        return strawberry.ID(ids.of(root))


@strawberry.type(description="Where a page lies in its list (Relay's cursor connections).")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more behind `endCursor`.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before `startCursor`.")
    start_cursor: str | None = strawberry.field(description="The first edge's cursor; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The last edge's cursor; null on an empty page.")
