"""A server that responds at once for AWS: DynamoDB, S3 with one photo for all uploads, and Cognito's keys.

Each query of DynamoDB finds the same photos, and no single row exists.

Unlike `stub.py`, it needs no code in the process of PixTag. So other versions of PixTag can use it too.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

from app.domain.ids import Rendition
from infra.local.program import HOST

KEYS_PATH: Final = "/keys"
_NO_OBJECT: Final = b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"
_DELETED: Final = b'<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></DeleteResult>'


@contextmanager
def instant_aws(rows: Sequence[Mapping[str, Any]], photo: bytes, keys: bytes) -> Iterator[str]:
    """Serve during the block and yield the URL.

    Args:
        rows: The rows that each query returns, in the form of DynamoDB's API.
        photo: The PNG in each upload.
        keys: The JSON Web Key Set at `/keys`.
    """
    page = json.dumps({"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}).encode()
    with ThreadingHTTPServer((HOST, 0), partial(_RequestHandler, page, photo, keys)) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()


class _RequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open, as those of AWS do
    disable_nagle_algorithm = True

    def __init__(self, page: bytes, photo: bytes, keys: bytes, *connection: Any) -> None:
        self._page = page
        self._photo = photo
        self._keys = keys
        super().__init__(*connection)

    def do_GET(self) -> None:
        if self.path == KEYS_PATH:
            self._respond(self._keys, "application/json")
        elif f"/{Rendition.INCOMING}/" in self.path:
            self._respond(self._photo, "image/png")
        else:
            self._respond(_NO_OBJECT, "application/xml", HTTPStatus.NOT_FOUND)

    def do_HEAD(self) -> None:
        self._respond(b"", "application/xml", HTTPStatus.NOT_FOUND)

    def do_PUT(self) -> None:
        self._read_body()
        self._respond(b"", "application/xml")

    def do_DELETE(self) -> None:
        self._respond(b"", "application/xml", HTTPStatus.NO_CONTENT)

    def do_POST(self) -> None:
        self._read_body()
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if not operation:
            self._respond(_DELETED, "application/xml")
        else:
            self._respond(self._page if operation == "Query" else b"{}", "application/x-amz-json-1.0")

    def _read_body(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _respond(self, body: bytes, media_type: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"0"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no line per request."""
