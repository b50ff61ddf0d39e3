"""The pages of shares, as visitors without an account see them."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.requests import ClientDisconnect

from app import wiring
from app.api.share_texts import TEXTS
from app.domain.albums import Album, AlbumOrder, add_to_album
from app.domain.edits import TagChange, retag
from app.domain.errors import ShareLinkInvalid, SharePasswordRequired, StorageFull
from app.domain.ids import Rendition, new_id
from app.domain.images import Image, make_tombstone, move_to_trash
from app.domain.query import parse
from app.domain.quotas import Limits
from app.domain.shares import PRIVATE, Share, ShareKind
from app.domain.uploads import Upload
from app.main import app
from app.services import shared_photos
from app.services.shares import NewShare
from detector.metadata.values import CaptureTime, Metadata, TimeSource
from tests.support.fakes import FakeDetector, image
from tests.support.user_pool import EMAIL
from tests.support.wired_app import WiredApp, wire_app

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
JSON = {"Accept": "application/json"}
PASSWORD = "three blue boats"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
LINK = re.compile(r'href="(/s/[^"]*)"')
PICTURE = re.compile(r'<img src="([^"]*)"')


@pytest.fixture(autouse=True)
def run_on_aws() -> None:
    """Let `wire_app` choose the settings."""


@pytest.fixture
def backend() -> str:
    return "local"


ON_BOTH = pytest.mark.parametrize("backend", ["aws", "local"])


@pytest.fixture
def pixtag(backend: str, tmp_path: Path) -> Iterator[WiredApp]:
    with wire_app(backend, tmp_path, FakeDetector()) as pixtag:
        yield pixtag


@pytest.fixture
def owner(pixtag: WiredApp) -> str:
    owner: str = pixtag.add_person(EMAIL)["sub"]
    return owner


@pytest.fixture
def visitor(pixtag: WiredApp) -> TestClient:
    return make_visitor(pixtag)


def make_visitor(pixtag: WiredApp) -> TestClient:
    return TestClient(app, pixtag.url, headers=BROWSER, raise_server_exceptions=False, follow_redirects=False)


def add_image(owner: str, day: int = 1, album: str = "", **counts: int) -> Image:
    """Add a ready image, which was taken on a day of July 2019."""
    taken = CaptureTime(datetime(2019, 7, day, 12), TimeSource.EXIF)  # noqa: DTZ001 - the clock at the place
    ready = replace(image(owner, counts=counts), width=640, height=480, taken=taken, metadata=Metadata(taken=taken))
    return wiring.images().save(add_to_album(ready, album) if album else ready)


def add_images(owner: str, number: int, **fields: Any) -> list[Image]:
    """Add images of different days, oldest first."""
    return [add_image(owner, day, **fields) for day in range(1, number + 1)]


def make_private(found: Image) -> Image:
    return wiring.images().save(retag(found, [TagChange(PRIVATE, 2)], NOW), found)


def share(owner: str, kind: ShareKind = ShareKind.IMAGES, **members: Any) -> tuple[Share, str]:
    """Create a share. Return it and the path of its page."""
    created, token = wiring.sharing().create(owner, NewShare(kind, **members))
    return created, f"/s/{token}"


def ids_of(response: Response) -> list[str]:
    """Return the ids of the photos on a page, in order."""
    assert response.status_code == 200, response.text
    return re.findall(r'<li><a href="/s/[^/]*/images/([^"?]*)', response.text)


def list_links(response: Response) -> list[str]:
    return list(map(unescape, LINK.findall(response.text)))


@ON_BOTH
def test_page_shows_photos_without_any_metadata(pixtag: WiredApp, owner: str, visitor: TestClient) -> None:
    first, second = add_images(owner, 2, dog=1)
    created, path = share(owner, image_ids=[second.id, first.id], title="At <the> sea")

    response = visitor.get(path)

    assert ids_of(response) == [second.id, first.id]
    assert "<h1>At &lt;the&gt; sea</h1>" in response.text
    assert 'alt="Photo 1" width="640" height="480"' in response.text
    pictures = list(map(unescape, PICTURE.findall(response.text)))
    assert not [word for word in ("beach.jpg", "Damaged", EMAIL, "script") if word in response.text]
    text = re.sub(r'\b(src|srcset|href)="[^"]*"', "", response.text)  # random characters of links may be a short word
    assert not [word for word in ("dog", "2019") if word in text]
    assert [each.partition("?")[0] for each in pictures] == [
        pixtag.links + Rendition.THUMBNAIL.key(owner, each.id) for each in (second, first)
    ]
    headers = response.headers
    assert headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in response.text
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    policy = headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert policy[2:] == [
        f"img-src {wiring.objects().origin}",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    listed = wiring.shares().list(owner)
    assert [(each.id, each.views, each.last_viewed) for each in listed] == [(created.id, 1, datetime.now(UTC).date())]


@ON_BOTH
def test_photo_page_and_pictures_are_those_of_the_shared_photo(
    pixtag: WiredApp, owner: str, visitor: TestClient
) -> None:
    images = add_images(owner, 3)
    _, path = share(owner, image_ids=[each.id for each in images])

    page = visitor.get(f"{path}/images/{images[1].id}?n=2&fbclid=x")
    pictures = [visitor.get(f"{path}/images/{images[1].id}/{name}") for name in ("thumbnail", "preview", "original")]

    assert list_links(page) == [path, f"{path}/images/{images[0].id}?n=1", f"{path}/images/{images[2].id}?n=3"]
    assert '<img src="' in page.text
    assert 'alt="Photo 2"' in page.text
    assert "Download" not in page.text
    assert [each.status_code for each in pictures] == [307, 307, 404]
    assert [each.headers["Location"].partition("?")[0] for each in pictures[:2]] == [
        pixtag.links + rendition.key(owner, images[1].id) for rendition in (Rendition.THUMBNAIL, Rendition.PREVIEW)
    ]
    assert {each.headers["X-Robots-Tag"] for each in (page, *pictures)} == {"noindex, nofollow, noarchive"}
    assert wiring.shares().list(owner)[0].views == 0


@ON_BOTH
@pytest.mark.parametrize("kind", ShareKind)
def test_private_deleted_and_foreign_photos_are_never_shown(
    pixtag: WiredApp, owner: str, visitor: TestClient, kind: ShareKind
) -> None:
    album = Album(new_id(), "Summer", NOW)
    wiring.albums().put(owner, album)
    search = wiring.subscriptions().add(owner, parse("dog"))
    shown, private, trashed, gone = add_images(owner, 4, album=album.id, dog=1)
    other = add_image(owner, 9, cat=1)
    foreign = add_image(pixtag.add_person("grace@example.com")["sub"], 9, dog=1)
    source = {ShareKind.ALBUM: album.id, ShareKind.SUBSCRIPTION: search.id}.get(kind, "")
    chosen = [each.id for each in (shown, private, trashed, gone, foreign)] if kind is ShareKind.IMAGES else []
    _, path = share(owner, kind, source=source, image_ids=chosen, originals=True)
    make_private(private)
    wiring.images().save(move_to_trash(trashed, NOW), trashed)
    wiring.images().save(make_tombstone(gone), gone)

    hidden = [private, trashed, gone, other, foreign]
    page = visitor.get(path)
    refused = [
        visitor.get(f"{path}/images/{each.id}{suffix}")
        for each in hidden
        for suffix in ("", "/thumbnail", "/preview", "/original")
    ]
    beside = visitor.get(f"{path}/images/{shown.id}")

    assert ids_of(page) == [shown.id]
    assert {(each.status_code, "This photo is not here" in each.text) for each in refused} == {(404, True)}
    assert not [each.id for each in hidden if each.id in page.text + beside.text]


def test_search_is_shared_live_newest_first(owner: str, visitor: TestClient) -> None:
    search = wiring.subscriptions().add(owner, parse("dog>=2, !cat"))
    first, second, third = add_images(owner, 3, dog=2)
    _, path = share(owner, ShareKind.SUBSCRIPTION, source=search.id)
    before = visitor.get(path)

    wiring.images().save(retag(second, [TagChange("cat", 1)], NOW), second)
    page = visitor.get(path)

    assert (ids_of(before), ids_of(page)) == ([third.id, second.id, first.id], [third.id, first.id])
    assert visitor.get(f"{path}/images/{second.id}").status_code == 404
    assert list_links(visitor.get(f"{path}/images/{first.id}?n=2")) == [path, f"{path}/images/{third.id}?n=1"]


def test_search_with_an_album_is_shared(owner: str, visitor: TestClient) -> None:
    album = Album(new_id(), "Summer", NOW)
    wiring.albums().put(owner, album)
    search = wiring.subscriptions().add(owner, parse("dog, album:summer"))
    inside, _ = add_image(owner, album=album.id, dog=1), add_image(owner, 2, dog=1)

    _, path = share(owner, ShareKind.SUBSCRIPTION, source=search.id)

    assert ids_of(visitor.get(path)) == [inside.id]
    assert visitor.get(f"{path}/images/{inside.id}").status_code == 200


def test_album_ordered_by_hand_has_its_order_and_neighbours(owner: str, visitor: TestClient) -> None:
    album = Album(new_id(), "Summer", NOW)
    wiring.albums().put(owner, album)
    images = add_images(owner, 5, album=album.id)
    placed = [images[4].id, images[1].id, images[2].id]
    wiring.albums().save(owner, replace(album, order=AlbumOrder.HAND), album, placed)
    make_private(images[1])
    _, path = share(owner, ShareKind.ALBUM, source=album.id)

    order = [images[4].id, images[2].id, images[0].id, images[3].id]
    neighbours = [list_links(visitor.get(f"{path}/images/{each}?n=1"))[1:] for each in order]

    assert ids_of(visitor.get(path)) == order
    pages = [f"{path}/images/{each}" for each in order]
    assert neighbours == [
        [f"{pages[1]}?n=2"],
        [pages[0], f"{pages[2]}?n=2"],
        [pages[1], f"{pages[3]}?n=2"],
        [pages[2]],
    ]


def test_album_by_date_has_its_order_and_neighbours(owner: str, visitor: TestClient) -> None:
    album = Album(new_id(), "Summer", NOW)
    wiring.albums().put(owner, album)
    first, second = add_images(owner, 2, album=album.id)
    _, path = share(owner, ShareKind.ALBUM, source=album.id)

    assert ids_of(visitor.get(path)) == [first.id, second.id]
    assert list_links(visitor.get(f"{path}/images/{first.id}")) == [path, f"{path}/images/{second.id}"]
    assert list_links(visitor.get(f"{path}/images/{second.id}")) == [path, f"{path}/images/{first.id}"]


@pytest.mark.parametrize("kind", ShareKind)
def test_pages_contain_all_photos_and_no_readable_position(
    owner: str, visitor: TestClient, monkeypatch: pytest.MonkeyPatch, kind: ShareKind
) -> None:
    monkeypatch.setattr(shared_photos, "PAGE_SIZE", 2)
    album = Album(new_id(), "Summer", NOW)
    wiring.albums().put(owner, album)
    search = wiring.subscriptions().add(owner, parse("dog"))
    images = add_images(owner, 5, album=album.id, dog=1)
    ids = [each.id for each in images]
    source = {ShareKind.ALBUM: album.id, ShareKind.SUBSCRIPTION: search.id}.get(kind, "")
    _, path = share(owner, kind, source=source, image_ids=ids if kind is ShareKind.IMAGES else ())
    _, other = share(owner, kind, source=source, image_ids=ids if kind is ShareKind.IMAGES else ())

    assert visitor.head(path).status_code == 200  # is no view
    pages = [visitor.get(path)]
    while following := re.search(r'<a href="([^"]*)" rel="next">More photos', pages[-1].text):
        pages.append(visitor.get(following[1]))

    seen = [each for page in pages for each in ids_of(page)]
    assert seen == (ids[::-1] if kind is ShareKind.SUBSCRIPTION else ids)
    assert re.findall(r'alt="Photo (\d)"', "".join(page.text for page in pages)) == [*"12345"]
    assert "First page" in pages[1].text
    cursor = str(pages[1].request.url).partition("cursor=")[2]
    refused = [f"{other}?cursor={cursor}", f"{path}?cursor={cursor[:-2]}", f"{path}?cursor=x", f"{path}?cursor=é"]
    refused += [f"{path}?cursor={'A' * 601}"]
    assert {visitor.get(each).status_code for each in refused} == {404}
    assert wiring.shares().list(owner)[1].views == 1


def test_pages_do_not_reveal_how_many_photos_are_hidden(
    owner: str, visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_photos, "PAGE_SIZE", 2)
    images = add_images(owner, 3)
    ids = [
        images[0].id,
        *(new_id() for _ in range(4)),
        *(each.id for each in images[1:]),
        *(new_id() for _ in range(9)),
    ]
    _, path = share(owner, image_ids=ids)
    _, without_photos = share(owner, image_ids=ids[-9:])

    first = visitor.get(path)
    second = visitor.get(list_links(first)[-1])

    assert (ids_of(first), ids_of(second)) == ([images[0].id, images[1].id], [images[2].id])
    assert [link for link in list_links(second) if "cursor" in link] == []
    assert "There are no photos here at the moment." in visitor.get(without_photos).text


def test_page_after_the_order_of_the_album_has_changed_returns_404(
    owner: str, visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_photos, "PAGE_SIZE", 1)
    album = Album(new_id(), "Summer", NOW)
    wiring.albums().put(owner, album)
    ids = [each.id for each in add_images(owner, 3, album=album.id)]
    by_hand = wiring.albums().save(owner, replace(album, order=AlbumOrder.HAND), album, ids)
    _, path = share(owner, ShareKind.ALBUM, source=album.id)
    following = list_links(visitor.get(path))[-1]

    wiring.albums().save(owner, replace(by_hand, order=AlbumOrder.TAKEN), by_hand)

    assert visitor.get(following).status_code == 404


def test_empty_share_says_so(owner: str, visitor: TestClient) -> None:
    album = Album(new_id(), "", NOW)
    wiring.albums().put(owner, album)
    _, path = share(owner, ShareKind.ALBUM, source=album.id)

    page = visitor.get(path)

    assert "There are no photos here at the moment." in page.text
    assert "<h1>Photos</h1>" in page.text


def refused_links(owner: str) -> list[str]:
    """Return links that do not work, each for another reason."""
    found = add_image(owner)
    paths = [share(owner, image_ids=[found.id])[1] for _ in range(3)]
    expired, expired_path = share(owner, image_ids=[found.id], expires_at=datetime.now(UTC) + timedelta(hours=1))
    wiring.shares().delete(owner, expired.id)
    deleted, deleted_path = share(owner, image_ids=[found.id], expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert deleted.has_ended(datetime.now(UTC))
    altered = paths[0][:-1] + ("0" if paths[0][-1] != "0" else "1")
    swapped = paths[1][:60] + paths[2][60:]
    return [expired_path, deleted_path, altered, swapped, "/s/x", "/s/" + "A" * 5_000, "/s/a/b", "/s/"]


@ON_BOTH
def test_links_that_do_not_work_get_the_same_response(owner: str, visitor: TestClient) -> None:
    links = refused_links(owner)

    pages = [visitor.get(link) for link in links]
    pictures = [visitor.get(f"{link}/images/{new_id()}", headers=BROWSER) for link in links[:6]]
    posts = [visitor.post(link, data={"password": "x"}) for link in links[:6]]
    problems = [visitor.get(link, headers=JSON) for link in links]

    assert {each.status_code for each in (*pages, *pictures, *posts, *problems)} == {404}
    assert {each.text for each in (*pages, *pictures, *posts)} == {pages[0].text}
    assert "<h1>This link does not work</h1>" in pages[0].text
    assert {each.json()["type"] for each in problems} == {"urn:pixtag:share-link-invalid"}
    assert "img-src" not in pages[0].headers["Content-Security-Policy"]


def test_share_ends_with_its_album_and_its_search(owner: str, visitor: TestClient) -> None:
    album = Album(new_id(), "Summer", NOW)
    wiring.albums().put(owner, album)
    search = wiring.subscriptions().add(owner, parse("dog"))
    found = add_image(owner, album=album.id, dog=1)
    paths = [share(owner, ShareKind.ALBUM, source=album.id)[1]]
    paths.append(share(owner, ShareKind.SUBSCRIPTION, source=search.id)[1])
    wiring.albums().delete(owner, album.id)
    wiring.subscriptions().remove(owner, search.id)
    before = [visitor.get(path).status_code for path in paths]

    wiring.subscriptions().add(owner, parse("dog"))

    assert before == [404, 404]
    assert visitor.get(paths[1]).status_code == 404
    assert [visitor.get(f"{path}/images/{found.id}/preview").status_code for path in paths] == [404, 404]


@ON_BOTH
def test_password_opens_exactly_its_share(pixtag: WiredApp, owner: str, visitor: TestClient) -> None:
    found = add_image(owner)
    _, path = share(owner, image_ids=[found.id], password=PASSWORD, title="Secret beach")
    _, other = share(owner, image_ids=[found.id], password=PASSWORD)

    form = visitor.get(path)
    closed = [visitor.get(f"{path}/images/{found.id}{suffix}") for suffix in ("", "/thumbnail", "/preview")]
    wrong = visitor.post(path, data={"password": "three red boats"})
    right = visitor.post(path, data={"password": PASSWORD})
    opened = visitor.get(path)

    assert (form.status_code, 'type="password"' in form.text, "Secret beach" in form.text) == (200, True, False)
    assert form.headers["Referrer-Policy"] == "same-origin"
    assert [each.status_code for each in closed] == [403] * 3
    assert (wrong.status_code, "This password is wrong" in wrong.text, len(wrong.cookies)) == (403, True, 0)
    assert (right.status_code, right.headers["Location"]) == (303, path)
    cookie = right.headers["Set-Cookie"]
    assert f"Path={path}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert PASSWORD not in cookie
    assert ("Secure" in cookie) == wiring.settings().ui_url.startswith("https://")
    value = right.cookies["share"]
    assert (ids_of(make_visitor(pixtag).get(path, headers={"Cookie": f"share={value}"})), opened.status_code) == (
        [found.id],
        200,
    )
    stranger = make_visitor(pixtag)
    refused = [stranger.get(other, headers={"Cookie": f"share={value}"}), stranger.get(path, headers=JSON)]
    assert ('type="password"' in refused[0].text, refused[1].status_code) == (True, 403)
    assert refused[1].json()["type"] == "urn:pixtag:share-password-required"


def test_cookie_is_worth_nothing_after_the_end(owner: str, visitor: TestClient) -> None:
    created, path = share(owner, image_ids=[new_id()], password=PASSWORD)
    visitor.post(path, data={"password": PASSWORD})

    wiring.shares().delete(owner, created.id)

    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("body", [b"", b"password=", b"\xff", b"a=1&b=2", b"password=%ff"])
def test_form_without_a_password_is_wrong(owner: str, visitor: TestClient, body: bytes) -> None:
    _, path = share(owner, image_ids=[new_id()], password=PASSWORD)

    assert visitor.post(path, content=body).status_code == 403


def test_form_of_any_size_is_refused(owner: str, visitor: TestClient) -> None:
    _, path = share(owner, image_ids=[new_id()], password=PASSWORD)

    assert visitor.post(path, content=b"password=" + b"x" * 5_000).status_code == 413


def test_form_that_breaks_off_is_no_fault(
    owner: str, visitor: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = share(owner, image_ids=[new_id()], password=PASSWORD)

    async def break_off(_: object) -> AsyncIterator[bytes]:
        yield b"password="
        raise ClientDisconnect

    monkeypatch.setattr("starlette.requests.Request.stream", break_off)

    assert visitor.post(path, content=b"").status_code == 400
    assert not [record for record in caplog.records if record.exc_info]


def test_pages_are_in_the_language_of_the_browser(owner: str, visitor: TestClient) -> None:
    found = add_image(owner)
    _, path = share(owner, image_ids=[found.id])
    _, closed = share(owner, image_ids=[found.id], password=PASSWORD)
    visitor.headers["Accept-Language"] = "de-CH, en;q=0.5"

    pages = [visitor.get(each) for each in (path, f"{path}/images/{found.id}?n=3", closed, f"{path}x")]

    german = TEXTS["de"]
    titles = [german.errors[kind][0] for kind in (SharePasswordRequired, ShareLinkInvalid)]
    texts = (f"<h1>{german.photos}</h1>", f'alt="{german.photo.format(number=3)}"', *titles)
    assert [text in page.text for text, page in zip(texts, pages, strict=True)] == [True] * 4
    assert {'<html lang="de">' in page.text for page in pages} == {True}
    assert {page.headers["Vary"] for page in pages} == {"Accept-Language, Cookie, Accept-Encoding"}


def test_form_without_need_leads_to_the_photos(owner: str, visitor: TestClient) -> None:
    _, path = share(owner, image_ids=[new_id()])

    response = visitor.post(path, data={"password": "x"})

    assert (response.status_code, response.headers["Location"]) == (303, path)


@ON_BOTH
def test_ten_wrong_passwords_let_a_correct_one_wait(pixtag: WiredApp, owner: str, visitor: TestClient) -> None:
    _, path = share(owner, image_ids=[new_id()], password=PASSWORD)
    _, other = share(owner, image_ids=[new_id()], password=PASSWORD)
    admitted = make_visitor(pixtag)
    admitted.post(path, data={"password": PASSWORD})
    wrong = [visitor.post(path, data={"password": f"wrong {number}"}).status_code for number in range(10)]

    refused = visitor.post(path, data={"password": PASSWORD})

    assert (wrong, refused.status_code) == ([403] * 10, 429)
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert f"Try again in {refused.headers['Retry-After']} seconds." in refused.text
    assert visitor.post(other, data={"password": PASSWORD}).status_code == 303
    assert admitted.get(path).status_code == 200


def test_passwords_and_links_are_limited_by_address(owner: str, visitor: TestClient) -> None:
    _, path = share(owner, image_ids=[new_id()], password=PASSWORD)
    wiring.address_limits().limits = Limits(passwords_per_minute=2, visits_per_minute=5)

    passwords = [visitor.post(path, data={"password": "wrong"}).status_code for _ in range(3)]
    links = [visitor.get("/s/x").status_code for _ in range(3)]

    assert passwords == [403, 403, 429]
    assert links == [404, 404, 429]


def test_full_disk_shows_the_photos_and_counts_no_view(
    owner: str, visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = add_image(owner)
    _, path = share(owner, image_ids=[found.id])
    visitor.get(path)
    with monkeypatch.context() as patch:
        patch.setattr(wiring.local_stores().database, "write", _raise_storage_full)
        page = visitor.get(path)

    assert ids_of(page) == [found.id]
    assert wiring.shares().list(owner)[0].views == 1


def _raise_storage_full(**_: object) -> None:
    raise StorageFull


@pytest.mark.parametrize("backend", ["aws"])
def test_failure_of_the_store_is_a_page(owner: str, visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _, path = share(owner, image_ids=[new_id()])

    def fail(*_: object) -> None:
        raise wiring.STORE_FAILURES[0]

    monkeypatch.setattr(wiring.images(), "find_images", fail)

    responses = visitor.get(path), visitor.get(path, headers=JSON)

    assert [each.status_code for each in responses] == [503, 503]
    assert "<h1>Try again later</h1>" in responses[0].text
    assert responses[1].json()["type"] == "urn:pixtag:unavailable"
    assert {each.headers["Retry-After"] for each in responses} == {"5"}


def add_original(owner: str, data: bytes, **fields: Any) -> Image:
    """Add an image with this original."""
    added = replace(image(owner), size=len(data), **fields)
    wiring.objects().claim(Rendition.ORIGINAL.key(owner, added.id), Upload(data, added.media_type, added.name))
    return wiring.images().save(added)


def read_copy(found: Image) -> bytes:
    copy = wiring.objects().find(Rendition.SHARED_ORIGINAL.key(found.owner, found.id))
    assert copy
    return copy.data


@ON_BOTH
def test_original_is_downloaded_without_metadata(
    pixtag: WiredApp, owner: str, visitor: TestClient, photo: bytes
) -> None:
    comment = b"\xff\xfe\x00\x0ediary of Ada"
    found = add_original(owner, photo[:2] + comment + photo[2:], width=64, height=48)
    _, path = share(owner, image_ids=[found.id], originals=True)

    page = visitor.get(f"{path}/images/{found.id}?n=4")
    links = [visitor.get(f"{path}/images/{found.id}/original?n=4").headers["Location"] for _ in range(2)]

    assert f"{path}/images/{found.id}/original?n=4" in list_links(page)
    assert {each.partition("?")[0] for each in links} == {pixtag.links + Rendition.SHARED_ORIGINAL.key(owner, found.id)}
    assert "photo-4.jpg" in links[0]
    assert "beach" not in links[0]
    assert (b"diary" in read_copy(found), len(read_copy(found))) == (False, len(photo))


def test_original_whose_metadata_cannot_be_removed_is_not_downloaded(
    owner: str, visitor: TestClient, photo: bytes
) -> None:
    damaged, large = add_original(owner, b"x" * 9), add_original(owner, photo, media_type="application/octet-stream")
    _, path = share(owner, image_ids=[damaged.id, large.id], originals=True)

    refused = [visitor.get(f"{path}/images/{each.id}/original") for each in (damaged, damaged, large)]
    pages = [visitor.get(f"{path}/images/{each.id}") for each in (damaged, large)]
    preview = visitor.get(f"{path}/images/{large.id}/preview?download=1")

    assert [each.status_code for each in refused] == [409] * 3
    assert "This original cannot be downloaded" in refused[0].text
    assert read_copy(damaged) == b""
    for each, page in zip((damaged, large), pages, strict=True):
        assert f"{path}/images/{each.id}/preview?download=1" in list_links(page)
        assert f"{path}/images/{each.id}/original" not in list_links(page)
        assert "PixTag cannot remove its metadata" in page.text
    assert "name=photo.jpg" in preview.headers["Location"]


def test_missing_original_and_photo_deleted_meanwhile_leave_no_copy(
    owner: str, visitor: TestClient, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted = add_original(owner, photo)
    missing = wiring.images().save(replace(image(owner), size=9))
    _, path = share(owner, image_ids=[missing.id, deleted.id], originals=True)
    monkeypatch.setattr(wiring.images(), "find_image", lambda *_: make_tombstone(deleted))

    responses = [visitor.get(f"{path}/images/{each.id}/original") for each in (deleted, missing)]

    assert [each.status_code for each in responses] == [404, 404]
    assert not any(wiring.objects().list_keys(f"{Rendition.SHARED_ORIGINAL}/"))


def test_originals_are_prepared_one_at_a_time(
    owner: str, visitor: TestClient, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = add_original(owner, photo)
    _, path = share(owner, image_ids=[found.id], originals=True)
    monkeypatch.setattr("app.services.shared_originals.WAIT_SECONDS", 0)
    with wiring.shared_originals().lock:
        busy = visitor.get(f"{path}/images/{found.id}/original")

    assert busy.status_code == 429
    assert visitor.get(f"{path}/images/{found.id}/original").status_code == 307


def test_unknown_picture_and_unshared_original_return_404(owner: str, visitor: TestClient, photo: bytes) -> None:
    found = add_original(owner, photo)
    _, path = share(owner, image_ids=[found.id])

    paths = [f"{path}/images/{found.id}/{name}" for name in ("original", "large-thumbnail", "x")]
    paths += [f"{path}/images/{name}" for name in ("x", new_id().upper(), "%00")]

    assert {visitor.get(each).status_code for each in paths} == {404}


@pytest.mark.parametrize(("text", "name"), [("7", "Photo 7"), ("x", "Photo"), ("-1", "Photo"), ("9" * 7, "Photo")])
def test_number_of_a_photo_only_names_it(owner: str, visitor: TestClient, text: str, name: str) -> None:
    found = add_image(owner)
    _, path = share(owner, image_ids=[found.id])

    page = visitor.get(f"{path}/images/{found.id}?n={text}")

    assert f'alt="{name}"' in page.text


def test_log_contains_no_token(owner: str, visitor: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    found = add_image(owner)
    _, path = share(owner, image_ids=[found.id], password=PASSWORD)
    token = path.removeprefix("/s/")
    caplog.set_level("DEBUG")

    for suffix in ("", f"/images/{found.id}", "/x/y/z"):
        visitor.get(path + suffix)
    visitor.post(path, data={"password": PASSWORD})

    records = [str(record.__dict__) for record in caplog.records if record.name != "httpx2"]  # the test's client
    assert any("GET /s/{token}" in record for record in records)
    assert not [record for record in records if token in record or PASSWORD in record]
