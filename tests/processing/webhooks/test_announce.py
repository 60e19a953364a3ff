"""A webhook is told of the end of a batch until it has heard, once for each round, and nobody else is."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from models.announcement import Announcement
from models.batch import Batch, Counts, Webhook
from models.image import StoredAt
from models.values import Compression
from models.webhook_delivery import WebhookDelivery
from models.work import Topic, Work
from processing.fetch import Poster
from processing.queue.mongo import MongoQueue
from processing.webhooks import announce, signatures
from processing.webhooks.announce import DELAYS_SECONDS, Announcer, SendAnnouncement
from tests.processing.fetch.conftest import Names
from tests.processing.webhooks.receiver import HOST, SECRET, Receiver

pytestmark = pytest.mark.mongo


@pytest.fixture
async def receiver():
    async with Receiver().listening() as server:
        yield server


@pytest.fixture
async def queue(database):
    await Work.delete_all()
    await Announcement.delete_all()
    opened = MongoQueue()
    yield opened
    await opened.close()


@pytest.fixture
def poster(receiver):
    return Poster(Names(receiver_test="127.0.0.1"), [(HOST, receiver.port)], total_seconds=0.5)


@pytest.fixture
async def batch(receiver, owner_id, database):
    made = Batch(
        owner_id=owner_id,
        manifest_name="products.csv",
        manifest=StoredAt(kind="memory", key="manifest"),
        compression=Compression(),
        counts=Counts(total=1, pending=0, succeeded=1),
        webhook=Webhook(url=receiver.url, secret=SECRET),
        created_at=datetime.now(UTC),
    )
    await made.insert()
    return made


async def body(batch):
    return json.dumps({"type": "batch.completed", "data": {"round": batch.round}})


async def works(batch):
    return await Work.find({"owner_id": batch.owner_id}).to_list()


async def attempts(queue, poster, count):
    """Makes so many attempts, whatever their dates."""
    for _ in range(count):
        await Work.get_pymongo_collection().update_many({}, [{"$set": {"ready_at": "$$NOW"}}])
        (leased,) = await queue.consume(Topic.UPLOADS, 1)
        await SendAnnouncement(queue, poster).run(leased.item)
        assert await queue.acknowledge(leased)


async def log_of(batch):
    deliveries = (await WebhookDelivery.last_of([batch.id]))[batch.id]
    return [(delivery.status_code, delivery.succeeded) for delivery in deliveries[::-1]]


async def test_the_end_is_told_once_however_often_it_is_announced(batch, receiver, queue, poster):
    for _ in range(3):
        await Announcer(queue, body).announce(batch)

    await attempts(queue, poster, 1)

    ((message_id, heard),) = receiver.heard
    assert heard == {"type": "batch.completed", "data": {"round": 1}}
    assert message_id.startswith("msg_")
    assert await log_of(batch) == [(200, True)]
    assert await works(batch) == []
    assert await Announcement.find_all().count() == 0


async def test_what_was_told_is_not_told_again_in_other_words(batch, receiver, queue, poster):
    async def other_words(_):
        return "{}"

    await Announcer(queue, body).announce(batch)
    await attempts(queue, poster, 1)
    await Announcer(queue, other_words).announce(batch)

    assert len(receiver.heard) == 1
    assert await works(batch) == []
    assert await Announcement.find_all().count() == 0


async def test_each_round_is_told_under_an_id_of_its_own(batch, receiver, queue, poster):
    for number in (1, 2):
        await Announcer(queue, body).announce(batch.model_copy(update={"round": number}))
        await attempts(queue, poster, 1)

    (first, one), (second, two) = receiver.heard
    assert first != second
    assert (one["data"]["round"], two["data"]["round"]) == (1, 2)


async def test_a_batch_without_a_webhook_tells_nobody(batch, queue):
    batch.webhook = None

    await Announcer(queue, body).announce(batch)

    assert await works(batch) == []


@pytest.mark.parametrize("answer", [500, 404, 302, 0])
async def test_what_was_not_heard_is_told_again_under_the_same_id(batch, receiver, queue, poster, answer):
    receiver.answers, receiver.location = [answer], "http://elsewhere.test/"
    await Announcer(queue, body).announce(batch)

    await attempts(queue, poster, 2)

    (first, _), (second, _) = receiver.heard
    assert first == second
    assert await log_of(batch) == [(answer or None, False), (200, True)]
    (delivery,) = await WebhookDelivery.find({"batch_id": batch.id, "succeeded": False}).to_list()
    assert delivery.error
    assert "127.0.0.1" not in delivery.error


async def test_attempts_spread_over_a_day_and_end(batch, receiver, queue, poster):
    receiver.answers = [500] * 20
    await Announcer(queue, body).announce(batch)

    for number, delay_seconds in enumerate(DELAYS_SECONDS, start=1):
        await attempts(queue, poster, 1)
        (next_one,) = await works(batch)
        left_seconds = (next_one.ready_at - datetime.now(UTC)).total_seconds()
        assert 0.79 * delay_seconds - 5 < left_seconds < 1.21 * delay_seconds
        assert (await Announcement.get(next_one.subject_id)).attempt == number
    await attempts(queue, poster, 1)

    assert await works(batch) == []
    assert await Announcement.find_all().count() == 0
    assert len(await log_of(batch)) == len(DELAYS_SECONDS) + 1
    assert 20 * 3_600 < sum(DELAYS_SECONDS) < 28 * 3_600


async def test_an_attempt_that_is_made_twice_leads_on_once(batch, receiver, queue, poster):
    receiver.answers = [500, 500]
    await Announcer(queue, body).announce(batch)
    (leased,) = await queue.consume(Topic.UPLOADS, 1)

    for _ in range(3):
        await SendAnnouncement(queue, poster).run(leased.item)
    await queue.acknowledge(leased)

    assert len(receiver.heard) == 1
    assert await log_of(batch) == [(500, False)]
    assert len(await works(batch)) == 1


async def test_who_says_gone_is_not_told_again(batch, receiver, queue, poster):
    receiver.answers = [410]
    await Announcer(queue, body).announce(batch)

    await attempts(queue, poster, 1)

    assert await works(batch) == []


async def test_a_batch_that_was_deleted_meanwhile_tells_nobody(batch, receiver, queue, poster):
    await Announcer(queue, body).announce(batch)
    await batch.delete()

    await attempts(queue, poster, 1)

    assert receiver.heard == []
    assert await Announcement.find_all().count() == 0


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254"])
async def test_s1_nothing_inside_is_told_anything(batch, receiver, queue, address):
    guarded = Poster(Names(receiver_test=address))
    await Announcer(queue, body).announce(batch)

    await attempts(queue, guarded, 1)

    assert receiver.heard == []
    (delivery,) = (await WebhookDelivery.last_of([batch.id]))[batch.id]
    assert (delivery.status_code, delivery.succeeded) == (None, False)
    assert address not in delivery.error


async def test_what_cannot_be_settled_is_sent_again_and_counted_once(
    batch, receiver, queue, poster, monkeypatch
):
    def dies(step):
        if step == "webhook.sent":
            monkeypatch.setattr(announce, "failpoint", lambda _: None)
            raise ConnectionError

    monkeypatch.setattr(announce, "failpoint", dies)
    await Announcer(queue, body).announce(batch)
    (leased,) = await queue.consume(Topic.UPLOADS, 1)

    with pytest.raises(ConnectionError):
        await SendAnnouncement(queue, poster).run(leased.item)
    await SendAnnouncement(queue, poster).run(leased.item)

    assert len(receiver.heard) == 2
    assert await log_of(batch) == [(200, True)]


@pytest.mark.parametrize(
    "secret", ["", "short", "whsec_", "whsec_c2hvcnQ=", "whsec_no base64 at all", "x" * 65]
)
def test_a_secret_that_nobody_should_trust_is_none(secret):
    assert signatures.key(secret) is None


def test_a_secret_is_base64_behind_its_prefix_and_bytes_without():
    secret = base64.b64encode(b"x" * 24).decode()

    assert signatures.key(f"whsec_{secret}") == b"x" * 24
    assert signatures.key(secret) == secret.encode()
