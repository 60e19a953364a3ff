"""What people do about their accounts, as a front end does it: each gives the member of the mutation's union."""

from __future__ import annotations

from typing import Any

from tests.client import PASSWORD, Client

SESSION = "session { accessToken accessTokenExpiresAt refreshToken viewer { id email usage { imageCount } } }"
ERRORS = "... on Error { message } ... on RateLimitedError { retryAfterSeconds }"
NO_LIMIT = "... on Error { message }"

LOG_IN = f"mutation ($input: LogInInput!) {{ it: logIn(input: $input) {{ __typename ... on LogInPayload {{ {SESSION} }} {ERRORS} }} }}"
SIGN_UP = f"mutation ($input: SignUpInput!) {{ it: signUp(input: $input) {{ __typename ... on SignUpPayload {{ {SESSION} }} {ERRORS} }} }}"
REFRESH = f"mutation ($input: RefreshSessionInput!) {{ it: refreshSession(input: $input) {{ __typename ... on RefreshSessionPayload {{ {SESSION} }} {NO_LIMIT} }} }}"
LOG_OUT = f"mutation ($input: LogOutInput!) {{ it: logOut(input: $input) {{ __typename ... on LogOutPayload {{ revokedCount }} {NO_LIMIT} }} }}"
CHANGE_PASSWORD = f"mutation ($input: ChangePasswordInput!) {{ it: changePassword(input: $input) {{ __typename ... on ChangePasswordPayload {{ {SESSION} }} ... on InvalidInputError {{ field }} {ERRORS} }} }}"
DELETE_ACCOUNT = f"mutation ($input: DeleteAccountInput!) {{ it: deleteAccount(input: $input) {{ __typename ... on DeleteAccountPayload {{ deletedUserId }} {ERRORS} }} }}"
VIEWER = "{ viewer { id email } }"


async def sign_up(client: Client, email: str, password: str = PASSWORD) -> dict[str, Any]:
    return await _outcome(client, SIGN_UP, email=email, password=password)


async def log_in(client: Client, email: str, password: str = PASSWORD) -> dict[str, Any]:
    return await _outcome(client, LOG_IN, email=email, password=password)


async def logged_in(client: Client, email: str, password: str = PASSWORD) -> dict[str, Any]:
    """A new session; fails if there is none."""
    return (await log_in(client, email, password))["session"]


async def refresh(client: Client, refresh_token: str) -> dict[str, Any]:
    return await _outcome(client, REFRESH, refreshToken=refresh_token)


async def log_out(client: Client, refresh_token: str | None = None, **fields: Any) -> dict[str, Any]:
    return await _outcome(client, LOG_OUT, refreshToken=refresh_token, **fields)


async def change_password(client: Client, current: str, new: str) -> dict[str, Any]:
    return await _outcome(client, CHANGE_PASSWORD, currentPassword=current, newPassword=new)


async def delete_account(client: Client, password: str = PASSWORD) -> dict[str, Any]:
    return await _outcome(client, DELETE_ACCOUNT, password=password)


async def is_signed_in(client: Client, token: str) -> bool:
    """Whether the access token still speaks for somebody."""
    async with Client(client.url, token) as bearer:
        answer = await bearer.execute(VIEWER)
    if "errors" in answer:
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    return "errors" not in answer


async def _outcome(client: Client, mutation: str, **fields: Any) -> dict[str, Any]:
    outcome: dict[str, Any] = (await client.data(mutation, input=fields))["it"]
    return outcome
