from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from infra.local.emulator import Stack
from infra.local.endpoints import COGNITO, DYNAMODB, EmulatorFailed, explain_failures, find_endpoint
from infra.local.program import HOST, find_free_ports

VARIABLES = {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_DYNAMODB": "http://b", "PATH": "/bin"}
LACKING = b"<ErrorResponse><Error><Code>InternalFailure</Code><Message>Pro only</Message></Error></ErrorResponse>"
DENIED = (
    "The server at {url} does not respond as AWS does: An error occurred (Denied) when calling the DescribeStacks"
    " operation: No."
)


class _Handler(BaseHTTPRequestHandler):
    """Responds to every request with the status and the body of the test."""

    status, body = 200, b""

    def do_POST(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def server_url() -> Iterator[str]:
    with HTTPServer((HOST, 0), _Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://{HOST}:{server.server_port}"
        server.shutdown()


def test_find_endpoint_prefers_the_emulator_of_the_service() -> None:
    assert find_endpoint(DYNAMODB, VARIABLES) == "http://b"
    assert find_endpoint(COGNITO, VARIABLES) == "http://a"


def deploy(url: str) -> str:
    """Deploy to an endpoint that is no emulator, and return the message of the failure."""
    with pytest.raises(EmulatorFailed) as error, explain_failures(url):
        Stack(url).deploy()
    return str(error.value)


def test_refused_connection_is_one_sentence_with_the_url() -> None:
    url = f"http://{HOST}:{find_free_ports(1)[0]}"

    assert deploy(url) == f"No emulator responds at {url}. Start it, or correct AWS_ENDPOINT_URL."


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (501, LACKING, "The emulator at {url} lacks the operation DescribeStacks."),
        (200, b"<!doctype html>\n<title>A page</title>", "The server at {url} does not respond as AWS does."),
        (
            403,
            b"<ErrorResponse><Error><Code>Denied</Code><Message>No.</Message></Error></ErrorResponse>",
            DENIED,
        ),
    ],
)
def test_response_of_another_server_is_one_sentence(
    server_url: str, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, message: str
) -> None:
    monkeypatch.setattr(_Handler, "status", status)
    monkeypatch.setattr(_Handler, "body", body)

    assert deploy(server_url) == message.format(url=server_url)


def test_text_that_is_no_url_is_one_sentence() -> None:
    assert deploy("garbage") == (
        "Invalid endpoint: garbage is not a URL. Correct AWS_ENDPOINT_URL, for example http://127.0.0.1:4566."
    )


def test_other_errors_are_not_explained() -> None:
    with pytest.raises(ValueError, match="another error"), explain_failures("http://a"):
        raise ValueError("another error")
