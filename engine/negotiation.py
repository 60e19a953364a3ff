"""In which form requests come and answers go: what the headers `Content-Type` and `Accept` say of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
HTML = "text/html"
FORM = "multipart/form-data"

_OFFERED = {
    RESPONSE_JSON: RESPONSE_JSON,
    JSON: JSON,
    EVENT_STREAM: EVENT_STREAM,
    "application/*": JSON,
    "*/*": JSON,
}


@dataclass(frozen=True)
class Accepted:
    """What a client takes.

    Attributes:
        media_type: The one it likes best; None if there is none that we can give.
        events: Whether it takes an event stream.
        page: Whether it likes an HTML page best, as browsers do.
    """

    media_type: str | None
    events: bool
    page: bool


@lru_cache(maxsize=256)
def accepted(header: str) -> Accepted:
    """Reads `Accept`; without one, the client takes `application/json`.

    Source: RFC 9110 section 12.5.1; between equals, the one named first.
    """
    liked = _by_preference(header or "*/*")
    return Accepted(
        media_type=next((_OFFERED[media_range] for media_range in liked if media_range in _OFFERED), None),
        events=EVENT_STREAM in liked,
        page=next((media_range for media_range in liked if media_range in {HTML, *_OFFERED}), None) == HTML,
    )


@lru_cache(maxsize=256)
def body_format(header: str) -> str | None:
    """Reads `Content-Type`: `JSON` in UTF-8, `FORM`, or None for what we cannot read."""
    media_type, _, parameters = header.lower().partition(";")
    if media_type.strip() == JSON:
        return JSON if _is_utf8(parameters) else None
    return FORM if media_type.strip() == FORM else None


def _is_utf8(parameters: str) -> bool:
    """Whether the parameters of a media type leave the charset open or say UTF-8."""
    pairs = (parameter.partition("=") for parameter in parameters.split(";"))
    return all(
        value.strip(' "') in {"utf-8", "utf8"} for name, _, value in pairs if name.strip() == "charset"
    )


def _by_preference(header: str) -> list[str]:
    weighed = [
        (_quality(parameters), media_range.strip().lower()) for media_range, parameters in _ranges(header)
    ]
    return [media_range for quality, media_range in sorted(weighed, key=lambda pair: -pair[0]) if quality > 0]


def _ranges(header: str) -> list[tuple[str, str]]:
    return [(entry.partition(";")[0], entry.partition(";")[2]) for entry in header.split(",")]


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0
    return 1
