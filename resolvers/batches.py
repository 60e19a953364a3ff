"""Batches: finding them again, and what is told of them."""

from __future__ import annotations

from collections.abc import Sequence

from beanie import PydanticObjectId

from delivery import results
from delivery.signing import LONGEST_SECONDS
from errors import BadUserInputError
from models import batch_lists
from models.batch import Batch, BatchState, now
from models.batch_problems import BatchProblems, KeptProblem
from models.webhook_delivery import WebhookDelivery
from processing.batches import pace, progress
from processing.manifest import ResultFormat
from resolvers import ids, listed
from resolvers.batch_changes import BatchProgress, Part
from resolvers.context import Context
from resolvers.listed import Listed
from resolvers.paging import Paging
from resolvers.place import require_sequence

KIND = Batch.__name__
DEFAULT_EVENTS, MOST_EVENTS = 100, 1_000


async def get(context: Context, batch_id: str) -> Batch | None:
    """The viewer's batch; None for another's, an unknown or a malformed id."""
    owner_id = context.viewer_id
    document_id = ids.decode(batch_id, KIND)
    return await Batch.of_owner(owner_id, document_id) if document_id else None


async def page(context: Context, state: BatchState | None, paging: Paging) -> Listed[Batch]:
    """A page of the viewer's batches, the newest first.

    Raises:
        BadUserInputError: An argument is out of its range.
    """
    return await listed.page(batch_lists.batches(context.viewer_id, state), paging)


def eta_seconds(batch: Batch) -> int | None:
    """How long it will still take, from now on."""
    return pace.eta_seconds(batch, now())


async def problems(_: Context, batches: Sequence[Batch]) -> list[list[KeptProblem]]:
    """What was wrong with the manifest of each, in one query."""
    found = await BatchProblems.of_batches([_id(batch) for batch in batches if batch.problem_count])
    return [found.get(_id(batch), []) for batch in batches]


async def deliveries(_: Context, batches: Sequence[Batch]) -> list[list[WebhookDelivery]]:
    """The last attempts to tell of the end of each, in one query."""
    found = await WebhookDelivery.last_of(map(_id, batches))
    return [found.get(_id(batch), []) for batch in batches]


async def events(batch: Batch, first: int | None, after: int | None) -> list[BatchProgress]:
    """The batch's changes behind `after`, or the oldest that are kept.

    Raises:
        BadUserInputError: An argument is out of its range.
        EventsExpiredError: The log no longer reaches back to `after`.
    """
    if first is not None and not 1 <= first <= MOST_EVENTS:
        raise BadUserInputError(f"`first` is 1 to {MOST_EVENTS:,}.")
    require_sequence(after)
    found = await progress.events(batch, after, first or DEFAULT_EVENTS)
    part = Part.of(found)
    return [BatchProgress.of(event, part) for event in found]


def most_events(first: int | None) -> int:
    """How many events are answered at most."""
    return DEFAULT_EVENTS if first is None else min(first, MOST_EVENTS)


def result_url(
    context: Context, batch: Batch, result_format: str | None, expires_in_seconds: int | None
) -> str:
    """The signed address of a result file.

    Raises:
        BadUserInputError: `expiresInSeconds` is not 1 to 604,800.
    """
    if expires_in_seconds is not None and not 1 <= expires_in_seconds <= LONGEST_SECONDS:
        raise BadUserInputError(f"`expiresInSeconds` is 1 to {LONGEST_SECONDS:,}.")
    path = results.path(batch, ResultFormat(result_format or ResultFormat.CSV))
    return context.services.signer.address(path, expires_in_seconds)


def _id(batch: Batch) -> PydanticObjectId:
    return PydanticObjectId(batch.id)
