"""Where a service is and who asks it: the options that its clients share."""

# ruff: noqa: PLC0415 - as in `cli`

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import typer

from cli.options import refuse

if TYPE_CHECKING:
    from client import Darkroom

PANEL: Final = "Where the service is, and who you are"
DEFAULT_URL: Final = "http://127.0.0.1:8000"
WHO: Final = """\
Says who you are by an access token, or by an email address and a password. Both are better given as variables: \
DARKROOM_TOKEN, or DARKROOM_EMAIL and DARKROOM_PASSWORD."""

Url = Annotated[
    str, typer.Option("--url", envvar="DARKROOM_URL", help="Where the service is.", rich_help_panel=PANEL)
]
Token = Annotated[
    str | None, typer.Option(envvar="DARKROOM_TOKEN", help="An access token.", rich_help_panel=PANEL)
]
Email = Annotated[
    str | None, typer.Option(envvar="DARKROOM_EMAIL", help="Whose account it is.", rich_help_panel=PANEL)
]
Password = Annotated[
    str | None,
    typer.Option(
        envvar="DARKROOM_PASSWORD", help="Asked for if there is an email address.", rich_help_panel=PANEL
    ),
]


@dataclass(frozen=True)
class Account:
    """At the service at `url`, by an access token as it is, or by what one is had for."""

    url: str
    token: str | None
    email: str | None
    password: str | None

    @classmethod
    def given(cls, url: str, token: str | None, email: str | None, password: str | None) -> Account:
        """By the options; a missing password is asked for.

        Raises:
            typer.BadParameter: They name no service or nobody, or there is no terminal to ask on.
        """
        if not _is_address(url):
            raise refuse("--url", f"{url!r} is no address such as {DEFAULT_URL}")
        if not (token or email):
            raise refuse(
                "--token", "say who you are: DARKROOM_TOKEN, or DARKROOM_EMAIL and DARKROOM_PASSWORD"
            )
        if email and not password:
            if not sys.stdin.isatty():
                raise refuse("--password", "there is no terminal to ask for it on; set DARKROOM_PASSWORD")
            password = typer.prompt("Password", hide_input=True, err=True)
        return cls(url, token, email, password)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Darkroom]:
        """The service, for this account."""
        from cli.terminal import say
        from client import Darkroom

        async with Darkroom(self.url, self.token, tell=say) as darkroom:
            if self.email:
                await darkroom.sign_in(self.email, self.password or "")
            yield darkroom


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
