from collections.abc import AsyncIterator
from typing import Any, Optional, Union

from .base import Base
from .base_model import UNSET, UnsetType
from .batch import Batch, BatchBatch
from .batch_progress import BatchProgress, BatchProgressBatchProgress
from .batch_result import BatchResult, BatchResultBatch
from .check_manifest import (
    CheckManifest,
    CheckManifestCheckManifestCheckManifestPayload,
    CheckManifestCheckManifestFileTooLargeError,
    CheckManifestCheckManifestUnsupportedFormatError,
)
from .create_batch import (
    CreateBatch,
    CreateBatchCreateBatchCreateBatchPayload,
    CreateBatchCreateBatchFileTooLargeError,
    CreateBatchCreateBatchIdempotencyConflictError,
    CreateBatchCreateBatchInvalidInputError,
    CreateBatchCreateBatchInvalidManifestError,
    CreateBatchCreateBatchQuotaExceededError,
    CreateBatchCreateBatchUnsupportedFormatError,
)
from .enums import ResultFormat
from .gallery import Gallery, GalleryGallery
from .gallery_changes import GalleryChanges, GalleryChangesGalleryChanges
from .image import Image, ImageImage
from .image_progress import ImageProgress, ImageProgressImageProgress
from .input_types import (
    CheckManifestInput,
    CreateBatchInput,
    GalleryFilter,
    LogInInput,
    RefreshSessionInput,
    UploadImageInput,
)
from .log_in import (
    LogIn,
    LogInLogInInvalidCredentialsError,
    LogInLogInLogInPayload,
    LogInLogInRateLimitedError,
)
from .refresh_session import (
    RefreshSession,
    RefreshSessionRefreshSessionInvalidCredentialsError,
    RefreshSessionRefreshSessionRefreshSessionPayload,
)
from .service import Service
from .upload_image import (
    UploadImage,
    UploadImageUploadImageCorruptImageError,
    UploadImageUploadImageFileTooLargeError,
    UploadImageUploadImageIdempotencyConflictError,
    UploadImageUploadImageImageTooLargeError,
    UploadImageUploadImageInvalidInputError,
    UploadImageUploadImageQuotaExceededError,
    UploadImageUploadImageUnsupportedFormatError,
    UploadImageUploadImageUploadImagePayload,
)


def gql(q: str) -> str:
    return q


