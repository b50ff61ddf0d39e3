"""Bounded work: no text, array or file costs much more than an ordinary request, and every request is counted.

The tests walk over the OpenAPI document, so a new route or field without a bound fails them.
"""

from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Final
from urllib.parse import quote
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app import wiring
from app.api.problems import MAX_FILE_BYTES
from app.api.routers.pages import PATHS, SERVICE_WORKER_PATH, SHARE_PATH
from app.domain.ids import new_id
from app.domain.query import parse
from app.domain.quotas import MinuteCounter, Rate
from app.domain.uploads import Upload
from app.main import app
from tests.robustness import torture
from tests.robustness.bounds import (
    BINARY,
    Field,
    Request,
    list_fields,
    make_ordinary_request,
    make_request,
)
from tests.robustness.routes import PAGES, ROWS, Resources, add_album, add_key, add_share
from tests.support.fakes import FakeDetector
from tests.support.lines import LineCounter
from tests.support.sampling import TORTURE, sample
from tests.support.wired_app import WiredApp, lift_rate_limits, wire_app

MAX_RATIO: Final = 20
STRIDE: Final = 5  # in `make test`, each operation gets one in five of its fields
FIELDS: Final = list(list_fields())
OPERATIONS: Final = [pytest.param(*operation, id=" ".join(operation)) for operation in ROWS]
# Separators of lists, queries, forms, cookies and paths, escapes, white space, combining marks in the wrong order, and
# a character of four bytes.
FILLERS: Final = ("a", "\N{DOG}", "a,", "a|", "&", ";", "%", " ", "/", "\u0301\u0323") if TORTURE else ("\N{DOG}",)
NOT_IN_HEADERS: Final = {"\N{DOG}", ";", " ", "\u0301\u0323"}
FILES_AND_LINKS: Final = [
    ("GET", "/mailbox"),
    ("GET", "/mailbox.json"),
    ("GET", "/subscriptions/links/{token}"),
    ("POST", "/subscriptions/links/{token}"),
    ("POST", "/objects"),
    ("GET", "/objects/{key:path}"),
    ("GET", "/s/{token}"),
    ("POST", "/s/{token}"),
    ("GET", "/s/{token}/images/{image_id}"),
    ("GET", "/s/{token}/images/{image_id}/{picture}"),
    ("GET", "/s/{rest:path}"),
]
STATIC: Final = {
    *PATHS,
    "/assets/{name}",
    *(SERVICE_WORKER_PATH, SHARE_PATH),
    *("/docs", "/docs/start.js", "/docs/files", "/openapi.json"),
}


@pytest.fixture(scope="module")
def pixtag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredApp]:
    with wire_app("local", tmp_path_factory.mktemp("data"), FakeDetector({"unicorn": 1})) as pixtag:
        lift_rate_limits()
        yield pixtag


