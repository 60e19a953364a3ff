"""Signing in, going on and signing out: inputs, payloads and results."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

import models.user
from resolvers.sessions import OpenedSession
from schema.errors import InvalidCredentialsError, RateLimitedError
from schema.user import User


@strawberry.type(description="A signed-in session.")
class Session:
    access_token: str = strawberry.field(
        description="Goes into `Authorization: Bearer …` and into `connection_init`."
    )
    access_token_expires_at: datetime = strawberry.field(
        description="When the access token ends, and streams with it."
    )
    refresh_token: str = strawberry.field(
        description="Good once, for `refreshSession` or `logOut`, never for a request."
    )
    viewer: models.user.User = strawberry.field(graphql_type=User, description="Who is signed in.")


@strawberry.input(description="Who logs in.")
class LogInInput:
    email: str = strawberry.field(description="The address that was signed up with.")
    password: str = strawberry.field(description="The password that was signed up with.")


@strawberry.input(description="The session that is to go on.")
class RefreshSessionInput:
    refresh_token: str = strawberry.field(description="The last one that the session was given.")


@strawberry.input(description="What is to end.")
class LogOutInput:
    refresh_token: str | None = strawberry.field(
        description="Of the session; no access token is needed then. Without it, the session of the access token ends.",
        default=strawberry.UNSET,
    )
    everywhere: bool | None = strawberry.field(
        description="Whether all sessions of the user end, not this one alone.", default=strawberry.UNSET
    )


@strawberry.type(description="Logged in.")
class LogInPayload:
    session: Session = strawberry.field(description="A new session; others go on.")


@strawberry.type(
    description="The session goes on. Both its tokens are new, the access token of before is still good."
)
class RefreshSessionPayload:
    session: Session = strawberry.field(
        description="The same session. Whoever lost this answer gets the same refresh token again within 10 seconds."
    )


@strawberry.type(
    description="Logged out: the tokens are refused from now on, sockets and streams are closed."
)
class LogOutPayload:
    revoked_count: int = strawberry.field(description="How many sessions have ended.")


LogInResult = Annotated[
    LogInPayload | InvalidCredentialsError | RateLimitedError,
    strawberry.union("LogInResult", description="A session, or why there is none."),
]
RefreshSessionResult = Annotated[
    RefreshSessionPayload | InvalidCredentialsError,
    strawberry.union(
        "RefreshSessionResult",
        description="The session, or why it does not go on. A refresh token that was used before ends its session.",
    ),
]
LogOutResult = Annotated[
    LogOutPayload | InvalidCredentialsError,
    strawberry.union("LogOutResult", description="What has ended, or why nothing has."),
]


def session(opened: OpenedSession) -> Session:
    """What a client gets of a session."""
    return Session(
        access_token=opened.access.value,
        access_token_expires_at=opened.access.expires_at,
        refresh_token=opened.refresh.value,
        viewer=opened.viewer,
    )
