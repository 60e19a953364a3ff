"""What people can change about themselves: each method unpacks its input, calls the resolver and wraps the answer."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.types import Info

import models.user
from resolvers import accounts, ids
from resolvers.context import Context
from schema.account import (
    ChangePasswordInput,
    ChangePasswordPayload,
    ChangePasswordResult,
    DeleteAccountInput,
    DeleteAccountPayload,
    DeleteAccountResult,
    SignUpInput,
    SignUpPayload,
    SignUpResult,
)
from schema.session import session

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

    @strawberry.mutation(
        description="Gives the viewer a new password and ends every session.",
        graphql_type=ChangePasswordResult | None,
    )
    async def change_password(
        self,
        info: ContextInfo,
        input: Annotated[ChangePasswordInput, strawberry.argument(description="The passwords.")],
    ) -> ChangePasswordPayload:
        opened = await accounts.change_password(info.context, input.current_password, input.new_password)
        return ChangePasswordPayload(session=session(opened))

    @strawberry.mutation(
        description="Deletes the viewer's account, and in the background all their images.",
        graphql_type=DeleteAccountResult | None,
    )
    async def delete_account(
        self,
        info: ContextInfo,
        input: Annotated[DeleteAccountInput, strawberry.argument(description="Proof that it is the viewer.")],
    ) -> DeleteAccountPayload:
        deleted_id = await accounts.delete_account(info.context, input.password)
        deleted_user_id = strawberry.ID(ids.encode(models.user.User.__name__, deleted_id))
        return DeleteAccountPayload(deleted_user_id=deleted_user_id)
