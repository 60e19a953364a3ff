"""Accounts: inputs, payloads and results."""

from __future__ import annotations

from typing import Annotated

import strawberry

from schema.errors import EmailTakenError, InvalidCredentialsError, InvalidInputError, RateLimitedError
from schema.session import Session


@strawberry.input(description="Who signs up.")
class SignUpInput:
    email: str = strawberry.field(description="An email address; its upper and lower case do not matter.")
    password: str = strawberry.field(description="8 to 1,024 characters.")


@strawberry.input(description="One password for another.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The password that is good until now.")
    new_password: str = strawberry.field(description="8 to 1,024 characters.")


@strawberry.input(description="The end of the viewer's account.")
class DeleteAccountInput:
    password: str = strawberry.field(description="The viewer's password.")


@strawberry.type(description="Signed up, and in.")
class SignUpPayload:
    session: Session = strawberry.field(description="The new user's first session.")


@strawberry.type(description="The password was changed. Every session has ended, this one too.")
class ChangePasswordPayload:
    session: Session = strawberry.field(description="A new session, under the new password.")


@strawberry.type(description="The account is gone. What it kept is purged in the background.")
class DeleteAccountPayload:
    deleted_user_id: strawberry.ID = strawberry.field(description="The id of the user who is gone.")


SignUpResult = Annotated[
    SignUpPayload | EmailTakenError | InvalidInputError | RateLimitedError,
    strawberry.union("SignUpResult", description="A session, or why there is none."),
]
ChangePasswordResult = Annotated[
    ChangePasswordPayload | InvalidCredentialsError | InvalidInputError | RateLimitedError,
    strawberry.union("ChangePasswordResult", description="A new session, or why the password is as before."),
]
DeleteAccountResult = Annotated[
    DeleteAccountPayload | InvalidCredentialsError | RateLimitedError,
    strawberry.union("DeleteAccountResult", description="Who is gone, or why nobody is."),
]
