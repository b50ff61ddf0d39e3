"""A PixTag server in memory, for tests of the client: it receives uploads, and fails as a test demands."""

import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from app.client.index import UploadIndex
from app.client.walk import FoundFile

URL: Final = "https://photos.example.com"
STORE: Final = "https://store.example.com"
KEY: Final = "pixtag_" + "a" * 22 + "b" * 26 + "_" + "c" * 38
JPEG: Final = b"\xff\xd8\xff"
MAX_FORM_BYTES: Final = 100
PART_BYTES: Final = 40


@dataclass
class FakeServer:
    """The state of the server. `transport` sends requests to it.

    Attributes:
        images: The bytes of each image that was received, by id.
        tags: The tags of each image.
        pending: The ids of images that are not processed yet.
        removed: The ids of images that were deleted.
        parts: The received parts of each upload.
        requests: The method and path of each request.
        answers: Responses or errors in place of the next ones, by a part of the method and path.
        on_request: Is called with each request.
    """

    images: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    removed: list[str] = field(default_factory=list)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answers: list[tuple[str, httpx.Response | Exception]] = field(default_factory=list)
    on_request: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        line = f"{request.method} {request.url.path}"
        body = request.read()
        self.on_request(line)
        with self._lock:
            self.requests.append(line)
            self.bodies.append(body)
            is_link = request.url.host == "store.example.com"
            assert is_link == ("authorization" not in request.headers)
            for index, (prefix, answer) in enumerate(self.answers):
                if line.startswith(prefix):
                    del self.answers[index]
                    if isinstance(answer, Exception):
                        raise answer
                    return answer
            return self._route(line, body)

    def _route(self, line: str, body: bytes) -> httpx.Response:
        routes: dict[str, Callable[..., httpx.Response]] = {
            r"POST /uploads": self._offer,
            r"GET /uploads/(\w+)": self._list_parts,
            r"POST /uploads/(\w+)/complete": self._complete,
            r"POST /form/(\w+)": self._receive_form,
            r"PUT /part/(\w+)/(\d+)": self._receive_part,
            r"DELETE /images/(\w+)": self._remove,
            r"GET /images/(\w+)": self._get_image,
            r"POST /tags": self._tag,
        }
        route, parts = next((each, match) for each in routes if (match := re.fullmatch(each, line)))
        return routes[route](body, *parts.groups())

    def _offer(self, body: bytes) -> httpx.Response:
        upload = json.loads(body)
        for image, data in self.images.items():
            if hashlib.sha256(data).hexdigest() == upload["sha256"]:
                return httpx.Response(200, json={"id": image, "form": None, "parts": None})
        image = f"image{len(self.sizes)}"
        self.sizes[image] = upload["size"]
        if upload["size"] > MAX_FORM_BYTES:
            self.parts[image] = {}
            return httpx.Response(201, json={"id": image, "form": None, "parts": self._missing(image)})
        form = {"url": f"{STORE}/form/{image}", "fields": {"key": "incoming", "policy": "p"}}
        return httpx.Response(201, json={"id": image, "form": form, "parts": None})

    def _missing(self, image: str) -> list[dict[str, Any]]:
        starts = range(0, self.sizes[image], PART_BYTES)
        return [
            {
                "number": number,
                "start": start,
                "size": min(PART_BYTES, self.sizes[image] - start),
                "url": f"{STORE}/part/{image}/{number}",
            }
            for number, start in enumerate(starts, start=1)
            if number not in self.parts[image]
        ]

    def _list_parts(self, _: bytes, image: str) -> httpx.Response:
        if image not in self.parts:
            return problem(409, "This image has no parts.")
        return httpx.Response(200, json={"id": image, "form": None, "parts": self._missing(image)})

    def _receive_part(self, body: bytes, image: str, number: str) -> httpx.Response:
        self.parts[image][int(number)] = body
        return httpx.Response(204)

    def _complete(self, _: bytes, image: str) -> httpx.Response:
        assert not self._missing(image)
        self.images[image] = b"".join(part for _, part in sorted(self.parts[image].items()))
        return httpx.Response(202, json={})

    def _receive_form(self, body: bytes, image: str) -> httpx.Response:
        boundary = body.split(b"\r\n", 1)[0]
        *fields, file, end = body.split(boundary)
        assert end == b"--\r\n"
        assert [part.split(b"\r\n\r\n")[1] for part in fields[1:]] == [b"incoming\r\n", b"p\r\n"]
        self.images[image] = file.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")
        return httpx.Response(204)

    def _remove(self, _: bytes, image: str) -> httpx.Response:
        self.removed.append(image)
        self.images.pop(image, None)
        return httpx.Response(204)

    def _get_image(self, _: bytes, image: str) -> httpx.Response:
        if image in self.sizes and image not in self.images:
            return httpx.Response(202, json={"id": image, "state": "pending"}, headers={"ETag": '"1"'})
        if image not in self.images:
            return problem(404, "There is no such image in your library.")
        if image in self.pending:
            self.pending.remove(image)
            return httpx.Response(202, json={})
        tags = [{"tag": tag, "count": 1} for tag in self.tags.get(image, [])]
        body = {"id": image, "state": "ready", "reason": "", "tags": tags}
        return httpx.Response(200, json=body, headers={"ETag": '"2"'})

    def _tag(self, body: bytes) -> httpx.Response:
        edit = json.loads(body)
        ids = [] if edit["images"].get("dry_run") else edit["images"]["ids"]
        for image in ids:
            self.tags.setdefault(image, []).extend(addition["tag"] for addition in edit["add"])
        outcomes = [{"image": image, "result": "changed", "detail": ""} for image in ids]
        return httpx.Response(200, json={"changed": len(ids), "outcomes": outcomes, "next": None, "operation": None})


def is_done(index: UploadIndex, file: FoundFile) -> bool:
    """Return whether an upload leaves out this file, because it is in the index."""
    return list(index.compare([file])) == [(file, False)]


def problem(status: int, detail: str, **headers: str) -> httpx.Response:
    """Return problem details as PixTag's API does."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"detail": detail}, headers=named)


class Waits(threading.Event):
    """An event that records the seconds of each wait, and returns at once."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0)
        return self.is_set()
