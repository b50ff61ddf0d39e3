"""The routes that serve links and receive upload forms, with files in a temporary folder."""

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from email.utils import formatdate
from pathlib import Path

import anyio
import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from app import wiring
from app.adapters.local import signatures
from app.adapters.local.address import use_address
from app.adapters.local.objects import FileObjects
from app.api import file_response
from app.api.dependencies import provide
from app.api.routers import objects as objects_router
from app.domain.parts import MAX_FORM_BYTES
from app.domain.uploads import Upload
from app.main import app
from app.settings import LocalSettings
from tests.support.asgi import Received, make_scope, receive_nothing, request, run, split
from tests.support.fakes import Clock
from tests.support.local_objects import (
    BOUNDARY,
    CONTENT_TYPE,
    INCOMING,
    ORIGINAL,
    THUMBNAIL,
    list_files,
    make_form,
    open_objects,
)

BYTES = b"0123456789"
UPLOAD = Upload(BYTES, "image/png", "Düne.png")
LARGE = bytes(range(256)) * 4_000  # more than is sent at once


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileObjects]:
    with open_objects(tmp_path) as objects:
        yield objects


@pytest.fixture
def http(store: FileObjects) -> Iterator[TestClient]:
    app.dependency_overrides |= {provide(wiring.object_server): lambda: store}
    with use_address("http://testserver"):
        yield TestClient(app)
    app.dependency_overrides.clear()


@pytest.fixture
def link(store: FileObjects, http: TestClient) -> str:
    """A link to a file of ten bytes."""
    store.claim(ORIGINAL, UPLOAD)
    return store.link(ORIGINAL, download="Düne.png")


@pytest.fixture
def fields(store: FileObjects, http: TestClient) -> dict[str, str]:
    """The fields of an upload form for ten bytes."""
    return sign_fields(store, len(BYTES))


def sign_fields(store: FileObjects, size: int) -> dict[str, str]:
    """Return the fields of an upload form for a file of this size."""
    return store.upload_form(INCOMING, UPLOAD.media_type, UPLOAD.name, size).fields


def send(http: TestClient, body: bytes, content_type: str = CONTENT_TYPE) -> tuple[int, str]:
    """Send a form. Return the status and the kind of the problem."""
    response = http.post("/objects", content=body, headers={"Content-Type": content_type})
    return response.status_code, response.json()["type"].removeprefix("urn:pixtag:") if response.content else ""


def test_link_to_original_returns_file_with_the_headers_of_s3(http: TestClient, link: str) -> None:
    response = http.get(link)

    assert (response.status_code, response.content) == (200, BYTES)
    headers = {name: response.headers[name] for name in ("Content-Type", "Content-Length", "Accept-Ranges")}
    assert headers == {"Content-Type": "image/png", "Content-Length": "10", "Accept-Ranges": "bytes"}
    assert (
        response.headers["Content-Disposition"] == "attachment; filename=\"Dune.png\"; filename*=UTF-8''D%C3%BCne.png"
    )
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_link_to_thumbnail_is_cached_for_a_year(http: TestClient, store: FileObjects) -> None:
    store.put_derived(THUMBNAIL, b"jpeg")

    response = http.get(store.link(THUMBNAIL))

    assert (response.content, response.headers["Content-Type"]) == (b"jpeg", "image/jpeg")
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response.headers["Content-Disposition"] == "inline"


