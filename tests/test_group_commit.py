"""Who waits while a commit is under way shares the next one; a refusal is everybody's own."""

from __future__ import annotations

import asyncio

import pytest

from errors import OutcomeUnknownError
from group_commit import LARGEST_GROUP, GroupCommit


class Ledger:
    """Keeps groups; refuses those with something in `refused`."""

    def __init__(self, refused=(), error=LookupError):
        self.groups, self.refused, self.error = [], set(refused), error

    async def commit(self, items):
        await asyncio.sleep(0)
        if self.refused & set(items):
            raise self.error
        self.groups.append(list(items))


async def outcomes(group, items):
    return await asyncio.gather(*(group.add(item) for item in items), return_exceptions=True)


async def test_what_waits_meanwhile_shares_the_next_commit():
    ledger = Ledger()

    await outcomes(GroupCommit(ledger.commit), range(10))

    assert ledger.groups == [list(range(10))]


async def test_a_group_has_a_largest_size():
    ledger = Ledger()

    await outcomes(GroupCommit(ledger.commit), range(LARGEST_GROUP + 1))

    assert [len(group) for group in ledger.groups] == [LARGEST_GROUP, 1]


async def test_one_refusal_leaves_its_neighbours_alone():
    ledger = Ledger(refused={2})

    told = await outcomes(GroupCommit(ledger.commit), range(4))

    assert [type(outcome) for outcome in told] == [type(None), type(None), LookupError, type(None)]
    assert ledger.groups == [[0], [1], [3]]


async def test_a_group_whose_outcome_nobody_knows_is_not_tried_again():
    ledger = Ledger(refused={2}, error=OutcomeUnknownError)

    told = await outcomes(GroupCommit(ledger.commit), range(3))

    assert [type(outcome) for outcome in told] == [OutcomeUnknownError] * 3
    assert ledger.groups == []


async def test_who_leaves_does_not_hold_up_the_others():
    ledger = Ledger()
    group = GroupCommit(ledger.commit)
    leaving, staying = asyncio.create_task(group.add(1)), asyncio.create_task(group.add(2))
    await asyncio.sleep(0)

    leaving.cancel()
    await staying

    assert ledger.groups == [[1, 2]]
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_it_commits_again_after_a_rest():
    ledger = Ledger()
    group = GroupCommit(ledger.commit)

    await group.add(1)
    await group.add(2)

    assert ledger.groups == [[1], [2]]


async def test_where_there_was_company_the_next_waits_a_moment_for_as_many():
    ledger = Ledger()
    group = GroupCommit(ledger.commit)
    await outcomes(group, range(3))

    first = asyncio.create_task(group.add("a"))
    await asyncio.sleep(0)
    await outcomes(group, ["b", "c"])
    await first

    assert ledger.groups == [[0, 1, 2], ["a", "b", "c"]]


async def test_company_that_does_not_come_is_not_expected_again(monkeypatch):
    ledger, waits = Ledger(), []
    group = GroupCommit(ledger.commit)
    timeout = asyncio.timeout
    monkeypatch.setattr(asyncio, "timeout", lambda given: waits.append(given) or timeout(given))
    await outcomes(group, range(3))

    await group.add("alone")
    await group.add("alone again")

    assert len(waits) == 1
    assert ledger.groups == [[0, 1, 2], ["alone"], ["alone again"]]


async def test_a_commit_waits_for_whom_was_announced():
    ledger = Ledger()
    group = GroupCommit(ledger.commit)
    group.announce("second")

    first = asyncio.create_task(group.add(1))
    await asyncio.sleep(0)
    assert ledger.groups == []
    await group.add(2, "second")
    await first

    assert ledger.groups == [[1, 2]]


async def test_whoever_withdraws_is_waited_for_no_longer():
    ledger = Ledger()
    group = GroupCommit(ledger.commit, company_seconds=60)
    group.announce("second")

    first = asyncio.create_task(group.add(1))
    await asyncio.sleep(0)
    group.withdraw("second")
    await first

    assert ledger.groups == [[1]]


async def test_nobody_is_waited_for_long():
    ledger = Ledger()
    group = GroupCommit(ledger.commit)
    group.announce("never")

    await group.add(1)

    assert ledger.groups == [[1]]


async def test_no_more_are_waited_for_than_are_under_way():
    ledger, under_way = Ledger(), [1]
    group = GroupCommit(ledger.commit, company_seconds=60, under_way=lambda: len(under_way))
    await outcomes(group, range(3))

    first = asyncio.create_task(group.add("a"))
    await asyncio.sleep(0)
    assert len(ledger.groups) == 1
    under_way.clear()
    await group.add("b")
    await first

    assert ledger.groups == [[0, 1, 2], ["a", "b"]]


async def test_where_nobody_is_under_way_nobody_is_waited_for():
    ledger = Ledger()
    group = GroupCommit(ledger.commit, company_seconds=60, under_way=lambda: 0)
    await outcomes(group, range(3))

    await group.add("alone")

    assert ledger.groups == [[0, 1, 2], ["alone"]]
