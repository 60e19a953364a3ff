"""Who we are to S3: keys that were given, or what boto3 finds, such as an instance's role."""

from __future__ import annotations

from dataclasses import dataclass, field

import boto3
from botocore.credentials import Credentials, ReadOnlyCredentials, RefreshableCredentials
from botocore.exceptions import BotoCoreError

from storage.s3.refusal import NoCredentialsError
from storage.threads import Threads

THREADS = 2


@dataclass(frozen=True)
class Keys:
    """Keys that somebody has written down."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


class CredentialSource:
    """Credentials for the next request. Looking for them and renewing them blocks, so that happens in a thread."""

    def __init__(self, keys: Keys | None) -> None:
        self._threads = Threads(THREADS)
        self._found: Credentials | None = None
        if keys:
            self._found = Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)

    async def current(self) -> ReadOnlyCredentials:
        """Credentials that are good now.

        Raises:
            NoCredentialsError: There are none, or they cannot be renewed.
        """
        try:
            if self._found is None:
                self._found = await self._threads.run(_find)
            if isinstance(self._found, RefreshableCredentials) and self._found.refresh_needed():
                return await self._threads.run(self._found.get_frozen_credentials)
            return self._found.get_frozen_credentials()
        except BotoCoreError as error:
            raise NoCredentialsError(f"S3: no credentials ({type(error).__name__})") from error


def _find() -> Credentials:
    found = boto3.Session().get_credentials()
    if found is None:
        raise NoCredentialsError("S3: no credentials were found", retryable=False)
    return found
