"""From what a client sent to an operation: every shape that is not a GraphQL request is refused with what is wrong.

Sources: GraphQL over HTTP, and the GraphQL multipart request specification.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import orjson

from engine.documents import Operation
from engine.multipart import PartReader
from engine.persisted import NO_TEXT, NamedOperation
from engine.upload import Files, UploadedFile
from errors import MalformedRequestError, PayloadTooLargeError

OPERATIONS_BYTES = 1024 * 1024
MAP_BYTES = 64 * 1024
LONGEST_SHOWN = 100
PATHS_PER_FILE = 20
QUERY_PARAMETERS = 100
MOST_VALUES = 10_000
DOCUMENT_NAMES = ("documentId", "doc_id", "id")  # of the specification's draft, and of Relay

_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")


def from_json(body: bytes) -> Operation:
    """The operation in a JSON body."""
    return operation(_json(body, "The body"))


def from_query_string(query_string: bytes) -> Operation:
    """The operation in an address; `variables` and `extensions` are JSON there."""
    try:
        pairs = parse_qsl(
            query_string.decode("latin-1"), keep_blank_values=True, max_num_fields=QUERY_PARAMETERS
        )
    except ValueError as error:
        raise MalformedRequestError("The address has too many parameters.") from error
    given: dict[str, Any] = {name: value for name, value in pairs if value}
    for name in given.keys() & {"variables", "extensions"}:
        given[name] = _json(given[name].encode(), f"`{name}`")
    return operation(given)


async def from_form(parts: PartReader, max_files: int) -> tuple[Operation, Files]:
    """The operation in a multipart body, with handles for the files in its variables; no file is read yet."""
    operations = _json(await _field(parts, "operations", OPERATIONS_BYTES), "`operations`")
    asked = operation(operations)
    targets = _targets(_json(await _field(parts, "map", MAP_BYTES), "`map`"), max_files)
    files = Files(parts, {field: len(paths) for field, paths in targets.items()})
    for field, paths in targets.items():
        for path in paths:
            _place(operations, path, UploadedFile(files, field))
    return asked, files


def _json(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedRequestError(f"{what} is not JSON.") from error


def operation(given: Any) -> Operation:
    """What a decoded JSON value asks for.

    Raises:
        MalformedRequestError: It is no GraphQL request.
    """
    if isinstance(given, list):
        raise MalformedRequestError("Send one operation a request: batching is not supported.")
    if not isinstance(given, dict):
        raise MalformedRequestError("A GraphQL request is a JSON object with the key `query`.")
    query = _optional(given, "query", str)
    extensions = _optional(given, "extensions", dict)
    variables, name = _optional(given, "variables", dict), _optional(given, "operationName", str) or None
    _count(variables)
    if query is not None and not extensions:
        return Operation(query, variables, name)
    extensions = extensions or {}
    reports_cost = extensions.get("cost") is True
    document_name = _document_name(given, extensions, has_text=query is not None)
    if document_name is not None:
        return NamedOperation(query or NO_TEXT + document_name, variables, name, reports_cost, document_name)
    if query is None:
        raise MalformedRequestError("`query` must be given, as a string, or a document be named.")
    return Operation(query, variables, name, reports_cost)


def _count(variables: dict[str, Any] | None) -> None:
    """Refuses more values than any operation needs: fitting each to its type costs more than receiving it."""
    waiting: list[Any] = [variables] if variables else []
    left = MOST_VALUES
    while waiting:
        holder = waiting.pop()
        held = holder.values() if isinstance(holder, dict) else holder
        left -= len(held)
        if left < 0:
            raise MalformedRequestError(f"`variables` may hold at most {MOST_VALUES:,} values.")
        waiting.extend(value for value in held if isinstance(value, (dict, list)))


def _document_name(given: dict[str, Any], extensions: dict[str, Any], *, has_text: bool) -> str | None:
    """What the client calls its document: the SHA-256 of its text, or an id if it sends no text."""
    persisted = _optional(extensions, "persistedQuery", dict)
    if persisted is not None:
        if persisted.get("version") != 1 or not isinstance(persisted.get("sha256Hash"), str):
            raise MalformedRequestError("`persistedQuery` must have the `version` 1 and a `sha256Hash`.")
        return str(persisted["sha256Hash"])
    if has_text:
        return None
    names = (_optional(given, key, str) for key in DOCUMENT_NAMES)
    name = next((name for name in names if name), None)
    return name.removeprefix("sha256:") if name else None


def _optional(given: dict[str, Any], name: str, kind: type) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        raise MalformedRequestError(
            f"`{name}` must be {'a string' if kind is str else 'an object'}, or be left out."
        )
    return value


async def _field(parts: PartReader, name: str, limit_bytes: int) -> bytes:
    part = await parts.next_part()
    if part is None or part.name != name or part.filename is not None:
        raise MalformedRequestError(
            "A multipart request has first the field `operations`, then the field `map`, then the files."
        )
    return await parts.text(limit_bytes)


def _targets(given: Any, max_files: int) -> dict[str, list[str]]:
    """The map of form fields to the places in `operations` that are to hold their files."""
    if not isinstance(given, dict):
        raise MalformedRequestError("`map` must be an object.")
    if len(given) > max_files:
        raise PayloadTooLargeError(f"At most {max_files:,} files are taken in one request.")
    for paths in given.values():
        if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
            raise MalformedRequestError("Each value in `map` must be a list of paths.")
        if len(paths) > PATHS_PER_FILE:
            raise MalformedRequestError(f"At most {PATHS_PER_FILE} paths may lead to one file.")
    return given


def _place(operations: dict[str, Any], path: str, file: UploadedFile) -> None:
    """Puts `file` where `path` leads: below `variables`, and nowhere but in the place of a null."""
    first, *steps = path.split(".")
    if first != "variables" or not steps:
        raise MalformedRequestError("Each path in `map` must begin with `variables.`.")
    *way, last = steps
    holder: Any = operations.get("variables")
    for step in way:
        holder = holder[_key(holder, step, path)]
    key = _key(holder, last, path)
    if holder[key] is not None:
        raise MalformedRequestError("A variable that a file is mapped to must be null in `operations`.")
    holder[key] = file


def _key(holder: Any, step: str, path: str) -> Any:
    if isinstance(holder, dict) and step in holder:
        return step
    if isinstance(holder, list) and _INDEX.fullmatch(step) and int(step) < len(holder):
        return int(step)
    shown = path if len(path) <= LONGEST_SHOWN else path[:LONGEST_SHOWN] + "…"
    raise MalformedRequestError(
        f"The path {shown!r} in `map` leads to nothing in `operations`. Give the variable there the value null."
    )
