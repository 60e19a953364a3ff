from typing import Optional

from .base_model import BaseModel
from .fragments import BatchFields


class Batch(BaseModel):
    batch: Optional["BatchBatch"]


BatchBatch = BatchFields
Batch.model_rebuild()
