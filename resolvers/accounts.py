"""Accounts: signing up, a new password, leaving."""

from __future__ import annotations

from beanie import PydanticObjectId

from errors import InvalidCredentialsError, InvalidInputError
from models import transactions
from models.departed import DepartedUser
from models.rate import Rate
from models.revocation import Revocation
from models.session import Session
from models.tally import Share
from models.transactions import Transaction
from models.user import User
from processing import purge
from resolvers import emails, rates, sessions
from resolvers.context import Context
from resolvers.rates import LONGEST_PASSWORD
from resolvers.sessions import OpenedSession

SHORTEST_PASSWORD = 8


async def sign_up(context: Context, email: str, password: str) -> OpenedSession:
    """A new user, signed in.

    Raises:
        InvalidInputError: The address is none, or the password too short or too long.
        EmailTakenError: Somebody has this address.
        RateLimitedError: Too many sign-ups, or addresses that were taken, from the client's address.
    """
    address = emails.normal(email)
    _check(password, "password")
    client, services = rates.client(context), context.services
    async with rates.unless_failed(rates.CLIENT_TAKEN_EMAILS, client):
        await Rate.count_one(rates.CLIENT_SIGN_UPS, client)
        password_hash = await services.passwords.hash(password)

        async def write(transaction: Transaction) -> OpenedSession:
            user = await User.add(address, password_hash, transaction)
            return await sessions.open_session(services, user, transaction)

        return await transactions.run(write)


async def change_password(context: Context, current_password: str, new_password: str) -> OpenedSession:
    """A new session, under the new password; all others have ended.

    Raises:
        InvalidInputError: The new password is too short or too long.
        InvalidCredentialsError: The current password is wrong.
        RateLimitedError: Too many failures, by the viewer or from the client's address.
    """
    viewer_id = context.viewer_id
    _check(new_password, "newPassword")
    user = await _proven(context, current_password, "The current password is wrong.")
    password_hash = await context.services.passwords.hash(new_password)

    async def write(transaction: Transaction) -> tuple[OpenedSession, list[Revocation]]:
        if not await User.change_password(user, password_hash, transaction):
            raise InvalidCredentialsError("The current password is wrong.")
        ended = await Session.end_all(viewer_id, transaction)
        return await sessions.open_session(context.services, user, transaction), ended

    opened, ended = await transactions.run(write)
    context.services.revocations.apply(ended)
    return opened


async def delete_account(context: Context, password: str) -> PydanticObjectId:
    """The id of the viewer, who is gone with all sessions; what they kept is purged in the background.

    Raises:
        InvalidCredentialsError: The password is wrong.
        RateLimitedError: Too many failures, by the viewer or from the client's address.
    """
    viewer_id, queue = context.viewer_id, context.services.queue
    user = await _proven(context, password, "The password is wrong.")

    async def write(transaction: Transaction) -> list[Revocation]:
        if not await User.remove(user, transaction):
            raise InvalidCredentialsError("The password is wrong.")
        await DepartedUser.add(viewer_id, transaction)
        await purge.account_gone(viewer_id, queue, transaction)
        return await Session.end_all(viewer_id, transaction)

    context.services.revocations.apply(await transactions.run(write))
    context.services.people.forget(viewer_id)
    return viewer_id


async def viewer(context: Context) -> User | None:
    """Who asks; None if that user is gone."""
    return await context.loaders.users.load(context.viewer_id)


async def usage(context: Context, user: User) -> Share:
    """What the user keeps."""
    return await context.loaders.usage.load(PydanticObjectId(user.id))


async def _proven(context: Context, password: str, refusal: str) -> User:
    viewer_id = context.viewer_id
    found = await User.get(viewer_id)
    return await rates.prove(context, str(viewer_id), found, password, InvalidCredentialsError(refusal))


def _check(password: str, field: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        wanted = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,} characters."
        raise InvalidInputError(wanted, field)
