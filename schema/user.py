"""People and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry
from strawberry import Parent
from strawberry.types import Info

import models.user
from resolvers import accounts
from resolvers.context import Context
from schema.node import Node


@strawberry.type(description="What somebody keeps here.")
class Usage:
    image_count: int = strawberry.field(
        description="How many images the gallery has; neither those in the trash nor those that only batches have."
    )
    stored_bytes: float = strawberry.field(
        description="How many bytes the originals hold, those in the trash included; variants do not count."
    )
    quota_bytes: float | None = strawberry.field(
        description="The most bytes that may be kept; null for no limit."
    )


@strawberry.type(description="Somebody who has signed up.")
class User(Node):
    email: str = strawberry.field(description="The address, in its normal form.")
    created_at: datetime = strawberry.field(description="When they signed up.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, models.user.User)

    @strawberry.field(description="How much is kept for this user.")
    async def usage(self, root: Parent[models.user.User], info: Info[Context, None]) -> Usage:
        share = await accounts.usage(info.context, root)
        return Usage(
            image_count=share.image_count,
            stored_bytes=share.stored_bytes,
            quota_bytes=info.context.services.quota_bytes,
        )
