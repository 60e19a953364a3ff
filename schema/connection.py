"""What the connections of lists have in common."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import Parent

from resolvers.listed import Listed
from schema.node import PageInfo


@strawberry.type(description="A page of a list.")
class Connection:
    @strawberry.field(description="Where the page lies.")
    def page_info(self, root: Parent[Listed[Any]]) -> PageInfo:
        page = root.page
        start, end = page.cursors()
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=start,
            end_cursor=end,
        )

    @strawberry.field(
        description="How many the whole list has, whatever the page. Counted only when asked for."
    )
    async def total_count(self, root: Parent[Listed[Any]]) -> int:
        return await root.whole.count()
