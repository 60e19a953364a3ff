from typing import Annotated, Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .fragments import ImageFields


class UploadImage(BaseModel):
    upload_image: Optional[
        Annotated[
            Union[
                "UploadImageUploadImageUploadImagePayload",
                "UploadImageUploadImageFileTooLargeError",
                "UploadImageUploadImageUnsupportedFormatError",
                "UploadImageUploadImageCorruptImageError",
                "UploadImageUploadImageImageTooLargeError",
                "UploadImageUploadImageQuotaExceededError",
                "UploadImageUploadImageIdempotencyConflictError",
                "UploadImageUploadImageInvalidInputError",
            ],
            Field(discriminator="typename__"),
        ]
    ] = Field(alias="uploadImage")


class UploadImageUploadImageUploadImagePayload(BaseModel):
    typename__: Literal["UploadImagePayload"] = Field(alias="__typename")
    duplicate: bool
    image: "UploadImageUploadImageUploadImagePayloadImage"


UploadImageUploadImageUploadImagePayloadImage = ImageFields


class UploadImageUploadImageFileTooLargeError(BaseModel):
    typename__: Literal["FileTooLargeError"] = Field(alias="__typename")
    message: str


class UploadImageUploadImageUnsupportedFormatError(BaseModel):
    typename__: Literal["UnsupportedFormatError"] = Field(alias="__typename")
    message: str


class UploadImageUploadImageCorruptImageError(BaseModel):
    typename__: Literal["CorruptImageError"] = Field(alias="__typename")
    message: str


class UploadImageUploadImageImageTooLargeError(BaseModel):
    typename__: Literal["ImageTooLargeError"] = Field(alias="__typename")
    message: str


class UploadImageUploadImageQuotaExceededError(BaseModel):
    typename__: Literal["QuotaExceededError"] = Field(alias="__typename")
    message: str


class UploadImageUploadImageIdempotencyConflictError(BaseModel):
    typename__: Literal["IdempotencyConflictError"] = Field(alias="__typename")
    message: str


class UploadImageUploadImageInvalidInputError(BaseModel):
    typename__: Literal["InvalidInputError"] = Field(alias="__typename")
    message: str


UploadImage.model_rebuild()
UploadImageUploadImageUploadImagePayload.model_rebuild()
