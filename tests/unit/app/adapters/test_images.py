from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.corrections import Correction, DrawnBox
from app.domain.errors import ImageChanged, ImageDamaged, ImageNotFound, InvalidCursor, PhotoExists
from app.domain.ids import new_id
from app.domain.images import ImageState, ImageSummary, RequestId, make_tombstone
from app.domain.outbox import OutboxKind, make_purge
from app.domain.pages import Page
from app.domain.ports import Images, Outbox, Subscriptions
from app.domain.query import Query, parse
from app.domain.tags import MAX_TAGS, TagEdit, TagTotal
from detector import BoundingBox
from detector.metadata.values import CaptureTime, Metadata, TimeSource
from tests.support.breakage import Breaker
from tests.support.fakes import PHOTO_METADATA, image


def search(images: Images, owner: str, text: str) -> list[str]:
    return [summary.id for summary in images.search(owner, parse(text), 100).images]


def test_get_image_returns_the_saved_image(images: Images, owner: str) -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    detected = image(owner, dog=2)
    original = replace(
        detected,
        taken=CaptureTime(datetime(2019, 7, 28), TimeSource.NAME, date_only=True),  # noqa: DTZ001 - a local time
        metadata=PHOTO_METADATA,
        sidecar=replace(PHOTO_METADATA, taken=CaptureTime(noon.replace(tzinfo=None), TimeSource.SIDECAR)),
        corrections=(
            Correction("dog", detected.detections[0].box, "wolf", noon, moved=BoundingBox(0.1, 0.2, 9.3, 8.4)),
            Correction("cat", detected.detections[0].box, "lynx", noon, renamed=True),
        ),
        drawn=(DrawnBox(new_id(), "fox", BoundingBox(5.5, 6.0, 7.1, 9.9), noon),),
        edits={"cat": TagEdit(2, noon)},
        requests=(RequestId("key", "body"),),
        sha256="ab",
        model="m@1",
        file_time=noon,
        # pragma: allowlist nextline secret - the hash of a picture
        picture_hash="00884f4e86a96d1408130e0102",
    )

    saved = images.save(original)

    assert saved.version == 1
    assert images.get_image(owner, original.id) == saved == replace(original, version=1)
    assert saved.tags == {"wolf": 1, "dog": 1, "fox": 1, "cat": 2, "tokyo": 1, "night blue": 1}
    (summary,) = images.list_images(owner, 10).images
    assert (summary.taken, summary.tags) == (saved.taken, saved.tags)


