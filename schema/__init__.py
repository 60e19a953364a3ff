"""What clients see: the published schema."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema import costs
from schema.errors import TWINS
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    exception_handlers=TWINS,
    config=StrawberryConfig(scalar_map=SCALARS),
)
costs.declare(schema._schema)  # noqa: SLF001 - graphql-core's schema, which Strawberry gives no other name
