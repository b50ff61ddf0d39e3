import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.backups import FORMAT, BackupError
from app.domain.boxes import MAX_DRAWN
from app.domain.corrections import Correction, DrawnBox
from app.domain.images import Image, ImageState, RequestId
from app.domain.subscriptions import Choices
from app.domain.tags import TagEdit
from app.services.backups import archive
from app.services.backups.archive import Contents, verify
from app.services.backups.members import CUT, DAMAGED, NO_BACKUP
from app.services.backups.records import dump_image, load_image, load_subscription
from detector import BoundingBox
from detector.metadata.values import CaptureTime, TimeSource
from tests.support.backups import (
    ACCOUNT,
    INFO,
    Members,
    make_members,
    make_photo,
    make_subscription,
    write_members,
)
from tests.support.fakes import OTHER_OWNER, PHOTO_METADATA

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
READY, TRASHED = make_photo(number=1), make_photo(ImageState.TRASHED, b"another photo", 2)
PENDING, FAILED = make_photo(ImageState.PENDING, number=3), make_photo(ImageState.FAILED, number=4)
SUBSCRIPTION = make_subscription()
BOX = BoundingBox(1.5, 0.0, 30.0, 1.5)
DRAWN = DrawnBox("01jd8xk3v5m0z8q4n2c7r9t1wy", "fox", BOX, NOW)
LEAP_DAY = datetime(2020, 2, 29)  # noqa: DTZ001 - a local time
MEMBERS = make_members(READY, TRASHED, PENDING, FAILED, subscriptions=[SUBSCRIPTION])
ORIGINAL = f"objects/originals/{OTHER_OWNER}/{READY.id}"


def verify_members(members: Members) -> Contents:
    return verify(io.BytesIO(write_members(members)))


def test_verify_returns_the_contents() -> None:
    contents = verify_members(MEMBERS)

    assert contents.info == INFO
    assert contents.accounts == {OTHER_OWNER: ACCOUNT}
    assert list(contents.digests) == [*MEMBERS, "checksums.txt"]
    assert [image_id for _, image_id in contents.images] == [each.id for each in (READY, TRASHED, PENDING, FAILED)]
    assert contents.waiting == {(OTHER_OWNER, PENDING.id): PENDING}
    assert contents.object_bytes == 13 * len(b"photo")


@pytest.mark.parametrize(
    "taken",
    [
        CaptureTime(LEAP_DAY, TimeSource.NAME, date_only=True),
        CaptureTime(LEAP_DAY, TimeSource.PERSON, timedelta(hours=9)),
        CaptureTime(LEAP_DAY.replace(year=2104), TimeSource.EXIF, plausible=False),
    ],
)
def test_image_line_contains_the_complete_image(taken: CaptureTime) -> None:
    image = replace(
        READY,
        taken=taken,
        metadata=PHOTO_METADATA,
        sidecar=replace(PHOTO_METADATA, taken=CaptureTime(LEAP_DAY, TimeSource.SIDECAR)),
        corrections=(
            Correction("dog", BOX, "cat", NOW, moved=BoundingBox(1.5, 0.1, 30.0, 1.5)),
            Correction("dog", BOX, "wolf", NOW, renamed=True),
        ),
        drawn=(DRAWN,),
        edits={
            "sea": TagEdit(2, NOW),
            "sand": TagEdit(3, NOW, certain=1),
            "dog": TagEdit(0, NOW, renamed_to="wolf"),
        },
        requests=(RequestId("key", "body"),),
        redetection="01jd8xk3v5m0z8q4n2c7r9t1wy",
        model="yolo@1",
        file_time=NOW,
        favourite=True,
        albums=("01jd8xk3v5m0z8q4n2c7r9t1wy",),
        # pragma: allowlist nextline secret - the hash of a picture
        picture_hash="00884f4e86a96d1408130e0102",
    )

    assert load_image(dump_image(image)) == image


def test_subscription_line_of_format_4_has_no_choices() -> None:
    record = json.loads(MEMBERS["subscriptions.jsonl"])
    line = json.dumps({name: record[name] for name in ("owner", "id", "query", "created_at")})

    _, subscription = load_subscription(line.encode())

    assert subscription == replace(SUBSCRIPTION, choices=Choices())


