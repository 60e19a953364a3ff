"""GraphQL over HTTP: JSON, multipart uploads and event streams on one address.

Sources: GraphQL over HTTP; the GraphQL multipart request specification; GraphQL over SSE, distinct connections.
"""

from __future__ import annotations

from contextlib import closing

from graphql import OperationType
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from engine import answers, negotiation, request, sse
from engine.answers import Answer
from engine.deadline import Deadline, seconds_for
from engine.documents import MUTATION, QUERY, SUBSCRIPTION, Operation, Prepared
from engine.exchange import Exchange, Header, HttpBounds
from engine.executor import Executor
from engine.host import Host, Principal, client_address
from engine.multipart import PartReader
from engine.negotiation import EVENT_STREAM, FORM, JSON
from engine.places import STREAMS_PER_SENDER, Places
from engine.sharing import Fanout
from errors import ClientGoneError, CsrfError, OperationError, UnauthenticatedError, UnsupportedEncodingError

PREFLIGHT_HEADERS = (
    b"graphql-require-preflight",
    b"apollo-require-preflight",
    b"x-apollo-operation-name",
    b"x-requested-with",
)

METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, INTERNAL_SERVER_ERROR = 405, 406, 500


class GraphQLHTTP:
    """The ASGI application behind `/graphql`.

    Args:
        executor: Runs the operations.
        host: Says who sends them.
        bounds: How much a request may be.
        page: What a browser gets that opens the address.
        fanout: Runs the subscriptions, those of other edges too if they share it.
        places: Counts event streams, and what else is open if others share it.
    """

    def __init__(
        self,
        executor: Executor,
        host: Host,
        *,
        bounds: HttpBounds,
        page: ASGIApp | None = None,
        fanout: Fanout | None = None,
        places: Places | None = None,
    ) -> None:
        self._executor = executor
        self._host = host
        self._bounds = bounds
        self._page = page
        self._fanout = fanout or Fanout(executor, host)
        self._places = places or Places(STREAMS_PER_SENDER)
        self._streams = sse.Streams(host, self._fanout)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        exchange = Exchange(scope, receive, send, self._bounds)
        bind_contextvars(request_id=exchange.request_id)
        if self._page is not None and scope["method"] == "GET" and exchange.accepted.page:
            await self._page(scope, receive, send)
            return
        try:
            await self._serve(exchange)
        except ClientGoneError:
            return
        except OperationError as error:
            await self._refuse(exchange, answers.refused(error))
        except Exception as fault:
            if exchange.started:
                raise
            masked = answers.internal_error(fault, exchange.request_id)
            await self._refuse(exchange, Answer(None, [masked], INTERNAL_SERVER_ERROR))

    async def close_all(self) -> None:
        """Ends every event stream; to be called when the service shuts down."""
        self._streams.close_all()

    async def _serve(self, exchange: Exchange) -> None:
        if exchange.accepted.media_type is None:
            unacceptable = answers.refusal(
                f"Accept one of `application/graphql-response+json`, `{JSON}` and `{EVENT_STREAM}`.",
                "NOT_ACCEPTABLE",
                NOT_ACCEPTABLE,
            )
            await self._refuse(exchange, unacceptable)
        elif exchange.scope["method"] == "POST":
            await self._post(exchange)
        elif exchange.scope["method"] == "GET":
            principal = await self._principal(exchange)
            operation = request.from_query_string(exchange.scope["query_string"])
            await self._run(exchange, operation, principal)
        else:
            await self._refuse(exchange, _wrong_method("Use GET or POST."), (b"allow", b"GET, POST"))

    async def _post(self, exchange: Exchange) -> None:
        if exchange.header(b"content-encoding").lower() not in {"", "identity"}:
            raise UnsupportedEncodingError("Send the body uncompressed.")
        form = negotiation.body_format(exchange.header(b"content-type"))
        if form == JSON:
            await self._json(exchange)
        elif form == FORM:
            await self._form(exchange)
        else:
            raise UnsupportedEncodingError(f"Send `{JSON}` in UTF-8, or `{FORM}` with files.")

    async def _json(self, exchange: Exchange) -> None:
        principal = await self._principal(exchange)
        exchange.body.allow(self._bounds.max_json_bytes)
        operation = request.from_json(await exchange.body.read())
        await self._run(exchange, operation, principal)

    async def _form(self, exchange: Exchange) -> None:
        """Serves an upload: who may not send one is refused before a byte of it is read."""
        if not any(exchange.header(name) for name in PREFLIGHT_HEADERS):
            raise CsrfError
        principal = await self._principal(exchange)
        if principal is None:
            raise UnauthenticatedError
        exchange.body.allow(self._bounds.max_request_bytes)
        parts = PartReader(exchange.body, exchange.header(b"content-type").encode("latin-1"))
        operation, files = await request.from_form(parts, self._bounds.max_files_per_request)
        with closing(files):
            answer = await self._execute(exchange, operation, principal)
            await files.finish()
        await exchange.answer(answer)

    async def _run(self, exchange: Exchange, operation: Operation, principal: Principal | None) -> None:
        prepared = self._executor.prepare(operation)
        kind = prepared.operation_type if isinstance(prepared, Prepared) else None
        if kind is MUTATION and exchange.scope["method"] == "GET":
            await self._refuse(exchange, _wrong_method("Send a mutation by POST."), (b"allow", b"POST"))
        elif kind is SUBSCRIPTION and exchange.accepted.events:
            with self._places.taken(principal, client_address(exchange.scope)):
                context = self._context(exchange, principal)
                started = await self._fanout.start(operation, principal, context, exchange.request_id)
                await self._streams.send(exchange, started, principal)
        elif exchange.accepted.media_type == EVENT_STREAM:
            answer = await self._execute_in_time(exchange, operation, principal, kind)
            await self._streams.send(exchange, answer, principal)
        else:
            await exchange.answer(await self._execute_in_time(exchange, operation, principal, kind))

    async def _refuse(self, exchange: Exchange, answer: Answer, *headers: Header) -> None:
        self._executor.counts.refused(answer)
        await exchange.refuse(answer, *headers)

    async def _principal(self, exchange: Exchange) -> Principal | None:
        return await self._host.authenticate(exchange.header(b"authorization") or None)

    async def _execute_in_time(
        self,
        exchange: Exchange,
        operation: Operation,
        principal: Principal | None,
        kind: OperationType | None,
    ) -> Answer:
        """What is only read is read no further once its client has left; what is written is written to the end."""
        async with Deadline(seconds_for(kind, self._bounds.operation_timeout_seconds)) as deadline:
            if kind is QUERY:
                exchange.when_gone(deadline.leave)
            return await self._execute(exchange, operation, principal)

    async def _execute(self, exchange: Exchange, operation: Operation, principal: Principal | None) -> Answer:
        context = self._context(exchange, principal)
        return await self._executor.execute(operation, context, exchange.request_id)

    def _context(self, exchange: Exchange, principal: Principal | None) -> object:
        return self._host.context(principal, exchange.request_id, client_address(exchange.scope))


def _wrong_method(message: str) -> Answer:
    return answers.refusal(message, "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED)
