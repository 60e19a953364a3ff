"""A real Kafka: one broker, which is its own controller."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from embedded import free_port
from tests.kafka import jars

CLUSTER_ID = "ZGFya3Jvb20tdGVzdHMtMQ"
SMALL_JVM = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
READY_WITHIN_SECONDS = 60
END_WITHIN_SECONDS = 20
PROPERTIES = """
process.roles=broker,controller
node.id=1
listeners=CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
listener.security.protocol.map=CLIENTS:{protocol},CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller_port}
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
"""


class Broker:
    """Keeps its port and what it holds when it is stopped and started again.

    `options` are further properties; with `protocol` SASL_SSL they have to say how.
    """

    def __init__(self, folder: Path, *, protocol: str = "PLAINTEXT", options: str = "") -> None:
        self._folder = folder
        self._port = free_port()
        self.server = f"127.0.0.1:{self._port}"
        self._properties = PROPERTIES.format(
            port=self._port, controller_port=free_port(), protocol=protocol, folder=folder
        )
        self._properties += options
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def settings(self, prefix: str) -> dict[str, str]:
        """The environment variables that lead here, to topics of one's own."""
        return {
            "QUEUE": "kafka",
            "KAFKA_BOOTSTRAP_SERVERS": self.server,
            "KAFKA_TOPIC_PREFIX": prefix,
        }

    def start(self) -> None:
        """Returns once clients are listened to."""
        self._folder.mkdir(parents=True, exist_ok=True)
        properties = self._folder / "server.properties"
        if not properties.exists():
            properties.write_text(self._properties)
            self._run("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties).wait()
        self._process = self._run("kafka.Kafka", properties)
        end = time.monotonic() + READY_WITHIN_SECONDS
        while self._process.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"Kafka is not ready:\n{(self._folder / 'log').read_text()[-2_000:]}")

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Ends it, by default as a power cut would."""
        if self._process:
            self._process.send_signal(number)
            self._process.wait(END_WITHIN_SECONDS)
            self._process = None

    def forget(self) -> None:
        """Loses what it holds, as a disk that breaks would."""
        shutil.rmtree(self._folder)

    def _run(self, main: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
        logging = f"-Dlog4j2.configurationFile={jars.HERE / 'log4j2.properties'}"
        command = ["java", *SMALL_JVM, logging, "-cp", f"{jars.folder()}/*", main, *arguments]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log)
