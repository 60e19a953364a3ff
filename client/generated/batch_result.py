from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import BatchState
from .fragments import CountFields


class BatchResult(BaseModel):
    batch: Optional["BatchResultBatch"]


class BatchResultBatch(BaseModel):
    state: BatchState
    manifest_name: str = Field(alias="manifestName")
    counts: "BatchResultBatchCounts"
    result_url: str = Field(alias="resultUrl")


BatchResultBatchCounts = CountFields
BatchResult.model_rebuild()
BatchResultBatch.model_rebuild()
