"""A request is followed from its client through the queue to the worker that does what follows from it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import signal
import subprocess
import sys

import pytest

from embedded import free_port
from tests import pictures
from tests.acceptance import batches
from tests.acceptance.upkeep import until
from tests.client import Person
from tests.service import Service
from tests.telemetry.collector import Collector

pytestmark = pytest.mark.mongo


@pytest.fixture(scope="module")
async def collector():
    async with Collector().listening() as listening:
        yield listening


@pytest.fixture(scope="module")
async def service(mongo_uri, xdist_worker, tmp_path_factory, collector):
    settings = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": f"traces_{xdist_worker}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"{collector.url}/",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=test",
    }
    running = Service(tmp_path_factory.mktemp("traces"), **settings)
    await asyncio.to_thread(running.__enter__)
    yield running
    await asyncio.to_thread(running.__exit__)


@pytest.fixture
async def ann(service):
    async with Person.signed_up(service.url) as person:
        yield person


@pytest.fixture
def begun(ann):
    """A trace that Ann's client has begun, which each of her requests names: its id, and that of its span."""
    trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
    ann.http.headers["traceparent"] = f"00-{trace_id}-{span_id}-01"
    return trace_id, span_id


async def seen(collector, trace_id, *names):
    """The spans of a trace by their names, once there is one of each of these names."""

    async def all_are_there():
        return set(names) <= {span.name for span in collector.of(trace_id)}

    await until(all_are_there)
    return {span.name: span for span in collector.of(trace_id)}


async def test_an_upload_is_one_trace_from_the_client_to_the_worker(ann, begun, collector):
    trace_id, client_span = begun
    await ann.upload(pictures.photo(seed=401))

    spans = await seen(
        collector, trace_id, "POST /graphql", "mutation", "work develop", "storage put", "storage get"
    )

    assert spans["POST /graphql"].parent_id == client_span
    assert spans["mutation"].parent_id == spans["POST /graphql"].span_id
    assert spans["work develop"].parent_id == spans["mutation"].span_id
    assert spans["storage get"].parent_id == spans["work develop"].span_id
    assert spans["storage get"].attributes["darkroom.storage"] == "gridfs"
    assert {span.service for span in spans.values()} == {"darkroom-api", "darkroom-worker"}
    assert not any(span.failed for span in spans.values())


async def test_uploads_that_share_a_transaction_keep_their_own_traces(ann, collector):
    traces = [secrets.token_hex(16) for _ in range(3)]

    async def upload(number, trace_id):
        async with Person.signed_up(ann.url) as person:
            person.http.headers["traceparent"] = f"00-{trace_id}-{secrets.token_hex(8)}-01"
            return (await person.upload(pictures.photo(seed=410 + number)))["image"]["id"]

    images = await asyncio.gather(*(upload(*each) for each in enumerate(traces)))

    assert len(set(images)) == len(traces)
    worked_on = [(await seen(collector, each, "work develop"))["work develop"] for each in traces]
    assert len({span.attributes["darkroom.image"] for span in worked_on}) == len(traces)


async def test_a_batch_is_expanded_on_behalf_of_who_submitted_it(ann, begun, collector):
    await batches.created(ann, "1,Lamp,http://127.0.0.1:9/a.jpg")

    spans = await seen(collector, begun[0], "work expand")

    assert spans["work expand"].attributes["darkroom.batch"]


async def test_an_operation_has_the_name_that_its_document_gives_it(ann, begun, collector):
    await ann.data("query Who { viewer { id } }")
    await ann.execute("query Nobody { nothing }")

    spans = await seen(collector, begun[0], "query Who", "refused")

    assert re.fullmatch(r"[0-9a-f]{32}", spans["query Who"].attributes["darkroom.request_id"])


async def test_a_path_that_holds_an_address_is_not_told(ann, begun, collector):
    async with ann.http.get("/images/one/two/three?signature=secret") as response:
        assert response.status == 403

    spans = await seen(collector, begun[0], "GET /images")

    assert spans["GET /images"].attributes["http.response.status_code"] == 403
    assert "secret" not in str(collector.of(begun[0]))


async def test_a_collector_that_is_gone_holds_nobody_up(service):
    nowhere, port = "http://127.0.0.1:9", free_port()
    worker = service.start(
        "worker", "lonely", OTEL_EXPORTER_OTLP_ENDPOINT=nowhere, WORKER_METRICS_PORT=str(port)
    )

    async def is_there():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return True

    await until(is_there)
    async with Person.signed_up(service.url) as ann:
        await ann.developed(pictures.photo(seed=402))

    worker.send_signal(signal.SIGTERM)

    assert await asyncio.to_thread(worker.wait, 25) == 0


def test_without_a_collector_nothing_of_it_is_loaded(service):
    loaded = "import sys, app, worker; sys.exit('opentelemetry' in sys.modules or 'telemetry' in sys.modules)"
    python = subprocess.run([sys.executable, "-c", loaded], env=service.environment, check=False)

    assert python.returncode == 0
