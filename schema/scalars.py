"""The scalars that GraphQL itself does not have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from resolvers.context import IncomingFile

TWO_DIGITS = [f"{number:02}" for number in range(60)]
THREE_DIGITS = [f"{number:03}" for number in range(1000)]
"""Looked up, since formatting a number costs five times that; a page has a time for each image."""

URL = NewType("URL", str)
Upload = NewType("Upload", object)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError("A URL is text.")
    return value


def _time(value: Any) -> datetime:
    try:
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise GraphQLError("A DateTime is text such as 2026-01-31T12:00:00Z.") from error
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _rfc3339(value: datetime) -> str:
    time, two = value if value.tzinfo is UTC else value.astimezone(UTC), TWO_DIGITS
    day = f"{time.year:04}-{two[time.month]}-{two[time.day]}"
    clock = f"{two[time.hour]}:{two[time.minute]}:{two[time.second]}"
    return f"{day}T{clock}.{THREE_DIGITS[time.microsecond // 1000]}Z"


def _file(value: Any) -> IncomingFile:
    if not hasattr(value, "open"):  # no JSON value has; to ask for the protocol costs thirty times as much
        raise GraphQLError(
            "An Upload is a file of a multipart request: set the variable to null and name it in `map`. "
            "See https://github.com/jaydenseric/graphql-multipart-request-spec"
        )
    file: IncomingFile = value
    return file


def _never(_: Any) -> str:
    raise GraphQLError("An Upload only goes in.")


SCALARS: dict[object, ScalarDefinition] = {
    URL: strawberry.scalar(
        name="URL",
        description="An address. Any text on input: what is wrong with it is answered by a typed error.",
        serialize=str,
        parse_value=_text,
    ),
    Upload: strawberry.scalar(
        name="Upload",
        description="A file, sent as the GraphQL multipart request specification says.",
        serialize=_never,
        parse_value=_file,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A time in UTC as RFC 3339 writes it: 2026-01-31T12:00:00.000Z.",
        serialize=_rfc3339,
        parse_value=_time,
    ),
}
