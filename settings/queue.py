"""What wakes the workers, and what Kafka wants to know."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from settings.kinds import listed

CONFLUENT_SCHEME = "SASL_SSL://"
"""With which Confluent Cloud shows its address."""


class QueueSettings(BaseModel):
    """What wakes the workers; the work itself lies in MongoDB."""

    queue: Literal["mongo", "kafka"] = Field(
        default="mongo", description="What wakes the workers: `mongo`, a change stream; `kafka`."
    )
    kafka_bootstrap_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS", "CONFLUENT_CLOUD_BOOTSTRAP_SERVERS"),
        description="Kafka's brokers to ask first, `host:port` separated by commas; `CONFLUENT_CLOUD_BOOTSTRAP_SERVERS` is read too.",
    )
    kafka_sasl_username: str | None = Field(
        default=None,
        validation_alias=AliasChoices("KAFKA_SASL_USERNAME", "CONFLUENT_CLOUD_API_KEY"),
        description="Who we are to Kafka (PLAIN, over TLS); `CONFLUENT_CLOUD_API_KEY` is read too. Default: nobody, and no TLS.",
    )
    kafka_sasl_password: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("KAFKA_SASL_PASSWORD", "CONFLUENT_CLOUD_API_SECRET"),
        description="Proves it. Set together with `KAFKA_SASL_USERNAME`; `CONFLUENT_CLOUD_API_SECRET` is read too.",
    )
    kafka_topic_prefix: str = Field(
        default="darkroom",
        max_length=200,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="How the names of topics and consumer groups begin; each installation on a cluster needs its own.",
    )
    kafka_partitions: int = Field(
        default=12,
        ge=1,
        le=1_000,
        description="Of how many partitions a topic is at least: so many workers share its work.",
    )

    @field_validator("kafka_bootstrap_servers", mode="before")
    @classmethod
    def _without_schemes(cls, text: object) -> object:
        servers = listed(text)
        if not isinstance(servers, tuple):
            return servers
        return tuple(str(server).removeprefix(CONFLUENT_SCHEME) for server in servers)

    @field_validator("kafka_bootstrap_servers")
    @classmethod
    def _are_hosts_with_ports(cls, servers: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_is_host_with_port(server) for server in servers):
            raise ValueError("hosts with ports such as kafka.example:9092, separated by commas")
        return servers


def _is_host_with_port(server: str) -> bool:
    try:
        parts = urlsplit(f"//{server}")
        return bool(parts.hostname and parts.port) and parts.netloc == server and "@" not in server
    except ValueError:
        return False
