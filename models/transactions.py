"""Several writes as one: all of them are kept, or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from errors import OutcomeUnknownError
from models.image import Image

Transaction = AsyncClientSession
Result = TypeVar("Result")


async def run(work: Callable[[Transaction], Awaitable[Result]]) -> Result:
    """Runs `work` in a transaction; when it returns, its writes are durable on a majority.

    `work` may run more than once: conflicts and lost commits are tried again, as MongoDB asks. Every write inside
    must be given the transaction, or it is kept though the rest is not.

    Raises:
        OutcomeUnknownError: It may or may not have been kept. After any other exception it was not.
    """
    client = Image.get_pymongo_collection().database.client
    try:
        async with client.start_session() as session:
            return await session.with_transaction(
                work, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")
            )
    except PyMongoError as error:
        if error.has_error_label("UnknownTransactionCommitResult"):
            raise OutcomeUnknownError from error
        raise
