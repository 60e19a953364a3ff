from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import GalleryChangeKind
from .fragments import ImageFields


class GalleryChanges(BaseModel):
    gallery_changes: "GalleryChangesGalleryChanges" = Field(alias="galleryChanges")


class GalleryChangesGalleryChanges(BaseModel):
    cursor: str
    kind: GalleryChangeKind
    image_id: str = Field(alias="imageId")
    image: Optional["GalleryChangesGalleryChangesImage"]


GalleryChangesGalleryChangesImage = ImageFields
GalleryChanges.model_rebuild()
GalleryChangesGalleryChanges.model_rebuild()
