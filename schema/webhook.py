"""Who is told of the end of a batch, and how that went."""

from __future__ import annotations

from datetime import datetime

import strawberry
from beanie import Document
from strawberry import Parent
from strawberry.types import Info

import models.batch
from resolvers import batches, ids
from resolvers.context import Context
from schema.scalars import URL


@strawberry.type(description="An attempt to tell of the end of a batch.")
class WebhookDelivery:
    attempted_at: datetime = strawberry.field(description="When it began.")
    status_code: int | None = strawberry.field(description="What was answered; null if nothing was.")
    succeeded: bool = strawberry.field(description="Whether the answer was a 2xx.")
    error: str | None = strawberry.field(description="Why nothing was answered.")

    @strawberry.field(description="Opaque, and of this attempt alone.")
    def id(self, root: Parent[Document]) -> strawberry.ID:
        return strawberry.ID(ids.of(root))


@strawberry.type(description="Who is told when a batch has ended.")
class Webhook:
    @strawberry.field(description="Where the message is sent by POST, signed as Standard Webhooks says.")
    def url(self, root: Parent[models.batch.Batch]) -> URL:
        return URL(root.webhook.url if root.webhook else "")

    @strawberry.field(
        description="The last 50 attempts, the latest first.",
        graphql_type=list[WebhookDelivery],
        metadata={"batch": batches.deliveries},
    )
    async def deliveries(self, root: Parent[models.batch.Batch], info: Info[Context, None]) -> object:
        return await info.context.together(batches.deliveries, root)
