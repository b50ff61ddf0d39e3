"""Recognizes failures of AWS endpoints."""

from http import HTTPStatus
from typing import Final

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

# AWS's common errors, and those that emulators return.
_CODES: Final = frozenset(
    {"InvalidAction", "NotImplemented", "NotImplementedException", "UnknownOperation", "UnknownOperationException"}
)
_HTML: Final = "<!doctype html>"  # moto's server responds with a page and status 500


class UnreadableResponse(BotoCoreError):
    """A load balancer, a proxy or an emulator responded with something that is not in AWS's format."""

    fmt = "{reason}"


def convert_unreadable_responses(client: BaseClient) -> None:
    """Make the client raise UnreadableResponse. botocore's own error is not derived from BotoCoreError."""
    client.meta.events.register("after-call-error", _convert)


def _convert(exception: Exception, **_: object) -> None:
    if isinstance(exception, ResponseParserError):
        raise UnreadableResponse(reason=exception) from exception


def find_unsupported_operation(error: Exception) -> str:
    """Return the name of the operation that the AWS endpoint does not support. Return an empty text otherwise."""
    if not isinstance(error, ClientError):
        return ""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    fault = error.response["Error"]
    is_page = status == HTTPStatus.INTERNAL_SERVER_ERROR and fault.get("Message", "").startswith(_HTML)
    is_unsupported = fault["Code"] in _CODES or status == HTTPStatus.NOT_IMPLEMENTED or is_page
    return error.operation_name if is_unsupported else ""
