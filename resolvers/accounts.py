"""Signing up and in."""

from __future__ import annotations

from dataclasses import dataclass

from beanie import PydanticObjectId
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from auth import IssuedToken
from errors import InvalidCredentialsError, InvalidInputError
from models.session import Session
from models.tally import Share
from models.user import User
from resolvers.context import Context, Services

LONGEST_EMAIL = 320
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 1024
SPECIAL_USE_DOMAIN_NAMES.clear()  # no mail is sent: people inside a company, or trying things out, may use such names


@dataclass(frozen=True)
class OpenedSession:
    """A signed-in user and the two tokens that say so."""

    viewer: User
    access: IssuedToken
    refresh: IssuedToken


async def sign_up(context: Context, email: str, password: str) -> OpenedSession:
    """A new user, signed in.

    Raises:
        InvalidInputError: The address is none, or the password too short or too long.
        EmailTakenError: Somebody has this address.
    """
    address = normal_email(email)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        wanted = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,} characters."
        raise InvalidInputError(wanted, "password")
    user = await User.add(address, await context.services.passwords.hash(password))
    return await _open_session(user, context.services)


async def log_in(context: Context, email: str, password: str) -> OpenedSession:
    """The user, signed in.

    Raises:
        InvalidCredentialsError: The same, after the same time, for an unknown address and a wrong password.
    """
    try:
        user = await User.by_email(normal_email(email))
    except InvalidInputError:
        user = None
    known = user.password_hash if user else None
    shortened = password[: LONGEST_PASSWORD + 1]  # no password is longer: hashing more would only take longer
    if not await context.services.passwords.matches(shortened, known) or user is None:
        raise InvalidCredentialsError
    return await _open_session(user, context.services)


async def viewer(context: Context) -> User | None:
    """Who asks; None if that user is gone."""
    return await context.loaders.users.load(context.viewer_id)


async def usage(context: Context, user: User) -> Share:
    """What the user keeps."""
    return await context.loaders.usage.load(PydanticObjectId(user.id))


def normal_email(email: str) -> str:
    """One spelling for one mailbox: letters in lower case, the domain as its owner would type it.

    Raises:
        InvalidInputError: It is no address.
    """
    if len(email) > LONGEST_EMAIL:  # first of all: validating a long one takes minutes
        raise InvalidInputError(f"An email address has at most {LONGEST_EMAIL} characters.", "email")
    try:
        checked = validate_email(email.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise InvalidInputError("This is not an email address.", "email") from error
    return checked.normalized.casefold()


async def _open_session(user: User, services: Services) -> OpenedSession:
    user_id, session_id = str(user.id), PydanticObjectId()
    access = services.tokens.access(user_id, str(session_id))
    refresh = services.tokens.refresh(user_id, str(session_id))
    await Session.open(session_id, PydanticObjectId(user.id), refresh.id, refresh.expires_at)
    return OpenedSession(user, access, refresh)
