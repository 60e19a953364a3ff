from typing import Annotated, Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class RefreshSession(BaseModel):
    refresh_session: Optional[
        Annotated[
            Union[
                "RefreshSessionRefreshSessionRefreshSessionPayload",
                "RefreshSessionRefreshSessionInvalidCredentialsError",
            ],
            Field(discriminator="typename__"),
        ]
    ] = Field(alias="refreshSession")


class RefreshSessionRefreshSessionRefreshSessionPayload(BaseModel):
    typename__: Literal["RefreshSessionPayload"] = Field(alias="__typename")
    session: "RefreshSessionRefreshSessionRefreshSessionPayloadSession"


class RefreshSessionRefreshSessionRefreshSessionPayloadSession(BaseModel):
    access_token: str = Field(alias="accessToken")
    refresh_token: str = Field(alias="refreshToken")


class RefreshSessionRefreshSessionInvalidCredentialsError(BaseModel):
    typename__: Literal["InvalidCredentialsError"] = Field(alias="__typename")
    message: str


RefreshSession.model_rebuild()
RefreshSessionRefreshSessionRefreshSessionPayload.model_rebuild()
