"""What a command of upkeep works with: the settings, MongoDB and storage."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pymongo.errors import ConnectionFailure, PyMongoError

import embedded
import logs
import resources
from cli.terminal import INTERRUPTED, say
from errors import ConfigurationError, DarkroomError
from providers import Database
from resources import Resources
from settings import Settings


@dataclass(frozen=True)
class Session:
    """What is open while a command runs."""

    settings: Settings
    resources: Resources

    @property
    def database(self) -> Database:
        """The service's."""
        return self.resources.client[self.settings.mongodb_database]


def run(work: Callable[[Session], Awaitable[int]]) -> int:
    """Does the work with what the settings choose.

    Returns:
        The exit status: what `work` returns, or 1 if MongoDB or a provider failed, which is said in one line.
    """
    try:
        return asyncio.run(_run(work))
    except ConfigurationError:
        raise
    except DarkroomError as error:
        say(str(error) or type(error).__name__)
        return 1
    except ConnectionFailure as error:
        reason, *_ = str(error).partition(" (configured timeouts")
        say(f"MongoDB does not answer ({reason})")
        return 1
    except PyMongoError as error:
        say(f"MongoDB: {error}")
        return 1
    except KeyboardInterrupt:
        say("stopped; start it again to go on")
        return INTERRUPTED


async def _run(work: Callable[[Session], Awaitable[int]]) -> int:
    async with _opened() as session:
        return await work(session)


@asynccontextmanager
async def _opened() -> AsyncIterator[Session]:
    settings = _with_mongodb(Settings.load())
    logs.configure(as_json=settings.environment == "production")
    logging.getLogger().setLevel(logging.WARNING)  # the outcome says the rest
    opened = await resources.open_all(settings)
    try:
        yield Session(settings, opened)
    finally:
        await opened.close()


def _with_mongodb(settings: Settings) -> Settings:
    """The settings, with the MongoDB that `darkroom run` has started if they name none."""
    if settings.mongodb_uri:
        return settings
    data = settings.data_dir / "mongodb"
    uri = embedded.running(data)
    if uri is None:
        raise ConfigurationError(
            f"MONGODB_URI: found nothing, and no `darkroom run` at work on {data.resolve()}; start it, or set MONGODB_URI"
        )
    return settings.model_copy(update={"mongodb_uri": uri})
