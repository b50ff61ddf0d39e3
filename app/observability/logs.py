"""Writes one log line per event. Lines are JSON in Lambda and plain text elsewhere.

JSON lines contain the ids of the request and the image. No line contains user input or credentials. An exception is
logged with its type and traceback. Its message is omitted because it may quote user input.
"""

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Final

_facts: Final[ContextVar[dict[str, str]]] = ContextVar("facts")


def begin(**facts: str) -> None:
    """Replace the facts that every later line of this thread or request contains."""
    _facts.set(dict(facts))


def note(**facts: str) -> None:
    """Add facts to every later line of this request. All threads of a request share its facts."""
    _facts.get({}).update(facts)


def set_up() -> None:
    """Configure logging to standard output, if `POWERTOOLS_SERVICE_NAME` is set. Disable Uvicorn's access log."""
    logging.getLogger("uvicorn.access").disabled = True  # its lines contain queries and the signatures of links
    if not (service := os.environ.get("POWERTOOLS_SERVICE_NAME")):
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(add_facts)
    handler.setFormatter(make_formatter(service, as_json="AWS_LAMBDA_FUNCTION_NAME" in os.environ))
    root = logging.getLogger()
    root.handlers[:] = [handler]  # replaces Lambda's own handler
    root.setLevel(logging.WARNING)  # at INFO, Mangum would log every path
    logging.getLogger("app").setLevel(os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO"))


def make_formatter(service: str, *, as_json: bool) -> logging.Formatter:
    """Return the log formatter. Import Powertools only for JSON, because the import is slow."""
    if not as_json:
        return logging.Formatter(f"{service}: %(message)s")
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    return LambdaPowertoolsFormatter(service=service, utc=True, use_rfc3339=True)


def add_facts(record: logging.LogRecord) -> bool:
    """Add the facts to a record. Replace its exception with types and tracebacks. Return True to keep the record."""
    record.__dict__.update(_facts.get({}))
    if record.exc_info and (error := record.exc_info[1]):
        record.exception_name = type(error).__name__
        record.exception = record.exc_text = "\n".join(map(_format_trace, _list_causes(error)))
        record.exc_info = None
    return True


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the causes of the exception, root cause first, and then the exception itself."""
    if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _list_causes(cause)
    yield error


def _format_trace(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__)) + _describe(error)


def _describe(error: BaseException) -> str:
    """Return an exception's type. For an AWS error, append the operation and the error code."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    operation, response = getattr(error, "operation_name", ""), getattr(error, "response", None)
    return f"{kind}: {operation}: {response['Error']['Code']}" if operation and response else kind
