from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.routers import albums as albums_router
from app.domain.albums import Album
from app.domain.errors import AlbumChanged, AlbumNotFound
from app.domain.ids import new_id
from app.domain.images import Image, move_to_trash
from app.domain.ports import Albums, Images
from app.services.library import Library
from app.services.outbox_worker import OutboxWorker
from tests.support.boxes import NOW
from tests.support.entity_tags import read_version
from tests.support.fakes import Clock
from tests.support.fakes import image as picture


@pytest.fixture
def album(client: TestClient) -> str:
    """The id of an album."""
    return create(client, "Summer 2019")["id"]  # type: ignore[no-any-return]


@pytest.fixture
def saved(images: Images, owner: str) -> list[Image]:
    return [images.save(picture(owner, dog=number)) for number in (1, 2)]


def create(client: TestClient, title: str, status: int = 201) -> dict[str, Any]:
    response = client.post("/albums", json={"title": title})
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body


def post(client: TestClient, path: str, **body: Any) -> dict[str, Any]:
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def find(client: TestClient, query: str) -> list[str]:
    return [each["id"] for each in client.get("/search", params={"q": query}).json()["images"]]


def test_create_album_returns_it(client: TestClient) -> None:
    response = client.post("/albums", json={"title": " Summer  2019"})

    body = response.json()
    assert response.headers["Location"] == f"/albums/{body['id']}"
    assert (body["title"], body["images"]) == ("Summer 2019", 0)
    assert client.get(response.headers["Location"]).json() == body
    assert client.get("/albums").json() == {"albums": [body], "next": None}


@pytest.mark.parametrize(("title", "status"), [("summer 2019", 409), ("", 422), ("a\x00", 422), ("x" * 10_000, 422)])
def test_create_album_with_bad_title_fails(client: TestClient, album: str, title: str, status: int) -> None:
    create(client, title, status)

    assert [each["id"] for each in client.get("/albums").json()["albums"]] == [album]


