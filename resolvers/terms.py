"""How a batch is to be worked on, as its sender says it: checked before a byte of the manifest is read."""

from __future__ import annotations

from errors import InvalidInputError
from models.batch import Webhook
from models.values import Compression, CompressionMode
from processing.batches.submit import Terms
from processing.fetch import target
from processing.manifest import OnInvalidRow
from processing.webhooks import signatures
from resolvers.context import Context

RANGES = {CompressionMode.QUALITY: (1, 100), CompressionMode.TARGET_RATIO: (0.05, 0.95)}


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
    if signatures.key(webhook.secret) is None:
        message = (
            f"A webhook's secret is {signatures.SHORTEST_BYTES} to {signatures.LONGEST_BYTES} bytes: "
            f"`{signatures.PREFIX}` and their base64, or the bytes as they are."
        )
        raise InvalidInputError(message, "webhook", "secret")
    return webhook.model_copy(update={"url": wanted.url})
