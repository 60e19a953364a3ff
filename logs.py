"""Log lines: for people in development, JSON in production. Nothing that a client sent is logged unescaped."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_TRACE_WITHOUT_VALUES = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))


def configure(*, as_json: bool) -> None:
    """Sets up structlog, and warnings of the libraries with it, to write to standard error."""
    shape: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    trace: list[Any] = [structlog.processors.dict_tracebacks] if as_json else []
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *trace,
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("pyvips").setLevel(
        logging.ERROR
    )  # what it finds wrong with a picture is told to its owner


def _for_people() -> structlog.dev.ConsoleRenderer:
    """Traces show lines, not the values in them: those may be tokens or somebody's bytes."""
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
