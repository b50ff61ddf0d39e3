import threading

import httpx
import pytest

from app.client import connection as connections
from app.client import tagging
from app.client.connection import Connection
from app.client.errors import KeyRejected, RequestRefused, Stopped
from app.client.index import UploadIndex
from app.client.tagging import UploadTags
from tests.support.fake_server import JPEG, KEY, URL, FakeServer, Waits, problem


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def tags(connection: Connection, index: UploadIndex, waits: Waits, told: list[str]) -> UploadTags:
    return UploadTags(connection, index, waits, told.append)


def test_missing_tags_are_added_after_the_photo_was_processed(
    tags: UploadTags, server: FakeServer, index: UploadIndex, waits: Waits, told: list[str]
) -> None:
    server.images = {"image0": JPEG, "image1": JPEG, "image2": JPEG}
    server.tags = {"image0": ["beach"], "image1": ["beach", "sea"]}
    server.pending = {"image2"}
    for image in server.images:
        index.add_tags(image, ["Beach", "sea"])

    assert tags.apply() == []

    assert server.tags == {"image0": ["beach", "sea"], "image1": ["beach", "sea"], "image2": ["Beach", "sea"]}
    assert (index.list_tags(), waits.seconds) == ({}, [2])
    assert told == ["Waiting until the server has processed 3 photos. Processed: 2."]


def test_long_wait_tells_the_progress_every_ten_seconds(
    tags: UploadTags, server: FakeServer, index: UploadIndex, waits: Waits, told: list[str]
) -> None:
    server.images = {f"image{number}": JPEG for number in range(12)}
    server.pending = set(server.images)
    for image in server.images:
        index.add_tags(image, ["beach"])

    tags.apply()

    assert waits.seconds == [2] * 12
    assert told == [
        f"Waiting until the server has processed 12 photos. Processed: {processed}." for processed in (0, 5, 10)
    ]


def test_many_photos_are_tagged_in_batches(
    tags: UploadTags, server: FakeServer, index: UploadIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagging, "BATCH", 2)
    for number in range(5):
        server.images[f"image{number}"] = JPEG
        index.add_tags(f"image{number}", ["beach"])

    tags.apply()

    assert server.requests.count("POST /tags") == 3
    assert index.list_tags() == {}


def test_photos_that_cannot_be_tagged_are_named_and_the_rest_is_tagged(
    tags: UploadTags, server: FakeServer, index: UploadIndex
) -> None:
    server.images = {"image0": JPEG, "image1": JPEG, "image2": JPEG, "image4": JPEG}
    for number in range(5):
        index.add_tags(f"image{number}", ["beach"])
    outcomes = [
        {"image": "image2", "result": "failed", "detail": "Too many tags."},
        {"image": "image4", "result": "changed", "detail": ""},
    ]
    ready = {"id": "image2", "state": "ready", "reason": "", "tags": []}
    server.answers = [
        ("GET /images/image0", _json({"state": "failed", "reason": "This photo is damaged."})),
        ("GET /images/image1", _json({"state": "trashed", "reason": ""})),
        ("GET /images/image2", _json(ready)),
        ("POST /tags", _json({"outcomes": outcomes})),
    ]

    assert tags.apply() == [
        ("image0", "This photo is damaged."),
        ("image1", "The photo is in the trash."),
        ("image3", "There is no such image in your library."),
        ("image2", "Too many tags."),
    ]
    assert index.list_tags() == {}


def _json(body: object) -> httpx.Response:
    return httpx.Response(200, json=body)


def test_photo_that_is_never_processed_keeps_its_tags(
    tags: UploadTags, server: FakeServer, index: UploadIndex, waits: Waits
) -> None:
    index.add_tags("image0", ["beach"])
    server.answers = [("GET", httpx.Response(202, json={}))] * 300

    assert tags.apply() == [("image0", "The server has not processed this photo yet. Run the command again.")]
    assert (index.list_tags(), len(waits.seconds)) == ({"image0": ["beach"]}, 299)


def test_photos_are_only_looked_up_after_one_that_is_never_processed(
    tags: UploadTags, server: FakeServer, index: UploadIndex, waits: Waits
) -> None:
    server.images = {"image0": JPEG, "image1": JPEG, "image2": JPEG, "image3": JPEG}
    server.pending = {"image3"}
    for image in server.images:
        index.add_tags(image, ["beach"])
    server.answers = [("GET /images/image0", httpx.Response(202, json={}))] * 300
    server.answers += [("GET /images/image1", httpx.Response(202, json={}))]

    assert [image for image, _ in tags.apply()] == ["image0", "image1"]
    assert server.tags == {"image2": ["beach"], "image3": ["beach"]}
    assert len(waits.seconds) == 299 + 1  # a photo that was processed shows that others will be


def test_tags_are_added_once_although_a_response_was_lost(index: UploadIndex, waits: Waits, told: list[str]) -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return _json({"id": "image0", "state": "ready", "reason": "", "tags": []})
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ReadTimeout("The response was lost.", request=request)
        return _json({"outcomes": [{"image": "image0", "result": "changed", "detail": ""}]})

    index.add_tags("image0", ["beach"])
    connection = Connection(URL, KEY, connections.Waits(60, waits), transport=httpx.MockTransport(answer))

    assert UploadTags(connection, index, waits, told.append).apply() == []
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_both_uploads_of_a_photo_get_their_tags(tags: UploadTags, server: FakeServer, index: UploadIndex) -> None:
    ready = {"id": "image0", "state": "ready", "reason": "", "tags": []}
    server.answers = [("GET /images/image0", _json(ready)), ("GET /images/image1", _json(ready))]
    index.add_tags("image0", ["beach"])
    index.add_tags("image1", ["beach"])

    assert tags.apply() == []
    assert (server.tags, index.list_tags()) == ({"image0": ["beach"]}, {})


def test_other_errors_end_the_command_and_keep_the_tags(
    tags: UploadTags, server: FakeServer, index: UploadIndex
) -> None:
    index.add_tags("image0", ["beach"])
    server.answers = [("GET", problem(401, "No.")), ("GET", problem(403, "This needs the scope read."))]

    with pytest.raises(KeyRejected):
        tags.apply()
    with pytest.raises(RequestRefused, match=r"scope read"):
        tags.apply()
    assert index.list_tags() == {"image0": ["beach"]}


def test_stop_ends_the_wait(connection: Connection, server: FakeServer, index: UploadIndex) -> None:
    stop = threading.Event()
    index.add_tags("image0", ["beach"])
    server.answers = [("GET", httpx.Response(202, json={}))]

    with pytest.raises(Stopped):
        UploadTags(connection, index, stop, lambda _: stop.set()).apply()


def test_check_changes_nothing_and_refuses_invalid_tags(tags: UploadTags, server: FakeServer) -> None:
    tags.check(["beach"])
    server.answers = [("POST /tags", problem(422, "A tag needs a letter."))]

    with pytest.raises(RequestRefused, match=r"A tag needs a letter."):
        tags.check([""])
    assert server.tags == {}
