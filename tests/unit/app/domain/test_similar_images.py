from dataclasses import replace
from unittest.mock import Mock

import pytest

from app.domain.images import Image, ImageState
from app.domain.picture_hashes import HashedImage, find_near, list_prefixes, measure_distance
from app.domain.ports import SimilarImages
from app.domain.similar_images import link_similar
from tests.support.fakes import image
from tests.support.picture_hashes import make_hash


@pytest.fixture
def busy() -> Mock:
    """A store with one copy that never accepts a group, as if other requests always came first."""
    similar = Mock(spec=SimilarImages)
    similar.find_hashed.return_value = [HashedImage("copy", make_hash(1))]
    similar.put_into_group.return_value = False
    return similar


def make_image(picture_hash: str, state: ImageState = ImageState.READY) -> Image:
    return replace(image("owner", state), picture_hash=picture_hash)


def test_list_prefixes_changes_each_combination_of_weak_bits() -> None:
    assert list_prefixes("ffffff" + "0" * 10 + "000317") == [
        "6ffffe",
        "6fffff",
        "7ffffe",
        "7fffff",
        "effffe",
        "efffff",
        "fffffe",
        "ffffff",
    ]


def test_list_prefixes_changes_only_the_weakest_bits() -> None:
    assert list_prefixes("0" * 16 + "0001020304", 1) == ["000000", "800000"]
    assert len(list_prefixes("0" * 16 + "0001020304", 5)) == 32


def test_measure_distance_ignores_the_numbers_of_weak_bits() -> None:
    assert measure_distance(make_hash(1), make_hash(1, [0, 63], weak=[9, 8, 7])) == 2


def test_find_near_returns_the_nearest_first() -> None:
    images = [HashedImage(f"{bits}", make_hash(1, range(bits))) for bits in (7, 6, 0, 3)]

    assert [each.id for each in find_near(make_hash(1), images)] == ["0", "3", "6"]


def test_link_similar_stops_when_other_requests_always_come_first(busy: Mock) -> None:
    link_similar(busy, make_image(make_hash(1)))

    assert busy.put_into_group.call_count == 8


def test_link_similar_of_an_image_without_hash_or_outside_the_library_does_nothing(busy: Mock) -> None:
    link_similar(busy, make_image(""))
    link_similar(busy, make_image(make_hash(1), ImageState.TRASHED))

    assert busy.mock_calls == []
