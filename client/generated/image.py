from typing import Optional

from .base_model import BaseModel
from .fragments import ImageFields


class Image(BaseModel):
    image: Optional["ImageImage"]


ImageImage = ImageFields
Image.model_rebuild()
