"""A library that is closed: only the documents of a manifest run, whoever sends them.

Sources: GraphQL over HTTP, appendix on persisted documents; the manifests of Apollo, Relay and GraphQL Code Generator.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import orjson

from engine.answers import Answer
from engine.documents import Operation, Prepared
from engine.persisted import NamedOperation
from errors import DocumentNotTrustedError

APOLLO = "apollo-persisted-query-manifest"
HASH_PREFIX = "sha256:"
WANTED = 'wanted {"<id>": "<document>"}, or the manifest that Apollo generates'


class InvalidManifestError(ValueError):
    """It is no manifest, or holds a document that cannot run; says what was found in one line."""


class TrustedDocuments:
    """A library of the documents in a manifest, by their ids and by their SHA-256.

    Args:
        manifest: JSON in one of the common forms.

    Raises:
        InvalidManifestError: It has another form.
    """

    def __init__(self, manifest: bytes) -> None:
        self._documents = _documents(manifest)
        self._trusted = frozenset(self._documents.values())
        hashes = {sha256(text.encode()).hexdigest(): text for text in self._trusted}
        named = {name.removeprefix(HASH_PREFIX): text for name, text in self._documents.items()}
        self._by_name = hashes | named

    def found(self, operation: Operation) -> Operation:
        """The operation with the text of its document.

        Raises:
            DocumentNotTrustedError: It is not in the manifest.
        """
        if operation.query in self._trusted:
            return operation
        if isinstance(operation, NamedOperation) and not operation.has_text:
            text = self._by_name.get(operation.name)
            if text is not None:
                return operation.with_text(text)
        raise DocumentNotTrustedError

    def learn(self, operation: Operation) -> None:
        """Does nothing: what is trusted was there from the start."""

    def check(self, prepare: Callable[[Operation], Prepared | Answer]) -> None:
        """Has every document prepared once.

        Raises:
            InvalidManifestError: With the first that cannot run.
        """
        for name, text in self._documents.items():
            prepared = prepare(Operation(text))
            if isinstance(prepared, Answer):
                reason = " ".join(prepared.errors[0]["message"].split())
                raise InvalidManifestError(f"found the document {name!r} that cannot run ({reason})")


def _documents(manifest: bytes) -> dict[str, str]:
    try:
        given = orjson.loads(manifest)
    except orjson.JSONDecodeError:
        raise InvalidManifestError(f"found no JSON, {WANTED}") from None
    if isinstance(given, dict) and given.get("format") == APOLLO:
        given = _of_apollo(given)
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise InvalidManifestError(f"found another form of JSON, {WANTED}")
    return given


def _of_apollo(manifest: dict[str, Any]) -> Any:
    try:
        return {entry["id"]: entry["body"] for entry in manifest["operations"]}
    except (KeyError, TypeError):
        return None
