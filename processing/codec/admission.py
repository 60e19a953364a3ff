"""Who may be compressed now: as many images as there are processes, and together not too many pixels."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator


class Admission:
    """Lets images in, in the order in which they come. One that is larger than all may be together goes alone."""

    def __init__(self, images: int, pixels: int) -> None:
        self._images = images
        self._most_pixels = pixels
        self._pixels = pixels
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @contextlib.asynccontextmanager
    async def turn(self, pixels: int) -> AsyncIterator[None]:
        """Waits until an image of so many pixels may be compressed beside the others."""
        pixels = min(pixels, self._most_pixels)
        let_in = asyncio.get_running_loop().create_future()
        self._waiting.append((pixels, let_in))
        self._let_in()
        try:
            await let_in
            yield
        finally:
            if let_in.cancelled():
                self._waiting.remove((pixels, let_in))
            else:
                self._images += 1
                self._pixels += pixels
            self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._images and self._waiting[0][0] <= self._pixels:
            pixels, let_in = self._waiting.popleft()
            self._images -= 1
            self._pixels -= pixels
            let_in.set_result(None)
