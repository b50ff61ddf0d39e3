"""The contract of the object store, on AWS and on one machine."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.adapters.aws import objects as s3_objects
from app.adapters.local import objects as file_objects
from app.adapters.local import signatures
from app.domain.ports import Objects
from app.domain.uploads import Upload
from tests.support.fakes import Clock
from tests.support.local_objects import ID, INCOMING, ORIGINAL, OTHER, OWNER, PREVIEW, THUMBNAIL

UPLOAD = Upload(b"bytes", "image/png", "Große Düne 🏖.png")


@pytest.fixture
def links_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    clock.ahead = -int(clock.time()) % s3_objects.SIGNING_SECONDS  # links have just changed
    for module in (s3_objects, signatures):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.mark.parametrize("key", [INCOMING, ORIGINAL])
def test_find_of_claimed_key_returns_the_upload(objects: Objects, key: str) -> None:
    assert objects.claim(key, UPLOAD)

    assert objects.find(key) == UPLOAD


def test_find_of_missing_key_returns_none(objects: Objects) -> None:
    objects.claim(INCOMING, UPLOAD)

    assert objects.find(ORIGINAL) is None
    assert objects.find(INCOMING.replace(OWNER, OTHER)) is None


def test_claim_of_existing_key_returns_false_and_changes_nothing(objects: Objects) -> None:
    objects.claim(ORIGINAL, UPLOAD)

    assert not objects.claim(ORIGINAL, Upload(b"other", "image/gif", "other.gif"))
    assert objects.find(ORIGINAL) == UPLOAD


def test_claim_after_delete_succeeds(objects: Objects) -> None:
    objects.claim(ORIGINAL, UPLOAD)
    objects.delete(ORIGINAL)

    assert objects.find(ORIGINAL) is None
    assert objects.claim(ORIGINAL, UPLOAD)


def test_put_derived_replaces_the_object(objects: Objects) -> None:
    for data in (b"first", b"second"):
        objects.put_derived(PREVIEW, data)

    assert objects.find(PREVIEW) == Upload(b"second", "image/jpeg", "")


def test_delete_of_deleted_object_changes_nothing(objects: Objects) -> None:
    objects.put_derived(PREVIEW, b"jpeg")
    objects.put_derived(THUMBNAIL, b"jpeg")

    objects.delete(PREVIEW, THUMBNAIL)
    objects.delete(PREVIEW)

    assert list(objects.list_keys("")) == []


def test_list_keys_yields_only_keys_with_the_prefix_in_order(objects: Objects) -> None:
    ids = [f"{ID[:-1]}{letter}" for letter in "abc"]
    mine = [f"thumbnails/{OWNER}/{image_id}" for image_id in ids]
    others = [f"previews/{OWNER}/{ids[0]}", f"thumbnails/{OTHER}/{ids[0]}"]
    for key in reversed(mine + others):
        objects.put_derived(key, b"jpeg")

    assert list(objects.list_keys(f"thumbnails/{OWNER}/")) == mine
    assert list(objects.list_keys("thumbnails/")) == [*mine, others[1]]
    assert list(objects.list_keys("")) == [others[0], *mine, others[1]]
    assert list(objects.list_keys(mine[0][:-1])) == mine
    assert list(objects.list_keys(mine[0])) == [mine[0]]
    assert list(objects.list_keys(f"thumbnails/{OTHER[:-1]}")) == [*mine, others[1]]
    assert list(objects.list_keys("originals/")) == []
    assert list(objects.list_keys("x")) == []


def test_find_key_of_link_returns_the_key(objects: Objects) -> None:
    link = objects.link(ORIGINAL, download="beach.jpg")

    assert link.startswith(f"{objects.origin}/")
    assert objects.find_key(link) == ORIGINAL
    assert objects.find_key(link.partition("?")[0]) == ORIGINAL


@pytest.mark.parametrize("url", ["", "nothing", "https://[", "https://example.org/", "https://example.org/diaries/a"])
def test_find_key_of_other_url_returns_none(objects: Objects, url: str) -> None:
    assert objects.find_key(url) is None


def test_link_changes_every_half_hour(objects: Objects, links_clock: Clock) -> None:
    first = objects.link(THUMBNAIL)

    links_clock.ahead += 1_700
    assert objects.link(THUMBNAIL) == first
    links_clock.ahead += 200
    assert objects.link(THUMBNAIL) != first


def test_link_differs_by_key_and_file_name(objects: Objects) -> None:
    links = {objects.link(THUMBNAIL), objects.link(PREVIEW)}
    downloads = {objects.link(ORIGINAL, download=name) for name in ("a", "b")}

    assert len(links | downloads) == 4


def test_upload_form_names_the_key_type_and_name(objects: Objects) -> None:
    form = objects.upload_form(INCOMING, "image/png", "Düne.png", 5)

    expected = {"key": INCOMING, "Content-Type": "image/png", "x-amz-meta-name": "D%C3%BCne.png"}
    assert form.url.startswith(f"{objects.origin}/")
    assert expected.items() <= form.fields.items()
    assert "file" not in form.fields


@pytest.mark.parametrize("backend", ["local"])  # moto checks and writes in two steps, unlike S3
def test_concurrent_claims_of_one_key_have_one_winner(objects: Objects) -> None:
    uploads = [Upload(b"bytes %d" % number, "image/png", f"{number}.png") for number in range(20)]

    with ThreadPoolExecutor(len(uploads)) as executor:
        won = list(executor.map(lambda upload: objects.claim(ORIGINAL, upload), uploads))

    assert sum(won) == 1
    assert objects.find(ORIGINAL) == uploads[won.index(True)]


def test_list_owners_returns_the_owners_of_objects(objects: Objects) -> None:
    assert objects.list_owners() == set()
    objects.claim(INCOMING, UPLOAD)
    objects.put_derived(PREVIEW.replace(OWNER, OTHER), b"preview")

    assert objects.list_owners() == {OWNER, OTHER}


def test_list_entries_yields_sizes_and_times_in_order_after_a_key(objects: Objects) -> None:
    keys = [PREVIEW.replace(ID, f"{ID[:-1]}{letter}") for letter in "abc"]
    for number, key in enumerate(reversed(keys)):
        objects.put_derived(key, b"x" * number)
    objects.put_derived(THUMBNAIL, b"other rendition")

    entries = list(objects.list_entries(f"previews/{OWNER}/"))

    assert [(entry.key, entry.size) for entry in entries] == [(keys[0], 2), (keys[1], 1), (keys[2], 0)]
    assert all(abs(entry.modified_at - time.time()) < 60 for entry in entries)
    assert list(objects.list_entries(f"previews/{OWNER}/", keys[0])) == entries[1:]


@pytest.mark.parametrize("is_stored", [True, False])
def test_replace_writes_an_original_that_may_exist(objects: Objects, *, is_stored: bool) -> None:
    if is_stored:
        objects.claim(ORIGINAL, Upload(b"other", "image/gif", "other.gif"))

    objects.replace(ORIGINAL, UPLOAD)

    assert objects.find(ORIGINAL) == UPLOAD


def test_only_an_object_with_all_its_bytes_is_intact(objects: Objects) -> None:
    objects.claim(ORIGINAL, UPLOAD)

    assert objects.is_intact(ORIGINAL, len(UPLOAD.data), UPLOAD.sha256)
    assert not objects.is_intact(ORIGINAL, len(UPLOAD.data) + 1, UPLOAD.sha256)
    assert not objects.is_intact(INCOMING, len(UPLOAD.data), UPLOAD.sha256)


def test_find_equal_returns_an_object_with_these_bytes_only(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (s3_objects, file_objects):
        monkeypatch.setattr(module, "PIECE_BYTES", 2)
    objects.claim(ORIGINAL, UPLOAD)
    altered = UPLOAD.data[:-1] + bytes([UPLOAD.data[-1] ^ 1])

    assert objects.find_equal(ORIGINAL, UPLOAD.data) == UPLOAD
    assert objects.find_equal(ORIGINAL, altered) is None
    assert objects.find_equal(ORIGINAL, UPLOAD.data + b"0") is None
    assert objects.find_equal(INCOMING, UPLOAD.data) is None


@pytest.mark.parametrize("backend", ["local"])  # S3 itself checks the bytes that it stores
def test_object_with_other_bytes_of_the_same_size_is_not_intact(objects: Objects) -> None:
    objects.claim(ORIGINAL, UPLOAD)

    assert not objects.is_intact(ORIGINAL, len(UPLOAD.data), UPLOAD.sha256[::-1])


def test_find_entry_returns_the_size_of_an_object_or_none(objects: Objects) -> None:
    objects.put_derived(PREVIEW, b"preview")

    entry = objects.find_entry(PREVIEW)

    assert entry
    assert (entry.key, entry.size) == (PREVIEW, 7)
    assert objects.find_entry(THUMBNAIL) is None
