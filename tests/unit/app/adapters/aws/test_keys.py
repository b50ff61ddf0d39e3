from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from app.adapters.aws import keys
from app.domain.errors import Unavailable


class KeyServer(BaseHTTPRequestHandler):
    """A server whose response depends on the path."""

    is_finished = Event()

    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/keys")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        self.wfile.write(b"x" * (100_000 if self.path == "/huge" else 10))
        if self.path == "/slow":
            self.wfile.flush()
            self.is_finished.wait(10)
        for _ in range(10 if self.path == "/dripping" else 0):
            self.wfile.write(b"x" * 4096)
            self.is_finished.wait(0.05)

    def log_message(self, *_args: Any) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def server() -> Any:
    with ThreadingHTTPServer(("127.0.0.1", 0), KeyServer) as key_server:
        Thread(target=key_server.serve_forever).start()
        yield f"http://127.0.0.1:{key_server.server_port}"
        KeyServer.is_finished.set()
        key_server.shutdown()


def test_fetch_keys_returns_body(server: str) -> None:
    assert keys.fetch_keys(f"{server}/keys") == b"x" * 10


@pytest.mark.parametrize("path", ["redirect", "missing", "huge", "slow", "dripping"])
def test_fetch_keys_with_unusable_response_raises(server: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "FETCH_SECONDS", 0.2)

    with pytest.raises(Unavailable):
        keys.fetch_keys(f"{server}/{path}")
