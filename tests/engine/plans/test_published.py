"""Plans answer as graphql-core does for the published schema, its resolvers and a real database."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from beanie import PydanticObjectId
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import app
import models
import resources
from auth import Viewer
from engine.documents import Operation
from models.batch import Webhook
from models.user import User
from models.values import Compression
from processing.live import LiveFeed
from processing.revocations import Revocations
from resolvers import ids
from resolvers.context import Context
from schema import schema
from settings import Settings
from tests import catalogues
from tests.catalogues import FAILED, PENDING, SUCCEEDED, Row
from tests.engine.plans import seeding
from tests.engine.plans.comparing import Modes
from tests.engine.plans.documents import documents
from tests.engine.plans.variables import values

pytestmark = pytest.mark.mongo
CORE = schema._schema
LITERALS = {
    "first": ("3", "1", "100", "0", "2"),
    "last": ("3", "1", "101"),
    "search": ('"photo"', '"lake tree"', '""', '"x x x x x x x x x x x"'),
    "tagsAll": ('"lake"', '"tree"'),
    "mediaTypes": ('"image/jpeg"', '"image/gif"'),
    "createdAfter": ('"2026-01-31T12:00:00Z"', '"2026-01-31"'),
    "createdBefore": ('"2026-02-02T12:00:00+01:00"', '"2036-01-31T12:00:00Z"'),
    "expiresInSeconds": ("60", "0", "604800"),
    "widthPx": ("320", "1", "8193"),
    "heightPx": ("240", "-1"),
    "widthsPx": ("320", "640", "0"),
    "quality": ("80", "101"),
    "after": ('"x"', '""'),
    "before": ('"x"', '""'),
}
GOODS = [Row("A lake", [SUCCEEDED, FAILED]), Row("A tree", [PENDING, SUCCEEDED], "photo-7")]
BATCHES: list[dict[str, Any]] = [
    {"minute": 1, "problem_count": 2, "webhook": Webhook(url="https://shop.example/", secret="s" * 24)},
    {"minute": 2, "state": "CANCELLED", "round": 2, "compression": Compression(format="WEBP")},
]
FIT = {
    "Int": (3, 1, 0, 320, 101),
    "String": ("lake", "photo", "image/jpeg", ""),
    "DateTime": ("2026-02-01T00:00:00Z", "x"),
}


@dataclass(repr=False)
class Seeded:
    """A service without a server, a viewer who has images, and the ids there are."""

    services: Any
    viewers: list[Viewer | None]
    ids: list[str]


@pytest.fixture(scope="module")
async def seeded(database, mongo_uri, xdist_worker):
    chosen = Settings(
        mongodb_uri=mongo_uri,
        mongodb_database=f"plans_{xdist_worker}",
        jwt_secret="s" * 32,
        public_url="http://here",
    )
    opened = await resources.open_all(chosen)
    owners = [await User(email=f"{name}@example.com", password_hash="").insert() for name in ("ann", "ben")]
    images = [image for owner in owners for image in await seeding.images(owner)]
    kept = [await catalogues.keep(owner.id, *GOODS, **fields) for owner in owners for fields in BATCHES]
    for catalogue in kept:
        await catalogues.log(catalogue.batch, 3)
    parts = [part for each in kept for part in (each.batch, each.products[0], *each.items[:2])]
    viewers = [
        Viewer(str(owner.id), str(PydanticObjectId()), datetime.max.replace(tzinfo=UTC)) for owner in owners
    ]
    live = LiveFeed()
    await live.start()
    await live.close()  # so that every run began at one moment
    yield Seeded(
        app._services(chosen, opened, live, Revocations()),
        [*viewers, viewers[0], None],
        [ids.of(each) for each in (*images, *owners, *parts)],
    )
    await opened.client.drop_database(chosen.mongodb_database)
    await opened.close()
    await models.prepare(database)


@pytest.fixture(scope="module")
def modes():
    return Modes(CORE)


@settings(suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_plans_answer_as_graphql_core_does_for_the_published_schema(seeded, modes, data):
    known = tuple(f'"{each}"' for each in [*seeded.ids, "garbage"])
    document = data.draw(
        documents(CORE, literals={**LITERALS, **dict.fromkeys(("id", "ids", "batchId"), known)}),
        label="document",
    )
    note(document.text)
    for _ in range(2):
        variables = data.draw(
            values(CORE, document.variables, fit={**FIT, "ID": tuple(seeded.ids)}), label="variables"
        )
        viewer = data.draw(st.sampled_from(seeded.viewers), label="viewer")
        operation = Operation(document.text, variables, document.operation_name)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("delivery.signing.time", _Stopped)
            await modes.compare(operation, lambda: Context(seeded.services, viewer, None))  # noqa: B023


class _Stopped:
    """A clock by which no address ends between two runs."""

    now = time.time()

    @classmethod
    def time(cls) -> float:
        return cls.now
