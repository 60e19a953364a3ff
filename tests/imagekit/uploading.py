"""Uploads: from servers with the private key (version 1), and from clients with a token (version 2)."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

import jwt
from starlette.datastructures import FormData, UploadFile

from tests.imagekit.library import Asset, Library

LONGEST_TTL_SECONDS = 3_600
CHECKS = re.compile(r'"file\.size" = (\d+)')
MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"RIFF": "image/webp",
    b"GIF8": "image/gif",
}


class RefusedError(Exception):
    """Why an upload is refused."""


def media_type_of(content: bytes) -> str:
    """What its first bytes say, as ImageKit has it."""
    known = (kind for magic, kind in MAGIC.items() if content.startswith(magic))
    return next(known, "application/octet-stream")


async def take(library: Library, form: FormData, *, cut_bytes: int = 0) -> Asset:
    """Keeps the file of a form, without its last `cut_bytes`."""
    file, fields = await _parts(form)
    if not fields.get("fileName"):
        raise RefusedError("fileName is missing")
    if fields.get("checks"):
        _check(fields["checks"], file)
    path = f"{fields.get('folder', '/')}{fields['fileName']}"
    if fields.get("overwriteFile") == "false" and path in library.files:
        raise RefusedError("a file of that name exists")
    return library.put(
        fields.get("folder", "/"),
        fields["fileName"],
        file[: len(file) - cut_bytes],
        is_private=fields.get("isPrivateFile") == "true",
        is_unique=fields.get("useUniqueFileName", "true") != "false",
    )


class Tokens:
    """What a token must say of the upload that it comes with; each is good once."""

    def __init__(self, *, private_key: str, public_key: str) -> None:
        self._private_key = private_key
        self._public_key = public_key
        self._used: set[str] = set()

    async def verify(self, form: FormData) -> None:
        """Returns if the form is just what was signed."""
        _, fields = await _parts(form)
        token = fields.pop("token", "")
        try:
            if jwt.get_unverified_header(token).get("kid") != self._public_key:
                raise RefusedError("kid is not the public key")
            claims = jwt.decode(
                token, self._private_key, algorithms=["HS256"], options={"require": ["iat", "exp"]}
            )
        except jwt.InvalidTokenError as error:
            raise RefusedError(str(error)) from error
        self._compare(token, claims, fields)

    def _compare(self, token: str, claims: dict[str, object], fields: Mapping[str, str]) -> None:
        if claims["exp"] - claims["iat"] >= LONGEST_TTL_SECONDS or claims["iat"] > time.time():
            raise RefusedError("an hour or more")
        if {name: claims[name] for name in claims.keys() - {"iat", "exp"}} != fields:
            raise RefusedError("the parameters are not those that were signed")
        if token in self._used:
            raise RefusedError("a used token")
        self._used.add(token)


async def _parts(form: FormData) -> tuple[bytes, dict[str, str]]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise RefusedError("file is missing")
    await file.seek(0)
    return await file.read(), {name: value for name, value in form.items() if isinstance(value, str)}


def _check(checks: str, file: bytes) -> None:
    wanted = CHECKS.fullmatch(checks)
    if wanted is None:
        raise RefusedError("checks that make no sense")
    if len(file) != int(wanted[1]):
        raise RefusedError("your request doesn't meet the checks")