def test_object_runs_nothing_and_other_sites_cannot_embed_it(http: TestClient, link: str) -> None:
    headers = http.get(link).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_photo_is_not_compressed(http: TestClient, store: FileObjects) -> None:
    store.claim(ORIGINAL, Upload(LARGE, "image/heic", "a.heic"))

    response = http.get(store.link(ORIGINAL), headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in response.headers
    assert response.headers["Content-Length"] == str(len(LARGE))


@pytest.mark.parametrize("size", [1, file_response.WHOLE_BYTES, file_response.WHOLE_BYTES + 1, len(LARGE)])
def test_head_of_link_returns_headers_only(http: TestClient, store: FileObjects, size: int) -> None:
    store.claim(ORIGINAL, Upload(LARGE[:size], "image/png", "a.png"))
    url = store.link(ORIGINAL)

    head, get = http.head(url), http.get(url)

    assert get.content == LARGE[:size]
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


@pytest.mark.parametrize(
    ("value", "expected", "content_range"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=9-", b"9", "bytes 9-9/10"),
        ("bytes=5-99999999999999999999", b"56789", "bytes 5-9/10"),
        ("bytes=-1", b"9", "bytes 9-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("BYTES = 1 - 2", b"12", "bytes 1-2/10"),
    ],
)
def test_range_returns_part(http: TestClient, link: str, value: str, expected: bytes, content_range: str) -> None:
    response = http.get(link, headers={"Range": value})

    assert (response.status_code, response.content) == (206, expected)
    assert response.headers["Content-Range"] == content_range
    assert response.headers["Content-Length"] == str(len(expected))


def test_range_of_large_file_returns_part(http: TestClient, store: FileObjects) -> None:
    store.claim(ORIGINAL, Upload(LARGE, "image/png", "a.png"))

    response = http.get(store.link(ORIGINAL), headers={"Range": "bytes=100000-900001"})

    assert (response.status_code, response.content) == (206, LARGE[100_000:900_002])


def test_head_ignores_a_range(http: TestClient, link: str) -> None:
    response = http.head(link, headers={"Range": "bytes=2-4"})

    assert (response.status_code, response.headers["Content-Length"], response.content) == (200, "10", b"")
    assert response.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("value", ["bytes=10-", "bytes=10-12", "bytes=-0", f"bytes={'9' * 20}-"])
def test_range_beyond_the_end_returns_416(http: TestClient, link: str, value: str) -> None:
    response = http.get(link, headers={"Range": value})

    assert (response.status_code, response.headers["Content-Range"]) == (416, "bytes */10")
    assert response.json() == {
        "type": "urn:pixtag:range-not-satisfiable",
        "title": "Requested Range Not Satisfiable",
        "status": 416,
        "detail": "The range starts after the end of the file, which has 10 bytes. Request less.",
    }


@pytest.mark.parametrize(
    "value",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=4-2",
        "bytes=0x1-",
        "bytes=1_0-",
        "bytes=--1",
        "bytes=1-2-3",
        "bytes=٣-",
        "bytes=0-0,2-3",
        "bytes=" + "0-," * 1_000,
        "lines=0-1",
        f"bytes={'9' * 5_000}-",
    ],
)
def test_invalid_range_and_several_ranges_return_the_whole_file(http: TestClient, link: str, value: str) -> None:
    response = http.get(link, headers=[(b"Range", value.encode())])

    assert (response.status_code, response.content) == (200, BYTES)
    assert "Content-Range" not in response.headers


def test_if_range_returns_part_of_the_same_file_only(http: TestClient, link: str) -> None:
    headers = http.get(link).headers

    def status(validator: str) -> int:
        return http.get(link, headers={"Range": "bytes=2-", "If-Range": validator}).status_code

    assert [status(headers[name]) for name in ("ETag", "Last-Modified")] == [206, 206]
    assert [status(other) for other in ('"other"', f"W/{headers['ETag']}", formatdate(0, usegmt=True), "")] == [200] * 4


@pytest.mark.parametrize("name", ["If-None-Match", "If-Modified-Since"])
def test_known_version_returns_304(http: TestClient, link: str, name: str) -> None:
    headers = http.get(link).headers
    validator = headers["ETag" if name == "If-None-Match" else "Last-Modified"]

    response = http.get(link, headers={name: validator, "Range": "bytes=0-1"})

    assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", headers["ETag"])


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"a", W/{etag}'}, 304),
        ({"If-None-Match": '"a"'}, 200),
        ({"If-None-Match": '"a"', "If-Modified-Since": "{modified}"}, 200),
        ({"If-Modified-Since": formatdate(0, usegmt=True)}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Modified-Since": "Sun Nov  6 08:49:37 2050"}, 304),  # the form of asctime(), in UTC
        ({"If-Modified-Since": "Sunday, 06-Nov-50 08:49:37 GMT"}, 304),  # the form of RFC 850
        ({"If-None-Match": "{etag}", "If-Modified-Since": formatdate(0, usegmt=True)}, 304),
        ({"If-None-Match": "a"}, 400),
        ({"If-Match": "*"}, 200),
        ({"If-Match": '"a", {etag}'}, 200),
        ({"If-Match": "W/{etag}"}, 200),  # of a compressing proxy
        ({"If-Match": '"a"'}, 412),
        ({"If-Match": '"a"', "If-None-Match": "{etag}"}, 412),
        ({"If-Match": "a"}, 400),
        ({"If-Unmodified-Since": "{modified}"}, 200),
        ({"If-Unmodified-Since": formatdate(0, usegmt=True)}, 412),
        ({"If-Unmodified-Since": "yesterday"}, 200),
        ({"If-Match": "{etag}", "If-Unmodified-Since": formatdate(0, usegmt=True)}, 200),
        ({"If-Match": '"a"', "Range": "bytes=0-1"}, 412),
        ({"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 -2359"}, 304),
        ({"If-Modified-Since": "Mon, 01 Jan 0001 00:00:00 +2359"}, 200),
    ],
)
def test_conditional_request(http: TestClient, link: str, headers: dict[str, str], expected: int) -> None:
    known = http.get(link).headers
    values = {name: text.format(etag=known["ETag"], modified=known["Last-Modified"]) for name, text in headers.items()}

    assert http.get(link, headers=values).status_code == expected


