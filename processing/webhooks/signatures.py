"""How what is sent proves where it comes from. Source: Standard Webhooks, "Signature scheme"."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

PREFIX = "whsec_"
SHORTEST_BYTES, LONGEST_BYTES = 24, 64


def key(secret: str) -> bytes | None:
    """The key that a secret stands for: base64 behind `whsec_`, or else the bytes of the text as they are.

    None if it is no base64, or stands for too few bytes or too many.
    """
    if not secret.startswith(PREFIX):
        decoded = secret.encode()
    else:
        try:
            decoded = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except (ValueError, binascii.Error):
            return None
    return decoded if SHORTEST_BYTES <= len(decoded) <= LONGEST_BYTES else None


def headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """What is sent with the body; the secret is one that `key` understands."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join([message_id.encode(), timestamp.encode(), body])
    signature = base64.b64encode(hmac.digest(key(secret) or b"", signed, hashlib.sha256)).decode()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
