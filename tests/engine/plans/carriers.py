"""What lists and objects come in: everything that graphql-core takes for one, and some that it does not."""

from __future__ import annotations

from collections import UserList, deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any


class Dictionary(dict[str, object]):
    """Not exactly a dict; what it lacks is made up."""

    def __missing__(self, key: str) -> object:
        return f"missing {key}"


class Sequence:
    """Can be indexed and counted, and is no iterable by name."""

    def __init__(self, items: list[Any]) -> None:
        self._items = items

    def __repr__(self) -> str:
        return "Sequence()"

    def __getitem__(self, index: int) -> object:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)


class AsyncOnly:
    """An asynchronous iterator that cannot be closed."""

    def __init__(self, items: list[Any]) -> None:
        self._items = iter(items)

    def __repr__(self) -> str:
        return "AsyncOnly()"

    def __aiter__(self) -> AsyncOnly:
        return self

    async def __anext__(self) -> object:
        for item in self._items:
            return item
        raise StopAsyncIteration


class Broken(list[Any]):
    """A list that breaks where it is read."""

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("cannot be read")


def generated(items: list[Any]) -> Iterator[Any]:
    yield from items


def breaking(items: list[Any]) -> Iterator[Any]:
    yield from items[:1]
    raise RuntimeError("in the middle")


async def streamed(items: list[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


async def stream_breaking(items: list[Any]) -> AsyncIterator[Any]:
    for item in items[:1]:
        yield item
    raise RuntimeError("in the middle")


def keyed(items: list[Any]) -> Any:
    return dict(enumerate(items)).values()


Carrier = Callable[[list[Any]], Any]
PLAIN: tuple[Carrier, ...] = (list, list, tuple)
LISTS: tuple[Carrier, ...] = (list, list, list, list, tuple, deque, generated, keyed, UserList, iter)
STREAMS: tuple[Carrier, ...] = (*LISTS, streamed, AsyncOnly)
WRONG: tuple[Carrier, ...] = (
    breaking, stream_breaking, Broken, Sequence, str, repr, lambda items: dict(enumerate(items)),
    lambda items: items[0] if items else "",
)  # fmt: skip
