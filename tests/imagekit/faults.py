"""What can go wrong with a provider, on purpose: the next requests that fit are answered so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Fault:
    """`kind`: `refuse` does nothing, `lose` does it but does not say so, `cut` breaks off half-way, `hang` waits
    until the client goes."""

    method: str
    path: str
    kind: Literal["refuse", "lose", "cut", "hang"]
    status: int = 503
    times: int = 1

    def fits(self, scope: Scope) -> bool:
        """Whether it is about this request, for the last time perhaps."""
        return self.times > 0 and scope["method"] == self.method and self.path in scope["path"]


class Faulty:
    """Middleware that lets `faults` happen, and counts requests by method and path in `asked`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.faults: list[Fault] = []
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        self.asked.append(f"{scope['method']} {scope['path']}")
        fault = next((fault for fault in self.faults if fault.fits(scope)), None)
        if fault is None:
            return await self._app(scope, receive, send)
        fault.times -= 1
        return await self._happen(fault, scope, receive, send)

    async def _happen(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind == "hang":
            while (await receive())["type"] != "http.disconnect":
                pass
        elif fault.kind == "cut":
            await self._app(scope, receive, _cutting(send))
        else:
            if fault.kind == "lose":
                await self._app(scope, receive, _nowhere)
            else:
                await _read_all(receive)
            headers = [(b"retry-after-ms", b"1"), (b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": fault.status, "headers": headers})
            await send({"type": "http.response.body", "body": b"{}"})


async def _read_all(receive: Receive) -> None:
    while (await receive()).get("more_body"):
        pass


async def _nowhere(_: Message) -> None:
    await asyncio.sleep(0)


def _cutting(send: Send) -> Send:
    """Sends the head and half of the body, then hangs up."""

    async def cut(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message["body"]
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            raise ConnectionAbortedError
        await send(message)

    return cut
