"""What has to be known of a provider before its adapter is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from errors import StorageError
from settings import Settings
from storage.base import Storage

Database = AsyncDatabase[dict[str, Any]]


@dataclass(frozen=True)
class Provider:
    """How to open an adapter, whether it may hold something, and what to say if it cannot be used.

    `open` raises `ConfigurationError` if a setting is missing.
    """

    open: Callable[[Settings, Database], Storage]
    is_set_up: Callable[[Settings], bool]
    unusable: Callable[[Settings, StorageError], str]
