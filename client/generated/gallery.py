from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ImageFields


class Gallery(BaseModel):
    gallery: Optional["GalleryGallery"]


class GalleryGallery(BaseModel):
    total_count: int = Field(alias="totalCount")
    change_cursor: str = Field(alias="changeCursor")
    nodes: list["GalleryGalleryNodes"]
    page_info: "GalleryGalleryPageInfo" = Field(alias="pageInfo")


GalleryGalleryNodes = ImageFields


class GalleryGalleryPageInfo(BaseModel):
    has_next_page: bool = Field(alias="hasNextPage")
    end_cursor: Optional[str] = Field(alias="endCursor")


Gallery.model_rebuild()
GalleryGallery.model_rebuild()
