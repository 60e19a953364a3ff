"""How what is sent proves where it comes from. Source: Standard Webhooks, "Signature scheme"."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

from errors import InvalidInputError

PREFIX = "whsec_"
SHORTEST_BYTES, LONGEST_BYTES = 24, 64


def key(secret: str) -> bytes:
    """The bytes that a secret stands for: base64, with or without `whsec_` before it.

    Raises:
        InvalidInputError: It is no base64, or stands for too few bytes or too many.
    """
    try:
        decoded = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not SHORTEST_BYTES <= len(decoded) <= LONGEST_BYTES:
        raise InvalidInputError(
            f"A secret is base64 of {SHORTEST_BYTES} to {LONGEST_BYTES} random bytes, with or without `{PREFIX}` before it.",
            "secret",
        )
    return decoded


def headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """What is sent with the body."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join([message_id.encode(), timestamp.encode(), body])
    signature = base64.b64encode(hmac.digest(key(secret), signed, hashlib.sha256)).decode()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
