"""The log: one JSON object a line, on standard error."""

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo, Processor

# Without the values of variables: they hold what a log must not.
_TRACEBACKS = ExceptionDictTransformer(show_locals=False)


def _without_rows(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """The traceback, less what PostgreSQL tells of the row: "Key (email)=(…) already exists."."""
    told = _TRACEBACKS(exc_info)
    for one in told:
        one["exc_value"] = one["exc_value"].partition("\nDETAIL:")[0]
    return told


def configure_logs(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send the hub's log to ``stream``, by default standard error. For a process, not a library.

    What libraries write to the standard log comes in the same form, from warnings on.
    """
    begun: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    finished: list[Processor] = [
        structlog.processors.ExceptionRenderer(_without_rows),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=[*begun, *finished],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=True,
    )
    _of_libraries.setStream(stream or sys.stderr)
    _of_libraries.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[*begun, structlog.stdlib.add_logger_name],
            processors=[ProcessorFormatter.remove_processors_meta, *finished],
        )
    )
    _of_libraries.setLevel(max(level, logging.WARNING))
    logging.getLogger().addHandler(_of_libraries)  # once, however often
    logging.captureWarnings(True)


_of_libraries = logging.StreamHandler(sys.stderr)
