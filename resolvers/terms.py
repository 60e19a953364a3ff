"""How a batch is to be worked on, as its sender says it: checked before a byte of the manifest is read."""

from __future__ import annotations

import base64
import binascii

from errors import InvalidInputError
from models.batch import Compression, CompressionMode, Webhook
from processing.batches.submit import Terms
from processing.fetch import target
from processing.manifest import OnInvalidRow
from resolvers.context import Context

RANGES = {CompressionMode.QUALITY: (1, 100), CompressionMode.TARGET_RATIO: (0.05, 0.95)}
SECRET_PREFIX = "whsec_"  # noqa: S105 - Standard Webhooks': what follows it is base64
SHORTEST_SECRET_BYTES, LONGEST_SECRET_BYTES = 24, 64


def said(
    context: Context,
    compression: Compression | None,
    on_invalid_row: str | None,
    webhook: Webhook | None,
) -> Terms:
    """The terms; what is left out is as the service has it.

    Raises:
        InvalidInputError: The compression is out of its range, or the webhook's address or secret is none.
    """
    return Terms(
        compression=_in_range(compression or Compression()),
        on_invalid_row=OnInvalidRow(on_invalid_row or OnInvalidRow.REJECT_FILE),
        metadata_policy=context.services.metadata_policy,
        webhook=_usable(webhook) if webhook else None,
    )


def secret_bytes(secret: str) -> bytes | None:
    """The key that a webhook's secret stands for; None if it is not base64.

    Source: Standard Webhooks, "Signature scheme".
    """
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (ValueError, binascii.Error):
        return None


def _in_range(compression: Compression) -> Compression:
    least, most = RANGES[compression.mode]
    if not least <= compression.value <= most:
        wanted = f"With {compression.mode}, `value` is {least} to {most}."
        raise InvalidInputError(wanted, "compression", "value")
    return compression


def _usable(webhook: Webhook) -> Webhook:
    try:
        wanted = target.parsed(webhook.url)
    except InvalidInputError as error:
        raise InvalidInputError(error.message, "webhook", "url") from error
    key = secret_bytes(webhook.secret)
    if key is None or not SHORTEST_SECRET_BYTES <= len(key) <= LONGEST_SECRET_BYTES:
        message = (
            f"A webhook's secret is {SHORTEST_SECRET_BYTES} to {LONGEST_SECRET_BYTES} bytes: `{SECRET_PREFIX}` and "
            "their base64, or the bytes as they are."
        )
        raise InvalidInputError(message, "webhook", "secret")
    return webhook.model_copy(update={"url": wanted.url})
