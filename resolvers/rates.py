"""How often somebody may fail: counted before a password is looked at, so that many at once are no way around it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv6Address, ip_address

from errors import InvalidCredentialsError, RateLimitedError
from models.rate import Limit, Rate
from models.user import User
from resolvers.context import Context

QUARTER_SECONDS, HOUR_SECONDS = 15 * 60, 60 * 60
ACCOUNT_FAILURES = Limit("account-failures", 10, QUARTER_SECONDS)
CLIENT_FAILURES = Limit("client-failures", 100, QUARTER_SECONDS)
CLIENT_TAKEN_EMAILS = Limit(
    "client-taken-emails", 100, QUARTER_SECONDS
)  # apart: who guesses keeps nobody from joining
CLIENT_SIGN_UPS = Limit("client-sign-ups", 1_000, HOUR_SECONDS)
LONGEST_PASSWORD = 1_024
SUBNET_BITS = 64


async def prove(
    context: Context,
    account: str,
    user: User | None,
    password: str,
    refusal: InvalidCredentialsError,
) -> User:
    """The user, whose password this is. It takes the same time if there is no user.

    Args:
        context: Says who asks, and from where.
        account: What failures are counted for.
        user: Whose password it should be.
        password: In clear.
        refusal: What to raise when it is not.

    Raises:
        InvalidCredentialsError: There is no user, or the password is another.
        RateLimitedError: Too many failures, by the account or from the client's address.
    """
    shortened = password[: LONGEST_PASSWORD + 1]  # no password is longer: hashing more would only take longer
    async with (
        unless_failed(ACCOUNT_FAILURES, account) as failures,
        unless_failed(CLIENT_FAILURES, client(context)),
    ):
        known = user.password_hash if user else None
        if not await context.services.passwords.matches(shortened, known) or user is None:
            raise refusal
    await Rate.reset(failures)
    return user


@asynccontextmanager
async def unless_failed(limit: Limit, subject: str) -> AsyncIterator[Rate]:
    """Counts a failure, and takes it back when there was none: nothing was raised, or nothing was tried.

    Raises:
        RateLimitedError: It would be one too many.
    """
    rate = await Rate.count_one(limit, subject)
    try:
        yield rate
    except RateLimitedError:
        await Rate.take_back(rate)
        raise
    await Rate.take_back(rate)


def client(context: Context) -> str:
    """What is counted as one client: an address, of IPv6 the subnet that is one customer's."""
    given = context.client_address or "unknown"
    try:
        address = ip_address(given)
    except ValueError:
        return given
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{int(address) >> SUBNET_BITS:x}/{SUBNET_BITS}"