def test_dates_in_two_lines_are_ignored(http: TestClient, link: str) -> None:
    date = http.get(link).headers["Last-Modified"]

    assert http.get(link, headers=[("If-Modified-Since", date)] * 2).status_code == 200


@pytest.mark.parametrize(("origins", "policy"), [("", "same-origin"), ("https://app.example.com", "cross-origin")])
def test_pages_of_allowed_origins_can_show_photos(http: TestClient, link: str, origins: str, policy: str) -> None:
    """Without CORS too, as in `<img src>`. S3 allows it to each page."""
    app.dependency_overrides[provide(wiring.settings)] = lambda: LocalSettings(cors_origins=origins)

    assert http.get(link).headers["Cross-Origin-Resource-Policy"] == policy


def test_link_to_deleted_object_returns_404(http: TestClient, store: FileObjects, link: str) -> None:
    store.delete(ORIGINAL)

    response = http.get(link)

    assert response.status_code == 404
    assert response.json()["detail"] == "The file of this link was deleted."


def test_object_that_is_deleted_while_it_is_sent_is_sent_completely(http: TestClient, store: FileObjects) -> None:
    store.claim(ORIGINAL, Upload(LARGE, "image/png", "a.png"))
    scope = make_scope("GET", store.link(ORIGINAL))
    received = bytearray()

    async def send_and_delete(message: Message) -> None:
        received.extend(message.get("body", b""))
        store.delete(ORIGINAL)

    run(app, scope, receive_nothing, send_and_delete)

    assert received == LARGE


def test_file_that_was_cut_off_ends_early(http: TestClient, store: FileObjects, tmp_path: Path) -> None:
    store.claim(ORIGINAL, Upload(LARGE, "image/png", "a.png"))
    received = bytearray()

    async def send_and_cut(message: Message) -> None:
        received.extend(message.get("body", b""))
        (tmp_path / "objects" / ORIGINAL).write_bytes(b"")

    run(app, make_scope("GET", store.link(ORIGINAL)), receive_nothing, send_and_cut)

    assert len(received) < len(LARGE)


