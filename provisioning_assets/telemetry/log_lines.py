"""How log records of the project are written: one line each to standard error, as text or as JSON, without secrets.

Every line has the customer, the run and the stage, if the process works on one. Records of other libraries are left as they are.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from provisioning_assets.redaction import without_secrets
from provisioning_assets.settings import Settings
from provisioning_assets.telemetry.stage import current_stage

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

PROJECT_LOGGER = "provisioning_assets"
RECORDS_LOGGER = f"{PROJECT_LOGGER}.telemetry.records"
_NEVER = logging.CRITICAL + 1
LONGEST_VALUE = 8000
"""Characters of one value. Collectors of logs cut or refuse longer lines: Google Cloud at 256 KB, Docker splits at 16 KB."""
_OWN = ("at", "level", "event", "customer", "run", "stage")


def configure_logging(settings: Settings) -> None:
    """Write the project's log records as the settings say. A second call replaces the first.

    Args:
        settings: format and least level.
    """
    logger = logging.getLogger(PROJECT_LOGGER)
    for handler in [handler for handler in logger.handlers if isinstance(handler, _StandardError)]:
        logger.removeHandler(handler)
    as_json = settings.log_format == "json"
    level = (settings.log_level or ("info" if as_json else "warning")).upper()
    handler = _StandardError(as_json=as_json)
    handler.setFormatter(_formatter(as_json=as_json))
    logger.addHandler(handler)
    logger.setLevel(level)
    # Without a chosen level, lines of stages, checks and runs are for collectors only: the command line and Dagster show them.
    for_collectors = as_json or settings.log_level is not None
    logging.getLogger(RECORDS_LOGGER).setLevel(logging.NOTSET if for_collectors else _NEVER)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the moment: Dagster and tests replace it."""

    def __init__(self, *, as_json: bool) -> None:
        logging.Handler.__init__(self)
        self.as_json = as_json

    @property
    def stream(self) -> TextIO:  # pyright: ignore[reportIncompatibleVariableOverride]
        return sys.stderr

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A line that cannot be written must not fail a run. Python's own message would repeat the record with its secrets."""


def _formatter(*, as_json: bool) -> logging.Formatter:
    import structlog  # most commands write no log lines; it takes 0.1 s

    ending = [structlog.processors.JSONRenderer(ensure_ascii=False)] if as_json else [_as_text]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            _with_fields,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _without_secrets,
            _in_order,
            *ending,
        ],
    )


def _with_fields(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
    """Add the fields of the record (``extra={"fields": {...}}``), and those of the stage."""
    record: logging.LogRecord = event["_record"]
    stage = current_stage()
    fields: Mapping[str, Any] = getattr(record, "fields", {})
    return {**event, **(stage.fields() if stage else {}), **fields}


def _without_secrets(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
    return {name: _safe(value) for name, value in event.items()}


def _safe(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = without_secrets(str(value), os.environ)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _in_order(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
    first = {name: event[name] for name in _OWN if name in event}
    return {**first, **{name: value for name, value in event.items() if name not in first}}


def _as_text(_logger: "WrappedLogger", _method: str, event: "EventDict") -> str:
    """``2026-06-01T09:00:00Z warning acme_com synthetic_tables: ... seconds=1.2``, and the stack trace below, if there is one."""
    head = [event.pop(name) for name in ("at", "level", "customer", "stage") if name in event]
    said, trace = event.pop("event", ""), event.pop("exception", "")
    tail = [f"{name}={value}" for name, value in event.items() if name not in ("logger", "run")]
    line = _one_line(f"{' '.join(head)}: {' '.join([str(said), *tail])}")
    return "\n".join([line, *(_one_line(row) for row in trace.splitlines())])


def _one_line(text: str) -> str:
    """Return the text without what moves a terminal's cursor. It may quote a website."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


@contextlib.contextmanager
def also_as_json(log: logging.Logger) -> Iterator[None]:
    """Write what is said to another logger, such as ``context.log``, as log lines of the project too, if these are JSON.

    As text it is left out: Dagster writes it already, and the command line shows it as progress.

    Args:
        log: the logger of a Dagster run. Dagster sends its records to its own pages and to its own console.
    """
    project = logging.getLogger(PROJECT_LOGGER)
    handlers = [handler for handler in project.handlers if isinstance(handler, _StandardError) and handler.as_json]
    if not handlers:
        yield
        return
    forward = _Forward()
    # First, because Dagster's own handler puts job, run and stage into the record's text, which the line has as fields.
    log.handlers.insert(0, forward)
    try:
        yield
    finally:
        log.removeHandler(forward)


class _Forward(logging.Handler):
    """Hands records over to the project's logger."""

    def emit(self, record: logging.LogRecord) -> None:
        target = logging.getLogger(f"{PROJECT_LOGGER}.stages")
        if target.isEnabledFor(record.levelno):
            place = (record.pathname, record.lineno)
            target.handle(
                target.makeRecord(target.name, record.levelno, *place, record.getMessage(), (), record.exc_info)
            )
