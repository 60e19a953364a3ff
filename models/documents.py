"""All documents that there are, and how they are bound to a database."""

from __future__ import annotations

from typing import Any

from beanie import init_beanie
from pymongo.asynchronous.database import AsyncDatabase

from models import reading
from models.adoption import Adoption
from models.allowance import Allowance
from models.announcement import Announcement
from models.batch import Batch
from models.batch_event import BatchEvent
from models.batch_item import BatchItem
from models.batch_problems import BatchProblems
from models.batch_unit import BatchUnit
from models.change import Change
from models.departed import DepartedUser
from models.departed_batch import DepartedBatch
from models.event import Event
from models.idempotency import IdempotencyKey
from models.image import Image
from models.lease import Lease
from models.leftover import Leftover
from models.product import Product
from models.rate import Rate
from models.revocation import Revocation
from models.session import Session
from models.staged_upload import StagedUpload
from models.tally import Tally
from models.turn import Turn
from models.user import User
from models.webhook_delivery import WebhookDelivery
from models.work import DeadLetter, Work
from models.worker_presence import WorkerPresence

DOCUMENTS = [
    Adoption,
    Allowance,
    Announcement,
    Batch,
    BatchEvent,
    BatchItem,
    BatchProblems,
    BatchUnit,
    Change,
    DeadLetter,
    DepartedBatch,
    DepartedUser,
    Event,
    IdempotencyKey,
    Image,
    Lease,
    Leftover,
    Product,
    Rate,
    Revocation,
    Session,
    StagedUpload,
    Tally,
    Turn,
    User,
    WebhookDelivery,
    Work,
    WorkerPresence,
]


async def prepare(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Binds the documents to `database` and makes their indexes; harmless if they are there."""
    await init_beanie(database=database, document_models=DOCUMENTS)
    for kind in DOCUMENTS:
        reading.make_exact(kind)
    await Work.give_topics()
