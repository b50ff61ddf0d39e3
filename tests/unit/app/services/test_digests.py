from app.services.digests import MAX_LISTED, Section, write_digest
from tests.support.fakes import image
from tests.support.services import UI_URL


def test_write_digest_of_many_images_lists_the_first_and_counts_the_rest() -> None:
    images = [image("ada", dog=1) for _ in range(MAX_LISTED)]

    subject, body = write_digest([Section("Dogs", "dog", images[2:], 0), Section("Cats", "", images[:5], 7)], UI_URL)

    assert subject == f"New photos: Dogs ({MAX_LISTED - 2}), Cats (12)"
    assert body.count(f"{UI_URL}/photos/") == MAX_LISTED
    assert body.endswith("… and 10 more\n")


def test_write_digest_links_to_all_matches() -> None:
    _, body = write_digest([Section("Dogs", "dog>=2, cat|bird", [image("ada", dog=1)], 0)], UI_URL)

    assert f"Show all: {UI_URL}/?q=dog%3E%3D2%2C%20cat%7Cbird\n" in body
    assert "more" not in body
