from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel, Upload
from .enums import (
    CompressionMode,
    ImageFormat,
    ImageState,
    MetadataPolicy,
    OnInvalidRow,
)


class CheckManifestInput(BaseModel):
    """A manifest to be looked at."""

    file: Upload
    "A CSV with the columns `S. No.`, `Product Name` and `Input Image Urls`; `docs/manifest.md` says what is read."


class CompressionInput(BaseModel):
    """How images are made smaller."""

    mode: CompressionMode
    "What `value` means."
    value: float
    "With QUALITY 1 to 100, with TARGET_RATIO 0.05 to 0.95."
    format: Optional[ImageFormat] = None
    "What they become. Null: each stays what it is."


class CreateBatchInput(BaseModel):
    """A manifest to be worked on."""

    file: Upload
    "A CSV with the columns `S. No.`, `Product Name` and `Input Image Urls`; `docs/manifest.md` says what is read."
    compression: Optional["CompressionInput"] = None
    "QUALITY 50 in the format of each image, unless said otherwise."
    on_invalid_row: Optional[OnInvalidRow] = Field(alias="onInvalidRow", default=None)
    "REJECT_FILE unless said otherwise."
    webhook: Optional["WebhookInput"] = None
    "Who is told when the batch has ended."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "1 to 255 characters. A repeat of a success with the same key and input within 24 hours has the same answer and changes nothing."


class GalleryFilter(BaseModel):
    """Narrows a gallery down to the images that meet all that is given. Null and an empty list narrow nothing."""

    search: Optional[str] = None
    "Up to 10 words, 256 characters: each is the beginning of a word of the filename, the caption or a tag. Case and accents make no difference."
    tags_all: Optional[list[str]] = Field(alias="tagsAll", default=None)
    "Up to 20 tags of up to 100 characters: the image has every one, written exactly so."
    media_types: Optional[list[str]] = Field(alias="mediaTypes", default=None)
    "Up to 20 media types, such as `image/jpeg`: the original is of one of them."
    state: Optional[ImageState] = None
    "Where the image stands."
    created_after: Optional[datetime] = Field(alias="createdAfter", default=None)
    "Uploaded later than this, not at this very time."
    created_before: Optional[datetime] = Field(alias="createdBefore", default=None)
    "Uploaded earlier than this, not at this very time."
    trashed: Optional[bool] = None
    "True: only what is in the trash. Otherwise none of it."
    batch_id: Optional[str] = Field(alias="batchId", default=None)
    "The images of a batch, which stand in no list otherwise."


class LogInInput(BaseModel):
    """Who logs in."""

    email: str
    "The address that was signed up with."
    password: str
    "The password that was signed up with."


class RefreshSessionInput(BaseModel):
    """The session that is to go on."""

    refresh_token: str = Field(alias="refreshToken")
    "The last one that the session was given."


class UploadImageInput(BaseModel):
    """A file to be taken in."""

    file: Upload
    "JPEG, PNG, WebP, GIF or AVIF; the content decides, not the name."
    caption: Optional[str] = None
    "At most 2,000 characters."
    tags: Optional[list[str]] = None
    "At most 50, each of 1 to 100 characters."
    metadata_policy: Optional[MetadataPolicy] = Field(
        alias="metadataPolicy", default=None
    )
    "What variants may keep of the metadata; the service's own policy unless given."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "1 to 255 characters. A repeat of a success with the same key and input within 24 hours has the same answer and changes nothing."


class WebhookInput(BaseModel):
    """Who is told when a batch has ended."""

    url: str
    "Where the message is sent; http or https, without a user."
    secret: str
    "Signs the messages, as Standard Webhooks says; never shown again. 24 to 64 bytes: `whsec_` and their base64, or the bytes as they are."


CreateBatchInput.model_rebuild()