def test_subscription_line_may_contain_a_query_that_is_no_longer_valid() -> None:
    _, subscription = load_subscription(
        json.dumps(json.loads(MEMBERS["subscriptions.jsonl"]) | {"query": ">="}).encode()
    )

    assert (subscription.query, subscription.text, bool(subscription.fault)) == (None, ">=", True)


def test_image_line_of_format_1_lacks_later_fields() -> None:
    image = replace(READY, corrections=(Correction("dog", BOX, None, NOW),))
    record = json.loads(dump_image(image))
    for name in ("file_time", "drawn", "picture_hash", "favourite", "albums", "sidecar"):
        del record[name]
    for name in ("moved", "renamed"):
        del record["corrections"][0][name]

    assert load_image(json.dumps(record).encode()) == image


@pytest.mark.parametrize(
    "drawn",
    [
        {"label": ""},
        {"id": "x"},
        {"box": [0, 0, 1, "NaN"]},
        {"box": [0, 0, 1]},
        {"confidence": 1},
    ],
    ids=["tag", "id", "edge", "edges", "field"],
)
def test_load_image_with_damaged_drawn_box_raises_backup_error(drawn: dict[str, object]) -> None:
    record = json.loads(dump_image(replace(READY, drawn=(DRAWN,))))
    record["drawn"][0] |= drawn

    with pytest.raises(BackupError, match="damaged"):
        load_image(json.dumps(record).encode())


def test_load_image_with_too_many_drawn_boxes_raises_backup_error() -> None:
    record = json.loads(dump_image(replace(READY, drawn=(DRAWN,))))
    record["drawn"] *= MAX_DRAWN + 1

    with pytest.raises(BackupError, match="damaged"):
        load_image(json.dumps(record).encode())


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_verify_of_earlier_format_returns_the_contents(number: int) -> None:
    description = json.loads(MEMBERS["backup.json"]) | {"format": number}
    members = MEMBERS | {"backup.json": json.dumps(description).encode()}
    del members["album-orders.jsonl"]

    assert verify_members(members).info.format == number


@pytest.mark.parametrize(
    ("text", "offset"), [("2020-02-29T12:30:00", None), ("2020-02-29T12:30:00Z", 0), ("2020-02-29T12:30:00+02:00", 2)]
)
def test_image_line_of_format_1_contains_the_time_of_the_camera(text: str, offset: int | None) -> None:
    line = json.loads(dump_image(READY)) | {"taken_at": text}
    del line["metadata"]

    image = load_image(json.dumps(line).encode())

    taken = CaptureTime(
        datetime(2020, 2, 29, 12, 30),  # noqa: DTZ001 - a local time
        TimeSource.EXIF,
        None if offset is None else timedelta(hours=offset),
    )
    assert image == replace(READY, taken=taken)


@pytest.mark.parametrize(
    "change",
    [
        {"taken_at": "yesterday"},
        {"taken_at": "2020-02-29 moon"},
        {"metadata": {"taken": "yesterday"}},
        {"metadata": {"rating": 6}},
        {"metadata": {"position": {"latitude": 91.0, "longitude": 0.0, "altitude": None}}},
        {"metadata": {"keywords": [1]}},
        {"picture_hash": "0" * 24 + "18"},  # a bit after the prefix
    ],
)
def test_image_line_with_impossible_values_is_damaged(change: dict[str, Any]) -> None:
    with pytest.raises(BackupError, match=DAMAGED):
        load_image(json.dumps(json.loads(dump_image(READY)) | change).encode())


@pytest.mark.parametrize("size", range(0, len(write_members(MEMBERS)) - 1, 311))
def test_verify_of_a_cut_backup_says_so(size: int) -> None:
    with pytest.raises(BackupError) as error:
        verify(io.BytesIO(write_members(MEMBERS)[:size]))

    assert str(error.value) in ({CUT} if size > 1024 else {CUT, NO_BACKUP})


@pytest.mark.parametrize("position", range(1030, len(write_members(MEMBERS)), 173))
def test_verify_of_an_altered_backup_says_so(position: int) -> None:
    data = bytearray(write_members(MEMBERS))
    data[position] ^= 4

    with pytest.raises(BackupError) as error:
        verify(io.BytesIO(bytes(data)))

    assert str(error.value) in {DAMAGED, CUT}


