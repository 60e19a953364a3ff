"""What is new goes to one adapter, what is older stays where it was put."""

from __future__ import annotations

import pytest

from errors import StorageError
from storage.adapters import Storages
from storage.memory import MemoryStorage


def test_an_adapter_is_opened_when_it_is_first_asked_for_and_once():
    opened = []

    def older():
        opened.append(MemoryStorage())
        return opened[-1]

    storages = Storages(MemoryStorage(), {"older": older})
    assert not opened

    assert storages.of("older") is storages.of("older") is opened[0]
    assert storages.of("memory") is storages.current
    assert len(opened) == 1


def test_a_kind_that_is_not_configured_is_refused_for_good():
    with pytest.raises(StorageError, match="'tape' is not configured") as refused:
        Storages(MemoryStorage()).of("tape")

    assert not refused.value.retryable


def test_all_that_may_hold_something_are_gone_through_the_current_one_first():
    older = MemoryStorage()
    older.kind = "older"
    current = MemoryStorage()
    storages = Storages(current, {"older": lambda: older, "memory": MemoryStorage, "nowhere": lambda: None})

    assert list(storages) == [current, older]
    assert list(storages) == [current, older]


def test_an_adapter_for_which_there_was_nothing_is_looked_for_again():
    found = iter([None, MemoryStorage()])
    storages = Storages(MemoryStorage(), {"sometimes": lambda: next(found)})

    with pytest.raises(StorageError):
        storages.of("sometimes")
    assert storages.of("sometimes")


async def test_closing_closes_every_adapter_that_was_opened_and_no_other():
    closed = []

    class Closed(MemoryStorage):
        async def close(self):
            closed.append(self)

    current, older = Closed(), Closed()
    storages = Storages(current, {"older": lambda: older, "oldest": Closed})
    storages.of("older")

    await storages.close()

    assert closed == [current, older]
