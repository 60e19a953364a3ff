"""Frames of a socket. One from the client that has another shape than it may have ends it with a code and a reason.

Sources: GraphQL over WebSocket (`graphql-transport-ws`), "Message types"; RFC 6455.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from engine import request
from engine.documents import Operation
from errors import MalformedRequestError

INVALID, UNAUTHORIZED, FORBIDDEN = 4400, 4401, 4403
UNKNOWN_SUBPROTOCOL, INIT_TIMEOUT, DUPLICATE_ID = 4406, 4408, 4409
TOO_MANY, TOO_SLOW = 4429, 4499
GOING_AWAY, TOO_BIG, INTERNAL_ERROR = 1001, 1009, 1011

PREBUILT = "websocket.prebuilt_frames"
"""The ASGI extension under which a server takes frames as they go over the wire; `server/sockets.py` offers it."""

TEXT_FRAME = 0x81  # RFC 6455 section 5.2: text, whole
REASON_BYTES = 123  # RFC 6455 section 5.5: a control frame has at most 125, two of them for the code

Message = dict[str, Any]


class ProtocolViolationError(Exception):
    """The client broke the protocol; the socket is closed with `code` and `reason`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def message(event: Mapping[str, Any], max_bytes: int) -> Message:
    """The JSON object in the frame that an ASGI event brings."""
    text = event.get("text")
    if text is None:
        raise ProtocolViolationError(INVALID, "Send text frames.")
    frame = text.encode()
    if len(frame) > max_bytes:
        raise ProtocolViolationError(TOO_BIG, f"A message has at most {max_bytes:,} bytes.")
    try:
        found = orjson.loads(frame)
    except orjson.JSONDecodeError as error:
        raise ProtocolViolationError(INVALID, "A message is JSON.") from error
    if not isinstance(found, dict):
        raise ProtocolViolationError(INVALID, "A message is a JSON object.")
    return found


def authorization(found: Message) -> str | None:
    """The token in an optional payload, under the key `authorization` in any letter case."""
    payload = found.get("payload")
    if not isinstance(payload, dict | None):
        raise ProtocolViolationError(INVALID, "`payload` is an object, or left out.")
    named = (value for name, value in (payload or {}).items() if name.lower() == "authorization")
    value = next(named, None)
    if not isinstance(value, str | None):
        raise ProtocolViolationError(INVALID, "`authorization` is a string.")
    return value or None


def operation_id(found: Message) -> str:
    """The client's own name for an operation."""
    given = found.get("id")
    if not isinstance(given, str) or not given:
        raise ProtocolViolationError(INVALID, "`id` is a string that is not empty.")
    return given


def operation(found: Message) -> Operation:
    """What a client subscribes to."""
    try:
        return request.operation(found.get("payload"))
    except MalformedRequestError as error:
        raise ProtocolViolationError(INVALID, str(error)) from error


def short(reason: str) -> str:
    """As much of a reason as a close frame holds."""
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")


def built(text: bytes) -> bytes:
    """The frame that a server sends for a text: whole, unmasked, not compressed."""
    size_bytes = len(text)
    if size_bytes < 126:  # noqa: PLR2004 - RFC 6455 section 5.2 has the figures
        return b"%c%c%b" % (TEXT_FRAME, size_bytes, text)
    if size_bytes < 1 << 16:
        return b"%c\x7e%b%b" % (TEXT_FRAME, size_bytes.to_bytes(2), text)
    return b"%c\x7f%b%b" % (TEXT_FRAME, size_bytes.to_bytes(8), text)
