"""Lambda's Runtime API on this machine: AWS's runtime client, `awslambdaric`, polls it for events and posts responses.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from string import Template
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from infra.local.program import HOST, Program

EVENTS = Path(__file__).parents[1] / "events"
TIMEOUT_SECONDS = 60  # of one invocation; on AWS, the template sets it


class FunctionError(Exception):
    """The runtime client reported an error, either from the handler or from its import."""


class RuntimeApi:
    """The Runtime API of one function, which serves inside a `with` block and delivers one event at a time."""

    def __init__(self) -> None:
        self._events: Queue[bytes] = Queue()
        self._results: Queue[tuple[bool, bytes]] = Queue()
        self._invocation = Lock()
        self.started = Event()  # set when the function polls for its first event, so it is loaded
        self._server = ThreadingHTTPServer((HOST, 0), partial(_RequestHandler, self))

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Return host and port, which is the value of AWS_LAMBDA_RUNTIME_API."""
        return f"{HOST}:{self._server.server_port}"

    def invoke(self, event: Any) -> Any:
        """Return the function's response to an event.

        Raises:
            FunctionError: the runtime client posted an error instead.
        """
        with self._invocation:
            self._events.put(json.dumps(event).encode())
            succeeded, body = self._results.get(timeout=TIMEOUT_SECONDS)
        if not succeeded:
            raise FunctionError(json.loads(body))
        return json.loads(body)

    def next_event(self) -> bytes:
        """Wait for the next event and return it."""
        self.started.set()
        return self._events.get()

    def post_result(self, path: str, body: bytes) -> None:
        """Store what the function posted. The path shows whether it is a response or an error."""
        self._results.put((path.endswith("/response"), body))


@contextmanager
def run_function(handler: str, environment: Mapping[str, str], log: Path) -> Iterator[RuntimeApi]:
    """Run a handler with AWS's runtime client in a separate process, as the image does."""
    with RuntimeApi() as api:
        variables = {**environment, "AWS_LAMBDA_RUNTIME_API": api.address}
        with Program(handler, ["awslambdaric", handler], variables, log):
            yield api


def load_event(name: str, **values: str) -> Any:
    """Return an event of tests/events with its placeholders replaced. The events have the form that AWS documents."""
    return json.loads(Template((EVENTS / f"{name}.json").read_text()).safe_substitute(values))


class _RequestHandler(BaseHTTPRequestHandler):
    """Serves the runtime client. A POST to `/` invokes the function; MiniStack sends it."""

    def __init__(self, api: RuntimeApi, *connection: Any) -> None:
        self._api = api
        super().__init__(*connection)

    def do_GET(self) -> None:
        event = self._api.next_event()
        self.send_response(HTTPStatus.OK)
        self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid4()))
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + TIMEOUT_SECONDS) * 1000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:pixtag")
        self._send_body(event)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/":
            self._invoke(json.loads(body))
            return
        self._api.post_result(self.path, body)
        self.send_response(HTTPStatus.ACCEPTED)
        self._send_body(b"{}")

    def _invoke(self, event: Any) -> None:
        try:
            result = self._api.invoke(event)
        except FunctionError as error:
            self.send_response(HTTPStatus.INTERNAL_SERVER_ERROR)
            result = error.args[0]
        else:
            self.send_response(HTTPStatus.OK)
        self._send_body(json.dumps(result).encode())

    def _send_body(self, body: bytes) -> None:
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Write no line per request."""