def test_create_album_beyond_the_limit_fails(client: TestClient, album: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(albums_router, "MAX_ALBUMS", 1)

    assert "at most 1 albums" in create(client, "Winter", 409)["detail"]


def test_rename_album_keeps_its_images(client: TestClient, album: str, saved: list[Image]) -> None:
    post(client, f"/albums/{album}/add", images={"ids": [saved[0].id]})

    renamed = client.patch(f"/albums/{album}", json={"title": "Autumn"})

    assert (renamed.json()["title"], renamed.json()["images"]) == ("Autumn", 1)
    assert find(client, "album:autumn") == [saved[0].id]
    assert find(client, "album:Summer 2019") == []


def test_list_albums_returns_pages(client: TestClient, album: str) -> None:
    ids = [album, create(client, "Autumn")["id"], create(client, "Winter")["id"]]

    first = client.get("/albums", params={"limit": 2}).json()
    last = client.get("/albums", params={"limit": 2, "cursor": first["next"]}).json()

    assert [[each["id"] for each in page["albums"]] for page in (first, last)] == [ids[:2], ids[2:]]
    assert last["next"] is None
    assert client.get("/albums", params={"cursor": "x"}).status_code == 400


def test_change_album_changes_only_the_given_fields(client: TestClient, album: str) -> None:
    path = f"/albums/{album}"

    assert client.patch(path, json={"order": "hand"}).json()["order"] == "hand"
    assert client.patch(path, json={"title": None, "order": None}).json()["title"] == "Summer 2019"
    changed = client.patch(path, json={"title": "Autumn"})

    assert (changed.json()["title"], changed.json()["order"], changed.json()["cover"]) == ("Autumn", "hand", None)
    assert changed.headers["ETag"] == client.get(path).headers["ETag"]
    assert read_version(changed.headers["ETag"]) == 3
    assert client.patch(path, json={"order": "name"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body"), [("PATCH", "", {"title": "Autumn"}), ("PUT", "/order", {"images": []})]
)
def test_change_of_another_version_fails(
    client: TestClient, album: str, method: str, path: str, body: dict[str, Any]
) -> None:
    old = {"If-Match": client.get(f"/albums/{album}").headers["ETag"]}
    new = {"If-Match": client.patch(f"/albums/{album}", json={"title": "Winter"}).headers["ETag"]}

    outdated = client.request(method, f"/albums/{album}{path}", json=body, headers=old)

    assert outdated.status_code == 412
    assert "The album has changed" in outdated.json()["detail"]
    assert client.get(f"/albums/{album}").json()["title"] == "Winter"
    assert client.request(method, f"/albums/{album}{path}", json=body, headers=new).status_code == 200


def test_album_that_others_keep_changing_fails(
    client: TestClient, albums: Albums, album: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Album:
        raise AlbumChanged

    monkeypatch.setattr(albums, "save", fail)

    assert client.patch(f"/albums/{album}", json={"title": "Autumn"}).status_code == 409


def test_cover_is_the_newest_image_unless_another_one_is_chosen(
    client: TestClient, images: Images, album: str, saved: list[Image]
) -> None:
    path, (older, newer) = f"/albums/{album}", saved
    post(client, f"{path}/add", images={"query": "dog"})

    assert client.get(path).json()["cover"]["id"] == newer.id
    chosen = client.patch(path, json={"cover": older.id}).json()
    assert chosen["cover"]["id"] == older.id
    assert older.id in chosen["cover"]["thumbnail"]
    assert client.get("/albums").json()["albums"] == [chosen]
    current = images.get_image(older.owner, older.id)
    images.save(move_to_trash(current, NOW), current)
    assert client.get(path).json()["cover"]["id"] == newer.id
    assert client.patch(path, json={"cover": older.id}).status_code == 409
    post(client, "/images/restore", images={"ids": [older.id]})
    assert client.get(path).json()["cover"]["id"] == older.id
    assert client.patch(path, json={"cover": None}).json()["cover"]["id"] == newer.id


def test_cover_outside_of_the_album_fails(client: TestClient, album: str, saved: list[Image]) -> None:
    statuses = [client.patch(f"/albums/{album}", json={"cover": each}) for each in (saved[0].id, new_id(), "x")]

    assert [each.status_code for each in statuses] == [409, 404, 422]
    assert client.get(f"/albums/{album}").json()["cover"] is None


def test_add_and_remove_change_the_selected_images(client: TestClient, album: str, saved: list[Image]) -> None:
    add, remove = f"/albums/{album}/add", f"/albums/{album}/remove"

    assert post(client, add, images={"query": "dog>=2", "dry_run": True})["changed"] == 1
    assert post(client, add, images={"query": "dog"})["changed"] == 2
    assert post(client, add, images={"query": "dog", "dry_run": True})["changed"] == 0
    assert client.get(f"/images/{saved[0].id}").json()["albums"] == [album]
    assert client.get(f"/albums/{album}").json()["images"] == 2
    assert post(client, remove, images={"query": "dog", "dry_run": True})["changed"] == 2
    assert post(client, remove, images={"ids": [saved[0].id]})["changed"] == 1
    assert find(client, "album:Summer 2019") == [saved[1].id]
    assert [each["tag"] for each in client.get("/tags").json()["tags"]] == ["dog"]


def test_add_to_deleted_album_fails(client: TestClient, library: Library, album: str, saved: list[Image]) -> None:
    assert client.delete(f"/albums/{album}").status_code == 204

    assert client.post(f"/albums/{album}/add", json={"images": {"query": "dog"}}).status_code == 404
    assert client.delete(f"/albums/{album}").status_code == 404
    with pytest.raises(AlbumNotFound):
        library.change_album(saved[0].owner, saved[0].id, album)


def test_undo_returns_images_to_the_album_unless_it_was_deleted(
    client: TestClient, album: str, saved: list[Image]
) -> None:
    added = post(client, f"/albums/{album}/add", images={"query": "dog"})
    assert post(client, f"/operations/{added['operation']}/undo")["changed"] == 2
    post(client, f"/albums/{album}/add", images={"query": "dog"})
    removed = post(client, f"/albums/{album}/remove", images={"ids": [saved[0].id]})
    assert post(client, f"/operations/{removed['operation']}/undo")["changed"] == 1
    assert client.get(f"/albums/{album}").json()["images"] == 2
    removed = post(client, f"/albums/{album}/remove", images={"ids": [saved[0].id]})
    client.delete(f"/albums/{album}")

    assert post(client, f"/operations/{removed['operation']}/undo")["changed"] == 1

    assert client.get(f"/images/{saved[0].id}").json()["albums"] == []


def test_deleted_album_is_emptied_and_restored_images_leave_it(
    client: TestClient,
    images: Images,
    library: Library,
    outbox_worker: OutboxWorker,
    owner: str,
    album: str,
    saved: list[Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post(client, f"/albums/{album}/add", images={"query": "dog"})
    first = images.get_image(owner, saved[0].id)
    images.save(move_to_trash(first, NOW), first)
    client.delete(f"/albums/{album}")
    monkeypatch.setattr("app.adapters.local.outbox.time", Clock(10))

    outbox_worker.process(owner)

    assert images.get_image(owner, saved[1].id).albums == ()
    assert library.restore(owner, saved[0].id)
    assert images.get_image(owner, saved[0].id).albums == ()


def test_search_for_mistyped_title_suggests_the_album(client: TestClient, album: str, saved: list[Image]) -> None:
    post(client, f"/albums/{album}/add", images={"ids": [saved[0].id]})

    response = client.get("/search", params={"q": "album:Sumer 2019, dog"}).json()

    assert [(each["query"], each["images"]) for each in response["suggestions"]] == [('album:"Summer 2019", dog', 1)]
    assert client.get("/search", params={"q": "album:Summer 2019, cat"}).json()["suggestions"] != []


def test_timeline_of_album_counts_its_images(client: TestClient, album: str, saved: list[Image]) -> None:
    post(client, f"/albums/{album}/add", images={"ids": [saved[0].id]})

    for query in ("album:Summer 2019", f"album:{album}"):
        timeline = client.get("/timeline", params={"q": query}).json()
        assert [each["images"] for each in timeline["months"]] == [1]


def test_removal_without_time_is_continued_later(
    client: TestClient,
    images: Images,
    outbox_worker: OutboxWorker,
    owner: str,
    album: str,
    saved: list[Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post(client, f"/albums/{album}/add", images={"query": "dog"})
    client.delete(f"/albums/{album}")
    clock = Clock(10)
    monkeypatch.setattr("app.adapters.local.outbox.time", clock)

    outbox_worker.process(owner, lambda: False)
    assert images.get_image(owner, saved[0].id).albums == (album,)
    clock.ahead += 1_000
    outbox_worker.process(owner)

    assert images.get_image(owner, saved[0].id).albums == ()
