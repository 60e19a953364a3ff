"""Log lines: for people in development, JSON in production; ours and those of the libraries alike."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.stdlib import BoundLogger, LoggerFactory, ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer

COMMON: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(*, as_json: bool) -> None:
    """Sends structlog's lines, and those of the libraries, to standard error.

    Traces show lines, not the values in them: those may be passwords, tokens or somebody's bytes.
    """
    structlog.configure(
        processors=[*COMMON, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=BoundLogger,
        logger_factory=LoggerFactory(),
    )
    shape = _for_programs() if as_json else _for_people()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=COMMON, processors=[ProcessorFormatter.remove_processors_meta, *shape]
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # What libvips finds wrong with a picture is told to its owner.
    logging.getLogger("pyvips").setLevel(logging.ERROR)
    # What Kafka's client cannot do for the moment, the queue says once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    # ImageKit's SDK speaks through httpx, which has a line for each request.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _for_programs() -> list[Any]:
    traces = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    return [traces, structlog.processors.JSONRenderer()]


def _for_people() -> list[Any]:
    return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
