from datetime import UTC, datetime, timedelta

import pytest

from app.domain import ids
from app.domain.errors import ImageNotFound
from app.domain.ids import Rendition

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_min_id_at_later_time_sorts_after_earlier_one() -> None:
    earlier = ids.min_id_at(NOW)
    later = ids.min_id_at(NOW + timedelta(milliseconds=1))

    assert earlier < later
    assert ids.created_at(earlier) == NOW
    assert ids.min_id_at(datetime(1, 1, 1, tzinfo=UTC)) == "0" * 26


def test_new_id_is_valid_and_created_now() -> None:
    image_id = ids.new_id()

    assert ids.require_id(image_id) == image_id
    assert abs(ids.created_at(image_id) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["", "x", "8" + "0" * 25, "0" * 25 + "I", "0" * 27, "0" * 26 + "\n"])
def test_require_id_of_other_text_raises_image_not_found(text: str) -> None:
    with pytest.raises(ImageNotFound):
        ids.require_id(text)


def test_parse_key_of_incoming_key_returns_owner_and_image_id() -> None:
    owner, image_id = "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f", ids.new_id()

    key = Rendition.INCOMING.key(owner, image_id)

    assert ids.parse_key(key, Rendition.INCOMING) == (owner, image_id)


@pytest.mark.parametrize("key", ["", "incoming/", "incoming/a/b", "originals/x/y", "incoming/../x"])
def test_parse_key_of_any_other_key_returns_none(key: str) -> None:
    assert ids.parse_key(key, Rendition.INCOMING) is None
