"""Faults that can be made to happen at named steps, to show that nothing is lost when they do.

Each step that leaves this process (a write to storage, a commit, a lease) says its name by `failpoint`. In production
no fault can be armed, and an unarmed failpoint costs one look into an empty dict.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

STEPS = (
    "ingest.claimed",  # an idempotency key is held, nothing was read
    "ingest.stored",  # the bytes are durable, no document refers to them
    "ingest.committing",  # in the transaction, before its commit
    "ingest.committed",  # the image is durable, nobody was told
    "ingest.refused",  # the bytes of a refusal or a duplicate are about to be deleted
    "replace.committing",  # in the transaction that swaps an original, before its commit
    "replace.committed",  # an image has another original, the old bytes are still there, nobody was told
    "leftover.deleted",  # what was left over is deleted, and still remembered
    "staged.received",  # the bytes of a staged upload are durable, nobody was told
    "staged.ended",  # a staged upload is over, its bytes are about to be deleted
    "develop.started",  # a work item is leased, nothing was done
    "develop.variant_stored",  # a variant is durable, no document refers to it
    "develop.advanced",  # a stage and its event are durable
    "develop.finished",  # all is done but the work item's end
    "unit.started",  # a unit of a batch is leased, nothing was done
    "unit.fetched",  # its bytes have come, nothing is stored
    "unit.stored",  # original and compressed form are durable, no document refers to them
    "submit.stored",  # a manifest is durable, no batch refers to it
    "submit.committing",  # in the transaction that makes a batch, before its commit
    "submit.committed",  # a batch is durable, nobody was told
    "batch.expanding",  # what is new in a chunk of a manifest is written, the cursor has not moved
    "batch.expanded",  # a chunk of a manifest is written, nobody was told
    "batch.dealing",  # in the transaction that hands out work of a batch, before its commit
    "batch.dealt",  # work of a batch is handed out, nobody was told
    "batch.controlling",  # in the transaction that changes a batch as a whole, before its commit
    "batch.controlled",  # a batch as a whole is another, nobody was told
    "batch.concluding",  # the log of a batch will expire, or will not any more, its work is not done
    "batch.deleted",  # a batch is forgotten, all that belongs to it is still there
    "batch.forgetting",  # some of what belonged to a forgotten batch is deleted, perhaps not all
    "batch.ending",  # in the transaction that ends units of batches, before its commit
    "batch.ended",  # units of batches have ended, nobody was told
    "webhook.sent",  # a webhook was told, nobody has written it down
    "adorn.committed",  # an image of a batch has its presets, the work item is not done
    "trash.committed",  # an image is forgotten for good, its bytes are still there
    "purge.deleted",  # some bytes of a forgotten image are deleted, perhaps not all
)
ACTIONS = ("kill", "error")


@dataclass(frozen=True)
class Fault:
    """What happens at `step`, from its `nth` time in this process on."""

    step: str
    action: str
    nth: int


class InjectedError(Exception):
    """The fault that the action `error` makes."""


_armed: dict[str, Callable[[], None]] = {}


def failpoint(step: str) -> None:
    """A named step. Nothing happens, unless a fault is armed here."""
    if _armed and (strike := _armed.get(step)):
        strike()


def parsed(text: str) -> list[Fault]:
    """The faults that `step:action` or `step:action@nth`, separated by commas, describe.

    Raises:
        ValueError: There is no such step or action.
    """
    return [_fault(entry.strip()) for entry in text.split(",") if entry.strip()]


def arm(faults: list[Fault]) -> None:
    """From now on, these faults happen in this process, and no others."""
    _armed.clear()
    _armed.update({fault.step: _striking(fault) for fault in faults})


def _fault(entry: str) -> Fault:
    step, _, rest = entry.partition(":")
    action, _, nth = rest.partition("@")
    if step not in STEPS or action not in ACTIONS or not (nth or "1").isdigit():
        raise ValueError(
            f"step:action or step:action@nth, with a step of {', '.join(STEPS)} and an action of {', '.join(ACTIONS)}"
        )
    return Fault(step, action, int(nth or 1))


def _striking(fault: Fault) -> Callable[[], None]:
    times: Iterator[int] = itertools.count(1)

    def strike() -> None:
        if next(times) < fault.nth:
            return
        if fault.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise InjectedError(fault.step)

    return strike
