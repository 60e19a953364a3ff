from typing import Annotated, Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .fragments import (
    BatchFields,
    BatchFieldsCounts,  # noqa: F401
    ProblemFields,
)


class CreateBatch(BaseModel):
    create_batch: Optional[
        Annotated[
            Union[
                "CreateBatchCreateBatchCreateBatchPayload",
                "CreateBatchCreateBatchInvalidManifestError",
                "CreateBatchCreateBatchFileTooLargeError",
                "CreateBatchCreateBatchUnsupportedFormatError",
                "CreateBatchCreateBatchQuotaExceededError",
                "CreateBatchCreateBatchIdempotencyConflictError",
                "CreateBatchCreateBatchInvalidInputError",
            ],
            Field(discriminator="typename__"),
        ]
    ] = Field(alias="createBatch")


class CreateBatchCreateBatchCreateBatchPayload(BaseModel):
    typename__: Literal["CreateBatchPayload"] = Field(alias="__typename")
    batch: "CreateBatchCreateBatchCreateBatchPayloadBatch"


class CreateBatchCreateBatchCreateBatchPayloadBatch(BatchFields):
    problems: list["CreateBatchCreateBatchCreateBatchPayloadBatchProblems"]


CreateBatchCreateBatchCreateBatchPayloadBatchProblems = ProblemFields


class CreateBatchCreateBatchInvalidManifestError(BaseModel):
    typename__: Literal["InvalidManifestError"] = Field(alias="__typename")
    problem_count: int = Field(alias="problemCount")
    problems: list["CreateBatchCreateBatchInvalidManifestErrorProblems"]
    message: str


CreateBatchCreateBatchInvalidManifestErrorProblems = ProblemFields


class CreateBatchCreateBatchFileTooLargeError(BaseModel):
    typename__: Literal["FileTooLargeError"] = Field(alias="__typename")
    message: str


class CreateBatchCreateBatchUnsupportedFormatError(BaseModel):
    typename__: Literal["UnsupportedFormatError"] = Field(alias="__typename")
    message: str


class CreateBatchCreateBatchQuotaExceededError(BaseModel):
    typename__: Literal["QuotaExceededError"] = Field(alias="__typename")
    message: str


class CreateBatchCreateBatchIdempotencyConflictError(BaseModel):
    typename__: Literal["IdempotencyConflictError"] = Field(alias="__typename")
    message: str


class CreateBatchCreateBatchInvalidInputError(BaseModel):
    typename__: Literal["InvalidInputError"] = Field(alias="__typename")
    message: str


CreateBatch.model_rebuild()
CreateBatchCreateBatchCreateBatchPayload.model_rebuild()
CreateBatchCreateBatchCreateBatchPayloadBatch.model_rebuild()
CreateBatchCreateBatchInvalidManifestError.model_rebuild()