def test_client_that_disconnects_stops_the_response(http: TestClient, store: FileObjects) -> None:
    store.claim(ORIGINAL, Upload(bytes(2**24), "image/png", "a.png"))
    sizes: list[int] = []
    started = anyio.Event()

    async def send_slowly(message: Message) -> None:
        sizes.append(len(message.get("body", b"")))
        if sizes[-1]:
            started.set()
        await anyio.sleep(0.001)

    async def disconnect() -> Message:
        await started.wait()
        return {"type": "http.disconnect"}

    run(app, make_scope("GET", store.link(ORIGINAL)), disconnect, send_slowly)

    assert 0 < sum(sizes) < 2**24


def test_form_stores_the_file(http: TestClient, store: FileObjects, fields: dict[str, str]) -> None:
    response = http.post("/objects", data=fields, files={"file": ("Düne.png", BYTES, "image/png")})

    assert (response.status_code, response.content) == (204, b"")
    assert store.find(INCOMING) == UPLOAD


def test_form_for_the_url_in_the_form_stores_the_file(http: TestClient, store: FileObjects) -> None:
    form = store.upload_form(INCOMING, "image/png", "Düne.png", len(BYTES))

    assert http.post(form.url, data=form.fields, files={"file": BYTES}).status_code == 204
    assert store.find(INCOMING) == UPLOAD


def test_form_used_twice_replaces_the_file(http: TestClient, store: FileObjects, fields: dict[str, str]) -> None:
    for data in (b"the first!", BYTES):
        assert send(http, make_form(fields, data)) == (204, "")

    assert store.find(INCOMING) == UPLOAD


@pytest.mark.parametrize("data", [b"\r\n", b"\r\n--", b"--" + BOUNDARY, b"\r\n--" + BOUNDARY[:-1], b"\0\xff" * 9])
def test_form_keeps_bytes_that_resemble_a_boundary(http: TestClient, store: FileObjects, data: bytes) -> None:
    assert send(http, make_form(sign_fields(store, len(data)), data)) == (204, "")

    upload = store.find(INCOMING)
    assert upload
    assert upload.data == data


