"""The log: one line per event, as JSON in Lambda and as text elsewhere. JSON lines contain ids of request and image.

No line contains user input or credentials. Exceptions are logged by type and traceback, without their messages:
messages quote the values that caused them.
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
    """Add these facts to every later line of this thread or request. Earlier facts are dropped."""
    _facts.set(dict(facts))


def note(**facts: str) -> None:
    """Add more facts to every later line. All threads of a request share its facts."""
    _facts.get({}).update(facts)


def set_up() -> None:
    """Write log lines to standard output, with `POWERTOOLS_SERVICE_NAME`. Without it, change no setting."""
    if not (service := os.environ.get("POWERTOOLS_SERVICE_NAME")):
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(add_facts)
    handler.setFormatter(make_formatter(service, as_json="AWS_LAMBDA_FUNCTION_NAME" in os.environ))
    root = logging.getLogger()
    root.handlers[:] = [handler]  # replaces Lambda's own handler
    root.setLevel(logging.WARNING)  # at INFO, Mangum logs every path and botocore what it signs
    logging.getLogger("app").setLevel(logging.INFO)


def make_formatter(service: str, *, as_json: bool) -> logging.Formatter:
    """Return the formatter of lines. Only JSON loads Powertools, because that takes time."""
    if not as_json:
        return logging.Formatter(f"{service}: %(message)s")
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    return LambdaPowertoolsFormatter(service=service, utc=True, use_rfc3339=True)


def add_facts(record: logging.LogRecord) -> bool:
    """Add the facts to a record, and replace its exception by types and tracebacks. Return True to keep the record."""
    record.__dict__.update(_facts.get({}))
    if record.exc_info and (error := record.exc_info[1]):
        record.exception_name = type(error).__name__
        record.exception = record.exc_text = "\n".join(map(_format_trace, _list_causes(error)))
        record.exc_info = None
    return True


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and its causes, the first cause first."""
    if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _list_causes(cause)
    yield error


def _format_trace(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__)) + _describe(error)


def _describe(error: BaseException) -> str:
    """Return the type of an exception. For an error of AWS, add the operation and AWS's error code."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    operation, response = getattr(error, "operation_name", ""), getattr(error, "response", None)
    return f"{kind}: {operation}: {response['Error']['Code']}" if operation and response else kind
