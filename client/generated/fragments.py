from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import BatchState, ImageState, ProblemSeverity


class CountFields(BaseModel):
    total: int
    pending: int
    running: int
    succeeded: int
    failed: int
    cancelled: int


class BatchFields(BaseModel):
    id: str
    state: BatchState
    manifest_name: str = Field(alias="manifestName")
    progress: float
    eta_seconds: Optional[int] = Field(alias="etaSeconds")
    bytes_in: float = Field(alias="bytesIn")
    bytes_out: float = Field(alias="bytesOut")
    counts: "BatchFieldsCounts"
    problem_count: int = Field(alias="problemCount")
    created_at: datetime = Field(alias="createdAt")
    finished_at: Optional[datetime] = Field(alias="finishedAt")
    result_url: str = Field(alias="resultUrl")


class BatchFieldsCounts(CountFields):
    pass


class ImageFields(BaseModel):
    id: str
    filename: str
    caption: Optional[str]
    tags: list[str]
    state: ImageState
    failure: Optional["ImageFieldsFailure"]
    media_type: str = Field(alias="mediaType")
    size_bytes: int = Field(alias="sizeBytes")
    width_px: int = Field(alias="widthPx")
    height_px: int = Field(alias="heightPx")
    checksum_sha_256: str = Field(alias="checksumSha256")
    created_at: datetime = Field(alias="createdAt")
    updated_at: datetime = Field(alias="updatedAt")
    url: str
    placeholder: Optional["ImageFieldsPlaceholder"]
    variants: list["ImageFieldsVariants"]


class ImageFieldsFailure(BaseModel):
    code: str
    message: str
    retryable: bool


class ImageFieldsPlaceholder(BaseModel):
    thumbhash: str
    dominant_color: str = Field(alias="dominantColor")


class ImageFieldsVariants(BaseModel):
    name: Optional[str]
    url: str
    width_px: int = Field(alias="widthPx")
    height_px: int = Field(alias="heightPx")


class ProblemFields(BaseModel):
    line: int
    column: Optional[str]
    code: str
    message: str
    hint: Optional[str]
    severity: ProblemSeverity


CountFields.model_rebuild()
BatchFields.model_rebuild()
ImageFields.model_rebuild()
ProblemFields.model_rebuild()
