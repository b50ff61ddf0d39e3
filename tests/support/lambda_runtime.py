"""Lambda's Runtime API on this machine: where AWS's runtime client, `awslambdaric`, gets events and brings answers.

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
SECONDS = 60  # for so long a function may think; on AWS the template says how long


class FunctionError(Exception):
    """What the runtime client says went wrong: in the handler, or before there was one."""


class RuntimeApi:
    """One function's Runtime API, from entering to leaving a `with` block; it hands out one event at a time."""

    def __init__(self) -> None:
        self._events: Queue[bytes] = Queue()
        self._answers: Queue[tuple[bool, bytes]] = Queue()
        self._turn = Lock()
        self.started = Event()  # the function asked for its first event: it is loaded
        self._server = ThreadingHTTPServer((HOST, 0), partial(_Door, self))

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
        """What AWS_LAMBDA_RUNTIME_API says: host and port."""
        return f"{HOST}:{self._server.server_port}"

    def invoke(self, event: Any) -> Any:
        """Return what the function answers to an event; raises FunctionError."""
        with self._turn:
            self._events.put(json.dumps(event).encode())
            succeeded, answer = self._answers.get(timeout=SECONDS)
        if not succeeded:
            raise FunctionError(json.loads(answer))
        return json.loads(answer)

    def next(self) -> bytes:
        """Wait for an event and take it."""
        self.started.set()
        return self._events.get()

    def answer(self, path: str, said: bytes) -> None:
        """Take what the function posted: an answer, or what became of it instead."""
        self._answers.put((path.endswith("/response"), said))


@contextmanager
def function(handler: str, environment: Mapping[str, str], log: Path) -> Iterator[RuntimeApi]:
    """Run a handler under AWS's runtime client, in a process of its own, as the image does."""
    with RuntimeApi() as api:
        variables = {**environment, "AWS_LAMBDA_RUNTIME_API": api.address}
        with Program(handler, ["awslambdaric", handler], variables, log):
            yield api


def event(name: str, **values: str) -> Any:
    """Return one of the events in tests/events, which are as AWS documents them, with values in their places."""
    return json.loads(Template((EVENTS / f"{name}.json").read_text()).safe_substitute(values))


class _Door(BaseHTTPRequestHandler):
    """The function comes for events and brings answers; at `/` comes whoever invokes it, as MiniStack does."""

    def __init__(self, api: RuntimeApi, *connection: Any) -> None:
        self._api = api
        super().__init__(*connection)

    def do_GET(self) -> None:
        event = self._api.next()
        self.send_response(HTTPStatus.OK)
        self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid4()))
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + SECONDS) * 1000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:pixtag")
        self._finish(event)

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/":
            self._invoke(json.loads(said))
            return
        self._api.answer(self.path, said)
        self.send_response(HTTPStatus.ACCEPTED)
        self._finish(b"{}")

    def _invoke(self, event: Any) -> None:
        try:
            answer = self._api.invoke(event)
        except FunctionError as error:
            self.send_response(HTTPStatus.INTERNAL_SERVER_ERROR)
            answer = error.args[0]
        else:
            self.send_response(HTTPStatus.OK)
        self._finish(json.dumps(answer).encode())

    def _finish(self, body: bytes) -> None:
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing of each request."""
