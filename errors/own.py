"""What fails on our own side, and what its parts tell each other."""

from __future__ import annotations

from errors.root import DarkroomError


class StorageError(DarkroomError):
    """A storage provider failed; `retryable` says whether trying again may help."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class ObjectNotFoundError(StorageError):
    """No object has this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no object with key {key!r}", retryable=False)
        self.key = key


class StorageNotSetUpError(StorageError):
    """This process has no storage of the kind; trying again here cannot help, another process may have it."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"storage of the kind {kind!r} is not configured here", retryable=False)


class OutcomeUnknownError(DarkroomError):
    """A transaction was sent and its answer lost: it may have been kept, so nothing may be undone."""


class QueueError(DarkroomError):
    """The work queue failed."""


class QueueRefusedError(QueueError):
    """The queue's server answers and turns us away: trying again cannot help."""


class LeaseLostError(DarkroomError):
    """What was held for a while was not held on to: somebody else may have it by now."""


class DuplicateImageError(DarkroomError):
    """The owner has an image of exactly these bytes."""


class ImageGoneError(DarkroomError):
    """The image is not there any more, or not as it was when it was read."""


class RoomTooSmallError(DarkroomError):
    """More is about to be kept than room was reserved for; with another look at what goes, it can be tried again."""


class DecodeError(DarkroomError):
    """A picture that looked sound does not decode; trying again cannot help. `code` says how it fails."""

    def __init__(self, message: str, code: str = "CORRUPT_IMAGE") -> None:
        super().__init__(message)
        self.code = code


class DecoderGoneError(DarkroomError):
    """What decoded a picture has ended or fallen silent, and perhaps for no fault of the picture's."""


class ConfigurationError(DarkroomError):
    """A setting is wrong; the message is the one line that the operator sees."""
