"""What people can change about themselves: each method unpacks its input, calls the resolver and wraps the answer."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers import accounts
from resolvers.context import Context
from schema.user import (
    LogInInput,
    LogInPayload,
    LogInResult,
    SignUpInput,
    SignUpPayload,
    SignUpResult,
    session,
)

ContextInfo = Info[Context, None]


@strawberry.type
class AccountMutations:
    @strawberry.mutation(description="A new user, signed in.", graphql_type=SignUpResult | None)
    async def sign_up(
        self,
        info: ContextInfo,
        input: Annotated[SignUpInput, strawberry.argument(description="Who signs up.")],
    ) -> SignUpPayload:
        opened = await accounts.sign_up(info.context, input.email, input.password)
        return SignUpPayload(session=session(opened))

    @strawberry.mutation(description="A new session of a user.", graphql_type=LogInResult | None)
    async def log_in(
        self, info: ContextInfo, input: Annotated[LogInInput, strawberry.argument(description="Who logs in.")]
    ) -> LogInPayload:
        opened = await accounts.log_in(info.context, input.email, input.password)
        return LogInPayload(session=session(opened))
