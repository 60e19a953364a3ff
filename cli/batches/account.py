"""Who submits a batch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import typer

from cli.session import refuse, say
from client import Darkroom


@dataclass(frozen=True)
class Account:
    """An access token as it is, or what one is had for."""

    token: str | None
    email: str | None
    password: str | None

    @classmethod
    def given(cls, token: str | None, email: str | None, password: str | None) -> Account:
        """By the options; a missing password is asked for. Raises `typer.BadParameter` if nobody is named."""
        if not (token or email):
            raise refuse(
                "--token", "say who you are: DARKROOM_TOKEN, or DARKROOM_EMAIL and DARKROOM_PASSWORD"
            )
        if email and not password:
            password = typer.prompt("Password", hide_input=True, err=True)
        return cls(token, email, password)

    @asynccontextmanager
    async def at(self, url: str) -> AsyncIterator[Darkroom]:
        """The service at `url`, for this account."""
        async with Darkroom(url, self.token, tell=say) as darkroom:
            if self.email:
                await darkroom.sign_in(self.email, self.password or "")
            yield darkroom
