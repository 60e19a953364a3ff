"""People and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent
from strawberry.types import Info

import models.user
from resolvers import accounts
from resolvers.accounts import OpenedSession
from resolvers.context import Context
from schema.errors import EmailTakenError, InvalidCredentialsError, InvalidInputError
from schema.node import Node


@strawberry.type(description="What somebody keeps here.")
class Usage:
    image_count: int = strawberry.field(description="How many images; those in the trash do not count.")
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


@strawberry.type(description="A signed-in session.")
class Session:
    access_token: str = strawberry.field(
        description="Goes into `Authorization: Bearer …` and into `connection_init`."
    )
    access_token_expires_at: datetime = strawberry.field(
        description="When the access token ends, and streams with it."
    )
    refresh_token: str = strawberry.field(description="Good for a new session only, never for a request.")
    viewer: models.user.User = strawberry.field(graphql_type=User, description="Who is signed in.")


@strawberry.input(description="Who signs up.")
class SignUpInput:
    email: str = strawberry.field(description="An email address; its upper and lower case do not matter.")
    password: str = strawberry.field(description="8 to 1,024 characters.")


@strawberry.input(description="Who logs in.")
class LogInInput:
    email: str = strawberry.field(description="The address that was signed up with.")
    password: str = strawberry.field(description="The password that was signed up with.")


@strawberry.type(description="Signed up, and in.")
class SignUpPayload:
    session: Session = strawberry.field(description="The new user's first session.")


@strawberry.type(description="Logged in.")
class LogInPayload:
    session: Session = strawberry.field(description="A new session; others go on.")


SignUpResult = Annotated[
    SignUpPayload | EmailTakenError | InvalidInputError,
    strawberry.union("SignUpResult", description="A session, or why there is none."),
]
LogInResult = Annotated[
    LogInPayload | InvalidCredentialsError,
    strawberry.union("LogInResult", description="A session, or why there is none."),
]


def session(opened: OpenedSession) -> Session:
    """What a client gets of a session."""
    return Session(
        access_token=opened.access.value,
        access_token_expires_at=opened.access.expires_at,
        refresh_token=opened.refresh.value,
        viewer=opened.viewer,
    )
