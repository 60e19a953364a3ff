from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class Service(BaseModel):
    service: Optional["ServiceService"]
    viewer: Optional["ServiceViewer"]


class ServiceService(BaseModel):
    version: str
    max_file_size_bytes: int = Field(alias="maxFileSizeBytes")
    input_media_types: list[str] = Field(alias="inputMediaTypes")


class ServiceViewer(BaseModel):
    email: str


Service.model_rebuild()
