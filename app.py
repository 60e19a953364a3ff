"""The web process: the app, GraphQL, the playground, images, health."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import metadata
from typing import cast

import structlog
from pymongo.errors import PyMongoError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

import failpoints
import logs
import playground
import providers
import resources
import server
import web
from auth import NOT_VALID, Passwords, Tokens, Viewer
from delivery.images import ImageDelivery
from delivery.results import ResultDelivery
from delivery.staged import StagedDelivery
from engine.entrance import Entrance
from engine.exchange import HttpBounds
from engine.executor import Executor
from engine.host import Principal
from engine.http import GraphQLHTTP
from engine.limits import Limits
from engine.persisted import LearntDocuments, PersistedExecutor
from engine.places import Places
from engine.sharing import Fanout
from engine.sockets import GraphQLWebSocket, SocketBounds
from engine.trusted import InvalidManifestError, TrustedDocuments
from errors import ConfigurationError, StorageError, UnauthenticatedError
from metrics.collector import ServiceCollector
from metrics.endpoint import MetricsEndpoint
from models.values import MetadataPolicy
from processing import decoding, quota
from processing.batches.submit import Submissions
from processing.codec.pool import Pool
from processing.idempotency import IdempotencyKeys
from processing.imports import Imports
from processing.ingest import IngestLimits, Intake
from processing.live import LiveFeed
from processing.manifest import Limits as ManifestLimits
from processing.probe import Limits as ProbeLimits
from processing.register import Register
from processing.revocations import Revocations
from processing.staging import Staging
from processing.variants import Variants
from resolvers.context import Context, Services
from resolvers.people import People
from resources import Resources
from schema import costs, schema
from server import traced, unavailable
from server.health import Health
from settings import Settings

log = structlog.get_logger()

GRAPHQL = "/graphql"


class Darkroom:
    """What the engine asks of the service: who sends a request, and what its resolvers are given."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def authenticate(self, authorization: str | None) -> Viewer | None:
        """The viewer of a bearer token; None without one."""
        if authorization is None:
            return None
        viewer = self._services.tokens.viewer(authorization)
        if await self._services.revocations.ended(viewer.session_id):
            raise UnauthenticatedError(NOT_VALID)
        return viewer

    def context(self, principal: Principal | None, request_id: str, client_address: str | None) -> Context:  # noqa: ARG002 - for the engine's log
        """A context for one operation."""
        return Context(self._services, _viewer(principal) if principal else None, client_address)

    def audience(self, principal: Principal | None) -> str | None:
        """Of one viewer's sessions each sees the same."""
        return principal.id if principal else None

    def watch(self, principal: Principal, on_end: Callable[[], None]) -> Callable[[], None]:
        """Calls `on_end` when the viewer's session ends."""
        return self._services.revocations.watch(_viewer(principal).session_id, on_end)


def _viewer(principal: Principal) -> Viewer:
    """What `authenticate` gave to the engine, which knows no more of it than a principal has."""
    return cast("Viewer", principal)


@dataclass(frozen=True)
class Edges:
    """Where operations come in, requests and sockets, and what runs them."""

    executor: Executor
    fanout: Fanout
    http: GraphQLHTTP
    websocket: GraphQLWebSocket

    async def close(self) -> None:
        """Ends everything that lives longer than a request; clients resume elsewhere."""
        await self.http.close_all()
        await self.websocket.close_all()


