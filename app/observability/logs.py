"""The log: a line for each fact, as JSON in Lambda and as text elsewhere, with the request or image that it is about.

No line holds what people send or what lets somebody in. Exceptions are told by where they came from and of what kind
they are: their messages quote whatever was at fault.
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
    """Let every line of this thread, or of this request, carry these facts from now on, and no earlier ones."""
    _facts.set(dict(facts))


def note(**facts: str) -> None:
    """Add facts that were learned meanwhile; a request's lines carry them whichever thread they come from."""
    _facts.get({}).update(facts)


def set_up() -> None:
    """Write what is logged to standard output, as `POWERTOOLS_SERVICE_NAME`; who is not called so logs as they like."""
    if not (service := os.environ.get("POWERTOOLS_SERVICE_NAME")):
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(complete)
    handler.setFormatter(formatter(service, as_json="AWS_LAMBDA_FUNCTION_NAME" in os.environ))
    root = logging.getLogger()
    root.handlers[:] = [handler]  # instead of Lambda's own
    root.setLevel(logging.WARNING)  # libraries tell more than is good: Mangum every path, botocore what it signs
    logging.getLogger("app").setLevel(logging.INFO)


def formatter(service: str, *, as_json: bool) -> logging.Formatter:
    """How lines are written; only the one for JSON loads Powertools, which takes a while."""
    if not as_json:
        return logging.Formatter(f"{service}: %(message)s")
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    return LambdaPowertoolsFormatter(service=service, utc=True, use_rfc3339=True)


def complete(record: logging.LogRecord) -> bool:
    """Add the facts to a line, and put in the place of an exception what may be told of it. Drops no line."""
    record.__dict__.update(_facts.get({}))
    if record.exc_info and (error := record.exc_info[1]):
        record.exception_name = type(error).__name__
        record.exception = record.exc_text = "\n".join(map(_trace, _chain(error)))
        record.exc_info = None
    return True


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what led to it, which comes first."""
    if reason := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _chain(reason)
    yield error


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__)) + _kind(error)


def _kind(error: BaseException) -> str:
    """The name of an exception; of an error of AWS also of which call it is, and AWS's code for it."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    call, answer = getattr(error, "operation_name", ""), getattr(error, "response", None)
    return f"{kind}: {call}: {answer['Error']['Code']}" if call and answer else kind
