"""What a fetched file is called: as its server says, or as the last part of its address."""

from __future__ import annotations

from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote


def filename(disposition: str | None, path: str) -> str:
    """A name as it was given, decoded and nothing else; `processing/filenames.py` makes it safe.

    Source: RFC 6266, RFC 2231.
    """
    return _said(disposition or "") or unquote(path.rpartition("/")[2])


def _said(disposition: str) -> str | None:
    header = Message()
    header["Content-Disposition"] = disposition.encode(errors="replace").decode()
    parameters = header.get_params([], "Content-Disposition")
    names = [collapse_rfc2231_value(value) for name, value in parameters if name == "filename"]
    return names[-1] if names else None  # `filename*` comes last, and is better
