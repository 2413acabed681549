"""Logs: one line an event on standard error, as JSON or as text, with the request's id and without secrets.

Rooms write `log = structlog.get_logger("room")` and `log.info("what happened", key=value)`. Lines of other people's
libraries take the same way out.
"""

import itertools
import logging
import re
import secrets
import sys
from contextvars import ContextVar
from typing import Any, TextIO, cast

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from townsquare.kernel.settings import Log

HIDDEN = "(hidden)"

REQUESTS = "http.requests"
"""The logger that is open for level info where each request is to be told of, not only those that fail."""

_PROCESS = secrets.token_hex(6)
_count = itertools.count(secrets.randbits(16))
"""Ids of requests: what no other process has, and a number."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Set by a door for the time of a request; every line written meanwhile carries it."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECRET_KEY = re.compile(
    r"passw|secret|token(?!_id|s_)|authori[sz]ation|cookie|api_?key|private_?key|totp|recovery|credential|dsn|database_url|^code$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"(?P<scheme>\bbearer\s+|\bbasic\s+)[A-Za-z0-9._~+/=-]{6,}"
    r"|(?P<parameter>\b(?:access_token|refresh_token|client_secret|token|password|code)=)[^&\s\"']+"
    r"|(?P<path>/(?:claim|confirm|confirm-email|reset|invite)/)[A-Za-z0-9_-]{8,}"
    r"|(?P<url>://[^/\s:@]*:)[^@\s/]+(?=@)",
    re.IGNORECASE,
)
_CHATTY = ("uvicorn", "httpx", "httpcore")
"""Libraries that tell of their everyday work at level info."""
_STARTLED = ("python_multipart", "uvicorn.error")
"""Libraries that warn of what strangers send."""
_LENGTHY = ("asyncpg.pool",)
"""Libraries that write a traceback for each attempt while the database is away. Its last line says it all."""


class Shown(str):
    """Text that is logged as it is, links with their tokens included: a message that no mailer could send."""

    __slots__ = ()


def configure(settings: Log, stream: TextIO | None = None) -> None:
    """Send all lines of this process to `stream` (standard error). May be called again, after a fork for example."""
    out = stream or sys.stderr
    as_text = settings.format == "text" or (settings.format == "auto" and out.isatty())
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        hide_secrets,
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(out, as_text=as_text)],
        )
    )
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(level if level == logging.DEBUG else max(level, logging.WARNING))
    for name in _STARTLED:
        logging.getLogger(name).setLevel(level if level == logging.DEBUG else logging.ERROR)
    logging.getLogger(REQUESTS).setLevel(logging.INFO if settings.requests else logging.WARNING)
    for name in _LENGTHY:
        lengthy = logging.getLogger(name)
        lengthy.removeFilter(_shorten)
        if level > logging.DEBUG:
            lengthy.addFilter(_shorten)
    structlog.configure(
        processors=[
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(capture=True)


def _shorten(record: logging.LogRecord) -> bool:
    """A filter that keeps a line and leaves the traceback out of it."""
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        record.msg, record.args, record.exc_info = f"{record.getMessage()}: {error}", (), None
    return True


def new_request_id(given: str | None = None) -> str:
    """The id that a proxy in front gave the request, if it is a plain one, else a new one."""
    return given if given and _REQUEST_ID.fullmatch(given) else f"{_PROCESS}{next(_count):x}"


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide what a key names as secret, and tokens and passwords within texts (URLs, headers, tracebacks)."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: object) -> object:
    if isinstance(value, Shown):
        return str(value)
    if value and _SECRET_KEY.search(key):
        return HIDDEN
    if isinstance(value, str):
        return _SECRET_VALUE.sub(_keep_name, value)
    if isinstance(value, dict):
        return {str(name): _clean(str(name), item) for name, item in cast("dict[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_clean("", item) for item in cast("list[object]", value)]
    return value


def _keep_name(found: re.Match[str]) -> str:
    return next(part for part in found.groups() if part is not None) + HIDDEN


def _add_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if current := request_id.get():
        event["request_id"] = current
    return event


def _renderer(out: TextIO, *, as_text: bool) -> Processor:
    if as_text:
        return structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(serializer=_encode)


def _encode(value: object, **_options: Any) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
