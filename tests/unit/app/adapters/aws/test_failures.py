from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, EndpointConnectionError

from app.adapters.aws.failures import UnreadableResponse, convert_unreadable_responses, find_unsupported_operation
from infra.local.program import HOST, find_free_ports

PAGE = "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>"


class Body:
    """A response body, as urllib3 passes it to botocore."""

    def __init__(self, text: str) -> None:
        self._text = text

    def stream(self) -> Iterator[bytes]:
        yield self._text.encode()


def call_sns(status: int, body: str) -> None:
    """Call SNS, which responds with a status and a body."""
    sns = boto3.client("sns", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    convert_unreadable_responses(sns)
    response = AWSResponse("http://127.0.0.1", status, HTTPHeaders(), Body(body))
    events: Any = sns.meta.events
    events.register_first("before-send", lambda **_: response)
    sns.list_topics()


def client_error(code: str, status: int, message: str = "") -> ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "RevokeToken")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        client_error("InternalFailure", 501),  # LocalStack
        client_error("InvalidAction", 400),  # MiniStack
        client_error("UnknownOperationException", 400),
        client_error("NotImplemented", 501),
        client_error("500", 500, PAGE),  # moto
    ],
)
def test_unsupported_operation_is_named(error: ClientError) -> None:
    assert find_unsupported_operation(error) == "RevokeToken"


@pytest.mark.parametrize(
    "error",
    [
        client_error("InternalServerError", 500),
        client_error("ThrottlingException", 400),
        client_error("500", 500, "a server error"),
        client_error("503", 503, PAGE),  # a proxy
        ClientError({"Error": {"Code": "Injected"}}, "Query"),
        EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
    ],
)
def test_failure_that_a_retry_may_resolve_names_no_operation(error: Exception) -> None:
    assert find_unsupported_operation(error) == ""


def test_page_in_place_of_a_response_is_a_failure_of_the_store() -> None:
    with pytest.raises(UnreadableResponse, match="invalid XML received"):
        call_sns(200, PAGE)


def test_failure_in_the_format_of_aws_stays_as_it_is() -> None:
    with pytest.raises(ClientError, match="Denied"):
        call_sns(403, "<ErrorResponse><Error><Code>Denied</Code></Error></ErrorResponse>")


def test_refused_connection_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{HOST}:{find_free_ports(1)[0]}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    sns = boto3.client("sns", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    convert_unreadable_responses(sns)

    with pytest.raises(EndpointConnectionError):
        sns.list_topics()
