from typing import Annotated, Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .fragments import ProblemFields


class CheckManifest(BaseModel):
    check_manifest: Optional[
        Annotated[
            Union[
                "CheckManifestCheckManifestCheckManifestPayload",
                "CheckManifestCheckManifestFileTooLargeError",
                "CheckManifestCheckManifestUnsupportedFormatError",
            ],
            Field(discriminator="typename__"),
        ]
    ] = Field(alias="checkManifest")


class CheckManifestCheckManifestCheckManifestPayload(BaseModel):
    typename__: Literal["CheckManifestPayload"] = Field(alias="__typename")
    row_count: int = Field(alias="rowCount")
    image_count: int = Field(alias="imageCount")
    delimiter: str
    encoding: str
    problem_count: int = Field(alias="problemCount")
    problems: list["CheckManifestCheckManifestCheckManifestPayloadProblems"]


CheckManifestCheckManifestCheckManifestPayloadProblems = ProblemFields


class CheckManifestCheckManifestFileTooLargeError(BaseModel):
    typename__: Literal["FileTooLargeError"] = Field(alias="__typename")
    message: str


class CheckManifestCheckManifestUnsupportedFormatError(BaseModel):
    typename__: Literal["UnsupportedFormatError"] = Field(alias="__typename")
    message: str


CheckManifest.model_rebuild()
CheckManifestCheckManifestCheckManifestPayload.model_rebuild()
