"""Pages of what an owner has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from beanie import Document

from models.listing import Listing
from models.page import Page
from resolvers.paging import Paging

Item = TypeVar("Item", bound=Document)


@dataclass(frozen=True)
class Listed(Generic[Item]):
    """A page, and the whole list that it is of."""

    page: Page[Item]
    whole: Listing[Item]


async def page(whole: Listing[Item], paging: Paging) -> Listed[Item]:
    """A page of the list.

    Raises:
        BadUserInputError: An argument is out of its range.
    """
    return Listed(await whole.page(paging.window(whole.order)), whole)
