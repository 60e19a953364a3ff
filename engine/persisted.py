"""Documents that clients name instead of sending them: texts are learnt as they come, and found by their SHA-256.

Source: Apollo's automatic persisted queries, version 1.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from graphql import GraphQLSchema

from engine import answers
from engine.answers import Answer
from engine.documents import Operation, Prepared
from engine.executor import Executor
from errors import OperationError, PersistedQueryMismatchError, PersistedQueryNotFoundError

NO_TEXT = "@"  # no document begins so


@dataclass(frozen=True)
class NamedOperation(Operation):
    """An operation whose document has a name. Without its text, `query` is the name behind NO_TEXT."""

    name: str = ""

    @property
    def has_text(self) -> bool:
        """Whether the document came too."""
        return self.query != NO_TEXT + self.name

    def with_text(self, text: str) -> Operation:
        """The same with its document."""
        return Operation(text, self.variables, self.operation_name, self.reports_cost)


class Library(Protocol):
    """Where named documents are found."""

    def found(self, operation: Operation) -> Operation:
        """The operation with the text of its document.

        Raises:
            OperationError: There is none by that name, or it may not run.
        """
        ...

    def learn(self, operation: Operation) -> None:
        """To be called with what was sent and turned out valid."""
        ...


class LearntDocuments:
    """A library of what clients have sent with its name before; what nobody asks for any more is forgotten.

    Args:
        most: How many are kept.
        most_bytes: How long they may be, all together.
    """

    def __init__(self, *, most: int = 1_000, most_bytes: int = 8 * 2**20) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._most = most
        self._left_bytes = most_bytes

    def found(self, operation: Operation) -> Operation:
        """As the protocol has it."""
        if not isinstance(operation, NamedOperation):
            return operation
        if operation.has_text:
            if sha256(operation.query.encode()).hexdigest() != operation.name:
                raise PersistedQueryMismatchError
            return operation
        text = self._texts.get(operation.name)
        if text is None:
            raise PersistedQueryNotFoundError
        self._texts.move_to_end(operation.name)
        return operation.with_text(text)

    def learn(self, operation: Operation) -> None:
        """As the protocol has it."""
        if isinstance(operation, NamedOperation) and operation.has_text and operation.name not in self._texts:
            self._texts[operation.name] = operation.query
            self._left_bytes -= len(operation.query.encode())
            while self._left_bytes < 0 or len(self._texts) > self._most:
                _, forgotten = self._texts.popitem(last=False)
                self._left_bytes += len(forgotten.encode())


class PersistedExecutor(Executor):
    """Runs operations that name their documents too, which it finds in `library`."""

    def __init__(self, schema: GraphQLSchema, *, library: Library, **options: Any) -> None:
        super().__init__(schema, **options)
        self._library = library

    def prepare(self, operation: Operation) -> Prepared | Answer:
        """The document ready to run, or the answer that says why it cannot."""
        try:
            found = self._library.found(operation)
        except OperationError as error:
            return answers.refused(error)
        prepared = super().prepare(found)
        if isinstance(prepared, Prepared):
            self._library.learn(operation)
        return prepared
