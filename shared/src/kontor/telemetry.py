"""Structured logs: one JSON object a line, with the request, event and deal it belongs to."""

import logging
import sys
from typing import Any

import structlog


def configure(service: str, *, level: str = "INFO") -> None:
    """Send the process's logs, also those of libraries, to standard error as JSON lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in (
        "amqp",
        "kombu",
        "nameko",
        "uvicorn",
        "alembic",
        "fontTools",
        "weasyprint",
        "httpx",
        "httpcore",
    ):
        logging.getLogger(noisy).setLevel("WARNING")
    logging.getLogger("nameko.containers").setLevel("ERROR")  # it warns of every refusal, which is an answer
    structlog.contextvars.bind_contextvars(service=service)


def logger(**facts: Any) -> Any:
    """A logger bound to the given facts."""
    return structlog.get_logger(**facts)


def bind(**facts: Any) -> None:
    """Attach facts to every further log line of this green thread; None values are left out."""
    structlog.contextvars.bind_contextvars(**{name: value for name, value in facts.items() if value is not None})
