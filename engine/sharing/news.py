"""What subscribers are told: encoded once, however many of them hear it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple, Protocol, runtime_checkable

import orjson

from engine import frames
from engine.answers import Answer


@runtime_checkable
class Positioned(Protocol):
    """An event of a source whose subscribers may share it with others.

    Positions of one source ascend. Sources of one operation and one audience give the same events behind one position.

    Attributes:
        position: Compares with those of all other events of sources of the same operation.
        is_place: It is no news, but says that the source is here: everything up to `position` was given.
    """

    @property
    def position(self) -> Any: ...  # noqa: D102 - said above

    @property
    def is_place(self) -> bool: ...  # noqa: D102 - said above


class Said(NamedTuple):
    """An answer in JSON, the position of its event, and when it was given, on the clock of the loop."""

    payload: bytes
    position: Any
    at_seconds: float


class Messages:
    """Messages to one client, of which all that have named their operations alike get the same bytes."""

    def __init__(self, contents: Sequence[bytes]) -> None:
        self._contents = contents
        self._size_bytes = sum(map(len, contents))

    @classmethod
    def of(cls, message: dict[str, Any]) -> Messages:
        """A single one."""
        return cls([orjson.dumps(message)])

    def __len__(self) -> int:
        return self._size_bytes

    @cached_property
    def texts(self) -> list[str]:
        """Each as the text of a frame."""
        return [content.decode() for content in self._contents]

    @cached_property
    def frames(self) -> bytes:
        """All as the frames of a server, one behind the other."""
        return b"".join(map(frames.built, self._contents))


class News:
    """Some answers of one subscription, in order."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._said = said
        self._messages: dict[str, Messages] = {}

    def __len__(self) -> int:
        return len(self._said)

    def behind(self, position: Any) -> News:
        """What of it lies behind a position."""
        return News([said for said in self._said if said.position > position])

    def messages(self, operation_id: str) -> Messages:
        """A `next` for each answer."""
        found = self._messages.get(operation_id)
        if found is None:
            head = b'{"id":' + orjson.dumps(operation_id) + b',"type":"next","payload":'
            found = Messages([b"%b%b}" % (head, said.payload) for said in self._said])
            self._messages[operation_id] = found
        return found

    @cached_property
    def server_sent(self) -> bytes:
        """An event `next` for each answer."""
        return b"".join(b"event: next\ndata: %b\n\n" % said.payload for said in self._said)


def encoded(answer: Answer) -> bytes:
    """The payload of a `next`."""
    return orjson.dumps(answer.as_dict())
