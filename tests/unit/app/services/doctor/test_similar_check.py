from dataclasses import replace

import pytest

from app.domain.images import Image
from tests.support.doctor import check
from tests.support.libraries import Library
from tests.support.picture_hashes import make_hash, skip_links


def set_hash(library: Library, image: Image, picture_hash: str) -> Image:
    return library.services.images.save(replace(image, picture_hash=picture_hash), image)


def list_ids(library: Library, owner: str) -> list[str]:
    return [each.id for each in library.services.images.similar.list_grouped(owner, "~", 10)]


def test_image_that_is_not_in_the_group_of_its_copies_is_reported_and_repaired(
    library: Library, owner: str, ready: Image, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = set_hash(library, ready, make_hash(1))
    second = set_hash(library, library.add_photo(owner, photo + b"second"), make_hash(1))
    third = library.add_photo(owner, photo + b"third")
    set_hash(library, library.add_photo(owner, photo + b"other"), make_hash(2))
    with monkeypatch.context() as patch:
        skip_links(patch, library.services.images)
        third = set_hash(library, third, make_hash(1, [60]))
    before = list_ids(library, owner)

    reported = check(library).texts
    repaired = check(library, repair=True)

    assert before == [second.id, first.id]
    assert reported == [f"The photo {third.name} ({third.id}) is not in the group of its copies."]
    assert [finding.is_repaired for finding in repaired.findings] == [True]
    assert list_ids(library, owner) == [third.id, second.id, first.id]
    assert check(library).findings == []