async def main(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises:
        ConfigurationError: A setting is wrong; nothing was served.
    """
    logs.configure(as_json=settings.environment == "production")
    failpoints.arm(failpoints.parsed(settings.failpoints))
    executor = open_executor(settings)
    opened = await resources.open_all(settings)
    live, revocations = LiveFeed(), Revocations()
    services = _services(settings, opened, live, revocations)
    edges = _edges(settings, executor, services)
    codec = Pool(os.cpu_count() or 1, _probe_limits(settings), decoding.BOUNDS)
    variants = Variants(opened.storages, codec, pixels_per_hour=settings.pixel_budget_per_hour)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await live.start()
        revocations.start()
        server.keep_what_is_there()
        yield
        await variants.close()
        await codec.close()
        await revocations.close()
        await live.close()
        await opened.close()

    images = ImageDelivery(services.storages, services.signer, variants)
    staged = StagedDelivery(services.staging, services.signer, stall_seconds=settings.body_timeout_seconds)
    results = ResultDelivery(services.signer)
    watched = _metrics(settings, edges, services, images)
    delivery = [*images.routes(), *staged.routes(), *results.routes(), *watched.routes()]
    routes = _routes(edges, _pages(settings), [*delivery, *Health(opened).routes()])
    app = Starlette(
        routes=routes,
        middleware=_middleware(settings),
        exception_handlers=dict.fromkeys((PyMongoError, StorageError), unavailable.answer),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a signature is for one path; an upload is not sent twice
    entrance = Entrance(GRAPHQL, edges.http, app)
    async with traced.served(entrance, executor, opened, settings.otel_exporter_otlp_endpoint) as served:
        configuration = server.configuration(settings, served)
        await server.Server(configuration, edges.close, settings.shutdown_grace_seconds).serve()


def _services(settings: Settings, opened: Resources, live: LiveFeed, revocations: Revocations) -> Services:
    secret = settings.jwt_secret.get_secret_value()
    limits = IngestLimits(settings.max_file_size_bytes, _probe_limits(settings))
    allowed = quota.limited_to(settings.quota_bytes)
    intake = Intake(opened.storages.current, Register(opened.queue), limits, allowed)
    return Services(
        storages=opened.storages,
        queue=opened.queue,
        live=live,
        revocations=revocations,
        passwords=Passwords(),
        people=People(),
        tokens=Tokens(
            secret,
            access_ttl_seconds=settings.access_token_ttl_seconds,
            refresh_ttl_seconds=settings.refresh_token_ttl_seconds,
        ),
        signer=providers.open_signer(settings),
        intake=intake,
        staging=Staging(opened.storages, intake),
        imports=Imports(providers.open_fetcher(settings), intake),
        submissions=Submissions(opened.storages.current, opened.queue, _manifest_limits(settings), allowed),
        idempotency_keys=IdempotencyKeys(),
        metadata_policy=MetadataPolicy(settings.metadata_policy),
        ingest_limits=limits,
        quota_bytes=settings.quota_bytes,
    )


def _probe_limits(settings: Settings) -> ProbeLimits:
    return ProbeLimits(settings.max_pixels, settings.max_frames)


def _manifest_limits(settings: Settings) -> ManifestLimits:
    most = settings.max_manifest_images
    return ManifestLimits(max_bytes=settings.max_manifest_bytes, max_rows=most, max_images=most)


def open_executor(settings: Settings) -> Executor:
    """What runs operations: of every document, or of those in the manifest that TRUSTED_DOCUMENTS names.

    Raises:
        ConfigurationError: The manifest cannot be read, or holds a document that cannot run.
    """
    core_schema = schema._schema  # noqa: SLF001 - graphql-core's schema, which Strawberry gives no other name
    try:
        trusted = settings.trusted_documents and TrustedDocuments(settings.trusted_documents.read_bytes())
        executor = PersistedExecutor(
            core_schema,
            library=trusted or LearntDocuments(),
            limits=Limits(max_costs=costs.LIMITS),
            introspection=settings.introspection,
            compiled=settings.compiled_plans,
        )
        if trusted:
            trusted.check(executor.prepare)
    except OSError as error:
        path, reason = settings.trusted_documents, error.strerror
        raise ConfigurationError(
            f"TRUSTED_DOCUMENTS: found {str(path)!r}, wanted a file ({reason})"
        ) from error
    except InvalidManifestError as error:
        raise ConfigurationError(f"TRUSTED_DOCUMENTS: {error}") from error
    return executor


def _edges(settings: Settings, executor: Executor, services: Services) -> Edges:
    host = Darkroom(services)
    page = playground.closed if settings.trusted_documents else playground.page
    fanout = Fanout(executor, host)
    places = Places(settings.max_streams_per_viewer)
    http_bounds = HttpBounds(
        max_request_bytes=settings.max_request_bytes,
        max_files_per_request=settings.max_files_per_request,
        body_timeout_seconds=settings.body_timeout_seconds,
        operation_timeout_seconds=settings.operation_timeout_seconds,
    )
    return Edges(
        executor=executor,
        fanout=fanout,
        http=GraphQLHTTP(executor, host, bounds=http_bounds, page=page, fanout=fanout, places=places),
        websocket=GraphQLWebSocket(
            executor,
            host,
            bounds=SocketBounds(operation_timeout_seconds=settings.operation_timeout_seconds),
            allowed_origins=frozenset(settings.allowed_origins),
            fanout=fanout,
            places=places,
        ),
    )


def _metrics(settings: Settings, edges: Edges, services: Services, images: ImageDelivery) -> MetricsEndpoint:
    service = ServiceCollector(
        version=metadata.version("darkroom"),
        executor=edges.executor,
        fanout=edges.fanout,
        open_sockets=lambda: edges.websocket.open_count,
        intake=services.intake.counts,
        deliveries=images.counts,
        storage=services.storages.counts,
    )
    return MetricsEndpoint(service, settings.metrics_secret)


def _pages(settings: Settings) -> list[BaseRoute]:
    """The app and the playground's assets. Where documents are trusted, the app's are not among them."""
    if settings.trusted_documents:
        return [Route("/", playground.closed), *playground.routes()]
    return [*web.App(providers.picture_origins(settings)).routes(), *playground.routes()]


def _routes(edges: Edges, pages: Sequence[BaseRoute], others: Sequence[BaseRoute]) -> list[BaseRoute]:
    return [Route(GRAPHQL, edges.http), WebSocketRoute(GRAPHQL, edges.websocket), *pages, *others]


def _middleware(settings: Settings) -> list[Middleware]:
    """Pages of other origins may call the API only if they are named; the others are told so."""
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["GET", "POST", "HEAD", "PUT"],
            allow_headers=["*"],
            expose_headers=["X-Request-Id", "Content-Range", "ETag"],
        )
    ]