class Operations(Base):
    async def log_in(
        self, input: LogInInput, **kwargs: Any
    ) -> Optional[
        Union[
            LogInLogInLogInPayload,
            LogInLogInInvalidCredentialsError,
            LogInLogInRateLimitedError,
        ]
    ]:
        query = gql("""
            mutation LogIn($input: LogInInput!) {
              logIn(input: $input) {
                __typename
                ... on LogInPayload {
                  session {
                    accessToken
                    refreshToken
                  }
                }
                ... on Error {
                  message
                }
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="LogIn", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return LogIn.model_validate(data).log_in

    async def refresh_session(
        self, input: RefreshSessionInput, **kwargs: Any
    ) -> Optional[
        Union[
            RefreshSessionRefreshSessionRefreshSessionPayload,
            RefreshSessionRefreshSessionInvalidCredentialsError,
        ]
    ]:
        query = gql("""
            mutation RefreshSession($input: RefreshSessionInput!) {
              refreshSession(input: $input) {
                __typename
                ... on RefreshSessionPayload {
                  session {
                    accessToken
                    refreshToken
                  }
                }
                ... on Error {
                  message
                }
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="RefreshSession", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RefreshSession.model_validate(data).refresh_session

    async def create_batch(
        self, input: CreateBatchInput, **kwargs: Any
    ) -> Optional[
        Union[
            CreateBatchCreateBatchCreateBatchPayload,
            CreateBatchCreateBatchInvalidManifestError,
            CreateBatchCreateBatchFileTooLargeError,
            CreateBatchCreateBatchUnsupportedFormatError,
            CreateBatchCreateBatchQuotaExceededError,
            CreateBatchCreateBatchIdempotencyConflictError,
            CreateBatchCreateBatchInvalidInputError,
        ]
    ]:
        query = gql("""
            mutation CreateBatch($input: CreateBatchInput!) {
              createBatch(input: $input) {
                __typename
                ... on CreateBatchPayload {
                  batch {
                    ...BatchFields
                    problems {
                      ...ProblemFields
                    }
                  }
                }
                ... on InvalidManifestError {
                  problemCount
                  problems {
                    ...ProblemFields
                  }
                }
                ... on Error {
                  message
                }
              }
            }

            fragment BatchFields on Batch {
              id
              state
              manifestName
              progress
              etaSeconds
              bytesIn
              bytesOut
              counts {
                ...CountFields
              }
              problemCount
              createdAt
              finishedAt
              resultUrl(format: CSV)
            }

            fragment CountFields on BatchCounts {
              total
              pending
              running
              succeeded
              failed
              cancelled
            }

            fragment ProblemFields on ManifestProblem {
              line
              column
              code
              message
              hint
              severity
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="CreateBatch", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return CreateBatch.model_validate(data).create_batch

    async def check_manifest(
        self, input: CheckManifestInput, **kwargs: Any
    ) -> Optional[
        Union[
            CheckManifestCheckManifestCheckManifestPayload,
            CheckManifestCheckManifestFileTooLargeError,
            CheckManifestCheckManifestUnsupportedFormatError,
        ]
    ]:
        query = gql("""
            mutation CheckManifest($input: CheckManifestInput!) {
              checkManifest(input: $input) {
                __typename
                ... on CheckManifestPayload {
                  rowCount
                  imageCount
                  delimiter
                  encoding
                  problemCount
                  problems {
                    ...ProblemFields
                  }
                }
                ... on Error {
                  message
                }
              }
            }

            fragment ProblemFields on ManifestProblem {
              line
              column
              code
              message
              hint
              severity
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="CheckManifest", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return CheckManifest.model_validate(data).check_manifest

    async def batch(self, id: str, **kwargs: Any) -> Optional[BatchBatch]:
        query = gql("""
            query Batch($id: ID!) {
              batch(id: $id) {
                ...BatchFields
              }
            }

            fragment BatchFields on Batch {
              id
              state
              manifestName
              progress
              etaSeconds
              bytesIn
              bytesOut
              counts {
                ...CountFields
              }
              problemCount
              createdAt
              finishedAt
              resultUrl(format: CSV)
            }

            fragment CountFields on BatchCounts {
              total
              pending
              running
              succeeded
              failed
              cancelled
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=query, operation_name="Batch", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Batch.model_validate(data).batch

    async def batch_result(
        self,
        id: str,
        format: Union[Optional[ResultFormat], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[BatchResultBatch]:
        query = gql("""
            query BatchResult($id: ID!, $format: ResultFormat) {
              batch(id: $id) {
                state
                manifestName
                counts {
                  ...CountFields
                }
                resultUrl(format: $format)
              }
            }

            fragment CountFields on BatchCounts {
              total
              pending
              running
              succeeded
              failed
              cancelled
            }
            """)
        variables: dict[str, object] = {"id": id, "format": format}
        response = await self.execute(
            query=query, operation_name="BatchResult", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return BatchResult.model_validate(data).batch

    async def batch_progress(
        self, id: str, after: Union[Optional[int], UnsetType] = UNSET, **kwargs: Any
    ) -> AsyncIterator[BatchProgressBatchProgress]:
        query = gql("""
            subscription BatchProgress($id: ID!, $after: Int) {
              batchProgress(id: $id, after: $after) {
                sequence
                state
                progress
                etaSeconds
                counts {
                  ...CountFields
                }
                item {
                  id
                  sourceUrl
                  state
                  failure {
                    code
                    message
                    retryable
                  }
                }
              }
            }

            fragment CountFields on BatchCounts {
              total
              pending
              running
              succeeded
              failed
              cancelled
            }
            """)
        variables: dict[str, object] = {"id": id, "after": after}
        async for data in self.execute_ws(
            query=query, operation_name="BatchProgress", variables=variables, **kwargs
        ):
            yield BatchProgress.model_validate(data).batch_progress

    async def upload_image(
        self, input: UploadImageInput, **kwargs: Any
    ) -> Optional[
        Union[
            UploadImageUploadImageUploadImagePayload,
            UploadImageUploadImageFileTooLargeError,
            UploadImageUploadImageUnsupportedFormatError,
            UploadImageUploadImageCorruptImageError,
            UploadImageUploadImageImageTooLargeError,
            UploadImageUploadImageQuotaExceededError,
            UploadImageUploadImageIdempotencyConflictError,
            UploadImageUploadImageInvalidInputError,
        ]
    ]:
        query = gql("""
            mutation UploadImage($input: UploadImageInput!) {
              uploadImage(input: $input) {
                __typename
                ... on UploadImagePayload {
                  duplicate
                  image {
                    ...ImageFields
                  }
                }
                ... on Error {
                  message
                }
              }
            }

            fragment ImageFields on Image {
              id
              filename
              caption
              tags
              state
              failure {
                code
                message
                retryable
              }
              mediaType
              sizeBytes
              widthPx
              heightPx
              checksumSha256
              createdAt
              updatedAt
              url
              placeholder {
                thumbhash
                dominantColor
              }
              variants {
                name
                url
                widthPx
                heightPx
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="UploadImage", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return UploadImage.model_validate(data).upload_image

    async def image(self, id: str, **kwargs: Any) -> Optional[ImageImage]:
        query = gql("""
            query Image($id: ID!) {
              image(id: $id) {
                ...ImageFields
              }
            }

            fragment ImageFields on Image {
              id
              filename
              caption
              tags
              state
              failure {
                code
                message
                retryable
              }
              mediaType
              sizeBytes
              widthPx
              heightPx
              checksumSha256
              createdAt
              updatedAt
              url
              placeholder {
                thumbhash
                dominantColor
              }
              variants {
                name
                url
                widthPx
                heightPx
              }
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(
            query=query, operation_name="Image", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Image.model_validate(data).image

    async def gallery(
        self,
        first: Union[Optional[int], UnsetType] = UNSET,
        after: Union[Optional[str], UnsetType] = UNSET,
        filter_: Union[Optional[GalleryFilter], UnsetType] = UNSET,
        **kwargs: Any,
    ) -> Optional[GalleryGallery]:
        query = gql("""
            query Gallery($first: Int, $after: String, $filter: GalleryFilter) {
              gallery(first: $first, after: $after, filter: $filter) {
                totalCount
                changeCursor
                nodes {
                  ...ImageFields
                }
                pageInfo {
                  hasNextPage
                  endCursor
                }
              }
            }

            fragment ImageFields on Image {
              id
              filename
              caption
              tags
              state
              failure {
                code
                message
                retryable
              }
              mediaType
              sizeBytes
              widthPx
              heightPx
              checksumSha256
              createdAt
              updatedAt
              url
              placeholder {
                thumbhash
                dominantColor
              }
              variants {
                name
                url
                widthPx
                heightPx
              }
            }
            """)
        variables: dict[str, object] = {
            "first": first,
            "after": after,
            "filter": filter_,
        }
        response = await self.execute(
            query=query, operation_name="Gallery", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Gallery.model_validate(data).gallery

    async def image_progress(
        self, id: str, after: Union[Optional[int], UnsetType] = UNSET, **kwargs: Any
    ) -> AsyncIterator[ImageProgressImageProgress]:
        query = gql("""
            subscription ImageProgress($id: ID!, $after: Int) {
              imageProgress(id: $id, after: $after) {
                sequence
                stage
                image {
                  ...ImageFields
                }
              }
            }

            fragment ImageFields on Image {
              id
              filename
              caption
              tags
              state
              failure {
                code
                message
                retryable
              }
              mediaType
              sizeBytes
              widthPx
              heightPx
              checksumSha256
              createdAt
              updatedAt
              url
              placeholder {
                thumbhash
                dominantColor
              }
              variants {
                name
                url
                widthPx
                heightPx
              }
            }
            """)
        variables: dict[str, object] = {"id": id, "after": after}
        async for data in self.execute_ws(
            query=query, operation_name="ImageProgress", variables=variables, **kwargs
        ):
            yield ImageProgress.model_validate(data).image_progress

    async def gallery_changes(
        self, after: Union[Optional[str], UnsetType] = UNSET, **kwargs: Any
    ) -> AsyncIterator[GalleryChangesGalleryChanges]:
        query = gql("""
            subscription GalleryChanges($after: String) {
              galleryChanges(after: $after) {
                cursor
                kind
                imageId
                image {
                  ...ImageFields
                }
              }
            }

            fragment ImageFields on Image {
              id
              filename
              caption
              tags
              state
              failure {
                code
                message
                retryable
              }
              mediaType
              sizeBytes
              widthPx
              heightPx
              checksumSha256
              createdAt
              updatedAt
              url
              placeholder {
                thumbhash
                dominantColor
              }
              variants {
                name
                url
                widthPx
                heightPx
              }
            }
            """)
        variables: dict[str, object] = {"after": after}
        async for data in self.execute_ws(
            query=query, operation_name="GalleryChanges", variables=variables, **kwargs
        ):
            yield GalleryChanges.model_validate(data).gallery_changes

    async def service(self, **kwargs: Any) -> Service:
        query = gql("""
            query Service {
              service {
                version
                maxFileSizeBytes
                inputMediaTypes
              }
              viewer {
                email
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(
            query=query, operation_name="Service", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Service.model_validate(data)
