from enum import Enum


class BatchItemState(str, Enum):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class BatchState(str, Enum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class CompressionMode(str, Enum):
    QUALITY = "QUALITY"
    TARGET_RATIO = "TARGET_RATIO"


class GalleryChangeKind(str, Enum):
    ADDED = "ADDED"
    UPDATED = "UPDATED"
    REMOVED = "REMOVED"


class ImageFormat(str, Enum):
    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    AVIF = "AVIF"
    GIF = "GIF"


class ImageStage(str, Enum):
    STORED = "STORED"
    PROBED = "PROBED"
    VARIANTS_MADE = "VARIANTS_MADE"
    READY = "READY"
    FAILED = "FAILED"


class ImageState(str, Enum):
    PROCESSING = "PROCESSING"
    READY = "READY"
    FAILED = "FAILED"


class MetadataPolicy(str, Enum):
    STRIP_ALL = "STRIP_ALL"
    STRIP_GPS = "STRIP_GPS"
    KEEP = "KEEP"


class OnInvalidRow(str, Enum):
    REJECT_FILE = "REJECT_FILE"
    SKIP_ROWS = "SKIP_ROWS"


class ProblemSeverity(str, Enum):
    WARNING = "WARNING"
    ERROR = "ERROR"


class ResultFormat(str, Enum):
    CSV = "CSV"
    EXTENDED_CSV = "EXTENDED_CSV"
    JSONL = "JSONL"
