"""What clients may take of the service while they ask: how slowly, how long, how many at once."""

from __future__ import annotations

from pydantic import BaseModel, Field

from settings.kinds import Limit, Seconds


class EdgeSettings(BaseModel):
    """Clocks and counts of requests, sockets and event streams."""

    max_connections: Limit = Field(
        default=10_000,
        description="The most connections of a process, of every kind; three quarters of its descriptors if these are fewer. One more is answered with 503.",
    )
    max_streams_per_viewer: Limit = Field(
        default=2_000,
        description="The most sockets and event streams of one user at a process; of those who are not signed in, of one address. One more is closed with 4429, or answered with 429.",
    )
    head_timeout_seconds: Seconds = Field(
        default=10, description="How long the headers of a request may take to come."
    )
    body_timeout_seconds: Seconds = Field(
        default=30,
        description="How long nothing of a request's body may come, and how far it may fall behind 1,000 bytes a second.",
    )
    operation_timeout_seconds: Seconds = Field(
        default=30,
        description="How long a query or a mutation may run. Uploads may take as long as their bytes do.",
    )
