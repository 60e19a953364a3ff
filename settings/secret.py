"""The secret that development makes for itself, once."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from pydantic import SecretStr

from errors import ConfigurationError


def kept(folder: Path) -> SecretStr:
    """The secret in the folder, made the first time; processes that start together all get the same one.

    Raises:
        ConfigurationError: It cannot be kept.
    """
    path = folder / "jwt_secret"
    try:
        if not path.exists():
            _create(path)
        return SecretStr(path.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"DATA_DIR: found no usable {path} ({error}), wanted a folder to keep it in"
        ) from error


def _create(path: Path) -> None:
    """Write a secret that is whole from its first moment; where another process was first, its secret stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
