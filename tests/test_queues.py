"""Settings of a queue that can never work stop the start with one line that names the variable."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

import providers
from errors import ConfigurationError
from settings import Settings
from tests import certificates
from tests.kafka.broker import Broker

SILENT = "127.0.0.1:9"
HOST = "localhost"
SASL = """
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.clients.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
username="ann" password="shh" user_ann="shh";
ssl.keystore.type=PEM
ssl.keystore.location={certificate}
ssl.truststore.type=PEM
ssl.truststore.location={certificate}
"""


def settings(servers=(SILENT,), **others):
    named = {name.upper(): value for name, value in others.items()}
    return Settings(jwt_secret="s" * 32, queue="kafka", KAFKA_BOOTSTRAP_SERVERS=servers, **named)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"servers": ()}, "KAFKA_BOOTSTRAP_SERVERS"),
        ({"kafka_sasl_username": "ann"}, "KAFKA_SASL_PASSWORD"),
        ({"kafka_sasl_password": "shh"}, "KAFKA_SASL_USERNAME"),
    ],
)
async def test_what_is_missing_is_named(wrong, named):
    with pytest.raises(ConfigurationError, match=rf"^{named}: found nothing, wanted [^\n]*$"):
        await providers.open_queue(settings(**wrong))


async def test_a_kafka_that_does_not_answer_is_no_reason_not_to_start():
    with capture_logs() as said:
        queue = await providers.open_queue(settings())

    assert queue.kind == "kafka"
    assert [line["event"] for line in said] == ["the queue does not answer; work waits"]
    await queue.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A Kafka with TLS, which knows Ann and her secret."""
    folder = tmp_path_factory.mktemp("guarded")
    certificate = certificates.self_signed(HOST, folder / "certificate.pem")
    with Broker(
        folder / "kafka", protocol="SASL_SSL", options=SASL.format(certificate=certificate)
    ) as broker:
        yield broker, certificate


@pytest.mark.kafka
@pytest.mark.parametrize(("password", "welcome"), [("shh", True), ("guessed", False)])
async def test_a_name_and_its_secret_are_asked_for_by_kafka_itself(guarded, monkeypatch, password, welcome):
    broker, certificate = guarded
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = broker.server.replace("127.0.0.1", HOST)
    chosen = settings((server,), kafka_sasl_username="ann", kafka_sasl_password=password)

    if welcome:
        queue = await providers.open_queue(chosen)
        await queue.check()
        await queue.close()
        return
    with pytest.raises(ConfigurationError, match=r"^KAFKA_SASL_USERNAME: found one that Kafka turns away"):
        await providers.open_queue(chosen)