@pytest.mark.parametrize("data", [b"", b"not a backup", bytes(10_240), write_members({"other.txt": b"text"})])
def test_verify_of_another_file_says_that_it_is_no_backup(data: bytes) -> None:
    with pytest.raises(BackupError, match=NO_BACKUP):
        verify(io.BytesIO(data))


@pytest.mark.parametrize("text", ["", "{}", '{"format": 0}', '{"format": 1, "pixtag": "0.3.0"}', "[1]", " " * 70_000])
def test_verify_of_another_description_says_that_it_is_no_backup(text: str) -> None:
    with pytest.raises(BackupError, match=NO_BACKUP):
        verify_members(MEMBERS | {"backup.json": text.encode()})


def test_verify_of_a_later_format_names_the_version() -> None:
    description = json.dumps({"format": FORMAT + 1, "pixtag": "0.9.0", "more": []}).encode()

    with pytest.raises(BackupError, match=r"PixTag 0\.9\.0 wrote this backup, in a later format"):
        verify_members(MEMBERS | {"backup.json": description})


@pytest.mark.parametrize("position", range(1, len(MEMBERS)))  # names contain random ids, so they cannot be parameters
def test_verify_without_a_member_fails(position: int) -> None:
    name = list(MEMBERS)[position]
    lost = {each: data for each, data in MEMBERS.items() if each != name}

    if "previews" in name or "thumbnails" in name or FAILED.id in name:  # PixTag works without them
        verify_members(lost)
        return
    with pytest.raises(BackupError, match=DAMAGED):
        verify_members(lost)


def test_verify_of_a_backup_without_checksums_fails() -> None:
    data = write_members(MEMBERS)
    end = data.index(b"checksums.txt")

    with pytest.raises(BackupError, match=DAMAGED):
        verify(io.BytesIO(data[:end] + bytes(1024)))


def reorder(members: Members) -> Members:
    return {"backup.json": members["backup.json"], "images.jsonl": members["images.jsonl"]} | members


def change_line(member: str, **changes: Any) -> Callable[[Members], Members]:
    def change(members: Members) -> Members:
        first, *others = members[member].splitlines(keepends=True)
        line = json.dumps(json.loads(first) | changes).encode() + b"\n"
        return members | {member: b"".join([line, *others])}

    return change


def add(name: str, data: bytes) -> Callable[[Members], Members]:
    return lambda members: {
        **{each: members[each] for each in list(members)[:3]},
        name: data,
        **{each: members[each] for each in list(members)[3:]},
    }


def repeat_line(name: str) -> Callable[[Members], Members]:
    return lambda members: members | {name: members[name] + members[name].splitlines(keepends=True)[0]}


