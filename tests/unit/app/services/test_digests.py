from dataclasses import replace
from html.parser import HTMLParser

from app.domain.ids import Rendition
from app.domain.mail import Picture, picture_id
from app.domain.query import MAX_TEXT
from app.domain.tags import MAX_TAG_LENGTH, MAX_TAGS
from app.services.digests import MAX_LISTED, Section, limit_sections, write_digest
from tests.support.fakes import image
from tests.support.services import UI_URL

STOP_URL = f"{UI_URL}/stop"


class Elements(HTMLParser):
    """Collects the links, pictures and headings of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.pictures: list[dict[str, str | None]] = []
        self.names: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "img":
            self.pictures.append(dict(attrs))


def test_write_digest_of_many_images_lists_the_first_and_counts_the_rest() -> None:
    images = [image("ada", dog=1) for _ in range(MAX_LISTED)]

    mail = write_digest([Section("Dogs", "dog", images[2:], 0), Section("Cats", "", images[:5], 7)], UI_URL, STOP_URL)

    assert mail.subject == f"New photos: Dogs ({MAX_LISTED - 2}), Cats (12)"
    assert mail.body.count(f"{UI_URL}/photos/") == len(mail.pictures) == mail.html.count("<img ") == MAX_LISTED
    assert "… and 10 more\n" in mail.body
    assert "… and 10 more<" in mail.html
    assert "Pause" in mail.body.partition("Cats (12)")[0]
    assert "Pause" not in mail.body.partition("Cats (12)")[2]


def test_write_digest_contains_the_same_links_in_the_text_and_in_the_html() -> None:
    dog = image("ada", dog=1)
    section = Section("Dogs", "dog>=2, cat|bird", [dog], 0, f"{UI_URL}/pause", f"{UI_URL}/end")

    mail = write_digest([section], UI_URL, STOP_URL)

    links = [
        f"{UI_URL}/photos/{dog.id}",
        f"{UI_URL}/?q=dog%3E%3D2%2C%20cat%7Cbird",
        f"{UI_URL}/pause",
        f"{UI_URL}/end",
        STOP_URL,
    ]
    elements = Elements(mail.html)
    assert elements.links == [word for word in mail.body.split() if word.startswith(UI_URL)] == links
    assert [each["src"] for each in elements.pictures] == [f"cid:{picture_id(0)}"]
    assert mail.pictures == (Picture(links[0], Rendition.THUMBNAIL.key("ada", dog.id)),)
    assert (mail.stop_link, "more" in mail.body) == (STOP_URL, False)


def test_write_digest_with_markup_in_names_adds_no_element() -> None:
    markup = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    plain, hostile = (
        write_digest([Section(name, name, [replace(image("ada"), name=name)], 0, UI_URL, UI_URL)], UI_URL, STOP_URL)
        for name in ("name", markup)
    )

    assert Elements(hostile.html).names == Elements(plain.html).names
    assert Elements(hostile.html).pictures[0]["alt"] == f"{markup}: no tags"


def test_limit_sections_keeps_the_longest_digest_within_the_limit_of_sns() -> None:
    tags = {chr(0x5199 + number) * MAX_TAG_LENGTH: 1 for number in range(MAX_TAGS)}
    photos = [replace(image("ada", counts=tags), name="写" * 83 + ".jpg")] * 10
    url = f"{UI_URL}/{'p' * 250}"
    sections = {str(number): Section("写" * MAX_TEXT, "写" * MAX_TEXT, photos, 0, url, url) for number in range(20)}

    listed = limit_sections(sections, UI_URL)
    longest = write_digest([*listed.values()], UI_URL, url)
    too_long = write_digest([*sections.values()], UI_URL, url)

    assert [*listed] == [*sections][: len(listed)]
    assert 200_000 < len(longest.body.encode()) < 256 * 1024 < len(too_long.body.encode())


def test_limit_sections_keeps_one_that_is_too_long() -> None:
    section = Section("写" * 100_000, "", [], 1)

    assert limit_sections({"a": section, "b": section}, UI_URL) == {"a": section}
    assert limit_sections({}, UI_URL) == {}