def test_save_of_new_image_writes_index_and_counters(
    images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    first, second = images.save(image(owner, dog=2, person=1)), images.save(image(owner, dog=1))

    assert search(images, owner, "dog") == sorted([first.id, second.id], reverse=True)
    assert search(images, owner, "dog>=2") == [first.id]
    assert images.count_tags(owner) == [TagTotal("dog", 2, 3), TagTotal("person", 1, 1)]
    check_rows()


def test_save_of_changed_keywords_updates_index_and_counters(
    images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    before = images.save(replace(image(owner, dog=2), metadata=Metadata(keywords=("Dog", "Tokyo"))))

    images.save(replace(before, metadata=Metadata(keywords=("dog", "Kyoto")), detections=()), before)

    assert images.count_tags(owner) == [TagTotal("dog", 1, 1), TagTotal("kyoto", 1, 1)]
    assert search(images, owner, "kyoto, dog=1") == [before.id]
    assert search(images, owner, "tokyo") == []
    check_rows()


def test_save_of_changed_tags_updates_index_and_counters(
    images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    before = images.save(image(owner, dog=2, person=1))

    images.save(
        replace(
            before, detections=(), edits={"dog": TagEdit(5, datetime.now(UTC)), "cat": TagEdit(1, datetime.now(UTC))}
        ),
        before,
    )

    assert images.count_tags(owner) == [TagTotal("cat", 1, 1), TagTotal("dog", 1, 5)]
    assert search(images, owner, "person") == []
    assert search(images, owner, "dog=5, cat") == [before.id]
    check_rows()


@pytest.mark.parametrize("state", [ImageState.PENDING, ImageState.FAILED, ImageState.TRASHED, ImageState.GONE])
def test_save_of_image_that_is_no_longer_ready_removes_it_from_searches(
    images: Images, owner: str, state: ImageState, check_rows: Callable[[], None]
) -> None:
    before = images.save(image(owner, dog=1))

    images.save(replace(before, state=state), before)

    assert search(images, owner, "dog") == []
    assert images.count_tags(owner) == []
    check_rows()


def test_save_with_every_tag_replaced_updates_index_and_counters(
    images: Images, owner: str, check_rows: Callable[[], None]
) -> None:
    labels = [f"label {number}" for number in range(2 * MAX_TAGS)]
    before = images.save(image(owner, counts=dict.fromkeys(labels[:MAX_TAGS], 1)))

    other_detections = image(owner, counts=dict.fromkeys(labels[MAX_TAGS:], 1)).detections
    images.save(replace(before, detections=other_detections, redetection=new_id()), before)

    assert {total.tag for total in images.count_tags(owner)} == set(labels[MAX_TAGS:])
    check_rows()


def test_save_of_outdated_version_raises_image_changed(images: Images, owner: str) -> None:
    first = images.save(image(owner, dog=1))
    second = images.save(replace(first, name="winner"), first)

    with pytest.raises(ImageChanged):
        images.save(replace(first, name="loser"), first)
    with pytest.raises(ImageChanged):
        images.save(replace(first, name="loser"))

    assert images.get_image(owner, first.id) == second


def test_reads_by_another_owner_return_nothing(images: Images, owner: str) -> None:
    saved = images.save(image(owner, dog=1))

    with pytest.raises(ImageNotFound):
        images.get_image("another owner", saved.id)
    assert search(images, "another owner", "dog") == []
    assert images.list_images("another owner", 10).images == []
    assert images.count_tags("another owner") == []


@pytest.mark.parametrize("image_id", ["", "x", "IMAGE#", "0" * 26])
def test_get_image_with_unknown_id_raises_image_not_found(images: Images, owner: str, image_id: str) -> None:
    with pytest.raises(ImageNotFound):
        images.get_image(owner, image_id)


def test_get_image_of_tombstone_raises_image_not_found(images: Images, owner: str) -> None:
    gone = images.save(image(owner, ImageState.GONE))

    with pytest.raises(ImageNotFound):
        images.get_image(owner, gone.id)
    assert images.find_image(owner, gone.id) == gone


def test_list_images_returns_undeleted_images_newest_first(images: Images, owner: str) -> None:
    saved = [images.save(image(owner, state)) for state in ImageState]

    ids = [summary.id for summary in images.list_images(owner, 10).images]

    expected = [each.id for each in saved if each.state not in {ImageState.TRASHED, ImageState.GONE}]
    assert ids == sorted(expected, reverse=True)


def test_list_images_in_no_state_returns_nothing(images: Images, owner: str) -> None:
    images.save(image(owner))

    assert images.list_images(owner, 10, states=frozenset()) == Page([], None)


def test_list_details_returns_whole_ready_images(images: Images, owner: str) -> None:
    edits = {"cat": TagEdit(2, datetime(2026, 1, 31, 12, tzinfo=UTC))}
    saved = {state: images.save(replace(image(owner, state, dog=1), edits=edits, model="m@1")) for state in ImageState}

    assert images.list_details(owner, 10).images == [saved[ImageState.READY]]
    assert images.list_details("another owner", 10).images == []


@pytest.mark.parametrize("text", ["dog", "dog|cat", "!bird", "dog<=9", "cat|dog, !bird"])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_search_with_any_page_size_returns_every_match_once(images: Images, owner: str, text: str, limit: int) -> None:
    saved = [images.save(image(owner, counts={"cat": 1} if number % 2 else {}, dog=1)) for number in range(7)]

    summaries: list[ImageSummary] = []
    cursor = None
    while summaries == [] or cursor:
        page = images.search(owner, parse(text), limit, cursor)
        assert len(page.images) <= limit
        summaries += page.images
        cursor = page.cursor

    assert [summary.id for summary in summaries] == sorted((each.id for each in saved), reverse=True)


def test_list_images_in_no_state_is_empty(images: Images, owner: str) -> None:
    images.save(image(owner))

    assert images.list_images(owner, 10, states=frozenset()).images == []


@pytest.mark.parametrize("cursor", ["", "garbage", "~", "0" * 25, "U#another owner"])
def test_list_images_with_forged_cursor_raises_invalid_cursor(images: Images, owner: str, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        images.list_images(owner, 10, cursor)


def test_search_with_days_that_exclude_each_other_returns_nothing(images: Images, owner: str) -> None:
    images.save(image(owner, dog=1))

    assert search(images, owner, "dog, after:2026-02-01, before:2026-01-01") == []
    assert images.list_images(owner, 10, "1970-01").images == []


def test_search_of_untagged_images_returns_ready_images_without_tags(images: Images, owner: str) -> None:
    images.save(image(owner, dog=1))
    untagged = images.save(image(owner))
    images.save(image(owner, ImageState.TRASHED))

    assert search(images, owner, "untagged") == search(images, owner, "untagged, !dog") == [untagged.id]
    assert search(images, owner, "untagged, dog") == []


@pytest.mark.parametrize(
    ("text", "numbers"), [("", [3, 2, 1, 0]), ("dog>=2", [1]), ("dog|cat, !cat>=3", [2, 1]), ("untagged", [3])]
)
def test_search_trash_returns_only_matching_images_in_the_trash(
    images: Images, owner: str, text: str, numbers: list[int]
) -> None:
    images.save(image(owner, dog=2))
    images.save(image("another owner", ImageState.TRASHED, dog=2))
    all_counts: list[dict[str, int]] = [{"dog": 1, "cat": 3}, {"dog": 2}, {"cat": 1}, {}]
    trashed = [images.save(image(owner, ImageState.TRASHED, counts)) for counts in all_counts]

    first = images.search_trash(owner, parse(text) if text else Query(), 1)
    rest = images.search_trash(owner, parse(text) if text else Query(), 10, first.cursor) if first.cursor else None

    found = [*first.images, *(rest.images if rest else [])]
    assert [summary.id for summary in found] == [trashed[number].id for number in numbers]


def test_count_tag_ignores_tags_that_begin_with_the_tag(images: Images, owner: str) -> None:
    images.save(image(owner, counts={"dog#5": 2}, dog=1))

    assert images.count_tag(owner, "dog") == TagTotal("dog", 1, 1)
    assert images.count_tag(owner, "cat") == TagTotal("cat", 0, 0)


def test_save_of_known_bytes_raises_photo_exists(images: Images, owner: str, check_rows: Callable[[], None]) -> None:
    first = images.save(image(owner, dog=1))

    with pytest.raises(PhotoExists):
        images.save(replace(image(owner, cat=1), sha256=first.sha256))

    assert images.find_by_hash(owner, first.sha256) == first.id
    assert images.count_tags(owner) == [TagTotal("dog", 1, 1)]
    check_rows()


@pytest.mark.parametrize(
    ("state", "is_known"), [(ImageState.READY, True), (ImageState.TRASHED, True), (ImageState.GONE, False)]
)
def test_find_by_hash_returns_only_stored_images(
    images: Images,
    owner: str,
    state: ImageState,
    is_known: bool,  # noqa: FBT001
) -> None:
    first = images.save(image(owner))

    images.save(replace(first, state=state), first)

    assert (images.find_by_hash(owner, first.sha256) is not None) is is_known
    assert images.find_by_hash("another owner", first.sha256) is None


def test_get_image_of_duplicate_returns_the_first_image(images: Images, owner: str) -> None:
    first, second = images.save(image(owner, dog=1)), images.save(image(owner, ImageState.PENDING))

    images.save(make_tombstone(second, duplicate_of=first.id), second)

    assert images.get_image(owner, second.id) == first


def test_get_image_of_duplicate_of_gone_image_raises_image_not_found(images: Images, owner: str) -> None:
    first, second = images.save(image(owner, dog=1)), images.save(image(owner, ImageState.PENDING))
    images.save(make_tombstone(second, duplicate_of=first.id), second)

    images.save(make_tombstone(first), first)

    with pytest.raises(ImageNotFound):
        images.get_image(owner, second.id)


def test_count_tags_with_prefix_returns_only_matching_tags(images: Images, owner: str) -> None:
    images.save(image(owner, counts={"dog": 1, "door": 1, "cat": 1}))

    assert [total.tag for total in images.count_tags(owner, "do")] == ["dog", "door"]
    assert images.count_tags(owner, "x") == []


def test_list_ids_yields_all_images_except_tombstones(images: Images, owner: str) -> None:
    saved = [images.save(image(owner, state)) for state in ImageState]
    images.save(image("another owner"))

    assert list(images.list_ids(owner)) == [each.id for each in saved if each.state is not ImageState.GONE]


def test_delete_rows_keeps_images_and_account_deletions(
    images: Images, outbox: Outbox, subscriptions: Subscriptions, owner: str
) -> None:
    subscriptions.add(owner, parse("dog"))
    subscriptions.claim_digest(owner, 0, 60)
    saved = images.save(image(owner, dog=1))
    gone = images.save(make_tombstone(saved), saved)  # leaves two outbox rows
    other = subscriptions.add("another owner", parse("dog"))
    outbox.put_account_deletion(owner)

    results = [images.delete_rows(owner, limit=3) for _ in range(3)]

    assert results == [True, True, False]
    assert subscriptions.list(owner) == []
    assert subscriptions.claim_digest(owner, 0, 60) == 0
    assert [row.kind for row in outbox.lease(owner)] == [OutboxKind.DELETE_ACCOUNT]
    assert images.find_image(owner, gone.id) == gone
    assert subscriptions.list("another owner") == [other]


def test_find_images_returns_existing_images_and_tombstones(images: Images, owner: str) -> None:
    ready, pending = images.save(image(owner, dog=1)), images.save(image(owner, ImageState.PENDING))
    gone = images.save(make_tombstone(pending), pending)
    other = images.save(image("another owner", dog=1))

    found = images.find_images(owner, [ready.id, gone.id, other.id, new_id(), ready.id])

    assert sorted(found, key=lambda each: each.id) == [ready, gone]
    assert images.find_images(owner, []) == []


def test_purge_replaces_images_that_have_not_changed(
    images: Images, outbox: Outbox, owner: str, check_rows: Callable[[], None]
) -> None:
    trashed = [images.save(image(owner, ImageState.TRASHED, dog=1)) for _ in range(3)]
    images.save(replace(trashed[1], state=ImageState.READY), trashed[1])
    leased = {row.id for row in outbox.lease(owner)}

    tombstones = images.purge(trashed, [make_purge(each) for each in trashed])

    rows = [row for row in outbox.lease(owner) if row.id not in leased]
    assert [(each.id, each.version) for each in tombstones] == [(trashed[0].id, 2), (trashed[2].id, 2)]
    assert [images.find_image(owner, each.id) for each in tombstones] == tombstones
    assert {(row.kind, row.image_id) for row in rows} == {(OutboxKind.PURGE, each.id) for each in tombstones}
    assert images.purge(trashed) == []
    check_rows()


def test_damaged_image_does_not_prevent_reads_and_purges_of_others(
    images: Images, breaker: Breaker, owner: str, caplog: pytest.LogCaptureFixture
) -> None:
    intact, damaged = (images.save(image(owner, dog=1)) for _ in range(2))

    with breaker.damage(damaged.id):
        assert images.find_images(owner, [intact.id, damaged.id]) == [intact]
        assert images.list_details(owner, 10).images == [intact]
        with pytest.raises(ImageDamaged, match=damaged.id):
            images.get_image(owner, damaged.id)

    assert {damaged.id in message for message in caplog.messages} == {True}


def test_delete_images_deletes_images_and_tombstones_of_this_owner(images: Images, owner: str) -> None:
    ready = images.save(image(owner, counts={"dog": 1, "cat": 2}))
    pending = images.save(image(owner, ImageState.PENDING))
    gone = images.save(make_tombstone(pending), pending)
    other = images.save(image("another owner", dog=1))

    ids = [images.delete_images(owner, limit=1) for _ in range(3)]

    assert ids == [[ready.id], [gone.id], []]
    assert images.find_images(owner, [ready.id, gone.id]) == []
    assert images.search(owner, parse("dog"), 10).images == []
    assert [each.id for each in images.search("another owner", parse("dog"), 10).images] == [other.id]
