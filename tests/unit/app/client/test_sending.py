import hashlib
import json
import os
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.client.connection import Connection
from app.client.errors import ClientError, KeyRejected, ServerBusy
from app.client.index import UploadIndex
from app.client.sending import CHANGED, Outcome, Result, Sender, describe_upload
from app.client.walk import FoundFile, Walk
from tests.support.fake_server import JPEG, FakeServer, is_done, problem

LARGE = JPEG + bytes(range(117))  # it is sent in three parts


@pytest.fixture
def sender(connection: Connection, index: UploadIndex) -> Sender:
    return Sender(connection, index)


def write(path: Path, data: bytes = JPEG) -> FoundFile:
    path.write_bytes(data)
    (file,) = Walk([str(path)])
    return file


def send(sender: Sender, file: FoundFile) -> Outcome:
    """Send a file, and check that the progress adds up to its size."""
    sizes: list[int] = []
    outcome = sender.send(file, sizes.append)
    assert sum(sizes) == file.size
    return outcome


def test_photo_is_sent_with_its_name_size_hash_and_time(sender: Sender, server: FakeServer, tmp_path: Path) -> None:
    file = write(tmp_path / "Strand ä.jpg")

    assert send(sender, file) == Outcome(file, Result.SENT)
    assert server.images == {"image0": JPEG}
    upload = json.loads(server.bodies[0])
    moment = datetime.fromisoformat(upload.pop("last_modified"))
    assert upload == {"name": "Strand ä.jpg", "size": 3, "sha256": hashlib.sha256(JPEG).hexdigest()}
    assert (moment.timestamp(), moment.tzinfo is not None) == (file.mtime_ns // 10**9, True)


def test_time_that_no_calendar_has_is_left_out() -> None:
    upload = describe_upload(FoundFile("/a.jpg", 3, 2**42 * 10**9, 1), "0" * 64)

    assert upload == {"name": "a.jpg", "size": 3, "sha256": "0" * 64}


def test_name_that_is_no_text_is_replaced(sender: Sender, server: FakeServer, tmp_path: Path) -> None:
    send(sender, write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg"))))

    assert json.loads(server.bodies[0])["name"] == "\ufffd.jpg"


def test_photo_that_the_account_has_is_not_sent(
    sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path
) -> None:
    server.images["image9"] = JPEG
    file = write(tmp_path / "a.jpg")

    assert send(sender, file).result is Result.KNOWN
    assert server.requests == ["POST /uploads"]
    assert is_done(index, file)


def test_copy_of_a_sent_photo_needs_no_request(
    sender: Sender, connection: Connection, server: FakeServer, index: UploadIndex, tmp_path: Path
) -> None:
    send(sender, write(tmp_path / "a.jpg"))
    server.requests.clear()
    copy = write(tmp_path / "b.jpg")

    assert send(sender, copy).result is Result.KNOWN
    assert (server.requests, is_done(index, copy)) == ([], True)
    assert Sender(connection, index, again=True).send(copy, lambda _: None).result is Result.KNOWN
    assert server.requests == ["POST /uploads"]


def test_tags_wait_for_sent_and_known_photos(connection: Connection, index: UploadIndex, tmp_path: Path) -> None:
    sender = Sender(connection, index, ["beach"])

    send(sender, write(tmp_path / "a.jpg"))
    send(sender, write(tmp_path / "b.txt", b"text"))

    assert index.list_tags() == {"image0": ["beach"]}


def test_other_file_is_not_read_again(sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path) -> None:
    file = write(tmp_path / "notes.txt", b"text")

    assert send(sender, file) == Outcome(file, Result.OTHER)
    assert (server.requests, is_done(index, file)) == ([], True)


@pytest.mark.parametrize("data", [b"", b"text"])
def test_file_with_the_name_of_a_photo_is_named_in_each_run(
    sender: Sender, index: UploadIndex, tmp_path: Path, data: bytes
) -> None:
    file = write(tmp_path / "a.JPG", data)

    assert send(sender, file) == Outcome(file, Result.FAILED, "This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo.")
    assert not is_done(index, file)


def test_large_photo_is_sent_in_parts(sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jpg", LARGE)

    assert send(sender, file) == Outcome(file, Result.SENT)
    assert server.images == {"image0": LARGE}
    assert is_done(index, file)


def test_interrupted_large_photo_continues_with_the_missing_parts(
    sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.jpg", LARGE)
    server.answers = [("PUT /part/image0/2", problem(507, "The disk is full."))]
    with pytest.raises(ServerBusy):
        send(sender, file)
    assert index.count_pending() == 1
    server.requests.clear()

    assert send(sender, file) == Outcome(file, Result.SENT)

    parts = [line for line in server.requests if line.startswith("PUT")]
    assert parts == ["PUT /part/image0/2", "PUT /part/image0/3"]
    assert (server.images, index.count_pending()) == ({"image0": LARGE}, 0)


@pytest.mark.parametrize(
    "answer", [httpx.Response(302, headers={"Location": "/login"}), httpx.Response(200, text="<html>")]
)
def test_upload_is_not_sent_if_another_server_answers_its_end(
    sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path, answer: httpx.Response
) -> None:
    file = write(tmp_path / "a.jpg", LARGE)
    server.answers = [("POST /uploads/image0/complete", answer)]

    assert "did not answer as a PixTag server" in send(sender, file).reason
    assert not is_done(index, file)

    assert send(sender, file) == Outcome(file, Result.SENT)


def test_upload_that_the_server_forgot_begins_again(
    sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.jpg", LARGE)
    index.begin(file.path, hashlib.sha256(LARGE).hexdigest(), "old")
    server.answers = [
        ("GET /uploads/old", problem(410, "This upload has expired.")),
        ("GET /images/old", httpx.Response(202, json={"id": "old"}, headers={"ETag": '"1"'})),
    ]

    assert send(sender, file) == Outcome(file, Result.SENT)
    assert (server.images, server.removed) == ({"image0": LARGE}, ["old"])


def test_links_of_parts_that_expire_are_renewed(sender: Sender, server: FakeServer, tmp_path: Path) -> None:
    server.answers = [("PUT /part/image0/2", problem(403, "The link has expired."))]

    assert send(sender, write(tmp_path / "a.jpg", LARGE)).result is Result.SENT
    assert server.requests.count("GET /uploads/image0") == 2


def test_parts_that_are_always_refused_fail(sender: Sender, server: FakeServer, tmp_path: Path) -> None:
    server.answers = [("PUT", problem(403, "No.")) for _ in range(20)]
    file = write(tmp_path / "a.jpg", LARGE)

    assert send(sender, file) == Outcome(file, Result.FAILED, "The server does not accept the parts of this file.")


def test_form_that_expires_is_renewed_and_its_image_removed(
    sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path
) -> None:
    server.answers = [("POST /form", problem(403, "The form has expired."))]

    assert send(sender, write(tmp_path / "a.jpg")).result is Result.SENT
    assert (server.images, server.removed, index.count_pending()) == ({"image1": JPEG}, ["image0"], 0)


def test_interrupted_form_begins_again_and_its_image_is_removed(
    sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.jpg")
    server.answers = [("POST /form", problem(507, "The disk is full."))]
    with pytest.raises(ServerBusy):
        send(sender, file)

    assert send(sender, file).result is Result.SENT
    assert (server.images, server.removed, index.count_pending()) == ({"image1": JPEG}, ["image0"], 0)


def test_form_that_arrived_although_its_response_was_lost_is_known(
    sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.jpg")
    index.begin(file.path, hashlib.sha256(JPEG).hexdigest(), "image9")
    server.images["image9"] = JPEG

    assert send(sender, file).result is Result.KNOWN
    assert (server.removed, index.count_pending()) == ([], 0)


def test_photo_to_which_an_interrupted_upload_leads_stays(
    sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path
) -> None:
    file = write(tmp_path / "a.jpg")
    index.begin(file.path, hashlib.sha256(JPEG).hexdigest(), "image8")
    server.images["image9"] = JPEG
    server.answers = [("GET /images/image8", httpx.Response(200, json={"id": "image9"}, headers={"ETag": '"2"'}))]

    assert send(sender, file).result is Result.KNOWN
    assert server.removed == []


def test_refused_file_is_named(sender: Sender, server: FakeServer, tmp_path: Path) -> None:
    server.answers = [("POST /uploads", problem(413, "This file has too many bytes."))]
    file = write(tmp_path / "a.jpg")

    assert send(sender, file) == Outcome(file, Result.FAILED, "This file has too many bytes.")


@pytest.mark.parametrize(
    ("status", "error", "text"),
    [(401, KeyRejected, "The server rejects your key."), (403, ClientError, "This needs the scope upload.")],
)
def test_key_that_may_not_upload_ends_the_command(
    sender: Sender, server: FakeServer, tmp_path: Path, status: int, error: type[ClientError], text: str
) -> None:
    server.answers = [("POST /uploads", problem(status, "This needs the scope upload."))]

    with pytest.raises(error, match=text):
        send(sender, write(tmp_path / "a.jpg"))


def test_missing_and_closed_files_are_named(sender: Sender, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jpg")
    Path(file.path).unlink()

    assert send(sender, file) == Outcome(file, Result.FAILED, "No such file or directory.")


def test_pipe_in_place_of_a_file_does_not_block(sender: Sender, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jpg")
    Path(file.path).unlink()
    os.mkfifo(file.path)

    assert send(sender, file) == Outcome(file, Result.FAILED, CHANGED)


def append_at(server: FakeServer, line: str, path: Path) -> None:
    """Append to a file when the server receives this request."""

    def append(request: str) -> None:
        if request.startswith(line):
            with path.open("ab") as stream:
                stream.write(b"more")

    server.on_request = append


@pytest.mark.parametrize(("line", "data"), [("POST /form", JPEG), ("POST /uploads/image0/complete", LARGE)])
def test_file_that_changes_while_it_is_sent_is_removed_from_the_server(
    sender: Sender, server: FakeServer, index: UploadIndex, tmp_path: Path, line: str, data: bytes
) -> None:
    file = write(tmp_path / "a.jpg", data)
    append_at(server, line, tmp_path / "a.jpg")

    assert send(sender, file) == Outcome(file, Result.FAILED, CHANGED)
    assert (server.images, server.removed, index.count_pending()) == ({}, ["image0"], 0)
    assert not is_done(index, file)


def test_file_that_changes_while_it_is_hashed_is_named(
    sender: Sender, server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "a.jpg")
    digest = hashlib.file_digest

    def change(stream: Any, name: str) -> Any:
        os.utime(file.path, (1, 1))
        return digest(stream, name)

    monkeypatch.setattr(hashlib, "file_digest", change)

    assert send(sender, file) == Outcome(file, Result.FAILED, CHANGED)
    assert server.requests == []


def test_file_that_shrinks_before_a_part_is_named(sender: Sender, server: FakeServer, tmp_path: Path) -> None:
    file = write(tmp_path / "a.jpg", LARGE)

    def cut(request: str) -> None:
        if request == "PUT /part/image0/1":
            os.truncate(file.path, 50)

    server.on_request = cut

    assert send(sender, file) == Outcome(file, Result.FAILED, CHANGED)
    assert server.images == {}


def test_lost_connection_in_the_form_is_retried_from_its_start(
    sender: Sender, server: FakeServer, tmp_path: Path
) -> None:
    server.answers = [("POST /form", httpx.WriteError("reset"))]

    assert send(sender, write(tmp_path / "a.jpg")).result is Result.SENT
    assert server.images == {"image0": JPEG}


def test_equal_files_that_are_sent_together_are_sent_once(
    sender: Sender, server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write(tmp_path / f"{name}.jpg") for name in "abcd"]
    all_are_hashed = threading.Barrier(len(files))
    digest = hashlib.file_digest

    def wait_for_others(stream: Any, name: str) -> Any:
        all_are_hashed.wait()
        return digest(stream, name)

    monkeypatch.setattr(hashlib, "file_digest", wait_for_others)
    threads = [threading.Thread(target=sender.send, args=(file, lambda _: None)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert server.requests == ["POST /uploads", "POST /form/image0"]


def test_file_that_changed_after_the_walk_is_sent_as_it_is(sender: Sender, index: UploadIndex, tmp_path: Path) -> None:
    file = replace(write(tmp_path / "a.jpg"), mtime_ns=1)

    assert sender.send(file, lambda _: None).result is Result.SENT
    (current,) = Walk([file.path])
    assert is_done(index, current)
