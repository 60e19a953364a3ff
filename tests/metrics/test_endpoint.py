"""Who may read the metrics, and what is in them; without a process and without MongoDB."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from pymongo.errors import ServerSelectionTimeoutError
from starlette.applications import Starlette

from delivery.counts import DeliveryCounts
from engine.answers import Answer, refusal
from engine.documents import MUTATION, QUERY
from engine.sharing import Fanout
from metrics.collector import ServiceCollector, WorkerCollector
from metrics.endpoint import MetricsEndpoint
from models.backlog import Backlog, Line
from models.work import Topic
from processing.counts import IntakeCounts, WorkCounts
from storage.counts import StorageCounts
from tests.engine import toy
from tests.metrics.scraping import samples

PAGE = (Path(__file__).parents[2] / "docs/metrics.md").read_text()
ROWS = re.findall(r"^\| `(darkroom_\w+)` \|(.*)\| (.*) \|$", PAGE, re.MULTILINE)
BACKLOG = Backlog(
    {Topic.UPLOADS: Line(3, 2, 0.5), Topic.BATCHES: Line(), Topic.LATER: Line()}, dead_letters=1
)


@pytest.fixture(autouse=True)
def backlog(monkeypatch):
    """What MongoDB says is to be done."""

    async def read(_):
        return BACKLOG

    monkeypatch.setattr(Backlog, "read", read)


@pytest.fixture
def service():
    executor = toy.executor()
    fanout = Fanout(executor, toy.ToyHost())
    counted = IntakeCounts(), DeliveryCounts(), StorageCounts()
    return ServiceCollector("1.2.3", executor, fanout, lambda: 4, *counted)


@pytest.fixture
def worker():
    return WorkerCollector("1.2.3", WorkCounts(), StorageCounts())


async def scraped(service, token=None, **headers):
    app = Starlette(routes=MetricsEndpoint(service, token).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http:
        return await http.get("/metrics", headers=headers)


async def test_the_table_in_the_readme_is_what_is_published(service, worker):
    service.backlog = BACKLOG
    families = {
        family.name + {"counter": "_total", "info": "_info"}.get(family.type, ""): family
        for process in (service, worker)
        for family in process.collect()
    }

    assert {name: meaning for name, _, meaning in ROWS} == {
        name: family.documentation for name, family in families.items()
    }
    for name, labels, _ in ROWS:
        published = {label for sample in families[name].samples for label in sample.labels} - {"le"}
        assert published <= set(re.findall(r"`(\w+)`", labels))


async def test_what_was_counted_is_read_and_so_are_the_process_and_its_garbage(service):
    service.executor.counts.answered(QUERY, Answer({}), 0.003)
    service.executor.counts.answered(QUERY, Answer({}, [{"extensions": {"code": "NOT_FOUND"}}]), 0.03)
    service.executor.counts.answered(MUTATION, refusal("No.", "BAD_USER_INPUT"), 0.1)
    service.intake.took_in(1_000, is_duplicate=False)
    service.intake.refused["CorruptImageError"] += 2

    found = samples((await scraped(service)).text)

    assert found["darkroom_build_info", "1.2.3"] == 1
    assert found["darkroom_operations_total", "ok", "query"] == 1
    assert found["darkroom_operations_total", "errors", "query"] == 1
    assert found["darkroom_operations_total", "refused", "mutation"] == 1
    assert found["darkroom_operation_errors_total", "NOT_FOUND"] == 1
    assert found["darkroom_operation_errors_total", "BAD_USER_INPUT"] == 1
    assert found["darkroom_operation_duration_seconds_count", "query"] == 2
    assert found["darkroom_operation_duration_seconds_count", "mutation"] == 0
    assert found["darkroom_operation_duration_seconds_bucket", "0.005", "query"] == 1
    assert found["darkroom_operation_duration_seconds_bucket", "0.05", "query"] == 2
    assert found["darkroom_operation_duration_seconds_sum", "query"] == pytest.approx(0.033)
    assert found["darkroom_sockets",] == 4
    assert found["darkroom_uploads_total", "kept"] == 1
    assert found["darkroom_upload_bytes_total",] == 1_000
    assert found["darkroom_upload_refusals_total", "CorruptImageError"] == 2
    assert found["darkroom_work_items", "ready", "uploads"] == 3
    assert found["darkroom_work_oldest_ready_seconds", "uploads"] == 0.5
    assert found["darkroom_dead_letters",] == 1
    assert found["process_resident_memory_bytes",] > 0
    assert found["python_gc_collections_total", "0"] > 0


async def test_a_worker_tells_of_its_work_and_leaves_the_queue_to_others(worker):
    with worker.work.attempt("develop"):
        pass
    with pytest.raises(LookupError), worker.work.attempt("develop"):
        raise LookupError
    with pytest.raises(asyncio.CancelledError), worker.work.attempt("develop"):
        raise asyncio.CancelledError
    worker.work.batch_images["failed", "NOT_FOUND"] += 1

    found = samples((await scraped(worker)).text)

    for outcome in ("done", "failed", "interrupted"):
        assert found["darkroom_work_attempts_total", "develop", outcome] == 1
    assert found["darkroom_work_duration_seconds_count", "develop"] == 2
    assert found["darkroom_work_in_hand", "develop"] == 0
    assert found["darkroom_batch_images_total", "failed", "NOT_FOUND"] == 1
    assert ("darkroom_dead_letters",) not in found


async def test_a_value_at_a_bound_belongs_below_it(service):
    service.executor.counts.answered(QUERY, Answer({}), 0.005)

    found = samples((await scraped(service)).text)

    assert found["darkroom_operation_duration_seconds_bucket", "0.0025", "query"] == 0
    assert found["darkroom_operation_duration_seconds_bucket", "0.005", "query"] == 1


async def test_openmetrics_is_given_to_who_asks_for_it(service):
    answer = await scraped(service, accept="application/openmetrics-text; version=1.0.0")

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert "darkroom_operations" in {family.name for family in text_string_to_metric_families(answer.text)}


@pytest.mark.parametrize("silence", [ServerSelectionTimeoutError, TimeoutError])
async def test_the_backlog_is_missing_while_mongodb_is_silent_and_comes_back(service, monkeypatch, silence):
    async def read(_):
        raise silence

    with monkeypatch.context() as silent:
        silent.setattr(Backlog, "read", read)
        during = samples((await scraped(service)).text)
    after = samples((await scraped(service)).text)

    assert ("darkroom_sockets",) in during
    assert ("darkroom_work_items", "ready", "uploads") not in during
    assert after["darkroom_work_items", "ready", "uploads"] == 3


@pytest.mark.parametrize(
    "sent", [None, "Bearer", "Bearer wrong", "Bearer sesame ", "Basic sesame", "sesame", "Bearer sésame"]
)
async def test_without_the_token_there_is_nothing_to_read(service, sent):
    headers = {} if sent is None else {"authorization": sent.encode("latin-1")}

    answer = await scraped(service, "sesame", **headers)

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "darkroom" not in answer.text


@pytest.mark.parametrize("token", ["sesame", "Sésam öffne dich"])
async def test_with_the_token_there_is(service, token):
    answer = await scraped(service, token, authorization=f"Bearer {token}".encode())

    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]
