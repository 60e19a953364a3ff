"""Many documents by id in one query, for as long as one operation runs."""

from __future__ import annotations

from beanie import PydanticObjectId
from strawberry.dataloader import DataLoader

from models.image import Image
from models.user import User

NOTHING_KEPT = (0, 0)


class Loaders:
    """Made anew for each operation: nothing is remembered from one to the next, or from one viewer to another."""

    def __init__(self) -> None:
        self.users: DataLoader[PydanticObjectId, User | None] = DataLoader(load_fn=_users)
        self.usage: DataLoader[PydanticObjectId, tuple[int, int]] = DataLoader(load_fn=_usage)


async def _users(user_ids: list[PydanticObjectId]) -> list[User | None]:
    found = await User.by_ids(user_ids)
    return [found.get(user_id) for user_id in user_ids]


async def _usage(owner_ids: list[PydanticObjectId]) -> list[tuple[int, int]]:
    found = await Image.usage_of_owners(owner_ids)
    return [found.get(owner_id, NOTHING_KEPT) for owner_id in owner_ids]
