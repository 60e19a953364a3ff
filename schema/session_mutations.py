"""Signing in, going on and signing out: each method unpacks its input, calls the resolver and wraps the answer."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

from resolvers import sessions
from resolvers.context import Context
from schema.optional import given
from schema.session import (
    LogInInput,
    LogInPayload,
    LogInResult,
    LogOutInput,
    LogOutPayload,
    LogOutResult,
    RefreshSessionInput,
    RefreshSessionPayload,
    RefreshSessionResult,
    session,
)

ContextInfo = Info[Context, None]


@strawberry.type
class SessionMutations:
    @strawberry.mutation(description="A new session of a user.", graphql_type=LogInResult | None)
    async def log_in(
        self, info: ContextInfo, input: Annotated[LogInInput, strawberry.argument(description="Who logs in.")]
    ) -> LogInPayload:
        opened = await sessions.log_in(info.context, input.email, input.password)
        return LogInPayload(session=session(opened))

    @strawberry.mutation(
        description="Fresh tokens for a session, before or after its access token is over.",
        graphql_type=RefreshSessionResult | None,
    )
    async def refresh_session(
        self,
        info: ContextInfo,
        input: Annotated[RefreshSessionInput, strawberry.argument(description="Which session.")],
    ) -> RefreshSessionPayload:
        return RefreshSessionPayload(
            session=session(await sessions.refresh(info.context, input.refresh_token))
        )

    @strawberry.mutation(
        description="Ends a session, or all sessions of its user.", graphql_type=LogOutResult | None
    )
    async def log_out(
        self, info: ContextInfo, input: Annotated[LogOutInput, strawberry.argument(description="What ends.")]
    ) -> LogOutPayload:
        token, everywhere = given(input.refresh_token), bool(given(input.everywhere))
        return LogOutPayload(revoked_count=await sessions.log_out(info.context, token, everywhere=everywhere))
