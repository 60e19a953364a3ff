"""What an engine has run since its process began, in plain numbers: counting is an addition, and reading them is free."""

from __future__ import annotations

from collections import Counter
from typing import Final

from graphql import OperationType

from durations import Durations
from engine.answers import EXECUTED, Answer

QUERY: Final = OperationType.QUERY


class Outcomes:
    """What became of the operations of one type.

    Attributes:
        ok: Executed without an error.
        errors: Executed, with at least one.
        refused: Not executed.
        durations: Of queries and mutations that were executed.
    """

    __slots__ = ("durations", "errors", "ok", "refused")

    def __init__(self) -> None:
        self.ok = self.errors = self.refused = 0
        self.durations = Durations()


class Counts:
    """The operations of one engine.

    Attributes:
        queries, mutations, subscriptions: By their type. A subscription is one operation, however many events it has.
        unknown: What was refused before its type was known.
        codes: Errors in answers, by their code.
    """

    def __init__(self) -> None:
        self.queries, self.mutations, self.subscriptions, self.unknown = (Outcomes() for _ in range(4))
        self.codes: Counter[str] = Counter()

    def answered(self, operation_type: OperationType, answer: Answer, seconds: float) -> None:
        """One more answer to a query or a mutation."""
        outcomes = self.queries if operation_type is QUERY else self.mutations
        if answer.errors:
            self._failed(outcomes, answer)
            if answer.status != EXECUTED:
                return
        else:
            outcomes.ok += 1
        outcomes.durations.add(seconds)

    def began(self, answer: Answer | None) -> None:
        """One more subscription, or the answer that says why there is none."""
        if answer is None:
            self.subscriptions.ok += 1
        else:
            self._failed(self.subscriptions, answer)

    def refused(self, answer: Answer) -> None:
        """One more request that was refused before the type of its operation was known."""
        self._failed(self.unknown, answer)

    def _failed(self, outcomes: Outcomes, answer: Answer) -> None:
        if answer.status == EXECUTED:
            outcomes.errors += 1
        else:
            outcomes.refused += 1
        self.codes.update(error["extensions"]["code"] for error in answer.errors)
