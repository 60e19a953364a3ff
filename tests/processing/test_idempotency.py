"""The same key, the same answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from beanie import PydanticObjectId

import failpoints
from errors import IdempotencyConflictError, InvalidInputError
from models import transactions
from models.idempotency import IdempotencyKey
from processing.idempotency import Hold, IdempotencyKeys, Kept, KeyedInput
from tests.processing.keyed_work import CHECKSUM, keyed, times_done, work

pytestmark = pytest.mark.mongo
ANSWER = {
    "duplicate": False,
    "image": {"caption": "$5 {a.b}", "at": datetime(2026, 1, 1, tzinfo=UTC), "none": None},
}


@pytest.fixture
def keys(database):
    return IdempotencyKeys()


async def stored(asked, position=None):
    return await IdempotencyKey.get(IdempotencyKey.id_at(asked.key_id, position))


async def test_an_answer_is_kept_field_for_field(keys, owner_id):
    await work(keys, keyed(owner_id), ANSWER)

    async with keys.held(keyed(owner_id)) as held:
        assert held == Kept(ANSWER, CHECKSUM)
    assert await times_done(owner_id) == 1


async def test_an_answer_is_kept_for_a_day_and_then_removed_by_mongodb(keys, owner_id, database):
    await work(keys, keyed(owner_id), ANSWER)

    left = (await stored(keyed(owner_id))).expires_at - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24, minutes=1)
    indexes = await database["idempotency_keys"].index_information()
    assert indexes["expires_at_1"]["expireAfterSeconds"] == 0


async def test_an_answer_whose_day_is_over_is_forgotten_before_mongodb_removes_it(keys, owner_id):
    await work(keys, keyed(owner_id), {"n": 1}, 0)
    await (await stored(keyed(owner_id), 0)).set({"expires_at": datetime.now(UTC) - timedelta(seconds=1)})

    assert await keys.kept_at_positions(keyed(owner_id)) == {}
    assert await work(keys, keyed(owner_id), {"n": 2}, 0) == {"n": 2}


async def test_a_refusal_is_not_kept(keys, owner_id):
    with pytest.raises(LookupError):
        async with keys.held(keyed(owner_id)):
            raise LookupError

    assert await stored(keyed(owner_id)) is None
    assert await work(keys, keyed(owner_id), {"n": 2}) == {"n": 2}


async def test_work_that_ends_without_an_answer_lets_go_of_the_key(keys, owner_id):
    async with keys.held(keyed(owner_id)) as held:
        assert isinstance(held, Hold)

    assert await stored(keyed(owner_id)) is None


async def test_an_answer_is_not_kept_when_its_transaction_is_not(keys, owner_id):
    async def fail(transaction):
        await held.keep(CHECKSUM, ANSWER, transaction)
        raise LookupError

    with pytest.raises(LookupError):
        async with keys.held(keyed(owner_id)) as held:
            await transactions.run(fail)

    assert await stored(keyed(owner_id)) is None


async def test_a_fault_right_after_the_claim_lets_go_of_the_key(keys, owner_id):
    failpoints.arm(failpoints.parsed("ingest.claimed:error"))
    with pytest.raises(failpoints.InjectedError):
        await work(keys, keyed(owner_id), ANSWER)
    failpoints.arm([])

    assert await stored(keyed(owner_id)) is None


@pytest.mark.parametrize("other", [{"caption": "x"}, {"tags": ["a"]}, {"fileCount": 2}, {"caption": ""}])
async def test_other_plain_fields_are_a_conflict_before_a_byte_is_read(keys, owner_id, other):
    await work(keys, keyed(owner_id), ANSWER)

    with pytest.raises(IdempotencyConflictError):
        async with keys.held(keyed(owner_id, **other)):
            pytest.fail("there is nothing to do")


async def test_the_order_of_fields_is_no_difference(owner_id):
    a = KeyedInput(owner_id, "m", "k", {"a": 1, "b": [1, 2]})
    b = KeyedInput(owner_id, "m", "k", {"b": [1, 2], "a": 1})
    c = KeyedInput(owner_id, "m", "k", {"a": 1, "b": [2, 1]})

    assert a.plain_digest == b.plain_digest != c.plain_digest


async def test_another_file_is_a_conflict_and_the_same_is_read_to_its_end_only():
    closed = []

    async def pieces(*parts):
        try:
            for part in parts:
                yield part
        finally:
            closed.append(parts)

    kept = Kept(ANSWER, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")  # of "abc"
    assert await kept.replay(pieces(b"a", memoryview(b"bc"))) == ANSWER
    with pytest.raises(IdempotencyConflictError):
        await kept.replay(pieces(b"abd"))
    assert len(closed) == 2


@pytest.mark.parametrize(
    "other",
    [
        lambda viewer: (keyed(viewer, "K"), None),
        lambda viewer: (keyed(viewer, mutation="importImage"), None),
        lambda viewer: (keyed(PydanticObjectId()), None),
        lambda viewer: (keyed(viewer), 0),
        lambda viewer: (keyed(viewer), 1),
    ],
)
async def test_another_key_mutation_viewer_or_position_is_another_key(keys, owner_id, other):
    await work(keys, keyed(owner_id), {"n": 1})

    assert await work(keys, *_with_answer(other(owner_id), {"n": 2})) == {"n": 2}
    assert await work(keys, keyed(owner_id), {"n": 3}) == {"n": 1}


def _with_answer(asked_at, answer):
    asked, position = asked_at
    return asked, answer, position


async def test_a_key_with_the_separators_in_it_is_no_other_key(owner_id):
    assert (
        len({KeyedInput(owner_id, m, k, {}).key_id for m, k in [("a", "b:c"), ("a:b", "c"), ("a", "b")]}) == 3
    )


async def test_no_word_of_the_client_is_stored(keys, owner_id):
    await work(keys, keyed(owner_id, "secret-key", caption="my-words"), {})

    found = await IdempotencyKey.get_pymongo_collection().find_one(
        {"_id": IdempotencyKey.id_at(keyed(owner_id, "secret-key").key_id, None)}
    )
    assert "secret-key" not in str(found)
    assert "my-words" not in str(found)


async def test_what_is_kept_of_several_files_is_known_at_once(keys, owner_id):
    asked = keyed(owner_id, fileCount=12)
    for position in (0, 2, 11):
        await work(keys, asked, {"n": position}, position)
    await work(keys, keyed(owner_id, "k2"), {}, 1)

    async with keys.held(asked, 1):
        kept = await keys.kept_at_positions(asked)

    assert {position: answer.answer for position, answer in kept.items()} == {
        0: {"n": 0}, 2: {"n": 2}, 11: {"n": 11}
    }  # fmt: skip
    with pytest.raises(IdempotencyConflictError):
        await keys.kept_at_positions(keyed(owner_id, fileCount=11))


@pytest.mark.parametrize("key", ["", "x" * 256, "\N{SNOWMAN}" * 256])
def test_a_key_of_the_wrong_length_says_so(owner_id, key):
    with pytest.raises(InvalidInputError) as refusal:
        keyed(owner_id, key)

    assert refusal.value.field == ["idempotencyKey"]


@pytest.mark.parametrize("key", ["x", "\N{SNOWMAN}" * 255, "\ud800", "\0", "$a.b"])
async def test_whatever_the_characters_of_a_key_it_is_one(keys, owner_id, key):
    await work(keys, keyed(owner_id, key), {"n": 1})

    assert await work(keys, keyed(owner_id, key), {"n": 2}) == {"n": 1}


async def test_many_at_once_do_the_work_once(keys, owner_id):
    async with asyncio.timeout(30):
        answers = await asyncio.gather(*(work(keys, keyed(owner_id), {"n": n}) for n in range(40)))

    assert len({answer["n"] for answer in answers}) == 1
    assert await times_done(owner_id) == 1
    assert keys._waiting == {}
