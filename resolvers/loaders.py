"""Documents that one operation asks for at the same time, in one query."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from beanie import PydanticObjectId
from strawberry.dataloader import DataLoader

from models.tally import Share, Tally
from models.user import User

Parent = TypeVar("Parent")
Value = TypeVar("Value")
Load = Callable[[Any, Sequence[Parent]], Awaitable[list[Value]]]
"""Given the operation's context and the parents, answers in their order."""


class Loaders:
    """Made anew for each operation, and nothing is remembered in it either: a subscription may run for days, and the
    second of two mutations answers with what it changed.
    """

    def __init__(self) -> None:
        self.users: DataLoader[PydanticObjectId, User | None] = DataLoader(load_fn=_users, cache=False)
        self.usage: DataLoader[PydanticObjectId, Share] = DataLoader(load_fn=_usage, cache=False)
        self._of: dict[Load[Any, Any], DataLoader[Any, Any]] = {}

    def of(self, load: Load[Parent, Value], context: Any) -> DataLoader[Parent, Value]:
        """What a field's `load` gives for many parents, for those who ask for one at a time."""
        if load not in self._of:
            self._of[load] = DataLoader(load_fn=partial(load, context), cache=False)
        return self._of[load]


async def _users(user_ids: list[PydanticObjectId]) -> list[User | None]:
    found = await User.by_ids(user_ids)
    return [found.get(user_id) for user_id in user_ids]


async def _usage(owner_ids: list[PydanticObjectId]) -> list[Share]:
    found = await Tally.of_owners(owner_ids)
    return [found.get(owner_id, Share()) for owner_id in owner_ids]