def post(body: bytes | Iterable[bytes], *, on_end: Callable[[], Message] | None = None) -> int:
    """Send a form in chunks. Return the status."""
    return request(app, "POST", "/objects", {"Content-Type": CONTENT_TYPE}, body, on_end=on_end).status


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_form_in_small_chunks_stores_the_file(
    http: TestClient, store: FileObjects, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("app.api.form_stream.BATCH_BYTES", 1)
    data = b"\r\n--7c4be" * 9

    assert post(split(make_form(sign_fields(store, len(data)), data), size)) == 204
    upload = store.find(INCOMING)
    assert upload
    assert upload.data == data


@pytest.mark.parametrize("size", [0, 9, 11, MAX_FORM_BYTES + 1, MAX_FORM_BYTES + 2**16])
def test_form_with_file_of_wrong_size_returns_413(
    http: TestClient, store: FileObjects, fields: dict[str, str], tmp_path: Path, size: int
) -> None:
    assert send(http, make_form(fields, bytes(size))) == (413, "wrong-size")
    assert list_files(tmp_path) == []


def test_form_after_five_minutes_returns_403(
    http: TestClient, fields: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(signatures, "time", Clock(ahead=300))

    response = http.post("/objects", data=fields, files={"file": BYTES})

    assert response.status_code == 403
    assert response.json()["detail"] == "This upload form has expired. Get a new form from POST /uploads."
    assert list_files(tmp_path) == []


def test_body_of_rejected_form_is_read_to_its_end(http: TestClient, fields: dict[str, str]) -> None:
    read = 0

    def body() -> Iterator[bytes]:
        nonlocal read
        for chunk in split(make_form(fields | {"signature": ""}, bytes(2**20))):
            read += len(chunk)
            yield chunk

    assert post(body()) == 403
    assert read > 2**20


def test_paths_without_an_object_server_return_404(http: TestClient, link: str, fields: dict[str, str]) -> None:
    app.dependency_overrides[provide(wiring.object_server)] = lambda: None

    form = http.post("/objects", data=fields, files={"file": BYTES})
    responses = [http.get(link), http.head(link), http.put(link), form]

    assert [response.status_code for response in responses] == [404] * 4
    assert responses[0].json()["type"] == "urn:pixtag:no-such-path"


def test_other_method_returns_405(http: TestClient) -> None:
    response = http.delete(f"/objects/{ORIGINAL}")

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, PUT")


def test_other_routes_keep_their_limit(http: TestClient) -> None:
    for path in ("/objects/", "/search"):
        assert http.post(path, content=bytes(6 * 2**20)).status_code in {401, 404, 405, 413}


def test_client_that_disconnects_leaves_nothing(
    http: TestClient, store: FileObjects, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = make_form(sign_fields(store, 2**20), bytes(2**20))
    files_during: list[str] = []

    def disconnect() -> Message:
        files_during.extend(list_files(tmp_path))
        return {"type": "http.disconnect"}

    post(body[: 2**19], on_end=disconnect)

    assert len(files_during) == 1
    assert list_files(tmp_path) == []
    assert "Traceback" not in caplog.text


def test_client_that_sends_nothing_for_a_minute_gets_408_and_leaves_nothing(
    http: TestClient, store: FileObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects_router, "PAUSE_SECONDS", 0.05)
    chunks = iter(split(make_form(sign_fields(store, 2**20), bytes(2**20))[: 2**19]))
    received = Received()

    async def receive() -> Message:
        if chunk := next(chunks, None):
            return {"type": "http.request", "body": chunk, "more_body": True}
        return await receive_nothing()

    run(app, make_scope("POST", "/objects", {"Content-Type": CONTENT_TYPE}), receive, received.take)

    assert (received.status, received.headers["content-type"]) == (408, "application/problem+json")
    assert list_files(tmp_path) == []


def test_server_that_stops_leaves_nothing(http: TestClient, store: FileObjects, tmp_path: Path) -> None:
    chunks = iter(split(make_form(sign_fields(store, 2**20), bytes(2**20))[: 2**19]))

    async def receive() -> Message:
        if chunk := next(chunks, None):
            return {"type": "http.request", "body": chunk, "more_body": True}
        return await receive_nothing()

    async def ignore(message: Message) -> None:
        raise AssertionError

    async def stop() -> None:
        with anyio.move_on_after(0.2):
            await app(make_scope("POST", "/objects", {"Content-Type": CONTENT_TYPE}), receive, ignore)

    run(stop)

    assert list_files(tmp_path) == []


def test_upload_of_50_mb_needs_little_memory(http: TestClient, store: FileObjects) -> None:
    head, _, tail = make_form(sign_fields(store, MAX_FORM_BYTES), b"|").partition(b"|")
    chunk = bytes(2**16)

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(MAX_FORM_BYTES // len(chunk)):
            yield chunk
        yield tail

    post(body())  # loads modules
    tracemalloc.start()
    try:
        status = post(body())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert status == 204
    assert peak < 2**20


def test_download_of_50_mb_needs_little_memory(http: TestClient, store: FileObjects) -> None:
    store.claim(ORIGINAL, Upload(bytes(MAX_FORM_BYTES), "image/png", "a.png"))
    size = 0

    async def count(message: Message) -> None:
        nonlocal size
        size += len(message.get("body", b""))

    scope = make_scope("GET", store.link(ORIGINAL))
    run(app, dict(scope), receive_nothing, count)  # loads modules
    tracemalloc.start()
    try:
        run(app, scope, receive_nothing, count)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size == 2 * MAX_FORM_BYTES
    assert peak < 2**20
