"""Documents that one operation asks for at the same time, in one query."""

from __future__ import annotations

from beanie import PydanticObjectId
from strawberry.dataloader import DataLoader

from models.tally import Share, Tally
from models.user import User


class Loaders:
    """Made anew for each operation, and nothing is remembered in it either: a subscription may run for days, and the
    second of two mutations answers with what it changed.
    """

    def __init__(self) -> None:
        self.users: DataLoader[PydanticObjectId, User | None] = DataLoader(load_fn=_users, cache=False)
        self.usage: DataLoader[PydanticObjectId, Share] = DataLoader(load_fn=_usage, cache=False)


async def _users(user_ids: list[PydanticObjectId]) -> list[User | None]:
    found = await User.by_ids(user_ids)
    return [found.get(user_id) for user_id in user_ids]


async def _usage(owner_ids: list[PydanticObjectId]) -> list[Share]:
    found = await Tally.of_owners(owner_ids)
    return [found.get(owner_id, Share()) for owner_id in owner_ids]