class Person:
    """A person, and a client that counts the lines of each request."""

    def __init__(self, pixtag: WiredApp) -> None:
        claims = pixtag.add_person(f"{uuid4()}@example.com")
        self.owner: str = claims["sub"]
        self.resources = Resources(new_id(), "0" * 12, "0" * 26, self.owner, pixtag.links)
        self._counter = LineCounter(app)
        self._token = pixtag.signer.sign(claims)
        self._url = pixtag.url

    def fill_library(self, photo: bytes) -> None:
        """Add an image, a subscription, an album and an API key."""
        pending = wiring.ingest().receive(self.owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
        image = wiring.ingest().ingest(self.owner, pending.id)
        assert image
        subscription = wiring.subscriptions().add(self.owner, parse("unicorn"))
        self.resources = replace(
            self.resources,
            image=image.id,
            detection=image.corrected_detections[0].id,
            subscription=subscription.id,
            operation=wiring.operations().proceed(self.owner, new_id()).id,
            album=add_album(self.owner).id,
            key=add_key(self.owner).id,
            share=add_share(self.owner, [new_id()])[0].id,
        )

    def send(self, method: str, path: str, request: Request, *, has_token: bool = True) -> tuple[Response, int]:
        """Send a request. Return its response and the number of lines."""
        options = {**request}
        url = path.replace(":path", "").format(
            **{name: quote(value, safe="") for name, value in options.pop("path").items()}
        )
        authorization = {"Authorization": f"Bearer {self._token}"} if has_token else {}
        headers = authorization | options.pop("headers", {})
        client = TestClient(self._counter, self._url, raise_server_exceptions=False, follow_redirects=False)
        client.cookies.update(options.pop("cookies", {}))
        response: Response = client.request(method, url, headers=headers, **options)
        return response, self._counter.lines


@pytest.fixture
def newcomer(pixtag: WiredApp) -> Person:
    """A person whose library is empty."""
    return Person(pixtag)


@pytest.fixture
def person(newcomer: Person, photo: bytes) -> Person:
    """A person with an image and a subscription."""
    newcomer.fill_library(photo)
    return newcomer


def make_values(field: Field, length: int) -> Iterator[object]:
    """Yield values of this length that are as different as possible."""
    if field.schema.get("format") == BINARY:
        yield b"\xff\xd8\xff" + b"x" * (length - 3)
    elif field.schema["type"] == "array":
        yield [{}] * length
    else:
        replaced = NOT_IN_HEADERS if field.steps[0] in {"headers", "cookies"} else {"/"}
        for filler in FILLERS:
            text = "a" if filler in replaced else filler
            yield (text * length)[:length]


def is_refused_for_its_length(response: Response) -> bool:
    """Return whether the problem names a length."""
    words = ("should have at most", "can have at most", "Send a file with 1 to", "no-such-path")
    return response.is_client_error and any(word in response.text for word in words)


def test_every_text_array_and_file_has_a_maximum() -> None:
    assert [str(field) for field in FIELDS if field.maximum is None] == []
    assert {(field.method, field.path) for field in FIELDS} <= set(ROWS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_largest_and_longer_values_cost_at_most_20_ordinary_requests(person: Person, method: str, path: str) -> None:
    ordinary = make_ordinary_request(method, path, person.resources)
    lines = [person.send(method, path, ordinary)[1] for _ in range(2)][-1]
    costs: dict[str, float] = {}
    fields = [each for each in FIELDS if (each.method, each.path) == (method, path)]
    for field in sample(fields, STRIDE):
        assert field.maximum
        for value in make_values(field, field.maximum):
            accepted, cost = person.send(method, path, make_request(field, value, person.resources))
            costs[f"{field} {value!r:.20}"] = cost / lines
            if field.allows(value):
                assert not is_refused_for_its_length(accepted), accepted.text
        for value in make_values(field, field.maximum + 1):
            refused, cost = person.send(method, path, make_request(field, value, person.resources))
            costs[f"{field} {value!r:.20} too long"] = cost / lines
            assert refused.is_client_error, (str(field), refused.text)
            # This person is no administrator.
            is_forbidden = path.startswith("/admin/") and refused.status_code == HTTPStatus.FORBIDDEN
            assert is_forbidden or is_refused_for_its_length(refused), (str(field), refused.text)
        torture.cases.append(2 * len(FILLERS))

    assert {name: cost for name, cost in costs.items() if cost > MAX_RATIO} == {}


JSON: Final = {"Content-Type": "application/json"}
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART: Final = {"Content-Type": "multipart/form-data; boundary=x"}
HEAD_BYTES: Final = 60_000  # h11 accepts 64 KiB
PART: Final = b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n\r\n'


def fill(text: str, size: int) -> str:
    return text * (size // len(text))


def make_hostile_bodies(size: int) -> dict[str, Request]:
    """Return bodies of very many parts, each of about this size in bytes."""
    zeros = "[" + "0," * 900 + "0],"
    parts = b"".join(PART % n for n in range(size // len(PART)))
    texts = {
        "numbers": (f'{{"a":[{fill("0,", size)}0]}}', JSON),
        "empty lists": (f'{{"a":[{fill("[],", size)}0]}}', JSON),
        "lists of 900": (f'{{"a":[{fill(zeros, size)}0]}}', JSON),
        "names": ("{" + ",".join(f'"{n}":0' for n in range(size // 10)) + "}", JSON),
        "500 names": ("{" + ",".join(f'"{n}":0' for n in range(500)) + "}", JSON),
        "digits": (f'{{"a":{fill("9", size)}}}', JSON),
        "escapes": (f'{{"a":"{fill(chr(92) + "u0041", size)}"}}', JSON),
        "a form of fields": (fill("a=b&", size), FORM),
        "a form of separators": (fill("&", size), FORM),
        "a form of escapes": ("a=" + fill("%41", size), FORM),
        "parts": (parts + b"--x--", MULTIPART),
        "line breaks": (fill("\r\n", size) + "--x--", MULTIPART),
        "part headers": ("--x\r\n" + fill("a: b\r\n", size) + "--x--", MULTIPART),
        "a long part header": ("--x\r\na: " + fill("b", size) + "--x--", MULTIPART),
        "boundaries": ("--x\r\n\r\n" + fill("\r\n--", size) + "--x--", MULTIPART),
    }
    return {f"{size} bytes: {name}": {"content": text, "headers": kind} for name, (text, kind) in texts.items()}


HOSTILE: Final[dict[str, Request]] = {
    **make_hostile_bodies(500_000),
    **make_hostile_bodies(38_000),  # less than the maximum of most operations
    "a media type": {"content": "{}", "headers": {"Content-Type": "a/b" + fill('; a="', HEAD_BYTES)}},
    "parameters": {"params": fill("a=b&", HEAD_BYTES)},
    "separators": {"params": fill("&", HEAD_BYTES)},
    "a query of escapes": {"params": "q=" + fill("%41", HEAD_BYTES)},
    "cookies": {"headers": {"Cookie": fill("a=b;", HEAD_BYTES)}},
    "a token": {"headers": {"Authorization": "Bearer " + fill("a.", HEAD_BYTES)}},
    "entity tags": {"headers": {"If-Match": fill('"1",', HEAD_BYTES), "If-None-Match": fill('"1",', HEAD_BYTES)}},
    "ranges": {"headers": {"Range": "bytes=" + fill("1-2,", HEAD_BYTES)}},
    "encodings": {"headers": {"Accept-Encoding": fill("a,", HEAD_BYTES), "Accept": fill("*/*,", HEAD_BYTES)}},
}
TARGETS: Final = [("POST", "/images/trash"), ("POST", "/auth/token"), ("POST", "/images"), ("GET", "/search")]


@pytest.mark.parametrize(
    ("method", "path"), OPERATIONS if TORTURE else [pytest.param(*each, id=" ".join(each)) for each in TARGETS]
)
def test_hostile_request_costs_at_most_20_ordinary_requests(person: Person, method: str, path: str) -> None:
    ordinary = make_ordinary_request(method, path, person.resources)
    lines = [person.send(method, path, ordinary)[1] for _ in range(2)][-1]
    costs = {
        name: person.send(method, path, {"path": ordinary["path"]} | request)[1] / lines
        for name, request in HOSTILE.items()
    }
    torture.cases.append(len(HOSTILE))

    assert {name: cost for name, cost in costs.items() if cost > MAX_RATIO} == {}


@pytest.mark.parametrize("path", ["/images", "/search/image"])
def test_file_without_a_token_is_neither_read_nor_parsed(person: Person, path: str) -> None:
    costs = [
        person.send("POST", path, {"path": {}, **request}, has_token=False)
        for request in (
            {},
            {"files": {"file": ("a.jpg", b"x" * MAX_FILE_BYTES, "image/jpeg")}},
            HOSTILE["500000 bytes: parts"],
        )
    ]

    assert [response.status_code for response, _ in costs] == [401] * 3
    assert max(lines for _, lines in costs) < 1.1 * costs[0][1]


@pytest.mark.parametrize(("method", "path"), [*OPERATIONS, *FILES_AND_LINKS])
def test_every_request_is_counted(newcomer: Person, monkeypatch: pytest.MonkeyPatch, method: str, path: str) -> None:
    """Requests with a token count for its owner, and others for the client's address."""
    counted: list[Rate] = []
    monkeypatch.setattr(MinuteCounter, "count", lambda *arguments: counted.append(arguments[2]))
    request = (
        {"path": {"key": "a", "token": "a", "image_id": "a", "picture": "preview", "rest": "a/b"}}
        if path in PAGES
        else make_ordinary_request(method, path, newcomer.resources)
    )

    for has_token in (True, False):
        newcomer.send(method, path, request, has_token=has_token)

    by_address = Rate.FILES if path.startswith("/objects") else Rate.VISITS
    is_public = path in PAGES or ROWS[method, path].public
    assert counted == [by_address if is_public else Rate.REQUESTS, by_address]


def test_only_static_files_are_not_counted() -> None:
    assert PAGES - {path for _, path in FILES_AND_LINKS} == STATIC


def test_every_operation_documents_its_rate_limit() -> None:
    operations = [each for methods in app.openapi()["paths"].values() for each in methods.values()]

    assert [each["operationId"] for each in operations if "429" not in each["responses"]] == []
