from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from uuid import uuid4

import pytest

from app.domain.images import Image, ImageState, make_tombstone, move_to_trash, restore_from_trash
from app.domain.picture_hashes import HashedImage, list_prefixes
from app.domain.ports import Images, SimilarImages
from app.domain.ports.similar_images import MAX_PER_PREFIX
from app.domain.similar_images import find_links, link_similar
from tests.support.fakes import image
from tests.support.picture_hashes import make_hash, skip_links

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def similar(images: Images) -> SimilarImages:
    return images.similar


def add(images: Images, owner: str, picture_hash: str, state: ImageState = ImageState.READY) -> Image:
    return images.save(replace(image(owner, state, dog=1), picture_hash=picture_hash))


def find_ids(similar: SimilarImages, owner: str, picture_hash: str) -> set[str]:
    return {each.id for each in similar.find_hashed(owner, list_prefixes(picture_hash))}


def list_grouped(similar: SimilarImages, owner: str) -> list[list[str]]:
    """Return the ids in each group, latest first."""
    rows = similar.list_grouped(owner, "~", 100)
    return [[each.id for each in group] for _, group in groupby(rows, key=attrgetter("group"))]


def test_find_hashed_returns_ready_images_with_the_prefixes(
    images: Images, similar: SimilarImages, owner: str, check_rows: Callable[[], None]
) -> None:
    one = add(images, owner, make_hash(1))
    weak = add(images, owner, make_hash(1, [0, 2, 50]))
    add(images, owner, make_hash(1, [3]))
    add(images, owner, "")
    add(images, owner, make_hash(1), ImageState.FAILED)
    add(images, str(uuid4()), make_hash(1))

    assert find_ids(similar, owner, make_hash(1)) == {one.id, weak.id}
    assert find_ids(similar, owner, make_hash(1, weak=[])) == {one.id}
    check_rows()


def test_find_hashed_follows_the_state_and_the_hash(
    images: Images, similar: SimilarImages, owner: str, check_rows: Callable[[], None]
) -> None:
    ready = add(images, owner, make_hash(1))
    trashed = images.save(move_to_trash(ready, NOW), ready)
    in_trash = find_ids(similar, owner, make_hash(1))
    restored = images.save(restore_from_trash(trashed), trashed)
    in_library = find_ids(similar, owner, make_hash(1))
    changed = images.save(replace(restored, picture_hash=make_hash(2)), restored)

    assert (in_trash, in_library) == (set(), {ready.id})
    assert find_ids(similar, owner, make_hash(1)) == set()
    assert similar.find_hashed(owner, [make_hash(2)[:6]]) == [HashedImage(ready.id, make_hash(2))]
    images.save(make_tombstone(changed), changed)
    assert find_ids(similar, owner, make_hash(2)) == set()
    check_rows()


def test_save_puts_copies_into_the_group_of_the_first_one(
    images: Images, similar: SimilarImages, owner: str, check_rows: Callable[[], None]
) -> None:
    first = add(images, owner, make_hash(1))
    alone = list_grouped(similar, owner)
    second = add(images, owner, make_hash(1, [60, 61]))
    add(images, owner, make_hash(2))
    third = add(images, owner, make_hash(1, [0, 1, 2, 30, 40, 50]))

    assert alone == []
    assert list_grouped(similar, owner) == [[third.id, second.id, first.id]]
    check_rows()


def test_save_of_a_more_distant_image_leaves_it_alone(images: Images, similar: SimilarImages, owner: str) -> None:
    add(images, owner, make_hash(1))
    add(images, owner, make_hash(1, [10, 11, 12, 13, 14, 15, 16]))
    add(images, owner, make_hash(1, range(24, 31)))

    assert list_grouped(similar, owner) == []


def test_save_of_an_edit_keeps_the_group(images: Images, similar: SimilarImages, owner: str) -> None:
    first, second = add(images, owner, make_hash(1)), add(images, owner, make_hash(1))

    images.save(replace(second, name="sea.jpg"), second)

    assert list_grouped(similar, owner) == [[second.id, first.id]]


def test_image_leaves_its_group_with_the_library_and_joins_it_again(
    images: Images, similar: SimilarImages, owner: str, check_rows: Callable[[], None]
) -> None:
    first, second = add(images, owner, make_hash(1)), add(images, owner, make_hash(1))

    trashed = images.save(move_to_trash(first, NOW), first)
    without = list_grouped(similar, owner)
    images.save(restore_from_trash(trashed), trashed)

    assert without == [[second.id]]
    assert list_grouped(similar, owner) == [[second.id, first.id]]
    check_rows()


