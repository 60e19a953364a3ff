"""What every resolver is given."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Protocol

from beanie import PydanticObjectId

from auth import Passwords, Tokens, Viewer
from delivery.signing import Signer
from errors import UnauthenticatedError
from models.session import Session
from models.values import MetadataPolicy
from processing.batches.submit import Submissions
from processing.idempotency import IdempotencyKeys
from processing.imports import Imports
from processing.ingest import IngestLimits, Intake
from processing.live import LiveFeed
from processing.queue.base import WorkQueue
from processing.revocations import Revocations
from processing.staging import Staging
from resolvers.loaders import Load, Loaders, Parent, Value
from resolvers.people import People
from storage.adapters import Storages


class OpenedFile(Protocol):
    """A file on its way in; `pieces` is read once."""

    @property
    def filename(self) -> str:
        """What the client calls it."""
        ...

    @property
    def pieces(self) -> AsyncGenerator[bytes | memoryview, None]:
        """Its bytes, as they arrive. Closing it says that no more are wanted."""
        ...


class IncomingFile(Protocol):
    """A file that a multipart request carries; nothing of it is read before it is opened."""

    async def open(self) -> OpenedFile:
        """Begins to read it."""
        ...


@dataclass(frozen=True)
class Services:
    """What all operations of a process share."""

    storages: Storages
    queue: WorkQueue
    live: LiveFeed
    revocations: Revocations
    passwords: Passwords
    people: People
    tokens: Tokens
    signer: Signer
    intake: Intake
    staging: Staging
    imports: Imports
    submissions: Submissions
    idempotency_keys: IdempotencyKeys
    metadata_policy: MetadataPolicy
    ingest_limits: IngestLimits
    quota_bytes: int | None


class Context:
    """What one operation is given: the services, who asks, and loaders that live as long as the operation.

    Behind `began_at` lies every change that the operation may have been too early to read.

    Args:
        services: What all operations share.
        viewer: Who asks; None for nobody.
        client_address: Where from; None if the server does not know.
    """

    def __init__(self, services: Services, viewer: Viewer | None, client_address: str | None) -> None:
        self.services = services
        self.began_at = services.live.reached
        self.client_address = client_address
        self._viewer = viewer

    @cached_property
    def loaders(self) -> Loaders:
        """Made when first asked for: most operations load nothing by id."""
        return Loaders()

    async def together(self, load: Load[Parent, Value], parent: Parent) -> Value:
        """What `load` gives for the parent, asked together with all others that are asked for at the same time."""
        return await self.loaders.of(load, self).load(parent)

    @property
    def viewer_id(self) -> PydanticObjectId:
        """Whose things may be seen. Every query for an owner's things takes its id from here and from nowhere else.

        Raises:
            UnauthenticatedError: Nobody is signed in.
        """
        if self._viewer is None:
            raise UnauthenticatedError
        return PydanticObjectId(self._viewer.id)

    @property
    def session_id(self) -> PydanticObjectId | None:
        """The session that the viewer's access token belongs to; None for nobody."""
        return PydanticObjectId(self._viewer.session_id) if self._viewer else None

    async def confirm_viewer(self) -> None:
        """To be called by what takes long, before it does what cannot be undone.

        Costs nothing while the access token is good: then revocations say whether its session has ended.

        Raises:
            UnauthenticatedError: Nobody is signed in, or their session has ended since the operation began.
        """
        if self._viewer is None or await self._has_ended(self._viewer):
            raise UnauthenticatedError

    async def _has_ended(self, viewer: Viewer) -> bool:
        if viewer.expires_at > datetime.now(UTC):
            return await self.services.revocations.ended(viewer.session_id)
        return (
            await Session.get(PydanticObjectId(viewer.session_id)) is None
        )  # its revocation may be forgotten
