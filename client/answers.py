"""What was asked for, or else a refusal."""

from __future__ import annotations

from typing import Any, TypeVar

from client.errors import NOT_FOUND, RefusedError

Batch = TypeVar("Batch")


def found(batch: Batch | None) -> Batch:
    """The batch. Raises RefusedError if there is none."""
    if batch is None:
        raise RefusedError("there is no such batch, or not any more", NOT_FOUND)
    return batch


def given(answer: Any) -> Any:
    """The payload of a mutation. Raises RefusedError for each other member of its union."""
    if answer is None:
        raise RefusedError("the service answered nothing")
    if not answer.typename__.endswith("Payload"):
        raise RefusedError(answer.message, answer.typename__, answer)
    return answer
