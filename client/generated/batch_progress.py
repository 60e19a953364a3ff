from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import BatchItemState, BatchState
from .fragments import CountFields


class BatchProgress(BaseModel):
    batch_progress: "BatchProgressBatchProgress" = Field(alias="batchProgress")


class BatchProgressBatchProgress(BaseModel):
    sequence: int
    state: BatchState
    progress: float
    eta_seconds: Optional[int] = Field(alias="etaSeconds")
    counts: "BatchProgressBatchProgressCounts"
    item: Optional["BatchProgressBatchProgressItem"]


BatchProgressBatchProgressCounts = CountFields


class BatchProgressBatchProgressItem(BaseModel):
    id: str
    source_url: str = Field(alias="sourceUrl")
    state: BatchItemState
    failure: Optional["BatchProgressBatchProgressItemFailure"]


class BatchProgressBatchProgressItemFailure(BaseModel):
    code: str
    message: str
    retryable: bool


BatchProgress.model_rebuild()
BatchProgressBatchProgress.model_rebuild()
BatchProgressBatchProgressItem.model_rebuild()
