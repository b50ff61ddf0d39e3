"""Uploads in parts as files of this machine."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.adapters.local import object_folder
from app.adapters.local.disk import UPLOAD_RESERVE_BYTES
from app.adapters.local.files import UnfinishedFile
from app.adapters.local.objects import FileObjects
from app.domain.errors import InvalidLink, LinkExpired, StorageFull, UploadExpired, WrongSize
from app.domain.images import Image
from app.domain.parts import PART_SECONDS, PartLink
from app.domain.ports import Images, Objects, Quotas
from app.services.library import Library
from app.services.part_uploads import PartUploads
from tests.support.fakes import Clock
from tests.support.injected_fault import InjectedFault
from tests.support.local_objects import list_files
from tests.support.parts import offer, send_bytes, send_parts

DATA = bytes(range(250)) * 4  # three parts


@pytest.fixture
def upload(small_parts: PartUploads, owner: str) -> tuple[Image, list[PartLink]]:
    """A new image and its parts."""
    return offer(small_parts, owner, len(DATA))


def test_parts_are_files_until_the_upload_is_complete(
    small_parts: PartUploads, objects: Objects, upload: tuple[Image, list[PartLink]], tmp_path: Path
) -> None:
    image, links = upload
    folder = f"{image.owner}/{image.id}"
    send_parts(objects, links, DATA)
    assert list_files(tmp_path) == [f"parts/{folder}/{number}" for number in (1, 2, 3)]

    small_parts.complete(image.owner, image.id)

    assert list_files(tmp_path) == [f"incoming/{folder}"]
    assert not list((tmp_path / "objects" / "parts").iterdir())


@pytest.mark.parametrize("sent", [b"x" * 399, b"x" * 401, b""])
def test_part_of_wrong_size_is_not_stored(
    objects: Objects, upload: tuple[Image, list[PartLink]], tmp_path: Path, sent: bytes
) -> None:
    with pytest.raises(WrongSize, match="Part 1 has exactly 400 bytes"):
        send_bytes(objects, upload[1][0].url, sent)

    assert list_files(tmp_path) == []


def test_altered_or_expired_link_is_refused(
    objects: Objects, upload: tuple[Image, list[PartLink]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = upload[1][0].url
    clock = Clock()
    monkeypatch.setattr("app.adapters.local.signatures.time", clock)

    for altered in (url.replace("part=1", "part=2"), url.replace("size=400", "size=4000"), f"{url}&part=1", url[:-1]):
        with pytest.raises(InvalidLink, match=r"GET /uploads/\{id\}"):
            send_bytes(objects, altered, DATA[:400])
    with pytest.raises(InvalidLink):
        send_bytes(objects, objects.link(f"incoming/{upload[0].owner}/{upload[0].id}"), DATA[:400])
    clock.ahead = PART_SECONDS + 1
    with pytest.raises(LinkExpired, match=r"GET /uploads/\{id\}"):
        send_bytes(objects, url, DATA[:400])


def test_part_after_completion_is_refused(
    small_parts: PartUploads, objects: Objects, upload: tuple[Image, list[PartLink]], tmp_path: Path
) -> None:
    image, links = upload
    send_parts(objects, links, DATA)
    small_parts.complete(image.owner, image.id)

    with pytest.raises(UploadExpired):
        send_parts(objects, links, DATA)

    assert list_files(tmp_path) == [f"incoming/{image.owner}/{image.id}"]


def test_part_that_is_sent_again_counts_again(
    objects: Objects, quotas: Quotas, upload: tuple[Image, list[PartLink]]
) -> None:
    for _ in range(3):
        send_parts(objects, upload[1][:1], DATA)

    assert quotas.received(upload[0].owner) == len(DATA) + 2 * 400


def test_interrupted_completion_leaves_the_parts(
    small_parts: PartUploads,
    objects: Objects,
    upload: tuple[Image, list[PartLink]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image, links = upload
    send_parts(objects, links, DATA)

    def interrupt(*_: object) -> None:
        raise InjectedFault

    for target, name in ((UnfinishedFile, "append"), (object_folder, "send_message"), (shutil, "rmtree")):
        with monkeypatch.context() as patch:
            patch.setattr(target, name, interrupt)
            with pytest.raises(InjectedFault):
                small_parts.complete(image.owner, image.id)
        assert len([path for path in list_files(tmp_path) if path.startswith("parts/")]) == 3

    assert small_parts.complete(image.owner, image.id) == image
    upload_file = objects.find(f"incoming/{image.owner}/{image.id}")
    assert upload_file
    assert upload_file.data == DATA


def test_completion_while_the_image_is_deleted_has_expired(
    small_parts: PartUploads,
    library: Library,
    objects: Objects,
    upload: tuple[Image, list[PartLink]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image, links = upload
    send_parts(objects, links, DATA)
    append = UnfinishedFile.append

    def delete_and_append(file: UnfinishedFile, path: Path) -> None:
        library.trash(image.owner, image.id)
        append(file, path)

    monkeypatch.setattr(UnfinishedFile, "append", delete_and_append)

    with pytest.raises(UploadExpired):
        objects.parts.complete(image, small_parts.rule.split(image.size))


def test_sweep_removes_the_parts_of_images_that_are_not_pending(
    small_parts: PartUploads,
    images: Images,
    objects: FileObjects,
    upload: tuple[Image, list[PartLink]],
    owner: str,
    tmp_path: Path,
) -> None:
    other, links = offer(small_parts, owner, len(DATA))
    send_parts(objects, upload[1][:1], DATA)
    send_parts(objects, links[:1], DATA)
    images.delete_images(owner, 1)  # the older one; a pending image expires after a day
    (tmp_path / "objects" / "parts" / owner / "unknown").mkdir()

    objects.sweep()

    assert list_files(tmp_path) == [f"parts/{owner}/{other.id}/1"]
    images.delete_images(owner, 1)
    objects.sweep()
    assert not list((tmp_path / "objects" / "parts").iterdir())


def test_files_of_other_programs_among_the_parts_are_ignored(
    objects: FileObjects, upload: tuple[Image, list[PartLink]], owner: str, tmp_path: Path
) -> None:
    image, links = upload
    send_parts(objects, links[:1], DATA)
    folder = tmp_path / "objects" / "parts"
    strays = [folder / ".DS_Store", folder / owner / ".DS_Store", folder / owner / image.id / ".DS_Store"]
    for stray in strays:
        stray.touch()

    objects.sweep()

    assert list(objects.parts.received(image)) == [1]
    assert objects.parts.abort_all(owner)
    assert [stray.exists() for stray in strays] == [True, True, False]


@pytest.mark.parametrize("missing", ["begin", "open", "complete"])
def test_full_disk_refuses_and_keeps_the_parts(
    small_parts: PartUploads,
    objects: Objects,
    upload: tuple[Image, list[PartLink]],
    owner: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    missing: str,
) -> None:
    image, links = upload
    send_parts(objects, links, DATA)
    free = {
        "begin": UPLOAD_RESERVE_BYTES + 2 * len(DATA) - 1,
        "open": UPLOAD_RESERVE_BYTES - 1,
        "complete": UPLOAD_RESERVE_BYTES + len(DATA) - 1,
    }[missing]

    def attempt() -> None:
        match missing:
            case "begin":
                offer(small_parts, owner, len(DATA))
            case "open":
                send_parts(objects, links, DATA)
            case _:
                small_parts.complete(owner, image.id)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
        with pytest.raises(StorageFull):
            attempt()

    assert len(list_files(tmp_path)) == 3
    assert small_parts.complete(owner, image.id) == image
