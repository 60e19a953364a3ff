"""Where Kafka is, and who we are there."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from errors import QueueError, QueueRefusedError

ANSWER_SECONDS = 10
METADATA_SECONDS = 5  # how soon new topics and partitions are noticed
REFUSALS = (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    IllegalSaslStateError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)


@dataclass(frozen=True)
class Access:
    """Brokers to ask first, as `host:port`; with a name and its secret we go there encrypted and say who we are."""

    servers: tuple[str, ...]
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def options(self) -> dict[str, Any]:
        """What each of aiokafka's clients is made with."""
        options = {
            "bootstrap_servers": list(self.servers),
            "client_id": "darkroom",
            "request_timeout_ms": ANSWER_SECONDS * 1000,
            "metadata_max_age_ms": METADATA_SECONDS * 1000,
        }
        return {**options, **self._identity()}

    async def check(self) -> None:
        """Connects to a broker, and hangs up.

        Raises:
            QueueRefusedError: It answers, and does not take us for who we say we are.
            QueueError: None answers.
        """
        silence: Exception | None = None
        for server in self.servers:
            host, _, port = server.rpartition(":")
            try:
                connection = await create_conn(
                    host.strip("[]"),
                    int(port),
                    client_id="darkroom",
                    request_timeout_ms=ANSWER_SECONDS * 1000,
                    **self._identity(),
                )
            except REFUSALS as error:
                raise QueueRefusedError(f"Kafka: {error}") from error
            except (KafkaError, OSError, TimeoutError) as error:
                silence = error
            else:
                await connection.close()
                return
        raise QueueError(f"Kafka: {silence}") from silence

    def _identity(self) -> dict[str, Any]:
        if self.username is None:
            return {}
        return {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
            "ssl_context": ssl.create_default_context(),
        }