def test_image_with_a_new_hash_joins_another_group(images: Images, similar: SimilarImages, owner: str) -> None:
    first, second = add(images, owner, make_hash(1)), add(images, owner, make_hash(1))
    third = add(images, owner, make_hash(2))

    images.save(replace(first, picture_hash=make_hash(2)), first)

    assert list_grouped(similar, owner) == [[third.id, first.id], [second.id]]


def test_image_between_two_groups_joins_the_nearest_one(images: Images, similar: SimilarImages, owner: str) -> None:
    one = [add(images, owner, make_hash(1)) for _ in range(2)]
    other = [add(images, owner, make_hash(1, range(40, 48))) for _ in range(2)]

    between = add(images, owner, make_hash(1, range(40, 45)))

    assert list_grouped(similar, owner) == [[between.id, other[1].id, other[0].id], [one[1].id, one[0].id]]


def test_restored_image_joins_its_copies(images: Images, similar: SimilarImages, owner: str) -> None:
    first = add(images, owner, make_hash(1))
    second = replace(image(owner), picture_hash=make_hash(1), version=7)

    images.restore_image(second)
    images.restore_image(second)

    assert list_grouped(similar, owner) == [[second.id, first.id]]


def test_put_into_group_writes_all_images_or_none(images: Images, similar: SimilarImages, owner: str) -> None:
    one, other = add(images, owner, make_hash(1)), add(images, owner, make_hash(2))
    rows = [HashedImage(one.id, make_hash(1)), HashedImage(other.id, make_hash(2))]
    missing = HashedImage(one.id.replace(one.id[-1], "x"), make_hash(1))

    assert not similar.put_into_group(owner, [*rows, missing], "group")
    assert list_grouped(similar, owner) == []
    assert similar.put_into_group(owner, rows, "group")
    assert similar.put_into_group(owner, rows[:1], "group")
    assert not similar.put_into_group(owner, rows[:1], "other")
    assert list_grouped(similar, owner) == [[other.id, one.id]]


def test_list_grouped_returns_the_keys_before_the_bound(images: Images, similar: SimilarImages, owner: str) -> None:
    for seed in (1, 1, 1, 2, 2, 2):
        add(images, owner, make_hash(seed))
    rows = similar.list_grouped(owner, "~", 100)

    assert [each.picture_hash for each in rows] == [make_hash(seed) for seed in (2, 2, 2, 1, 1, 1)]
    assert similar.list_grouped(owner, "~", 2) == rows[:2]
    assert similar.list_grouped(owner, f"{rows[1].group}#{rows[1].id}", 100) == rows[2:]
    assert similar.list_grouped(owner, f"{rows[0].group}#", 100) == rows[3:]
    assert similar.list_grouped(owner, f"{rows[0].group}#{rows[0].id}", 100, rows[0].group) == rows[1:3]
    assert similar.list_grouped(owner, f"{rows[3].group}#~", 2, rows[3].group) == rows[3:5]


def test_link_similar_of_many_copies_reads_a_part_of_them(
    images: Images, similar: SimilarImages, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{type(similar).__module__}.MAX_PER_PREFIX", 3)
    copies = [add(images, owner, make_hash(1)) for _ in range(8)]

    for each in copies:
        link_similar(similar, each)

    assert list_grouped(similar, owner) == [[each.id for each in reversed(copies)]]
    assert len(similar.find_hashed(owner, [make_hash(1)])) == 3 < MAX_PER_PREFIX


@pytest.mark.parametrize("rest", ["p" * 20, "f" * 20], ids=["no digits", "no such bits"])
def test_damaged_hash_is_unknown(
    images: Images, similar: SimilarImages, owner: str, rest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        skip_links(patch, images)
        damaged = add(images, owner, make_hash(1)[:6] + rest)

    copies = [add(images, owner, make_hash(1)).id for _ in range(2)]

    found = images.get_image(owner, damaged.id)
    assert found == replace(damaged, picture_hash="")
    assert find_links(similar, found) == ([], "")
    assert list_grouped(similar, owner) == [copies[::-1]]
