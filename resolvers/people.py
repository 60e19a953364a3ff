"""Who users are to those who may see them. None of it ever changes, so it is read once and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from bson import ObjectId

from models.user import SHOWN, User

MOST_KEPT = 10_000


class People:
    """The users that were asked for last, without what only signing in needs.

    Whoever is gone is still known to other processes for a while: nobody is left then who may see them.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._known: OrderedDict[ObjectId, User] = OrderedDict()
        self._most = most

    async def by_ids(self, user_ids: Iterable[ObjectId]) -> dict[ObjectId, User]:
        """Those of the users that exist, by id: from memory, the others in one query."""
        wanted = set(user_ids)
        if unknown := wanted - self._known.keys():
            self._known.update(await User.by_ids(unknown, SHOWN))
        found = {user_id: self._known[user_id] for user_id in wanted if user_id in self._known}
        for user_id in found:
            self._known.move_to_end(user_id)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return found

    def forget(self, user_id: ObjectId) -> None:
        """To be called when the user is gone."""
        self._known.pop(user_id, None)
