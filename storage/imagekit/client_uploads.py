"""Uploads that clients send to ImageKit themselves, by its upload API, version 2.

A token of version 1 signs nothing but itself and its end, so that whoever has one may write over any file. A token of
version 2 is a JWT that holds every parameter of the upload, and is good once.

Source: https://imagekit.io/docs/api-reference/upload-file/upload-file-v2 (in beta): the parameters are claims, as
strings, and are sent along as form fields; `kid` is the public key; less than an hour lies between `iat` and `exp`.
`checks` are those of https://imagekit.io/docs/upload-api-checks.
"""

from __future__ import annotations

import time
from typing import Final

import jwt

from storage.abilities import UploadTarget
from storage.imagekit import names

LONGEST_TTL_SECONDS: Final = 3_599
UPLOAD_URL: Final = "https://upload.imagekit.io"
UPLOAD_PATH: Final = "/api/v2/files/upload"


class ClientUploads:
    """Makes the targets of such uploads."""

    def __init__(self, *, private_key: str, public_key: str, base_url: str | None) -> None:
        self._private_key = private_key
        self._public_key = public_key
        self._url = f"{base_url or UPLOAD_URL}{UPLOAD_PATH}"

    def target(self, path: str, *, size_bytes: int, ttl_seconds: int) -> UploadTarget:
        """Where a file of exactly that size may be put there, once, within the hour at most."""
        folder, name = names.split(path)
        parameters = {
            "fileName": name,
            "folder": folder,
            "useUniqueFileName": "false",
            "overwriteFile": "true",
            "isPrivateFile": "true",
            "checks": f'"file.size" = {size_bytes}',
        }
        now = int(time.time())
        end = now + min(max(1, ttl_seconds), LONGEST_TTL_SECONDS)
        token = jwt.encode(
            {**parameters, "iat": now, "exp": end},
            self._private_key,
            algorithm="HS256",
            headers={"kid": self._public_key},
        )
        return UploadTarget(self._url, "POST", {}, {**parameters, "token": token})
