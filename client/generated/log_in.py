from typing import Annotated, Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class LogIn(BaseModel):
    log_in: Optional[
        Annotated[
            Union[
                "LogInLogInLogInPayload",
                "LogInLogInInvalidCredentialsError",
                "LogInLogInRateLimitedError",
            ],
            Field(discriminator="typename__"),
        ]
    ] = Field(alias="logIn")


class LogInLogInLogInPayload(BaseModel):
    typename__: Literal["LogInPayload"] = Field(alias="__typename")
    session: "LogInLogInLogInPayloadSession"


class LogInLogInLogInPayloadSession(BaseModel):
    access_token: str = Field(alias="accessToken")
    refresh_token: str = Field(alias="refreshToken")


class LogInLogInInvalidCredentialsError(BaseModel):
    typename__: Literal["InvalidCredentialsError"] = Field(alias="__typename")
    message: str


class LogInLogInRateLimitedError(BaseModel):
    typename__: Literal["RateLimitedError"] = Field(alias="__typename")
    message: str


LogIn.model_rebuild()
LogInLogInLogInPayload.model_rebuild()
