"""Files that clients send to storage themselves: announced here, and taken in once they are there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from delivery import staged as delivery
from errors import InvalidInputError, NotFoundError, UnsupportedFormatError
from models.staged_upload import StagedUpload
from processing.idempotency import Kept, KeyedInput
from processing.ingest import Ingested, Labels
from processing.inspection import Declared
from processing.probe import INPUT_MEDIA_TYPES
from processing.staging import Announced
from resolvers import ids
from resolvers.context import Context
from storage.abilities import UploadTarget

KIND = StagedUpload.__name__
COMPLETE = "completeStagedUpload"
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
MEDIA_TYPE = re.compile(r"[\w.+-]{1,64}/[\w.+-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Staged:
    """A new stage, and where its bytes are to be sent."""

    stage: StagedUpload
    target: UploadTarget

    @property
    def id(self) -> str:
        """What completes it."""
        return ids.of(self.stage)


async def create(
    context: Context, filename: str, media_type: str, size_bytes: int, checksum_sha256: str | None
) -> Staged:
    """A place for the file, open for an hour.

    Raises:
        InvalidInputError: The size is not positive, the checksum no SHA-256 in hex, or too many stages are open.
        UnsupportedFormatError: Nothing of this media type comes in.
        FileTooLargeError, QuotaExceededError: It would be refused for its size.
    """
    viewer_id, services = context.viewer_id, context.services
    announced = Announced(filename, _comes_in(media_type), _declared(size_bytes, checksum_sha256))
    stage = await services.staging.planned(viewer_id, announced)
    target = await delivery.target(stage, services.storages.current, services.signer)
    await stage.insert()
    return Staged(stage, target)


async def complete(context: Context, staged_id: str, about: Labels) -> Ingested:
    """Takes in what was sent to the stage. A repeat of a success is answered as the first time, whatever it says.

    Raises:
        NotFoundError: The viewer has no open stage of this id: its time may be over, or the file was refused.
        InvalidInputError: The bytes have not arrived; the stage stays open.
        FileTooLargeError, UnsupportedFormatError, CorruptImageError, ImageTooLargeError, QuotaExceededError:
            The stage is over, nothing is kept.
    """
    viewer_id, services = context.viewer_id, context.services
    document_id = ids.required(staged_id, KIND)
    async with services.idempotency_keys.held(KeyedInput(viewer_id, COMPLETE, staged_id, {})) as held:
        if isinstance(held, Kept):
            return Ingested.again(held.answer)
        stage = await StagedUpload.open_of_owner(viewer_id, document_id)
        if stage is None:
            raise NotFoundError(staged_id)
        return await services.staging.complete(stage, about, context.confirm_viewer, held)


def _comes_in(media_type: str) -> str:
    wanted = media_type.strip().lower()
    if wanted not in INPUT_MEDIA_TYPES:
        raise UnsupportedFormatError(wanted if MEDIA_TYPE.fullmatch(wanted) else None)
    return wanted


def _declared(size_bytes: int, checksum_sha256: str | None) -> Declared:
    if size_bytes < 1:
        raise InvalidInputError("A file has at least one byte.", "sizeBytes")
    if checksum_sha256 is not None and not SHA256.fullmatch(checksum_sha256):
        raise InvalidInputError("A SHA-256 is 64 hexadecimal digits.", "checksumSha256")
    return Declared(size_bytes, checksum_sha256.lower() if checksum_sha256 else None)
