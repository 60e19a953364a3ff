"""Every setting of the service: its environment variable, its default, its limits and what it means.

Only the composition root (`app.py`, `worker.py`, `resources.py`, `providers`, `cli`, `launch.py`) reads settings; everything else
is given values. A variable is the upper-case name of its field, from the environment or else from the file `.env`.
"""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

import failpoints
from errors import ConfigurationError
from settings import secret
from settings.edges import EdgeSettings
from settings.intake import IntakeSettings
from settings.kinds import DAY_SECONDS, Seconds, listed
from settings.queue import QueueSettings
from settings.storage import StorageSettings

SECRET_MIN_BYTES: Final = 32
"""RFC 7518 §3.2: an HS256 key has at least as many bits as its hash."""

ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what the operator wrote, not what we bind
"""Where to reach a server that listens on every address of this machine."""


def address(host: str, port: int) -> str:
    """The address under which this machine reaches a server on `host` and `port`."""
    reachable = ANY_ADDRESS.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _own_address(found: dict[str, Any]) -> str:
    return address(found.get("host", ""), found.get("port", 0))


def _in_development(found: dict[str, Any]) -> bool:
    return bool(found.get("environment") == "development")


def _kept_secret(found: dict[str, Any]) -> SecretStr:
    """The secret under DATA_DIR, made the first time; processes that start together all get the same one.

    Raises:
        ConfigurationError: In production, where only the operator chooses the secret, and when it cannot be kept.
    """
    if not _in_development(found):
        raise ConfigurationError(
            f"JWT_SECRET: found nothing, wanted a secret of at least {SECRET_MIN_BYTES} bytes, as in production"
        )
    return secret.kept(found.get("data_dir", Path()))


