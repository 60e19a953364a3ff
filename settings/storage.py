"""Where bytes are kept, and what the providers want to know."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator

REGION = "us-east-1"


class StorageSettings(BaseModel):
    """The adapter that takes what is new, and the access to each provider that may hold something."""

    storage: Literal["gridfs", "filesystem", "s3", "imagekit"] = Field(
        default="gridfs",
        description="Where new originals are kept: `gridfs`, in MongoDB; `filesystem`, below `DATA_DIR/files`; `s3`; `imagekit`.",
    )
    s3_bucket: str | None = Field(
        default=None,
        min_length=3,
        max_length=63,
        validation_alias=AliasChoices("S3_BUCKET", "S3_BUCKET_NAME", "AWS_BUCKET_NAME"),
        description="The bucket, which must exist; `S3_BUCKET_NAME` and `AWS_BUCKET_NAME` are read too.",
    )
    aws_access_key_id: str | None = Field(
        default=None, description="Who we are to S3. Default: what boto3 finds, such as an instance's role."
    )
    aws_secret_access_key: SecretStr | None = Field(
        default=None, description="Proves it. Set together with `AWS_ACCESS_KEY_ID`."
    )
    aws_session_token: SecretStr | None = Field(
        default=None, description="Belongs to a key that was lent for a while."
    )
    aws_region: str = Field(
        default=REGION,
        min_length=1,
        validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"),
        description="The bucket's region; `AWS_DEFAULT_REGION` is read too.",
    )
    aws_endpoint_url_s3: str | None = Field(
        default=None,
        description="An S3-compatible service other than Amazon's, such as `https://minio.example:9000`.",
    )
    s3_public_endpoint_url: str | None = Field(
        default=None,
        description="Where clients reach that service, if not at `AWS_ENDPOINT_URL_S3`, such as `https://media.example`.",
    )
    s3_addressing_style: Literal["auto", "path", "virtual"] = Field(
        default="auto",
        description="Whether the bucket stands in the path of an address or in its host name. Default: the path with `AWS_ENDPOINT_URL_S3`, else the host name.",
    )
    imagekit_private_key: SecretStr | None = Field(default=None, description="ImageKit's private API key.")
    imagekit_public_key: str | None = Field(default=None, description="ImageKit's public API key.")
    imagekit_url_endpoint: str | None = Field(
        default=None, description="Where ImageKit delivers, such as `https://ik.imagekit.io/your_id`."
    )
    imagekit_base_url: str | None = Field(
        default=None, description="ImageKit's API, if it is not the one that its SDK knows."
    )

    @field_validator(
        "aws_endpoint_url_s3", "s3_public_endpoint_url", "imagekit_url_endpoint", "imagekit_base_url"
    )
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an http:// or https:// address")
        return url.rstrip("/")
