"""What the clients of a service have in common, from the first request to the exit status."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from cli.account import Account
from cli.terminal import INTERRUPTED, say
from client import Darkroom, RefusedError, UnreachableError

NOT_BEGUN: Final = 2


class UnfinishedError(Exception):
    """Something was begun and could not be ended."""


def run(
    account: Account,
    work: Callable[[Darkroom], Awaitable[int]],
    stopped: Callable[[], str] = lambda: "stopped",
) -> int:
    """Does the work at the account's service.

    Args:
        account: Whose.
        work: Raises `RefusedError` or `UnreachableError` while nothing has begun; what is `begun` is told apart.
        stopped: What is said after Ctrl-C.

    Returns:
        The exit status: what `work` returns, 1 if it ended in the middle, 2 if nothing was begun; why is one line.
    """

    async def run_() -> int:
        async with account.opened() as darkroom:
            return await work(darkroom)

    try:
        return asyncio.run(run_())
    except UnfinishedError as error:
        say(str(error))
        return 1
    except (RefusedError, UnreachableError) as error:
        say(reason(error, account.url))
        return NOT_BEGUN
    except BrokenPipeError:
        raise  # whoever reads what is printed has read enough: typer ends quietly
    except OSError as error:
        say(f"{error.filename or 'output'}: {error.strerror}")
        return 1
    except KeyboardInterrupt:
        say(stopped())
        return INTERRUPTED


@contextmanager
def begun(url: str) -> Iterator[None]:
    """What ends the work from here on ends it in the middle."""
    try:
        yield
    except (RefusedError, UnreachableError) as error:
        raise UnfinishedError(reason(error, url)) from error


def reason(error: RefusedError | UnreachableError, url: str) -> str:
    """Why something was not done, in a line."""
    return f"{url} does not answer ({error})" if isinstance(error, UnreachableError) else str(error)
