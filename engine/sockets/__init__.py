"""GraphQL over WebSocket, by the protocol `graphql-transport-ws`."""

from engine.sockets.connection import SocketBounds
from engine.sockets.websocket import GraphQLWebSocket

__all__ = ["GraphQLWebSocket", "SocketBounds"]
