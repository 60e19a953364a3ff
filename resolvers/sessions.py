"""Signing in and out: each log-in is a session, whose tokens follow from one another."""

from __future__ import annotations

from dataclasses import dataclass

from beanie import PydanticObjectId

from auth import LOG_IN_AGAIN, IssuedToken, RefreshClaims
from errors import InvalidCredentialsError
from models import transactions
from models.revocation import Revocation
from models.session import Refresh, Session
from models.transactions import Transaction
from models.user import User
from resolvers import emails, rates
from resolvers.context import Context, Services

NO_SESSION = "Give a refresh token, or send the access token of the session that is to end."


@dataclass(frozen=True)
class OpenedSession:
    """A signed-in user and the two tokens that say so."""

    viewer: User
    access: IssuedToken
    refresh: IssuedToken


async def log_in(context: Context, email: str, password: str) -> OpenedSession:
    """The user, signed in.

    Raises:
        InvalidCredentialsError: The same, after the same time, for an unknown address and a wrong password.
        RateLimitedError: Too many failures, by this address or from the client's.
    """
    address = emails.sought(email)
    found = await User.by_email(address)
    user = await rates.prove(context, address, found, password, InvalidCredentialsError())

    async def write(transaction: Transaction) -> OpenedSession:
        if not await User.note_log_in(user, transaction):
            raise InvalidCredentialsError
        return await open_session(context.services, user, transaction)

    return await transactions.run(write)


async def refresh(context: Context, refresh_token: str) -> OpenedSession:
    """The session goes on with fresh tokens. Once more with the same token, just after: the same refresh token again.

    Raises:
        InvalidCredentialsError: The token is none of a session that stands. One that was spent before ends its session.
    """
    tokens = context.services.tokens
    claims = tokens.refresh_claims(refresh_token)
    session_id = PydanticObjectId(claims.session_id)
    access = tokens.access(claims.user_id, claims.session_id)
    issued = tokens.refresh(claims.user_id, claims.session_id)
    successor = await Session.rotate(session_id, claims.id, _stamp(issued), access.expires_at)
    user = await User.get(PydanticObjectId(claims.user_id))
    if successor is None or user is None:
        raise await _misused(context, claims)
    return OpenedSession(user, access, tokens.refresh_again(claims.user_id, claims.session_id, successor))


async def log_out(context: Context, refresh_token: str | None, *, everywhere: bool) -> int:
    """Ends the session of the refresh token, or without one that of the access token; or all of its user. How many.

    Raises:
        InvalidCredentialsError: The token is none of a session that stands, or there is none.
    """
    session = await _to_end(context, refresh_token)

    async def write(transaction: Transaction) -> list[Revocation]:
        if everywhere:
            return await Session.end_all(session.user_id, transaction)
        return await Session.end(PydanticObjectId(session.id), transaction)

    ended = await transactions.run(write)
    context.services.revocations.apply(ended)
    return len(ended)


async def open_session(services: Services, user: User, transaction: Transaction) -> OpenedSession:
    """A new session of the user, if and when the transaction is committed."""
    session_id = PydanticObjectId()
    access = services.tokens.access(str(user.id), str(session_id))
    refresh_token = services.tokens.refresh(str(user.id), str(session_id))
    session = Session(
        id=session_id,
        user_id=PydanticObjectId(user.id),
        refresh_id=refresh_token.id,
        expires_at=refresh_token.expires_at,
        access_expires_at=access.expires_at,
    )
    await Session.open(session, transaction)
    return OpenedSession(user, access, refresh_token)


async def _to_end(context: Context, refresh_token: str | None) -> Session:
    if refresh_token is None:
        session = await Session.get(context.session_id) if context.session_id else None
        if session is None:
            raise InvalidCredentialsError(NO_SESSION)
        return session
    claims = context.services.tokens.refresh_claims(refresh_token)
    session = await Session.held_by(PydanticObjectId(claims.session_id), claims.id)
    if session is None:
        raise await _misused(context, claims)
    return session


async def _misused(context: Context, claims: RefreshClaims) -> InvalidCredentialsError:
    """The refusal of a token that is spent: whoever has it, somebody else has the session; so it ends."""
    ended = await transactions.run(
        lambda transaction: Session.end(PydanticObjectId(claims.session_id), transaction)
    )
    context.services.revocations.apply(ended)
    return InvalidCredentialsError(LOG_IN_AGAIN)


def _stamp(token: IssuedToken) -> Refresh:
    return Refresh(id=token.id, issued_at=token.issued_at, expires_at=token.expires_at)
