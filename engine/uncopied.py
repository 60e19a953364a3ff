"""uvicorn's HTTP protocol, whose bodies reach the application as they came out of the parser.

uvicorn copies each piece twice, to put it behind one that nobody has fetched yet: but there hardly ever is one.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class UncopiedBodies(HttpToolsProtocol):
    """The protocol of one connection."""

    def on_body(self, body: bytes) -> None:
        """Takes a piece. The application is given `bytes(cycle.body)`, which is the piece itself if that is `bytes`."""
        cycle = self.cycle
        if cycle.body or cycle.response_complete:
            super().on_body(body)
        else:
            cycle.body = body  # type: ignore[assignment]  # uvicorn only adds to it
            super().on_body(b"")
