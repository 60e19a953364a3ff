"""Who submits a batch, and how that is proved again when a token has run out."""

from __future__ import annotations

from dataclasses import dataclass

import typer

from cli.session import refuse


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

    @property
    def can_sign_in(self) -> bool:
        """Whether there is more than a token."""
        return bool(self.email)
