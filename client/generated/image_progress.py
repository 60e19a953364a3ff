from pydantic import Field

from .base_model import BaseModel
from .enums import ImageStage
from .fragments import ImageFields


class ImageProgress(BaseModel):
    image_progress: "ImageProgressImageProgress" = Field(alias="imageProgress")


class ImageProgressImageProgress(BaseModel):
    sequence: int
    stage: ImageStage
    image: "ImageProgressImageProgressImage"


ImageProgressImageProgressImage = ImageFields
ImageProgress.model_rebuild()
ImageProgressImageProgress.model_rebuild()
