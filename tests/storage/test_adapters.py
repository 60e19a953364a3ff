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


def test_an_adapter_that_could_not_be_opened_is_tried_again():
    attempts = iter([StorageError("not there yet"), MemoryStorage()])

    def sometimes():
        if isinstance(attempt := next(attempts), StorageError):
            raise attempt
        return attempt

    storages = Storages(MemoryStorage(), {"sometimes": sometimes})

    with pytest.raises(StorageError):
        storages.of("sometimes")
    assert storages.of("sometimes")
