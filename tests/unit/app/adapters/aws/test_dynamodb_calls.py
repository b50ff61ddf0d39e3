import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import botocore.auth
import botocore.endpoint
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ParamValidationError,
)

from app.adapters.aws.dynamodb_calls import speed_up
from app.adapters.aws.row_keys import Item, attributes, values
from tests.support.aws import TABLE_NAME, dynamodb_client
from tests.support.fakes import StoppedClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

Response = tuple[int, bytes] | Exception

KEY = attributes({"pk": "U#a", "sk": "IMAGE#b"})
ITEM: Item = {"text": "Düne", "number": 12, "none": None, "list": [1, {"a": True}], "bytes": b"\x00\xff"}
FOUND = json.dumps(
    {
        "Item": {
            "text": {"S": "Düne"},
            "number": {"N": "12"},
            "none": {"NULL": True},
            "list": {"L": [{"N": "1"}, {"M": {"a": {"BOOL": True}}}]},
            "bytes": {"B": "AP8="},
        },
        "ConsumedCapacity": None,
    }
).encode()
THROTTLED = 400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Slow down"}'


class Body(io.BytesIO):
    """The body of a response, as urllib3 passes it to botocore."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


class Server:
    """Responds to the requests of a client, one after the other."""

    def __init__(self, *responses: Response, headers: Mapping[str, str] | None = None) -> None:
        self.requests: list[AWSPreparedRequest] = []
        self._responses = list(responses)
        self._headers = headers or {}

    def respond(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.requests.append(request)
        response = self._responses.pop(0)
        if isinstance(response, Exception):
            raise response
        status, body = response
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(self._headers), Body(body))


def connect(
    server: Server, token: str | None = None, endpoint_url: str | None = None, prepare: Callable[[Any], None] = speed_up
) -> "DynamoDBClient":
    session = boto3.Session("key", "secret", token, region_name="eu-central-1")
    client = session.client("dynamodb", endpoint_url=endpoint_url)
    prepare(client)
    hook: Any = server.respond
    client.meta.events.register("before-send", hook)
    return client


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))


def read_headers(request: AWSPreparedRequest) -> dict[str, str]:
    """Return the headers by their lower-case names. botocore encodes most of them."""
    headers: Any = request.headers
    return {name.lower(): str(value, "utf-8") if isinstance(value, bytes) else value for name, value in headers.items()}


def wait(clock: StoppedClock) -> None:
    clock.ahead += 5


def get(client: "DynamoDBClient") -> Mapping[str, Any]:
    return client.get_item(TableName="library", Key=KEY)


def test_response_has_the_values_that_botocore_returns() -> None:
    response = get(connect(Server((200, FOUND))))
    expected = get(connect(Server((200, FOUND)), prepare=lambda _: None))

    assert values(response["Item"]) == values(expected["Item"]) == ITEM
    assert response.keys() == expected.keys() == {"Item", "ResponseMetadata"}
    assert response["ResponseMetadata"] == expected["ResponseMetadata"]


@pytest.mark.parametrize("body", [b"<!doctype html>", b"[]", b"\xff", b""])
def test_unreadable_response_gives_what_botocore_returns(body: bytes) -> None:
    results = []
    for prepare in (speed_up, lambda _: None):
        try:
            results.append(str(get(connect(Server((200, body)), prepare=prepare))))
        except (BotoCoreError, AttributeError, UnicodeDecodeError, TypeError) as error:
            results.append(repr(error))

    assert results[0] == results[1]


def test_failure_raises_the_error_of_aws() -> None:
    client = connect(Server((400, b'{"__type":"x#ConditionalCheckFailedException","message":"No"}')))

    with pytest.raises(client.exceptions.ConditionalCheckFailedException, match="No"):
        get(client)


@pytest.mark.parametrize("failure", [THROTTLED, (500, b"{}"), ConnectTimeoutError(endpoint_url="x")])
def test_failed_attempt_is_repeated_with_a_new_signature(failure: Response, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(failure, (200, FOUND))
    clock = StoppedClock()
    monkeypatch.setattr("app.adapters.aws.dynamodb_calls.time", clock)
    client = connect(server)
    client.meta.events.register("needs-retry", lambda **_: wait(clock))

    response = get(client)

    assert values(response["Item"]) == ITEM
    assert response["ResponseMetadata"]["RetryAttempts"] == 1
    first, second = (read_headers(request) for request in server.requests)
    assert first["authorization"] != second["authorization"]
    assert first["x-amz-date"] < second["x-amz-date"]
    assert first["amz-sdk-invocation-id"] == second["amz-sdk-invocation-id"]
    assert "attempt=2" in second["amz-sdk-request"]


def test_attempts_end_with_the_last_error() -> None:
    server = Server(*[THROTTLED] * 20)

    with pytest.raises(ClientError, match="Slow down"):
        get(connect(server))
    assert 2 <= len(server.requests) < 20


def test_response_with_a_wrong_checksum_is_requested_again() -> None:
    server = Server((200, FOUND), *[(200, FOUND)] * 20, headers={"x-amz-crc32": "1"})

    get(connect(server))

    assert len(server.requests) > 1


@pytest.mark.parametrize("token", [None, "of a role+/="])
@pytest.mark.parametrize("url", [None, "http://127.0.0.1:4566", "https://Example.com:443", "http://example.com:80/aws"])
def test_signature_equals_that_of_botocore(url: str | None, token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StoppedClock()
    monkeypatch.setattr("app.adapters.aws.dynamodb_calls.time", clock)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: datetime.fromtimestamp(clock.time(), UTC))
    server = Server((200, FOUND))

    get(connect(server, token, url))

    (request,) = server.requests
    headers = read_headers(request)
    unsigned = {name: headers[name] for name in ("content-type", "x-amz-target")}
    expected = AWSRequest("POST", request.url, unsigned, request.body)
    SigV4Auth(Credentials("key", "secret", token), "dynamodb", "eu-central-1").add_auth(expected)
    assert headers["authorization"] == expected.headers["Authorization"]
    assert headers.get("x-amz-security-token") == token


def test_request_has_the_headers_that_botocore_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "api")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793")
    servers = Server((200, FOUND)), Server((200, FOUND))
    for server, prepare in zip(servers, (speed_up, lambda _: None), strict=True):
        get(connect(server, prepare=prepare))

    direct, expected = (read_headers(server.requests[0]) for server in servers)
    assert direct.keys() == expected.keys()
    for name in direct.keys() - {"authorization", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-request"}:
        assert direct[name] == expected[name]
    assert "x-amzn-trace-id" in direct
    assert servers[0].requests[0].body == servers[1].requests[0].body


def test_other_hooks_run_before_the_request_is_sent() -> None:
    server = Server()
    client = connect(server)
    reply: Any = lambda **_: (AWSResponse("", 200, HTTPHeaders(), None), {"Item": KEY})  # noqa: E731
    client.meta.events.register("before-call", reply)

    assert get(client)["Item"] == KEY
    assert server.requests == []


@pytest.mark.parametrize(
    ("call", "parameters", "message"),
    [
        ("get_item", {}, "Missing required parameter"),
        ("get_item", {"Key": KEY, "Consistent": True}, "Unknown parameter"),
        ("get_item", {"Key": {"pk": "U#a"}}, "Invalid type"),
        ("query", {"Limit": 0}, "Invalid value"),
    ],
)
def test_clients_of_tests_check_parameters(call: str, parameters: dict[str, Any], message: str) -> None:
    client = dynamodb_client()
    speed_up(client)

    with pytest.raises(ParamValidationError, match=message):
        getattr(client, call)(TableName=TABLE_NAME, **parameters)


def test_client_without_credentials_raises_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    client = connect(Server())
    monkeypatch.setattr(vars(client)["_request_signer"], "_credentials", None)

    with pytest.raises(NoCredentialsError):
        get(client)


def test_second_preparation_changes_nothing() -> None:
    server = Server((200, FOUND))
    client = connect(server)

    speed_up(client)

    assert values(get(client)["Item"]) == ITEM
    assert len(server.requests) == 1
