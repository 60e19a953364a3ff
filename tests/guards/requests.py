"""Guards of what comes in: GraphQL, sockets, multipart, sign-in and rights: 2.1 to 2.3, 2.7 and 2.8."""

from __future__ import annotations

from typing import Final

from tests.guards import documents, multipart, operations, rights, sign_in, sockets

GUARDS: Final = (
    *documents.GUARDS,
    *operations.GUARDS,
    *sockets.GUARDS,
    *multipart.GUARDS,
    *sign_in.GUARDS,
    *rights.GUARDS,
)