class Settings(StorageSettings, QueueSettings, EdgeSettings, IntakeSettings, BaseSettings):
    """What the operator decides. `Settings.load()` reads it; the README lists it."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    environment: Literal["development", "production"] = Field(
        default="development",
        description="`production` starts only with a `JWT_SECRET` and hides the schema.",
    )
    host: str = Field(
        default="127.0.0.1", description="The address the API listens on; `0.0.0.0` for every one."
    )
    port: int = Field(default=8000, ge=1, le=65_535, description="The port the API listens on.")
    public_url: str = Field(
        default_factory=_own_address,
        description="Where clients reach the service; links to images begin with it. Default: `http://HOST:PORT`.",
    )
    data_dir: Path = Field(
        default=Path(".data"),
        description="Where `darkroom run` keeps MongoDB's files, development its secret, and `STORAGE=filesystem` images.",
    )
    mongodb_uri: str | None = Field(
        default=None,
        repr=False,
        validation_alias=AliasChoices("MONGODB_URI", "MONGODB_URL"),
        description="A MongoDB replica set; `MONGODB_URL` is read too. Without it, `darkroom run` starts its own.",
    )
    mongodb_database: str = Field(
        default="darkroom",
        min_length=1,
        max_length=63,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="The database in MongoDB.",
    )
    jwt_secret: SecretStr = Field(
        default_factory=_kept_secret,
        description="Signs tokens and addresses; 32 bytes or more. Default: made once, kept in `DATA_DIR/jwt_secret`.",
    )
    trash_ttl_days: int = Field(
        default=30, ge=1, le=3_650, description="How long an image in the trash can be restored."
    )
    access_token_ttl_seconds: Seconds = Field(
        default=7_200, description="How long an access token is good for."
    )
    refresh_token_ttl_seconds: Seconds = Field(
        default=30 * DAY_SECONDS,
        description="How long a refresh token is good for: 30 days. No shorter than an access token.",
    )
    url_ttl_seconds: int = Field(
        default=300,
        ge=0,
        le=7 * DAY_SECONDS,
        description="How long an image's address is good for; 0: without end.",
    )
    worker_concurrency: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        le=1_024,
        description="How many pictures a worker develops at once. Default: the number of processors.",
    )
    introspection: bool = Field(
        default_factory=_in_development,
        description="Whether clients may ask for the schema. Default: in development yes, in production no.",
    )
    compiled_plans: bool = Field(
        default=True,
        description="Whether operations that come again are compiled; without it, graphql-core runs each anew, with the same answers.",
    )
    trusted_documents: Path | None = Field(
        default=None,
        description="A manifest in JSON: only the documents in it run, and the playground is closed. Default: every document runs.",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Other sites whose pages may call the API, separated by commas."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Reverse proxies whose `X-Forwarded-For` is believed: addresses or networks, separated by commas.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="What `/metrics` wants to be sent as `Authorization: Bearer`. Default: nothing, anybody may read it.",
    )
    worker_metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="A port on which a worker answers `/healthz`, `/readyz` and `/metrics`, at `HOST`. Default: none.",
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        default=None,
        description="A collector of OpenTelemetry traces, such as `http://collector:4318`; its other variables are heeded too. Default: no traces.",
    )
    shutdown_grace_seconds: Seconds = Field(
        default=20,
        description="How long requests and work may take to end on a stop. Five seconds later the process is gone.",
    )
    failpoints: str = Field(
        default="",
        description="Faults to happen on purpose, `step:action` separated by commas; refused in production.",
    )

    @field_validator("refresh_token_ttl_seconds")
    @classmethod
    def _outlives_access(cls, seconds: int, found: ValidationInfo) -> int:
        """A session is forgotten with its refresh token: an access token that is still good could not be revoked."""
        if seconds < found.data.get("access_token_ttl_seconds", 0):
            raise ValueError("at least ACCESS_TOKEN_TTL_SECONDS")
        return seconds

    @field_validator("failpoints")
    @classmethod
    def _make_sense(cls, text: str, found: ValidationInfo) -> str:
        if text and not _in_development(found.data):
            raise ValueError("none in production")
        failpoints.parsed(text)
        return text

    @field_validator("public_url", "otel_exporter_otlp_endpoint")
    @classmethod
    def _without_a_slash(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an http:// or https:// address")
        return url.rstrip("/")

    @field_validator("mongodb_uri")
    @classmethod
    def _of_mongodb(cls, uri: str | None) -> str | None:
        if uri and not uri.startswith(("mongodb://", "mongodb+srv://")):
            raise ValueError("an address that begins with mongodb:// or mongodb+srv://")
        return uri

    @field_validator("jwt_secret")
    @classmethod
    def _long_enough(cls, given: SecretStr) -> SecretStr:
        if len(given.get_secret_value().encode()) < SECRET_MIN_BYTES:
            raise ValueError(f"a secret of at least {SECRET_MIN_BYTES} bytes")
        return given

    @field_validator("allowed_origins", "trusted_proxies", mode="before")
    @classmethod
    def _separated(cls, text: object) -> object:
        return listed(text)

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}":
                raise ValueError("origins such as https://gallery.example, separated by commas")
        return origins

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(ip_network(proxy)) for proxy in proxies)
        except ValueError:
            raise ValueError("addresses or networks such as 10.0.0.0/8, separated by commas") from None

    @property
    def files_dir(self) -> Path:
        """Where the filesystem storage keeps its objects."""
        return self.data_dir / "files"

    @property
    def metrics_secret(self) -> str | None:
        """The metrics' token, in plain text."""
        return self.metrics_token.get_secret_value() if self.metrics_token else None

    @property
    def database_uri(self) -> str:
        """The MongoDB to use.

        Raises:
            ConfigurationError: When none is set: only `darkroom run` brings its own.
        """
        if self.mongodb_uri is None:
            raise ConfigurationError(
                "MONGODB_URI: found nothing, wanted the address of a MongoDB replica set (`darkroom run` brings its own)"
            )
        return self.mongodb_uri

    @classmethod
    def load(cls) -> Self:
        """The settings of this process, from its environment and `.env`.

        Raises:
            ConfigurationError: With one line on the first variable that is wrong.
        """
        try:
            return cls()
        except ValidationError as error:
            raise ConfigurationError(_line(error.errors()[0])) from None
        except (SettingsError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f".env: found a file that cannot be read, wanted NAME=value lines ({error})"
            ) from None


SECRETS: Final = frozenset(
    {
        *("JWT_SECRET", "MONGODB_URI", "METRICS_TOKEN"),
        *("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "IMAGEKIT_PRIVATE_KEY"),
        "KAFKA_SASL_PASSWORD",
    }
)
"""Variables whose values are never shown."""


def _line(problem: ErrorDetails) -> str:
    """What is wrong with a variable: its name, what was found, what is wanted."""
    name = str(problem["loc"][0]).upper()
    found = "a value that is not shown" if name in SECRETS else repr(problem["input"])
    wanted = (
        problem["msg"].removeprefix("Value error, ").removeprefix("Input should be ").partition(", unable")[0]
    )
    return f"{name}: found {found}, wanted {wanted}"