@pytest.mark.parametrize(
    "change",
    [
        reorder,
        add("../../etc/passwd", b"x"),
        add("/etc/passwd", b"x"),
        add(f"objects/originals/{OTHER_OWNER}/../{READY.id}", b"x"),
        add(f"objects/secrets/{OTHER_OWNER}/{READY.id}", b"x"),
        add("objects/originals/3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10/01jd8xk3v5m0z8q4n2c7r9t1wy", b"x"),
        add(f"objects/originals/{OTHER_OWNER}/01jd8xk3v5m0z8q4n2c7r9t1wy", b"x"),
        add(f"objects/incoming/{OTHER_OWNER}/{READY.id}", b"x"),
        add("more.txt", b"x"),
        lambda members: members | {ORIGINAL: b""},
        repeat_line("accounts.jsonl"),
        repeat_line("images.jsonl"),
        repeat_line("subscriptions.jsonl"),
        repeat_line("album-orders.jsonl"),
        lambda members: members | {"images.jsonl": members["images.jsonl"] + b"{}\n"},
        lambda members: members | {"images.jsonl": members["images.jsonl"][:-1]},
        change_line("accounts.jsonl", email="Ada@Example.com"),
        change_line("accounts.jsonl", owner="../../etc"),
        change_line("accounts.jsonl", is_admin="yes"),
        change_line("accounts.jsonl", more=1),
        change_line("accounts.jsonl", created_at="2026-01-31T12:00:00"),
        change_line("images.jsonl", owner="3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"),
        change_line("images.jsonl", id="../../etc"),
        change_line("images.jsonl", state="gone"),
        change_line("images.jsonl", state="trashed"),
        change_line("images.jsonl", state="pending"),
        change_line("images.jsonl", sha256=""),
        change_line("images.jsonl", sha256=TRASHED.sha256),
        change_line("images.jsonl", size="1"),
        change_line("images.jsonl", size=2**70),
        change_line("images.jsonl", version=0),
        change_line("images.jsonl", media_type="image/jpeg\r\nx-evil: 1"),
        change_line("images.jsonl", edits=[{"tag": "a,b", "count": 1, "at": "2026-01-31T12:00:00Z"}]),
        change_line("images.jsonl", edits=[{"tag": "sea", "count": 10_000, "at": "2026-01-31T12:00:00Z"}]),
        change_line("images.jsonl", edits=[{"tag": "sea", "count": 1, "at": "2026-01-31T12:00:00"}]),
        change_line("images.jsonl", detections=[{"label": "a,b", "confidence": 0.5, "box": [0, 0, 1, 1]}]),
        change_line("images.jsonl", detections=[{"label": "dog", "confidence": 1e999, "box": [0, 0, 1, 1]}]),
        change_line("images.jsonl", detections=[{"label": "dog", "confidence": 0.5, "box": [0, 0, 1]}]),
        change_line("subscriptions.jsonl", owner="3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"),
        change_line("subscriptions.jsonl", query="q" * 1001),
        change_line("subscriptions.jsonl", title="t" * 101),
        change_line("subscriptions.jsonl", digest="hourly"),
        change_line("subscriptions.jsonl", id="short"),
        change_line("album-orders.jsonl", owner="3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"),
        change_line("album-orders.jsonl", album=READY.id),
        change_line("album-orders.jsonl", images=[READY.id, READY.id]),
        change_line("album-orders.jsonl", images=["x"]),
    ],
)
def test_verify_of_a_changed_backup_with_new_checksums_fails(change: Callable[[Members], Members]) -> None:
    with pytest.raises(BackupError, match=DAMAGED):
        verify_members(change(MEMBERS))


def test_verify_of_a_file_that_is_too_large_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UPLOAD_BYTES", len(MEMBERS[ORIGINAL]) - 1)

    with pytest.raises(BackupError, match=DAMAGED):
        verify_members(MEMBERS)


def test_verify_of_two_accounts_with_one_address_fails() -> None:
    line = json.loads(MEMBERS["accounts.jsonl"]) | {"owner": "3f0c7c1e-5d0a-4d3c-9f5e-0a8b6c2d4e10"}
    accounts = MEMBERS["accounts.jsonl"] + json.dumps(line).encode() + b"\n"

    with pytest.raises(BackupError, match=DAMAGED):
        verify_members(MEMBERS | {"accounts.jsonl": accounts})


def test_verify_of_duplicate_members_fails() -> None:
    data = write_members({"backup.json": MEMBERS["backup.json"]})[:1024] + write_members(MEMBERS)

    with pytest.raises(BackupError, match=DAMAGED):
        verify(io.BytesIO(data))


def test_verify_of_wrong_checksums_fails() -> None:
    data = write_members(MEMBERS)
    position = data.index(b"  accounts.jsonl\n") - 1
    wrong = b"0" if data[position : position + 1] != b"0" else b"1"

    with pytest.raises(BackupError, match=DAMAGED):
        verify(io.BytesIO(data[:position] + wrong + data[position + 1 :]))


def test_verify_cleans_the_names_of_photos() -> None:
    contents = verify_members(change_line("images.jsonl", name="../../etc/pass\x00wd")(MEMBERS))

    assert contents.images[OTHER_OWNER, READY.id].name == "passwd"


def test_failed_image_with_its_upload_waits_for_the_worker() -> None:
    failed: Image = make_photo(ImageState.FAILED)
    members = add(f"objects/incoming/{OTHER_OWNER}/{failed.id}", b"text")(make_members(failed))

    assert verify_members(members).waiting == {(OTHER_OWNER, failed.id): failed}
